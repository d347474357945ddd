"""The words of this module: carriers, rows of a sheet of waybills, refusals."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import OrderId
from jishi.kit.text import mark as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """``name_en`` is empty for carriers nobody chooses from a short list.

    ``wechat_id`` is what WeChat calls it (source: its sample answer of getall); mostly unknown.
    """

    code: str
    name: str
    name_en: str = ""
    aliases: tuple[str, ...] = ()
    wechat_id: str = ""

    def shown(self, locale: str) -> str:
        return self.name if locale.startswith("zh") or not self.name_en else self.name_en


class RowFault(StrEnum):
    """What is wrong with one row of a sheet."""

    ORDER_MISSING = "order_missing"
    ORDER_ROUNDED = "order_rounded"
    ORDER_INVALID = "order_invalid"
    CARRIER_MISSING = "carrier_missing"
    CARRIER_UNKNOWN = "carrier_unknown"
    WAYBILL_MISSING = "waybill_missing"
    WAYBILL_ROUNDED = "waybill_rounded"
    WAYBILL_INVALID = "waybill_invalid"
    TWICE = "twice"
    ORDER_UNKNOWN = "order_unknown"
    NOT_TO_SHIP = "not_to_ship"

    @property
    def words(self) -> str:
        """The fault as people read it; an English message id."""
        return FAULTS[self]


FAULTS: Final[Mapping[RowFault, str]] = {
    RowFault.ORDER_MISSING: _("The order number is missing."),
    RowFault.ORDER_ROUNDED: _(
        "The spreadsheet rounded this order number. Format the column as text and paste it again."
    ),
    RowFault.ORDER_INVALID: _("This is no order number: it has other characters than digits."),
    RowFault.CARRIER_MISSING: _("The carrier is missing."),
    RowFault.CARRIER_UNKNOWN: _("No carrier has this name or code."),
    RowFault.WAYBILL_MISSING: _("The waybill number is missing."),
    RowFault.WAYBILL_ROUNDED: _(
        "The spreadsheet rounded this waybill. Format the column as text and paste it again."
    ),
    RowFault.WAYBILL_INVALID: _("A waybill number has 4 to 40 letters, digits or dashes."),
    RowFault.TWICE: _("This order stands in an earlier row already."),
    RowFault.ORDER_UNKNOWN: _("There is no such order in this shop."),
    RowFault.NOT_TO_SHIP: _("This order is not waiting to be shipped."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One row as it was written; ``number`` is that of the file, counted from 1."""

    number: int
    order: str
    carrier: str
    waybill: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRow:
    """A row and what it means. ``fault`` is None exactly when order, carrier and waybill are right."""

    row: SheetRow
    order_id: OrderId | None = None
    carrier: str = ""
    waybill: str = ""
    fault: RowFault | None = None


class SheetUnreadable(Refusal):
    kind, code = Kind.INVALID, "sheets.unreadable"
    text = "This file cannot be read. Save the sheet as CSV, in UTF-8 or GBK, and upload it again."


class SheetEmpty(Refusal):
    kind, code = Kind.INVALID, "sheets.empty"
    text = "There is no row in it. A row holds order number, carrier and waybill number."


class SheetTooLong(Refusal):
    kind, code = Kind.TOO_LARGE, "sheets.too_long"
    text = "A sheet may have at most {limit} rows. Split it and upload the parts."
