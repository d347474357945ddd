"""A statement as CSV, line by line, and the words it is written with."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from jishi.db import Pool
from jishi.kit.ids import ShopId
from jishi.kit.money import format_plain
from jishi.kit.text import mark as _
from jishi.modules.ledger import kind_words
from jishi.modules.payouts.rules_statement import Sums
from jishi.reads.statements.queries import Line, Statement, each_line
from jishi.web.i18n import Translator
from jishi.web.sheet import BOM, number
from jishi.web.sheet import lines as csv_lines

PART_WORDS: Final = {
    "sales": _("Sales"),
    "fees": _("Market fee"),
    "refunds": _("Refunds"),
    "penalties": _("Penalties"),
    "compensation": _("Compensation"),
    "deposits": _("Deposit"),
    "withdrawals": _("Withdrawals"),
    "other": _("Other"),
}
HEADS: Final = (
    _("Day"), _("Time"), _("Transfer"), _("Movement"), _("Order number"), _("Withdrawal"), _("Amount"),
    _("Market fee"), _("Change"), _("Balance"),
)  # fmt: skip


class Writer:
    """Writes a statement in a reader's language, a market's currency and zone."""

    def __init__(self, words: Translator, *, currency: str, zone: str) -> None:
        self.words, self._currency, self._zone = words, currency, ZoneInfo(zone)

    def money(self, minor: int) -> str:
        return format_plain(minor, self._currency)

    def time(self, at: datetime) -> str:
        return at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S")

    def line(self, day: date, it: Line, balance_minor: int) -> list[str]:
        kind = self.words(kind_words(it.kind))
        return [
            day.isoformat(),
            self.time(it.occurred_at),
            number(it.transfer_id),
            kind,
            number(it.order_id) if it.order_id else "",
            number(it.subject_id) if it.part == "withdrawals" else "",
            self.money(it.change_minor - it.fee_minor),
            self.money(it.fee_minor) if it.fee_minor else "",
            self.money(it.change_minor),
            self.money(balance_minor),
        ]

    def balance(self, day: date, text: str, minor: int) -> list[str]:
        blank = [""] * (len(HEADS) - 5)
        return [day.isoformat(), "", "", self.words(text), *blank, self.money(minor)]


async def csv_file(
    pool: Pool, shop_id: ShopId, statement: Statement, writer: Writer, *, zone: str
) -> AsyncIterator[bytes]:
    """Opening balance, a row per transfer, closing balance; at most 50,000 rows, told when cut off."""
    period, balance = statement.period, statement.opening_minor
    head = [writer.words(name) for name in HEADS]
    opening = writer.balance(period.since, _("Opening balance"), balance)
    yield (BOM + csv_lines([head, opening])).encode()
    days, written = [it.day for it in statement.days], 0
    async for day, found in each_line(pool, shop_id, days, zone=zone):
        rows = []
        for line in found:
            balance += line.change_minor
            rows.append(writer.line(day, line, balance))
        written += len(found)
        yield csv_lines(rows).encode()
    wanted = sum(it.transfers for it in statement.days)
    text = (
        _("Closing balance") if written >= wanted else _("Balance so far: the file is cut off here")
    )
    last = days[-1] if days else period.since
    yield csv_lines([writer.balance(last, text, balance)]).encode()


def parts_of(sums: Sums) -> list[tuple[str, int]]:
    """The lines of a statement in their order: name and minor units."""
    return [(part, getattr(sums, f"{part}_minor")) for part in PART_WORDS]
