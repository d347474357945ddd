"""A statement as PDF: its sums and a row per day. Loaded with the first one asked for."""

import io
from typing import Final

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from jishi.kit.text import mark as _
from jishi.reads.statements.files import PART_WORDS, Writer, parts_of
from jishi.reads.statements.queries import Statement
from jishi.web.pdf import pdf_font

PAGE: Final = landscape(A4)
ROW, MARGIN, COLUMN = 6 * mm, 16 * mm, 26 * mm  # ten columns
TITLE_SIZE, TEXT_SIZE, SMALL_SIZE = 16, 10, 8  # points
NAME_SIGNS: Final = 80


def pdf_file(shop_name: str, statement: Statement, writer: Writer) -> bytes:
    """The sums of the period and a row per day, on as many pages as it takes."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=PAGE, pageCompression=1)
    canvas.setTitle(f"{shop_name} {statement.period.name}")
    canvas.setFont(pdf_font(), TITLE_SIZE)
    y = PAGE[1] - MARGIN
    canvas.drawString(MARGIN, y, f"{writer.words(_('Statement'))} {statement.period.name}")
    canvas.setFont(pdf_font(), TEXT_SIZE)
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
    canvas.setFont(pdf_font(), SMALL_SIZE)
    canvas.drawString(MARGIN, y, cells[0])
    for at, text in enumerate(cells[1:], start=1):
        canvas.drawRightString(MARGIN + (at + 1) * COLUMN, y, text)
