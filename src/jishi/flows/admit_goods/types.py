"""The words of this flow: why goods may not be listed."""

from jishi.kit.errors import Kind, Refusal


class ShopNotApproved(Refusal):
    kind, code = Kind.CONFLICT, "permits.shop_not_approved"
    text = "The shop is not approved yet. Its goods go on sale once it is."


class ShopClosed(Refusal):
    kind, code = Kind.CONFLICT, "permits.shop_closed"
    text = "The shop is closed."


class TakenOff(Refusal):
    kind, code = Kind.CONFLICT, "permits.taken_off"
    text = "The market took this product off sale. See Standing for the case."


class ListingLimited(Refusal):
    kind, code = Kind.CONFLICT, "permits.listing_limited"
    text = "The shop may have at most {limit} products on sale for now. See Standing for the case."


class ConditionMissing(Refusal):
    code, text = (
        "permits.condition_missing",
        "Say in which condition it is: second-hand shops must.",
    )
