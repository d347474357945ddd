"""Labels and pick lists as PDF. Pure: values in, bytes out.

Chinese is set in Adobe's CID font STSong-Light, which readers bring along: nothing is embedded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from reportlab.graphics.barcode import code128
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

WIDTH, HEIGHT = 100 * mm, 180 * mm
A4: Final = (210 * mm, 297 * mm)
MARGIN: Final = 5 * mm
FONT: Final = "STSong-Light"
BAR_WIDTH_MAX: Final = WIDTH - 4 * MARGIN  # with its quiet zones
NOTE_MAX: Final = 80
GOODS_LINES: Final = 5

pdfmetrics.registerFont(UnicodeCIDFont(FONT))


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelShown:
    """What stands on one label; words are translated already."""

    carrier: str
    number: str
    route: str
    order: str
    receiver: tuple[str, str, str]  # name, phone, address
    sender: tuple[str, str, str]
    goods: str
    note: str
    pieces: str
    made_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelWords:
    """The fixed words of a label, translated."""

    title: str
    to: str
    sender: str
    order: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PickRow:
    location: str
    title: str
    spec: str
    code: str
    pieces: int
    orders: str


def labels_pdf(labels: Sequence[LabelShown], words: LabelWords) -> bytes:
    """One page of 100 × 180 mm per label, in order."""
    out = BytesIO()
    page = canvas.Canvas(out, pagesize=(WIDTH, HEIGHT), pageCompression=1)
    page.setTitle(words.title)
    for label in labels:
        _label(page, label, words)
        page.showPage()
    page.save()
    return out.getvalue()


def pick_pdf(
    title: str, heads: Sequence[str], groups: Sequence[tuple[str, list[PickRow]]]
) -> bytes:
    """A4 pages: a table per warehouse, rows as pickers walk, a box to tick."""
    out = BytesIO()
    page = canvas.Canvas(out, pagesize=A4, pageCompression=1)
    page.setTitle(title)
    at = _Down(page, A4[1] - 16 * mm)
    _text(page, title, 15 * mm, at.y, 16)
    at.move(10 * mm)
    for name, rows in groups:
        at.need(24 * mm)
        _text(page, name, 15 * mm, at.y, 13)
        at.move(7 * mm)
        _pick_row(page, at.y, ("", *heads), 8)
        at.move(6 * mm)
        for row in rows:
            at.need(9 * mm)
            page.rect(15 * mm, at.y - 1, 3.5 * mm, 3.5 * mm)
            name_of = f"{row.title} {row.spec}".strip()
            _pick_row(
                page, at.y, ("", row.location, row.code, name_of, str(row.pieces), row.orders), 9
            )
            page.setLineWidth(0.2)
            page.line(15 * mm, at.y - 2.5 * mm, 195 * mm, at.y - 2.5 * mm)
            at.move(7.5 * mm)
        at.move(4 * mm)
    page.save()
    return out.getvalue()


class _Down:
    """Where the pen is on a page; a new page when there is no room."""

    def __init__(self, page: Any, y: float) -> None:
        self.page, self.y = page, y

    def move(self, by: float) -> None:
        self.y -= by

    def need(self, height: float) -> None:
        if self.y - height < 12 * mm:
            self.page.showPage()
            self.y = A4[1] - 16 * mm


def _pick_row(page: Any, y: float, cells: Sequence[str], size: int) -> None:
    places = (15, 20, 45, 75, 150, 165)
    widths = (5, 24, 29, 74, 14, 30)
    for text, left, width in zip(cells, places, widths, strict=True):
        first = next(iter(_wrapped(text, size, width * mm)), "")
        _text(page, first, left * mm, y, size)


def _label(page: Any, label: LabelShown, words: LabelWords) -> None:
    page.setLineWidth(0.8)
    page.rect(2 * mm, 2 * mm, WIDTH - 4 * mm, HEIGHT - 4 * mm)
    _text(page, label.carrier, MARGIN, HEIGHT - 12 * mm, 16)
    page.setFont(FONT, 9)
    page.drawRightString(WIDTH - MARGIN, HEIGHT - 11 * mm, label.made_on)
    _rule(page, HEIGHT - 17 * mm)
    page.setFont(FONT, 30)
    page.drawCentredString(WIDTH / 2, HEIGHT - 29 * mm, label.route)
    _rule(page, HEIGHT - 34 * mm)
    _barcode(page, label.number, HEIGHT - 56 * mm, 17 * mm)
    _rule(page, HEIGHT - 64 * mm)
    y = _party(page, words.to, label.receiver, HEIGHT - 71 * mm, 13)
    y = min(y, HEIGHT - 92 * mm)
    _rule(page, y)
    y = _party(page, words.sender, label.sender, y - 6 * mm, 9)
    _rule(page, y)
    _text(page, f"{words.order} {label.order}", MARGIN, y - 6 * mm, 9)
    page.drawRightString(WIDTH - MARGIN, y - 6 * mm, label.pieces)
    y -= 11 * mm
    for line in _first(_wrapped(label.goods, 9, WIDTH - 2 * MARGIN), GOODS_LINES):
        _text(page, line, MARGIN, y, 9)
        y -= 4.5 * mm
    for line in _first(_wrapped(label.note[:NOTE_MAX], 9, WIDTH - 2 * MARGIN), 2):
        _text(page, line, MARGIN, y, 9)
        y -= 4.5 * mm
    _rule(page, 26 * mm)
    _barcode(page, label.number, 12 * mm, 9 * mm)
    _text(page, words.signature, MARGIN, 5 * mm, 8)


def _party(page: Any, head: str, party: tuple[str, str, str], y: float, size: int) -> float:
    """Draws name, phone and address; where the next thing may begin."""
    name, phone, address = party
    _text(page, head, MARGIN, y, 8)
    left = MARGIN + 10 * mm
    _text(page, f"{name}  {phone}", left, y, size)
    for line in _first(_wrapped(address, size - 1, WIDTH - left - MARGIN), 3):
        y -= (size + 3) * 0.36 * mm
        _text(page, line, left, y, size - 1)
    return y - 4 * mm


def _barcode(page: Any, number: str, y: float, height: float) -> None:
    """Code 128, as wide as fits up to half a millimetre a module, the number below it."""
    plain = code128.Code128(number, barHeight=height, barWidth=1, quiet=False)
    module = min(BAR_WIDTH_MAX / plain.width, 0.5 * mm)
    drawn = code128.Code128(number, barHeight=height, barWidth=module, quiet=False)
    drawn.drawOn(page, (WIDTH - drawn.width) / 2, y)
    page.setFont("Courier-Bold", 10)
    page.drawCentredString(WIDTH / 2, y - 4 * mm, number)


def _text(page: Any, text: str, x: float, y: float, size: int) -> None:
    page.setFont(FONT, size)
    page.drawString(x, y, text)


def _rule(page: Any, y: float) -> None:
    page.setLineWidth(0.5)
    page.line(2 * mm, y, WIDTH - 2 * mm, y)


def _wrapped(text: str, size: int, width: float) -> Iterator[str]:
    """Lines that fit; breaks between any two signs, as Chinese is set."""
    line = ""
    for sign in text:
        if pdfmetrics.stringWidth(line + sign, FONT, size) > width:
            yield line
            line = ""
        line += sign
    if line:
        yield line


def _first(lines: Iterator[str], count: int) -> Iterator[str]:
    for _, line in zip(range(count), lines, strict=False):
        yield line
