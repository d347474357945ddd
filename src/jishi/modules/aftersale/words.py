"""What states, kinds, reasons and steps of a case are called; English message ids."""

from collections.abc import Mapping
from typing import Final

from jishi.kit.text import mark as _
from jishi.modules.aftersale.types import CaseKind, CaseState, Decision, Side

_S = CaseState
STATES: Final[Mapping[CaseState, str]] = {
    _S.ASKED: _("Waiting for the shop"),
    _S.OFFERED: _("Offer made"),
    _S.REFUSED: _("Refused by the shop"),
    _S.RETURNING: _("To send back"),
    _S.RETURNED: _("On its way back"),
    _S.TO_SEND: _("Replacement to send"),
    _S.SENT: _("Replacement on its way"),
    _S.DISPUTED: _("Before the market"),
    _S.RULED: _("Ruled; may be appealed"),
    _S.APPEALED: _("Appealed"),
    _S.SETTLED: _("Case settled"),
    _S.CLOSED: _("Case closed"),
}
TONES: Final[Mapping[CaseState, str]] = {
    _S.ASKED: "warn",
    _S.REFUSED: "bad",
    _S.DISPUTED: "bad",
    _S.APPEALED: "bad",
    _S.SETTLED: "good",
    _S.CLOSED: "",
}
# What happens at the deadline when nobody does anything.
CLOCK_WORDS: Final[Mapping[CaseState, str]] = {
    _S.ASKED: _("If the shop does not answer by then, it counts as agreed."),
    _S.OFFERED: _("If the buyer does not answer by then, the case closes."),
    _S.REFUSED: _("If the buyer does nothing by then, the case closes."),
    _S.RETURNING: _("If nothing is sent back by then, the case closes."),
    _S.RETURNED: _("If the shop does not confirm receipt by then, it is refunded."),
    _S.TO_SEND: _("If the shop has not sent it by then, it is refunded."),
    _S.SENT: _("By then the replacement counts as received."),
    _S.DISPUTED: _("If the market does not rule by then, the buyer gets what was asked for."),
    _S.RULED: _("If nobody appeals by then, the ruling is carried out."),
    _S.APPEALED: _("If the appeal is not decided by then, the first ruling stands."),
}
KINDS: Final[Mapping[CaseKind, str]] = {
    CaseKind.REFUND: _("Refund only"),
    CaseKind.RETURN: _("Return and refund"),
    CaseKind.EXCHANGE: _("Exchange"),
    CaseKind.RESEND: _("Resend goods"),
    CaseKind.PRICE: _("Price protection"),
}
KIND_HINTS: Final[Mapping[CaseKind, str]] = {
    CaseKind.REFUND: _("Money back; nothing is sent back."),
    CaseKind.RETURN: _("Send it back, then the money comes."),
    CaseKind.EXCHANGE: _("Send it back, the shop sends another."),
    CaseKind.RESEND: _("The shop sends what was missing or wrong."),
    CaseKind.PRICE: _("The price fell: the difference comes back."),
}
REASON_WORDS: Final[Mapping[str, str]] = {
    "not_wanted": _("Not wanted any more"),
    "ordered_wrong": _("Ordered the wrong thing or number"),
    "too_slow": _("Not sent in time"),
    "agreed_before": _("Agreed with the shop before it was sent"),
    "not_arrived": _("It has not arrived"),
    "missing": _("Something is missing"),
    "wrong_goods": _("Wrong goods were sent"),
    "damaged": _("Arrived damaged"),
    "defective": _("Does not work or has a fault"),
    "not_as_described": _("Not as described"),
    "wrong_size": _("Wrong size or colour chosen"),
    "changed_mind": _("No reason: changed my mind"),
    "agreed": _("Agreed with the shop"),
    "price_fell": _("The price fell"),
}
REFUSAL_WORDS: Final[Mapping[str, str]] = {
    "as_described": _("The goods are as described"),
    "used": _("The goods have been used"),
    "too_late": _("Asked too late"),
    "not_proven": _("The pictures do not show it"),
    "custom_made": _("Made to order"),
    "other": _("Another reason"),
}
WHYS: Final[Mapping[str, str]] = {
    "asked": _("Asked for"),
    "changed": _("The buyer changed what is asked for"),
    "withdrawn": _("Withdrawn by the buyer"),
    "agreed": _("The shop agreed"),
    "agreed_by_clock": _("Agreed by the clock: the shop did not answer"),
    "shipped_meanwhile": _("The goods left before the shop answered; change it into a return"),
    "no_return_address": _("Refunded without return: the shop named no address for returns"),
    "offered": _("The shop made an offer"),
    "accepted": _("The buyer took the offer"),
    "declined": _("The buyer declined the offer"),
    "offer_lapsed": _("Closed by the clock: the offer was not answered"),
    "not_escalated": _("Closed by the clock: the refusal was not answered"),
    "not_sent_back": _("Closed by the clock: nothing was sent back"),
    "sent_back": _("Sent back by the buyer"),
    "received_sellable": _("The shop received it in good order"),
    "received_damaged": _("The shop received it, not to be sold again"),
    "not_received": _("Refunded by the clock: the shop did not confirm receipt"),
    "rejected": _("The shop contests what came back; the market decides"),
    "sent": _("The shop sent a replacement"),
    "not_sent": _("Refunded by the clock: no replacement was sent"),
    "replaced": _("The buyer has the replacement"),
    "replaced_by_clock": _("The replacement counts as received"),
    "escalated": _("The buyer called the market"),
    "ruled": _("The market ruled"),
    "appealed": _("The ruling was appealed"),
    "ruled_refund": _("The ruling was carried out: refunded"),
    "ruled_return": _("The ruling stands: send back, then it is refunded"),
    "ruled_for_shop": _("The ruling stands: nothing is refunded"),
    "nothing_left": _("Closed: nothing of it is left to refund"),
    "refunded_whole": _("Settled: the whole order was refunded"),
    "order_refunded": _("Closed: the whole order was refunded"),  # of older journals
}
SIDES: Final[Mapping[Side, str]] = {
    Side.BUYER: _("Buyer"),
    Side.SHOP: _("Shop"),
    Side.OPERATOR: _("Market operator"),
    Side.CLOCK: _("Clock"),
}
DECISIONS: Final[Mapping[Decision, str]] = {
    Decision.BUYER: _("For the buyer, whole"),
    Decision.PART: _("For the buyer, a part"),
    Decision.SHOP: _("For the shop"),
}


def why_words(why: str) -> str:
    """A step as people read it; a refusal names its reason."""
    head, _colon, reason = why.partition(":")
    return REFUSAL_WORDS.get(reason, reason) if head == "refused" else WHYS.get(why, why)
