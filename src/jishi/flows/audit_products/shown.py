"""Cases, findings and changes in a reader's language."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from jishi import web
from jishi.db import Row
from jishi.kit.pictures import picture_src
from jishi.kit.text import mark as _
from jishi.modules import catalogue
from jishi.modules.catalogue import Change, audit_rules, audits
from jishi.web.i18n import translator
from jishi.web.pages import locale_of
from jishi.web.shown import Market, Shown

FIELD_WORDS: Final[Mapping[str, str]] = {
    "title": _("Title"),
    "title_en": _("Title in English"),
    "brand": _("Brand"),
    "description": _("Description"),
    "category_id": _("Category"),
    "condition": _("Condition"),
    "attributes": _("Attributes"),
    "pictures": _("Pictures"),
    "state": _("State"),
    "skus": _("SKUs and prices"),
    "sku": _("SKU"),
    "price_minor": _("Price"),
    "list_price_minor": _("Earlier price"),
    "code": _("Code"),
    "weight_grams": _("Weight g"),
    "enabled": _("Sell"),
    "on_hand": _("On the shelf"),
}
STATE_WORDS: Final[Mapping[str, str]] = {
    "draft": _("Draft"),
    "in_audit": _("In audit"),
    "listed": _("On sale"),
    "delisted": _("Off sale"),
}
SIDE: Final = 160  # pixels
SKUS_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class ShownFinding:
    field: str  # of the form
    name: str
    text: str
    is_block: bool


@dataclass(frozen=True, slots=True)
class ShownChange:
    """``pictures``: old and new are lists of picture addresses, not text."""

    name: str
    options: str
    old: Any
    new: Any
    is_pictures: bool = False


@dataclass(frozen=True, slots=True)
class ShownCase:
    row: Row
    findings: list[ShownFinding]
    reasons: list[tuple[str, str]]
    changes: list[ShownChange]


def case(request: web.AnyRequest, row: Row) -> ShownCase:
    words = translator(locale_of(request)).gettext
    return ShownCase(
        row,
        [finding(request, it) for it in row["findings"]],
        [
            (words(_field(it["field"])), words(audits.REASON_WORDS[it["code"]]))
            for it in row["reasons"]
        ],
        changes(request, catalogue.changes_of(row["changes"])),
    )


def finding(request: web.AnyRequest, it: Mapping[str, Any]) -> ShownFinding:
    words = translator(locale_of(request)).gettext
    level, text = audit_rules.RULES[it["code"]]
    facts = {
        name: _money(request, value) if name in {"old", "new"} else value
        for name, value in it["facts"].items()
    }
    return ShownFinding(
        it["field"], words(_field(it["field"])), words(text, **facts), level == "block"
    )


def changes(request: web.AnyRequest, found: Sequence[Change]) -> list[ShownChange]:
    words = translator(locale_of(request)).gettext
    return [
        ShownChange(
            words(FIELD_WORDS.get(it.field, it.field)),
            it.options,
            shown_value(request, it.field, it.old),
            shown_value(request, it.field, it.new),
            it.field == "pictures",
        )
        for it in found
    ]


def shown_value(request: web.AnyRequest, field: str, value: Any) -> Any:  # noqa: PLR0911 — a table
    """A value of a snapshot as people read it."""
    words = translator(locale_of(request)).gettext
    if field == "pictures":
        return [picture_src(it, SIDE) for it in value or ()]
    if value is None or value == "":
        return "—"
    if field in {"price_minor", "list_price_minor"}:
        return _money(request, value)
    if field == "attributes":
        return "; ".join(f"{it['name']}: {', '.join(it['values'])}" for it in value) or "—"
    if field == "enabled":
        return words(_("on")) if value else words(_("off"))
    if field == "state":
        return words(STATE_WORDS.get(value, value))
    if field == "condition":
        return words(catalogue.CONDITION_WORDS.get(value, value))
    if field == "sku":
        return f"{_money(request, value['price_minor'])} {value['code']}".strip()
    return str(value)


def _field(name: str) -> str:
    return FIELD_WORDS.get(name.partition("[")[0], name)


def _money(request: web.AnyRequest, value: int) -> str:
    return Shown(locale_of(request), Market(currency=web.settings(request).currency)).money(value)


def sides(
    request: web.AnyRequest, former: Mapping[str, Any] | None, target: Mapping[str, Any]
) -> list[tuple[str, Any, Any, bool]]:
    """(name, as it was on sale, as it shall be, whether they differ), field by field; SKUs as lines."""
    words = translator(locale_of(request)).gettext
    names = ("title", "title_en", "brand", "description", "condition", "attributes", "pictures")
    rows = [
        (
            name,
            shown_value(request, name, former.get(name)) if former else None,
            shown_value(request, name, target.get(name)),
            bool(former) and former.get(name) != target.get(name),  # type: ignore[union-attr]
        )
        for name in names
    ]
    old, new = _sku_lines(request, former), _sku_lines(request, target)
    rows.append(("skus", old if former else None, new, bool(former) and old != new))
    return [(words(FIELD_WORDS[name]), was, shall, differs) for name, was, shall, differs in rows]


def _sku_lines(request: web.AnyRequest, snapshot: Mapping[str, Any] | None) -> list[str]:
    if snapshot is None:
        return []
    skus = sorted(snapshot["skus"].items(), key=lambda it: it[1].get("position", 0))
    return [
        " · ".join([*json.loads(key), _money(request, sku["price_minor"])])
        for key, sku in skus[:SKUS_SHOWN]
    ]
