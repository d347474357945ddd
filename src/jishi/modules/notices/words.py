"""What a message says, by kind: title, text, icon and where it leads. Facts stand in braces.

One table, though many areas send: a message is kept as its kind and facts and put into words when it is
read, so whoever reads needs all kinds, and areas may not import each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from jishi.kit.text import mark as _
from jishi.web import shown as formats
from jishi.web.i18n import translator
from jishi.web.shown import Market


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    text: str
    icon: str = "bell"
    href: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message in the reader's language."""

    title: str
    text: str
    icon: str
    href: str


KINDS: Final[Mapping[str, Words]] = {
    "order.paid": Words(
        _("Paid"),
        _("{amount} is held until you confirm receipt. The shop has your order."),
        "shield-check",
        "/orders/{order_id}",
    ),
    "order.paid_late": Words(
        _("Paid after all"),
        _("Your payment of {amount} came late, but the goods were there. The shop has your order."),
        "shield-check",
        "/orders/{order_id}",
    ),
    "order.payment_returned": Words(
        _("Payment sent back"),
        _("Your payment of {amount} came after the order had closed. All of it goes back to you."),
        "return",
        "/orders/{order_id}",
    ),
    "order.repriced": Words(
        _("Your order costs less"),
        _("The shop has lowered its price. You pay {amount} now."),
        "tag",
        "/orders/{order_id}",
    ),
    "order.shipped": Words(
        _("Shipped"), _("On its way with {carrier}, {waybill}."), "truck", "/orders/{order_id}"
    ),
    "order.part_shipped": Words(
        _("Partly shipped"),
        _("Part of your order is on its way with {carrier}, {waybill}. The rest follows."),
        "truck",
        "/orders/{order_id}",
    ),
    "order.lapsed": Words(
        _("Order lapsed"),
        _("It was not paid in time. Nothing was charged and the goods are free again."),
        "clock",
        "/orders/{order_id}",
    ),
    "order.cancelled": Words(
        _("Order cancelled"),
        _("Nothing was charged and the goods are free again."),
        "x",
        "/orders/{order_id}",
    ),
    "order.refunded": Words(
        _("Refund on its way"),
        _("{amount} goes back the way you paid."),
        "return",
        "/orders/{order_id}",
    ),
    "order.completed": Words(
        _("Completed"),
        _("Receipt is confirmed and the shop is paid. Thank you."),
        "ok",
        "/orders/{order_id}",
    ),
    "order.delivered": Words(
        _("Delivered"),
        _("{carrier} has delivered {waybill}. Confirm receipt once all is well."),
        "package",
        "/orders/{order_id}",
    ),
    "order.parcel_returned": Words(
        _("Parcel on its way back"),
        _("{carrier} is bringing {waybill} back to the shop. Ask the shop, or ask for a refund."),
        "return",
        "/orders/{order_id}",
    ),
    "order.parcel_lost": Words(
        _("Parcel lost"),
        _("{carrier} has lost {waybill}. Ask the shop, or ask for a refund; your money is held."),
        "alert",
        "/orders/{order_id}",
    ),
    "order.compensated": Words(
        _("Something for the wait"),
        _("Your order left late. {amount} goes back the way you paid."),
        "coin",
        "/orders/{order_id}",
    ),
    "shop.parcel_returned": Words(
        _("Parcels came back"),
        _("{count} parcels were not delivered and come back."),
        "return",
        "/merchant/{shop_id}/deliveries",
    ),
    "shop.parcel_lost": Words(
        _("Parcels lost"),
        _("{count} parcels were lost by their carriers."),
        "alert",
        "/merchant/{shop_id}/deliveries",
    ),
    "shop.compensated": Words(
        _("Paid for leaving late"),
        _("{count} orders left late; their buyers got {amount} back by rule."),
        "clock",
        "/merchant/{shop_id}/deliveries/compensations",
    ),
    "shop.paid": Words(
        _("Paid orders: {count}"),
        _("{amount} is held for you. Ship within the promised time."),
        "package",
        "/merchant/{shop_id}/orders?state=to_ship",
    ),
    "shop.cancelled": Words(
        _("Cancelled orders: {count}"),
        _("They were not paid; the goods are in stock again."),
        "x",
        "/merchant/{shop_id}/orders?state=cancelled",
    ),
    "shop.refunded": Words(
        _("Refunded orders: {count}"),
        _("{amount} goes back to the buyers."),
        "return",
        "/merchant/{shop_id}/orders?state=refunded",
    ),
    "shop.completed": Words(
        _("Completed orders: {count}"),
        _("{amount} is yours, the fee taken off."),
        "wallet",
        "/merchant/{shop_id}/funds",
    ),
    # reviews, to the writer and to the shop
    "review.answered": Words(
        _("The shop answered your review"),
        _("See what it says."),
        "message",
        "/me/reviews?tab=written",
    ),
    "review.hidden": Words(
        _("Your review was hidden"),
        _("Look why. Your order and your money are not touched by it."),
        "lock",
        "/me/reviews?tab=written",
    ),
    "review.shown_again": Words(
        _("Your review is shown"),
        _("An operator has looked at it, and everybody can read it now."),
        "ok",
        "/me/reviews?tab=written",
    ),
    "shop.reviewed": Words(
        _("New reviews: {count}"),
        _("An answer also speaks to the next buyer."),
        "star",
        "/merchant/{shop_id}/reviews?view=unanswered",
    ),
    # after-sale, to the buyer and to the shop
    "aftersale.offered": Words(
        _("The shop offers {amount}"),
        _("Keep the goods and take it, or say no."),
        "wallet",
        "/aftersale/{case_id}",
    ),
    "aftersale.agreed": Words(
        _("The shop agrees"),
        _("See what is next in your after-sale case."),
        "ok",
        "/aftersale/{case_id}",
    ),
    "aftersale.refused": Words(
        _("The shop refuses"),
        _("Change what you ask for, or call the market within 7 days."),
        "warning",
        "/aftersale/{case_id}",
    ),
    "aftersale.received": Words(
        _("Your return has arrived"),
        _("The shop has confirmed it."),
        "package",
        "/aftersale/{case_id}",
    ),
    "aftersale.sent": Words(
        _("A replacement is on its way"),
        _("Confirm it when it has come."),
        "truck",
        "/aftersale/{case_id}",
    ),
    "aftersale.escalated": Words(
        _("The market looks into it"),
        _("Add what proves your side within 48 hours."),
        "shield-check",
        "/aftersale/{case_id}",
    ),
    "aftersale.ruled": Words(
        _("The market has ruled"),
        _("See the decision and its reasons."),
        "shield-check",
        "/aftersale/{case_id}",
    ),
    "aftersale.appealed": Words(
        _("The ruling is appealed"),
        _("Another operator decides. Add evidence within 48 hours."),
        "shield-check",
        "/aftersale/{case_id}",
    ),
    "aftersale.closed": Words(
        _("After-sale case ended"),
        _("Refunded: {amount}."),
        "ok",
        "/aftersale/{case_id}",
    ),
    "aftersale.ended": Words(
        _("After-sale case ended"),
        _("See how it ended."),
        "ok",
        "/aftersale/{case_id}",
    ),
    "aftersale.refunded_whole": Words(
        _("After-sale case ended"),
        _("The whole order was refunded."),
        "return",
        "/aftersale/{case_id}",
    ),
    "shop.aftersale.asked": Words(
        _("After-sale: a buyer asks"),
        _("Answer within 48 hours, else it counts as agreed."),
        "return",
        "/merchant/{shop_id}/aftersale/{case_id}",
    ),
    "shop.aftersale.returned": Words(
        _("A return is on its way"),
        _("Confirm its receipt within 7 days of it."),
        "package",
        "/merchant/{shop_id}/aftersale/{case_id}",
    ),
    "shop.aftersale.escalated": Words(
        _("The market looks into a case"),
        _("Add what proves your side within 48 hours."),
        "shield-check",
        "/merchant/{shop_id}/aftersale/{case_id}",
    ),
    "shop.aftersale.ruled": Words(
        _("The market has ruled"),
        _("See the decision and its reasons."),
        "shield-check",
        "/merchant/{shop_id}/aftersale/{case_id}",
    ),
    "shop.aftersale.appealed": Words(
        _("The ruling is appealed"),
        _("Another operator decides. Add evidence within 48 hours."),
        "shield-check",
        "/merchant/{shop_id}/aftersale/{case_id}",
    ),
    "shop.aftersale.closed": Words(
        _("After-sale case ended"),
        _("Refunded: {amount}."),
        "ok",
        "/merchant/{shop_id}/aftersale/{case_id}",
    ),
    "shop.aftersale.ended": Words(
        _("After-sale case ended"),
        _("See how it ended."),
        "ok",
        "/merchant/{shop_id}/aftersale/{case_id}",
    ),
    "shop.aftersale.refunded_whole": Words(
        _("After-sale case ended"),
        _("The whole order was refunded."),
        "return",
        "/merchant/{shop_id}/aftersale/{case_id}",
    ),
    "standing.approved": Words(
        _("Papers approved"),
        _("What the shop is has been approved. See which deposit it asks for."),
        "shield-check",
        "/merchant/{shop_id}/standing",
    ),
    "standing.sent_back": Words(
        _("Papers came back"),
        _("Something in the application must be mended. It says what and why."),
        "warning",
        "/merchant/{shop_id}/application",
    ),
    "standing.permit_approved": Words(
        _("Permit approved"),
        _("Goods that need it can be listed now."),
        "shield-check",
        "/merchant/{shop_id}/permits",
    ),
    "standing.permit_sent_back": Words(
        _("Permit came back"),
        _("It says why. Hand it in again when that is mended."),
        "warning",
        "/merchant/{shop_id}/permits",
    ),
    "standing.permit_ending": Words(
        _("A permit ends soon"),
        _("It ends on {until}. Hand in the new one, else goods that need it go off sale."),
        "clock",
        "/merchant/{shop_id}/permits",
    ),
    "standing.permit_ended": Words(
        _("A permit has ended"),
        _("It ended on {until}. Goods that need it go off sale until a new one is approved."),
        "warning",
        "/merchant/{shop_id}/permits",
    ),
    "standing.deposit_asked": Words(
        _("Deposit asked"),
        _("{amount} is to be paid within seven days."),
        "wallet",
        "/merchant/{shop_id}/deposit",
    ),
    "standing.deposit_paid": Words(
        _("Deposit paid in"),
        _("{amount} was paid online and is part of the deposit."),
        "wallet",
        "/merchant/{shop_id}/deposit",
    ),
    "standing.deposit_overdue": Words(
        _("Shop suspended"),
        _("The deposit was not paid in time. Paying it opens the shop again."),
        "lock",
        "/merchant/{shop_id}/deposit",
    ),
    "standing.deposit_returned": Words(
        _("Deposit given back"),
        _("{amount} is with the shop's earnings now."),
        "wallet",
        "/merchant/{shop_id}/deposit",
    ),
    "standing.sales_limit": Words(
        _("Yearly limit reached"),
        _("The shop is suspended until it is approved as a business or the year ends."),
        "lock",
        "/merchant/{shop_id}/application",
    ),
    "goods.approved": Words(
        _("Goods approved"),
        _("“{title}” passed the audit and is sold as you wrote it."),
        "check",
        "/merchant/{shop_id}/goods/{product_id}",
    ),
    "goods.refused": Words(
        _("Goods come back"),
        _("“{title}” did not pass the audit. The reasons stand with the product."),
        "alert",
        "/merchant/{shop_id}/goods/{product_id}",
    ),
    "standing.case_opened": Words(
        _("A case against the shop"),
        _("Read what it says and answer in time; then a person looks at it."),
        "gavel",
        "/merchant/{shop_id}/standing/cases/{case_id}",
    ),
    "standing.case_in_force": Words(
        _("A case took effect"),
        _("It can be appealed once within seven days."),
        "gavel",
        "/merchant/{shop_id}/standing/cases/{case_id}",
    ),
    "standing.case_dropped": Words(
        _("A case was dropped"),
        _("Nothing stands against the shop from it."),
        "ok",
        "/merchant/{shop_id}/standing/cases/{case_id}",
    ),
    "standing.case_lapsed": Words(
        _("A case lapsed"),
        _("Nobody ruled on it in time. Nothing stands against the shop from it."),
        "ok",
        "/merchant/{shop_id}/standing/cases/{case_id}",
    ),
    "standing.case_reversed": Words(
        _("A case was taken back"),
        _("The appeal was upheld. Money and goods are as before."),
        "ok",
        "/merchant/{shop_id}/standing/cases/{case_id}",
    ),
    "standing.appeal_dismissed": Words(
        _("Appeal dismissed"),
        _("The case stays in force for good. It says why."),
        "gavel",
        "/merchant/{shop_id}/standing/cases/{case_id}",
    ),
    "shop.payout_prepared": Words(
        _("A withdrawal waits for you"),
        _("A manager has prepared {amount}. The owner asks for it."),
        "wallet",
        "/merchant/{shop_id}/funds/payouts/{withdrawal_id}",
    ),
    "shop.payout_asked": Words(
        _("A withdrawal waits for approval"),
        _("{amount} is reserved until it is approved."),
        "wallet",
        "/merchant/{shop_id}/funds/payouts/{withdrawal_id}",
    ),
    "shop.payout_paid": Words(
        _("Money paid out"),
        _("{amount} has reached your bank account."),
        "wallet",
        "/merchant/{shop_id}/funds/payouts/{withdrawal_id}",
    ),
    "shop.payout_failed": Words(
        _("A withdrawal came back"),
        _("{amount} is yours again. Look why, and ask again."),
        "alert",
        "/merchant/{shop_id}/funds/payouts/{withdrawal_id}",
    ),
    "shop.payout_returned": Words(
        _("The bank returned a payout"),
        _("{amount} had been paid out and came back. It is yours again; look why, and ask again."),
        "alert",
        "/merchant/{shop_id}/funds/payouts/{withdrawal_id}",
    ),
    "shop.payout_refused": Words(
        _("A withdrawal was refused"),
        _("{amount} is yours again. Look why."),
        "alert",
        "/merchant/{shop_id}/funds/payouts/{withdrawal_id}",
    ),
    "shop.invoice_asked": Words(
        _("A buyer asks for an invoice"),
        _("Issue it within three days."),
        "file",
        "/merchant/{shop_id}/invoices/{invoice_id}",
    ),
    "shop.invoice_due": Words(
        _("An invoice is due"),
        _("A buyer waits for it."),
        "file",
        "/merchant/{shop_id}/invoices/{invoice_id}",
    ),
    "shop.invoice_correct": Words(
        _("An invoice needs a correction"),
        _("{amount} went back to the buyer. Issue a red invoice."),
        "file",
        "/merchant/{shop_id}/invoices/{invoice_id}",
    ),
    "order.invoice_issued": Words(
        _("Your invoice is here"),
        _("The shop has issued it. You can download it."),
        "file",
        "/orders/{order_id}/invoice",
    ),
    "order.invoice_refused": Words(
        _("The shop cannot issue the invoice"),
        _("Look why, and ask again with what is missing."),
        "file",
        "/orders/{order_id}/invoice",
    ),
    "code.enter": Words(
        _("Your sign-in code"),
        _("{code} is your Jishi code, valid for {minutes} minutes. Do not share it."),
        "key",
    ),
    "code.add_login": Words(
        _("Prove your phone or e-mail"),
        _("{code} confirms that this is yours, within {minutes} minutes. Do not share it."),
        "key",
    ),
}
UNKNOWN: Final = Words(_("Message"), "")


def shown(kind: str, facts: Mapping[str, Any], locale: str, market: Market) -> Shown:
    """The message in words. ``amount_minor`` is offered as ``{amount}``; missing facts as ``…``."""
    words, translate = KINDS.get(kind, UNKNOWN), translator(locale).gettext
    filled = _Facts(facts)
    if isinstance(facts.get("amount_minor"), int):
        filled["amount"] = formats.Shown(locale, market).money(facts["amount_minor"])
    return Shown(
        title=translate(words.title).format_map(filled),
        text=translate(words.text).format_map(filled) if words.text else "",
        icon=words.icon,
        href=words.href.format_map(filled),
    )


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"
