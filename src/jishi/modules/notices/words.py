"""What a message says, by kind: title, text, icon and where it leads. Facts stand in braces."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jishi.kit.text import mark as _


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
    "code.enter": Words(
        _("Your sign-in code"),
        _("{code} is your Jishi code. It is good for {minutes} minutes. Give it to nobody."),
        "key",
    ),
    "code.add_login": Words(
        _("Prove your phone or e-mail"),
        _("{code} proves that this is yours. It is good for {minutes} minutes. Give it to nobody."),
        "key",
    ),
}
UNKNOWN: Final = Words(_("Message"), "")


def shown(
    kind: str,
    facts: Mapping[str, Any],
    translate: Callable[[str], str],
    money: Callable[[int], str],
) -> Shown:
    """The message in words. ``amount_minor`` is offered as ``{amount}``; missing facts as ``…``."""
    words = KINDS.get(kind, UNKNOWN)
    filled = _Facts(facts)
    if isinstance(facts.get("amount_minor"), int):
        filled["amount"] = money(facts["amount_minor"])
    return Shown(
        title=translate(words.title).format_map(filled),
        text=translate(words.text).format_map(filled) if words.text else "",
        icon=words.icon,
        href=words.href.format_map(filled),
    )


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"
