"""Which sections the consoles lead to, by address and role."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from jishi.kit.text import mark as _


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    icon: str
    text: str  # msgid
    href: str
    roles: frozenset[str] = frozenset()  # shop roles it is shown to; empty: everyone


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    kind: str  # merchant or operator
    sections: tuple[Section, ...]
    cur: str  # key of the section the path lies in, or ""
    home: str
    shop_id: str = ""
    shop_name: str = ""


_SELLING = frozenset({"owner", "manager", "clerk"})
_LEADING = frozenset({"owner", "manager"})
MERCHANT: Final = (
    Section("today", "dashboard", _("Today"), ""),
    Section("goods", "bag", _("Goods"), "/goods", _SELLING),
    Section("orders", "file", _("Orders"), "/orders"),
    Section("marketing", "tag", _("Marketing"), "/marketing", _SELLING),
    Section("chats", "message", _("Chats"), "/chats", _SELLING),
    Section("reviews", "star", _("Reviews"), "/reviews", _SELLING),
    Section("aftersale", "return", _("After-sale"), "/aftersale"),
    Section("funds", "wallet", _("Funds"), "/funds", _LEADING),
    Section("standing", "shield", _("Standing"), "/standing", _LEADING),
    Section("staff", "group", _("Staff"), "/staff", _LEADING),
    Section("settings", "settings", _("Settings"), "/settings", _LEADING),
)
OPERATOR: Final = (
    Section("queue", "inbox", _("Needs a person"), "/operator"),
    Section("shops", "store", _("Shops"), "/operator/shops"),
    Section("applications", "tasks", _("Applications"), "/operator/applications"),
    Section("violations", "gavel", _("Cases"), "/operator/violations"),
    Section("audits", "shield-check", _("Audits of goods"), "/operator/audits"),
    Section("orders", "file", _("Orders"), "/operator/orders"),
    Section("reviews", "star", _("Reviews"), "/operator/reviews"),
    Section("disputes", "scale", _("Disputes"), "/operator/disputes"),
    Section("coupons", "tag", _("Coupons"), "/operator/coupons"),
    Section("ledger", "book", _("Ledger"), "/operator/ledger"),
    Section("search", "search", _("Search"), "/operator/search"),
    Section("health", "activity", _("Health"), "/operator/health"),
)
_MERCHANT_PATH = re.compile(r"^/merchant/(\d{1,19})(/|$)")


def console_of(path: str, me: Any = None) -> Console | None:
    """The console a path lies in, with the sections this person's role opens; None elsewhere.

    A role that is not known shows every section: the guard keeps people out, not the menu.
    """
    found = _MERCHANT_PATH.match(path)
    if found:
        return _merchant(int(found[1]), path, me)
    if path == "/operator" or path.startswith("/operator/"):
        cur = _current(OPERATOR, path)
        return Console(kind="operator", sections=OPERATOR, cur=cur, home="/operator")
    return None


def _merchant(shop_id: int, path: str, me: Any) -> Console:
    role = _held(me, "shops", shop_id)
    home = f"/merchant/{shop_id}"
    sections = tuple(
        Section(it.key, it.icon, it.text, home + it.href, it.roles)
        for it in MERCHANT
        if not it.roles or role is None or str(role) in it.roles
    )
    return Console(
        kind="merchant",
        sections=sections,
        cur=_current(sections, path),
        home=home,
        shop_id=str(shop_id),
        shop_name=str(_held(me, "shop_names", shop_id) or ""),
    )


def _held(me: Any, name: str, shop_id: int) -> Any:
    values = getattr(me, name, None)
    return values.get(shop_id) if isinstance(values, Mapping) else None


def _current(sections: tuple[Section, ...], path: str) -> str:
    inside = [it for it in sections if path == it.href or path.startswith(it.href + "/")]
    return max(inside, key=lambda it: len(it.href)).key if inside else ""
