"""What a waybill number is, and what a row of a sheet means. Pure."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

from jishi.kit.ids import OrderId, parse_id
from jishi.modules.fulfilment.types import Carrier, CheckedRow, RowFault, SheetRow

Find = Callable[[str], Carrier | None]  # the carrier a person means; see carriers.find_carrier

WAYBILL: Final = re.compile(r"[0-9A-Z-]{4,40}")
# What a spreadsheet makes of a long number: 3.82918E+17, 382918002441067000.0
ROUNDED: Final = re.compile(r"[0-9]+(\.[0-9]+)?E\+?[0-9]{1,2}|[0-9]+\.0+", re.IGNORECASE)
WRAPPED: Final = re.compile(r'^="?(.*?)"?$')  # ="382…", as some systems keep numbers text


def clean_cell(text: str) -> str:
    """A cell without what sheets wrap around it: quotes, tabs, a leading ' or =, full-width forms."""
    plain = unicodedata.normalize("NFKC", text).replace("\ufeff", "").replace("\x00", "").strip()
    wrapped = WRAPPED.match(plain)
    return (wrapped[1] if wrapped else plain).strip("'\"\t ‘’“”").strip()


def clean_waybill(text: str) -> str:
    """The number as carriers print it: capitals, no spaces."""
    return "".join(clean_cell(text).split()).upper()


def is_waybill(text: str) -> bool:
    return WAYBILL.fullmatch(text) is not None


def check_row(row: SheetRow, find: Find, *, default_carrier: str = "") -> CheckedRow:
    """What one row means on its own. An empty carrier is the default one, when there is one."""
    order, waybill = "".join(clean_cell(row.order).split()), clean_waybill(row.waybill)
    typed = clean_cell(row.carrier) or default_carrier
    carrier = find(typed)
    order_id = parse_id(order)
    fault = (
        _order_fault(order)
        or _carrier_fault(typed, is_known=carrier is not None)
        or _waybill_fault(waybill)
    )
    return CheckedRow(
        row=row,
        order_id=OrderId(order_id) if order_id else None,
        carrier=carrier.code if carrier else "",
        waybill=waybill,
        fault=fault,
    )


def check_rows(
    rows: Sequence[SheetRow], find: Find, *, default_carrier: str = ""
) -> list[CheckedRow]:
    """Every row, same order; of rows for one order only the first right one stands."""
    seen: set[int] = set()
    checked: list[CheckedRow] = []
    for row in rows:
        found = check_row(row, find, default_carrier=default_carrier)
        if found.fault is None and found.order_id in seen:
            found = CheckedRow(row=row, order_id=found.order_id, fault=RowFault.TWICE)
        elif found.fault is None and found.order_id:
            seen.add(found.order_id)
        checked.append(found)
    return checked


def _order_fault(order: str) -> RowFault | None:
    if not order:
        return RowFault.ORDER_MISSING
    if ROUNDED.fullmatch(order):
        return RowFault.ORDER_ROUNDED
    return None if parse_id(order) else RowFault.ORDER_INVALID


def _carrier_fault(typed: str, *, is_known: bool) -> RowFault | None:
    if is_known:
        return None
    return RowFault.CARRIER_UNKNOWN if typed else RowFault.CARRIER_MISSING


def _waybill_fault(waybill: str) -> RowFault | None:
    if not waybill:
        return RowFault.WAYBILL_MISSING
    if ROUNDED.fullmatch(waybill):
        return RowFault.WAYBILL_ROUNDED
    return None if is_waybill(waybill) else RowFault.WAYBILL_INVALID
