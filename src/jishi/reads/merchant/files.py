"""The rows of the files a shop downloads: orders, and the statement of its accounts."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from jishi.db import Pool, Row, reading
from jishi.kit.ids import ShopId, cell_of
from jishi.kit.money import format_plain
from jishi.kit.text import mark as _
from jishi.modules import ledger
from jishi.modules.fulfilment import carrier_name
from jishi.modules.ledger.types import ESCROW, PAYABLE_SHOP
from jishi.modules.orders import OrderState
from jishi.reads.merchant import queries
from jishi.reads.merchant.masking import may_see_receiver, receiver
from jishi.reads.merchant.types import Wanted
from jishi.web import ShopRole
from jishi.web.i18n import Translator
from jishi.web.sheet import BOM, cell, lines, number

ORDER_HEADS: Final = (
    _("Order number"), _("State"), _("Placed at"), _("Paid"), _("Ship by"), _("Shipped"), _("Product"),
    _("Options"), _("SKU code"), _("Pieces"), _("Unit price"), _("Line total"), _("Freight"),
    _("Discounts of the shop"), _("Order total"), _("Paid by the market"), _("Paid by a creator"),
    _("Paid by the buyer"), _("Refunded"), _("Receiver"), _("Phone"), _("Address"), _("Note"), _("Parcels"),
)  # fmt: skip
STATEMENT_HEADS: Final = (
    _("Time"), _("Transfer"), _("Movement"), _("Account"), _("Order number"), _("In"), _("Out"),
)  # fmt: skip
STATEMENT_CHUNK: Final = 1_000


class FileWriter:
    """Writes cells in a reader's language, a market's currency and a shop's zone."""

    def __init__(self, words: Translator, *, currency: str, zone: str) -> None:
        self._words, self._currency, self._zone = words, currency, ZoneInfo(zone)

    def heads(self, names: tuple[str, ...]) -> str:
        return BOM + lines([[self._words(name) for name in names]])

    def orders(self, rows: list[Row], role: ShopRole | None) -> str:
        return lines([self._order(row, role) for row in rows])

    def _order(self, row: Row, role: ShopRole | None) -> list[str]:
        state = OrderState(row["state"])
        person = receiver(row["address"], in_full=may_see_receiver(role, state))
        instants = [
            self._time(row[name]) for name in ("placed_at", "paid_at", "ship_by", "shipped_at")
        ]
        return [
            number(row["id"]),
            self._words(state.words),
            *instants,
            cell(row["title"]),
            cell(" · ".join(row["options"])),
            cell(row["sku_code"]),
            cell(row["quantity"]),
            *(self._money(row[name]) for name in ("price_minor", "line_minor", "freight_minor")),
            *(self._money(row[name]) for name in ("discount_minor", "amount_minor")),
            *(self._money(row[name]) for name in ("platform_minor", "creator_minor")),
            *(self._money(row[name]) for name in ("buyer_minor", "refunded_minor")),
            cell(person["name"]),
            number(person["phone"].lstrip("+")),
            cell(person["address"]),
            cell(row["note"]),
            cell(self._parcels(row["parcels"])),
        ]

    def _parcels(self, text: str | None) -> str:
        pairs = [pair.split(":", 1) for pair in (text or "").split()]
        return " ".join(
            f"{carrier_name(code, self._words.locale)} {waybill}" for code, waybill in pairs
        )

    def entries(self, entries: list[ledger.Entry]) -> str:
        return lines([self._entry(each) for each in entries])

    def _entry(self, entry: ledger.Entry) -> list[str]:
        into = max(-entry.amount_minor, 0)  # both accounts of a shop grow on the credit side
        out = max(entry.amount_minor, 0)
        return [
            self._time(entry.occurred_at),
            number(entry.transfer_id),
            self._words(ledger.kind_words(entry.kind)),
            self._words(ledger.account_words(entry.account)),
            number(entry.order_id),
            self._money(into) if into else "",
            self._money(out) if out else "",
        ]

    def _money(self, minor: int) -> str:
        return format_plain(minor, self._currency)

    def _time(self, at: datetime | None) -> str:
        return at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M") if at else ""


async def order_file(
    pool: Pool, wanted: Wanted, writer: FileWriter, role: ShopRole | None
) -> AsyncIterator[str]:
    """The chosen orders, a row per line, at most 50,000 rows."""
    yield writer.heads(ORDER_HEADS)
    async for chunk in queries.export_lines(pool, wanted):
        yield writer.orders(chunk, role)


async def statement_file(pool: Pool, shop_id: ShopId, writer: FileWriter) -> AsyncIterator[str]:
    """The newest 50,000 postings of a shop's accounts."""
    yield writer.heads(STATEMENT_HEADS)
    cursor: str | None = None
    for _chunk in range(queries.EXPORT_ROWS_MAX // STATEMENT_CHUNK):
        async with reading(pool) as tx:
            found = await ledger.statement(
                tx,
                cell_of(shop_id),
                [ESCROW, PAYABLE_SHOP],
                shop_id,
                cursor=cursor,
                size=STATEMENT_CHUNK,
            )
        yield writer.entries(found.items)
        cursor = found.next_cursor
        if cursor is None:
            return


def bytes_of(chunks: AsyncIterator[str]) -> AsyncIterator[bytes]:
    async def encoded() -> AsyncIterator[bytes]:
        async for chunk in chunks:
            yield chunk.encode()

    return encoded()
