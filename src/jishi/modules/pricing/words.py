"""Offers and coupons as people read them."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from jishi.kit.text import mark as _
from jishi.modules.pricing.types import Benefit, OfferKind, Payer, Terms, Unfit


class Words(Protocol):
    """A translator of the edge."""

    def gettext(self, message: str, /, **facts: Any) -> str: ...


KINDS: Final[Mapping[OfferKind, str]] = {
    OfferKind.TIMED: _("Limited-time price"),
    OfferKind.FLASH: _("Flash sale"),
    OfferKind.MEMBER: _("Member price"),
    OfferKind.N_FOR: _("Several for a price"),
    OfferKind.COUPON: _("Coupon"),
    OfferKind.FREE_FREIGHT: _("Free-delivery coupon"),
    OfferKind.AGREED: _("Agreed with the shop"),
    OfferKind.AGREED_FREIGHT: _("Delivery agreed with the shop"),
}
PAYERS: Final[Mapping[Payer, str]] = {
    Payer.SHOP: _("paid by the shop"),
    Payer.PLATFORM: _("paid by the market"),
    Payer.CREATOR: _("paid by a creator"),
}
UNFIT_WORDS: Final[Mapping[Unfit, str]] = {
    Unfit.UNKNOWN: _("Not among your coupons"),
    Unfit.USED: _("Used already"),
    Unfit.NOT_YET: _("Cannot be used yet"),
    Unfit.EXPIRED: _("Expired"),
    Unfit.OTHER_GOODS: _("Not for these goods"),
    Unfit.AUDIENCE: _("For new buyers, followers or members"),
    Unfit.THRESHOLD: _("{amount} more of its goods to go"),
    Unfit.NOTHING_LEFT: _("Other coupons pay all of it"),
    Unfit.NO_FREIGHT: _("There is no freight to pay"),
    Unfit.SECOND: _("Another of its sort is in use"),
    Unfit.EXCLUSIVE: _("Cannot be combined"),
}


def coupon_text(terms: Terms, words: Words, money: Callable[[int], str]) -> str:
    """What a coupon gives, in a few words: "¥30.00 off ¥200.00", "12 % off, at most ¥50.00"."""
    facts = {
        "amount": money(terms.amount_minor),
        "threshold": money(terms.threshold_minor),
        "percent": f"{terms.rate_bp / 100:g}",
        "tenths": f"{(10_000 - terms.rate_bp) / 1_000:g}",
        "cap": money(terms.cap_minor or 0),
    }
    return words.gettext(_message(terms), **facts)


def _message(terms: Terms) -> str:
    return _MESSAGES[terms.benefit, terms.threshold_minor > 0, terms.cap_minor is not None]


# by benefit, whether there is a threshold, whether there is a cap
_MESSAGES: Final[Mapping[tuple[Benefit, bool, bool], str]] = {
    (Benefit.FIXED, False, False): _("{amount} off"),
    (Benefit.FIXED, True, False): _("{amount} off {threshold}"),
    (Benefit.FIXED, False, True): _("{amount} off"),
    (Benefit.FIXED, True, True): _("{amount} off {threshold}"),
    (Benefit.PERCENT, False, False): _("{percent}% off"),
    (Benefit.PERCENT, True, False): _("{percent}% off {threshold}"),
    (Benefit.PERCENT, False, True): _("{percent}% off, at most {cap}"),
    (Benefit.PERCENT, True, True): _("{percent}% off {threshold}, at most {cap}"),
    (Benefit.FREE_FREIGHT, False, False): _("Free delivery"),
    (Benefit.FREE_FREIGHT, True, False): _("Free delivery from {threshold}"),
    (Benefit.FREE_FREIGHT, False, True): _("Free delivery up to {cap}"),
    (Benefit.FREE_FREIGHT, True, True): _("Free delivery up to {cap}, from {threshold}"),
}
