"""Why something about a case may not be done."""

from jishi.kit.errors import Kind, Refusal


class CaseNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "aftersale.not_found"
    text = "There is no such after-sale case."


class CaseOpen(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.case_open"
    text = "A case about this line is running already. Change it or withdraw it first."


class CaseMoved(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.case_moved"
    text = "This case has moved on meanwhile. Look at where it stands now."


class DeadlinePassed(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.deadline_passed"
    text = "The time for this is over; the clock decides now."


class NotYours(Refusal):
    kind, code = Kind.FORBIDDEN, "aftersale.not_yours"
    text = "The other side of the case does this."


class NothingToAsk(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.nothing_to_ask"
    text = "After-sale is for orders that are paid and not refunded."


class WindowOver(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.window_over"
    text = "After-sale for these goods ended {days} days after receipt was confirmed."


class NoChangeOfMind(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.no_change_of_mind"
    text = "These goods cannot be returned without a reason, or not any more."


class LineUnknown(Refusal):
    code, text = "aftersale.line_unknown", "The order has no such line."


class NothingChosen(Refusal):
    code, text = "aftersale.nothing_chosen", "Choose what it is about."


class TooManyLines(Refusal):
    code, text = "aftersale.too_many_lines", "At most {limit} lines at once."


class KindUnknown(Refusal):
    code, text = "aftersale.kind_unknown", "Choose what you would like."


class ReasonUnfit(Refusal):
    code, text = "aftersale.reason_unfit", "Choose a reason that fits what you ask for."


class UnitsTooMany(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.units_too_many"
    text = "Of this line {left} are left to ask for."


class UnitsMissing(Refusal):
    code, text = "aftersale.units_missing", "Say how many it is about."


class NotDelivered(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.not_delivered"
    text = "These goods have not been sent yet: there is nothing to return. Ask for a refund."


class GoodsLeft(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.goods_left"
    text = "The goods are on their way already, so they cannot be refunded as unshipped."


class AmountTooMuch(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.amount_too_much"
    text = "At most {cap} was paid for this and is left to refund."


class AmountMissing(Refusal):
    code, text = "aftersale.amount_missing", "Say how much, in yuan and fen."


class AmountFixed(Refusal):
    code, text = (
        "aftersale.amount_fixed",
        "Units that have not left are refunded at their full price.",
    )


class AmountOfMany(Refusal):
    code = "aftersale.amount_of_many"
    text = "For several lines at once all they cost is asked for. Leave the amount empty."


class PriceOnce(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.price_once"
    text = "The difference in price was refunded for this line already."


class PriceTooLate(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.price_too_late"
    text = "The price is protected for {days} days after payment."


class PriceNotFallen(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.price_not_fallen"
    text = "Today's price is not below what you paid."


class PicturesNeeded(Refusal):
    code, text = "aftersale.pictures_needed", "Add at least one picture that shows it."


class TooManyPictures(Refusal):
    code, text = "aftersale.too_many_pictures", "At most {limit} pictures at once."


class PictureNotYours(Refusal):
    code, text = "aftersale.picture_not_yours", "One of the pictures is not one you uploaded here."


class TextTooLong(Refusal):
    code, text = "aftersale.text_too_long", "At most {limit} characters, please."


class TextMissing(Refusal):
    code, text = "aftersale.text_missing", "Write a few words: the other side reads them."


class MessagesFull(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.messages_full"
    text = "Enough has been said in this case: {limit} messages."


class CaseEnded(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.case_ended"
    text = "This case has ended."


class EvidenceTooLate(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.evidence_too_late"
    text = "The time for evidence is over; the market decides now."


class NoReturnAddress(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.no_return_address"
    text = "Say first where goods are to be sent back to."


class AddressInvalid(Refusal):
    code, text = "aftersale.address_invalid", "Fill this in so that a carrier can use it."


class CarrierUnknown(Refusal):
    code, text = "aftersale.carrier_unknown", "Choose the carrier."


class WaybillInvalid(Refusal):
    code, text = "aftersale.waybill_invalid", "A waybill number has 4 to 40 letters and digits."


class RefusalReasonMissing(Refusal):
    code, text = "aftersale.refusal_reason_missing", "Choose why you refuse; the buyer is told."


class SwapUnfit(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.swap_unfit"
    text = "In exchange there are units of the same product at the same price only."


class SwapGone(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.swap_gone"
    text = "There are not enough of it on the shelf to send: {on_hand} left."


class OfferTooMuch(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.offer_too_much"
    text = "An offer is below what the buyer asks for. To give all of it, agree."


class RulingTooLate(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.ruling_too_late"
    text = "The time for a ruling is over; the clock decides now."


class EvidenceOpen(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.evidence_open"
    text = "One side may still add evidence. Rule when both were heard or its time is over."


class PartyRules(Refusal):
    kind, code = Kind.FORBIDDEN, "aftersale.party_rules"
    text = "You are a party to this case, so somebody else decides it."


class SameOperator(Refusal):
    kind, code = Kind.FORBIDDEN, "aftersale.same_operator"
    text = "An appeal is decided by another operator than the one who ruled first."


class ClaimedByOther(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.claimed_by_other"
    text = "Another operator is looking into this case."


class NotInDispute(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.not_in_dispute"
    text = "This case is not before the market."


class RuleUnknown(Refusal):
    code, text = "aftersale.rule_unknown", "Name the rule the ruling rests on."


class RulingAmount(Refusal):
    code = "aftersale.ruling_amount"
    text = "A part is more than nothing and less than the {amount} asked for."


class NothingToReturn(Refusal):
    code, text = "aftersale.nothing_to_return", "There are no goods at the buyer's to send back."


class ReasonsMissing(Refusal):
    code, text = "aftersale.reasons_missing", "Give the reasons; both sides read them."


class AppealUsed(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.appeal_used"
    text = "This case was appealed once already; that decision is final."


class NotTheLoser(Refusal):
    kind, code = Kind.FORBIDDEN, "aftersale.not_the_loser"
    text = "The ruling gave you what you asked for; only the other side may appeal."


class RulingFinal(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.ruling_final"
    text = "The market has ruled that this is to be refunded when the goods are back."


class FreightNotDue(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.freight_not_due"
    text = "The buyer bears the freight of this return."


class FreightTooMuch(Refusal):
    kind, code = Kind.CONFLICT, "aftersale.freight_too_much"
    text = "At most {limit} of freight is paid for a return."


class ReceiptMissing(Refusal):
    code, text = "aftersale.receipt_missing", "Add a picture of the receipt for the freight."
