"""Reading the shipping forms, and the ids that addresses and forms name."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from litestar.datastructures import UploadFile

from jishi import web
from jishi.flows.dispatch.types import MANY_MAX, Entry, TooMany
from jishi.kit.ids import OrderId, ShopId, parse_id
from jishi.modules.fulfilment import SheetRow, SheetTooLong
from jishi.modules.fulfilment.sheets import ROWS_MAX, SHEET_BYTES_MAX

TYPED_MAX: Final = 80
PART: Final = "q_"


def shop_of(request: web.AnyRequest) -> ShopId:
    return ShopId(web.path_id(request, "shop_id"))


def ids_of(texts: Iterable[Any], *, most: int) -> list[int]:
    """Ids in the order given, each once; what is none is left out. Raises TooMany."""
    ids = list(dict.fromkeys(found for text in texts if (found := parse_id(str(text)))))
    if len(ids) > most:
        raise TooMany(limit=most)
    return ids


async def read_entries(request: web.AnyRequest) -> list[Entry]:
    """The rows of the form for many orders: order_id, carrier, waybill, each once per row.

    ``carrier_all`` stands in for rows without a carrier. Raises TooMany.
    """
    form = await request.form()
    for_all = _text(form.get("carrier_all"))
    rows = zip(*(_texts(form, name) for name in ("order_id", "carrier", "waybill")), strict=False)
    entries = [
        Entry(order_id=OrderId(order_id), carrier=carrier or for_all, waybill=waybill)
        for number, carrier, waybill in rows
        if (order_id := parse_id(number)) is not None
    ]
    if len(entries) > MANY_MAX:
        raise TooMany(limit=MANY_MAX)
    return entries


async def read_entry(request: web.AnyRequest, order_id: OrderId) -> Entry:
    """The form for one order: carrier or carrier_other, waybill, pieces per line as q_<line>."""
    form = await request.form()
    parts = {
        line: _text(value)
        for name, value in form.items()
        if name.startswith(PART) and (line := parse_id(name.removeprefix(PART)))
    }
    carrier = _text(form.get("carrier_other")) or _text(form.get("carrier"))
    return Entry(
        order_id=order_id, carrier=carrier, waybill=_text(form.get("waybill")), parts=parts
    )


async def read_upload(request: web.AnyRequest) -> bytes:
    """The uploaded sheet, else what was pasted; empty bytes for neither. Raises SheetTooLong."""
    form = await request.form()
    found = form.get("sheet")
    if isinstance(found, UploadFile) and found.filename:
        raw = await found.read(SHEET_BYTES_MAX + 1)
    else:
        raw = str(form.get("pasted") or "").encode()
    if len(raw) > SHEET_BYTES_MAX:
        raise SheetTooLong(limit=ROWS_MAX)
    return raw


def packed(rows: Sequence[SheetRow]) -> str:
    """Rows as the preview hands them on: number, order, carrier, waybill, parted by tabs."""
    return "\n".join(f"{row.number}\t{row.order}\t{row.carrier}\t{row.waybill}" for row in rows)


def unpacked(text: str) -> list[SheetRow]:
    """What ``packed`` made; lines of another shape are left out."""
    cells = [line.split("\t") for line in text.splitlines()[:ROWS_MAX]]
    return [
        SheetRow(number=at, order=order, carrier=carrier, waybill=waybill)
        for number, order, carrier, waybill in (each for each in cells if len(each) == 4)  # noqa: PLR2004
        if (at := parse_id(number))
    ]


def _texts(form: Any, name: str) -> list[str]:
    return [_text(value) for value in form.getall(name, [])]


def _text(value: Any) -> str:
    return str(value or "").strip()[:TYPED_MAX] if not isinstance(value, UploadFile) else ""
