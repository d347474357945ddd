"""Uploads and their rows in a reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from jishi import web
from jishi.flows.audit_products import shown as audit_shown
from jishi.flows.edit_by_sheet.types import COLUMN_OF, COLUMNS, ROW_PROBLEMS
from jishi.kit.errors import Refusal
from jishi.kit.text import mark as _
from jishi.modules.catalogue import audit_rules
from jishi.modules.catalogue import types as goods
from jishi.modules.catalogue.types import SheetRow
from jishi.modules.stock import types as shelf
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

SHEET_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "checked": (_("Checked, not applied"), "info"),
    "applying": (_("Being applied"), "warn"),
    "applied": (_("Applied"), "good"),
    "refused": (_("Nothing applied"), "bad"),
    "undoing": (_("Being undone"), "warn"),
    "undone": (_("Undone"), ""),
    "dropped": (_("Put away"), ""),
}
ROW_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "good": (_("will be changed"), "good"),
    "wrong": (_("wrong"), "bad"),
    "same": (_("no change"), ""),
    "applied": (_("applied"), "good"),
    "waiting": (_("in audit"), "warn"),
    "refused": (_("not applied"), "bad"),
    "undone": (_("taken back"), ""),
    "kept": (_("stays"), "warn"),
}


@dataclass(frozen=True, slots=True)
class ShownRow:
    row: int
    state: str
    sku_id: str
    product_id: str
    changes: list[tuple[str, str, str]]  # column, old, new
    problems: list[tuple[str, str]]  # column, text


def row(request: web.AnyRequest, it: SheetRow) -> ShownRow:
    old = it.before or it.seen
    changes = [
        (
            column(request, COLUMN_OF[name]),
            audit_shown.shown_value(request, name, old.get(name)),
            audit_shown.shown_value(request, name, value),
        )
        for name, value in it.wanted.items()
    ]
    problems = [(column(request, each["column"]), text(request, each)) for each in it.problems]
    return ShownRow(
        it.row, it.state, str(it.sku_id or ""), str(it.product_id or ""), changes, problems
    )


def column(request: web.AnyRequest, key: str) -> str:
    words = translator(locale_of(request)).gettext
    if key in COLUMNS:
        return words(COLUMNS[key])
    return words(audit_shown.FIELD_WORDS.get(key, key)) if key else ""


def text(request: web.AnyRequest, it: Mapping[str, Any]) -> str:
    """What is wrong, in words. Codes of other modules bring their own."""
    msgid = ROW_PROBLEMS.get(it["code"]) or _OTHERS.get(it["code"], it["code"])
    return translator(locale_of(request)).gettext(msgid, **it["facts"])


def _texts() -> dict[str, str]:
    """Words of refusals that rows may carry, by code."""
    return {
        it.code: it.text
        for module in (goods, audit_rules, shelf)
        for it in vars(module).values()
        if isinstance(it, type) and issubclass(it, Refusal) and it is not Refusal
    }


_OTHERS: Final = _texts()
