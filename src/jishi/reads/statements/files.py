"""A statement as CSV, line by line, and as PDF, the sums and the days."""

import io
from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from jishi.db import Pool
from jishi.kit.ids import ShopId
from jishi.kit.money import format_plain
from jishi.kit.text import mark as _
from jishi.modules.ledger import TransferKind
from jishi.modules.payouts.rules_statement import Sums
from jishi.reads.statements.queries import Line, Statement, each_line
from jishi.web.i18n import Translator
from jishi.web.sheet import BOM, number
from jishi.web.sheet import lines as csv_lines

FONT: Final = "STSong-Light"
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
KINDS: Final = frozenset(kind.value for kind in TransferKind)
PAGE: Final = landscape(A4)
ROW, MARGIN, COLUMN = 6 * mm, 16 * mm, 26 * mm  # ten columns
TITLE_SIZE, TEXT_SIZE, SMALL_SIZE = 16, 10, 8  # points
NAME_SIGNS: Final = 80


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


def pdf_file(shop_name: str, statement: Statement, writer: Writer) -> bytes:
    """The sums of the period and a row per day, on as many pages as it takes."""
    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=PAGE, pageCompression=1)
    canvas.setTitle(f"{shop_name} {statement.period.name}")
    canvas.setFont(FONT, TITLE_SIZE)
    y = PAGE[1] - MARGIN
    canvas.drawString(MARGIN, y, f"{writer.words(_('Statement'))} {statement.period.name}")
    canvas.setFont(FONT, TEXT_SIZE)
    canvas.drawString(MARGIN, y - ROW, shop_name[:NAME_SIGNS])
    y = _summary(canvas, y - 3 * ROW, statement, writer)
    _days(canvas, y, statement, writer)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _summary(canvas: Canvas, y: float, statement: Statement, writer: Writer) -> float:
    rows = [(_("Opening balance"), statement.opening_minor)]
    rows += [(PART_WORDS[part], minor) for part, minor in parts_of(statement.sums)]
    rows.append((_("Closing balance"), statement.closing_minor))
    for text, minor in rows:
        canvas.drawString(MARGIN, y, writer.words(text))
        canvas.drawRightString(MARGIN + 3 * COLUMN, y, writer.money(minor))
        y -= ROW
    return y - ROW


def _days(canvas: Canvas, y: float, statement: Statement, writer: Writer) -> None:
    names = [_("Day"), *PART_WORDS.values(), _("Closing balance")]
    _row(canvas, y, [writer.words(name) for name in names])
    for day in statement.days:
        y -= ROW
        if y < MARGIN:
            canvas.showPage()
            y = PAGE[1] - MARGIN
        money = [writer.money(minor) for _part, minor in parts_of(day.sums)]
        _row(canvas, y, [day.day.isoformat(), *money, writer.money(day.closing_minor)])


def _row(canvas: Canvas, y: float, cells: list[str]) -> None:
    """The first cell at the left, figures flush right."""
    canvas.setFont(FONT, SMALL_SIZE)
    canvas.drawString(MARGIN, y, cells[0])
    for at, text in enumerate(cells[1:], start=1):
        canvas.drawRightString(MARGIN + (at + 1) * COLUMN, y, text)


def kind_words(kind: str) -> str:
    """An English message id for a kind of transfer; the kind itself when it has no words."""
    return TransferKind(kind).words if kind in KINDS else kind


def parts_of(sums: Sums) -> list[tuple[str, int]]:
    """The lines of a statement in their order: name and minor units."""
    return [(part, getattr(sums, f"{part}_minor")) for part in PART_WORDS]
