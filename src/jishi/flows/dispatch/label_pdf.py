"""Labels and pick lists as PDF: values in, bytes out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Any, Final

from jishi.web.pdf import pdf_font

mm: Final = 72 / 25.4  # in points, which PDF counts in
WIDTH, HEIGHT = 100 * mm, 180 * mm
A4: Final = (210 * mm, 297 * mm)
MARGIN: Final = 5 * mm
BAR_WIDTH_MAX: Final = WIDTH - 4 * MARGIN  # with its quiet zones
NOTE_LINES: Final = 2
GOODS_LINES: Final = 5
ADDRESS_LINES: Final = 3
ADDRESS_SIZE_MIN: Final = 6  # points
ELLIPSIS: Final = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelShown:
    """What stands on one label; words are translated already. ``reprint``: empty the first time."""

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
    reprint: str = ""


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
    from reportlab.pdfgen import canvas

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
    from reportlab.pdfgen import canvas

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
            at.need(14 * mm)
            page.rect(15 * mm, at.y - 1, 3.5 * mm, 3.5 * mm)
            _pick_row(
                page,
                at.y,
                ("", row.location, row.code, row.title, f"{row.pieces:,}", row.orders),
                9,
            )
            if row.spec:  # on a line of its own: a long title must not hide it
                at.move(4 * mm)
                _pick_row(page, at.y, ("", "", "", row.spec, "", ""), 8)
            page.setLineWidth(0.2)
            page.line(15 * mm, at.y - 2.5 * mm, 195 * mm, at.y - 2.5 * mm)
            at.move(7.5 * mm)
        at.move(4 * mm)
    at.end_page()
    page.save()
    return out.getvalue()


class _Down:
    """Where the pen is on a page; a new page when there is no room. Pages are numbered."""

    def __init__(self, page: Any, y: float) -> None:
        self.page, self.y = page, y

    def move(self, by: float) -> None:
        self.y -= by

    def need(self, height: float) -> None:
        if self.y - height < 12 * mm:
            self.end_page()
            self.y = A4[1] - 16 * mm

    def end_page(self) -> None:
        _text(self.page, str(self.page.getPageNumber()), 192 * mm, 6 * mm, 8)
        self.page.showPage()


def _pick_row(page: Any, y: float, cells: Sequence[str], size: int) -> None:
    places = (15, 20, 45, 75, 150, 165)
    widths = (5, 24, 29, 74, 14, 30)
    for text, left, width in zip(cells, places, widths, strict=True):
        for line in _first(text, size, width * mm, 1):
            _text(page, line, left * mm, y, size)


def _label(page: Any, label: LabelShown, words: LabelWords) -> None:
    page.setLineWidth(0.8)
    page.rect(2 * mm, 2 * mm, WIDTH - 4 * mm, HEIGHT - 4 * mm)
    _text(page, label.carrier, MARGIN, HEIGHT - 12 * mm, 16)
    page.setFont(pdf_font(), 9)
    page.drawRightString(WIDTH - MARGIN, HEIGHT - 9 * mm, label.made_on)
    page.drawRightString(WIDTH - MARGIN, HEIGHT - 14 * mm, label.reprint)
    _rule(page, HEIGHT - 17 * mm)
    page.setFont(pdf_font(), 30)
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
    for line in _first(label.goods, 9, WIDTH - 2 * MARGIN, GOODS_LINES):
        _text(page, line, MARGIN, y, 9)
        y -= 4.5 * mm
    for line in _first(label.note, 9, WIDTH - 2 * MARGIN, NOTE_LINES):
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
    room = ADDRESS_LINES * _step(size - 1)
    for small in range(
        size - 1, ADDRESS_SIZE_MIN - 1, -1
    ):  # a long address shrinks: cut off, it is lost
        count = int(room / _step(small))
        lines = _first(address, small, WIDTH - left - MARGIN, count)
        if not lines or not lines[-1].endswith(ELLIPSIS):
            break
    for line in lines:
        y -= _step(small)
        _text(page, line, left, y, small)
    return y - 4 * mm


def _step(size: int) -> float:
    """From one line of an address to the next."""
    return (size + 4) * 0.36 * mm


def _barcode(page: Any, number: str, y: float, height: float) -> None:
    """Code 128, as wide as fits up to half a millimetre a module, the number below it."""
    from reportlab.graphics.barcode import code128

    plain = code128.Code128(number, barHeight=height, barWidth=1, quiet=False)
    module = min(BAR_WIDTH_MAX / plain.width, 0.5 * mm)
    drawn = code128.Code128(number, barHeight=height, barWidth=module, quiet=False)
    drawn.drawOn(page, (WIDTH - drawn.width) / 2, y)
    page.setFont("Courier-Bold", 10)
    page.drawCentredString(WIDTH / 2, y - 4 * mm, number)


def _text(page: Any, text: str, x: float, y: float, size: int) -> None:
    page.setFont(pdf_font(), size)
    page.drawString(x, y, text)


def _rule(page: Any, y: float) -> None:
    page.setLineWidth(0.5)
    page.line(2 * mm, y, WIDTH - 2 * mm, y)


def _first(text: str, size: int, width: float, count: int) -> list[str]:
    """At most ``count`` lines that fit; the last ends in an ellipsis when more was to be said."""
    lines = list(islice(_wrapped(text, size, width), count + 1))
    if len(lines) > count:
        last = next(_wrapped(lines[count - 1], size, width - _width(ELLIPSIS, size)), "")
        lines[count - 1 :] = [last + ELLIPSIS]
    return lines


def _wrapped(text: str, size: int, width: float) -> Iterator[str]:
    """Lines that fit; breaks between any two signs, as Chinese is set."""
    line, filled = "", 0.0
    for sign in text:
        wide = _width(sign, size)
        if line and filled + wide > width:
            yield line
            line, filled = "", 0.0
        line += sign
        filled += wide
    if line:
        yield line


def _width(text: str, size: int) -> float:
    from reportlab.pdfbase import pdfmetrics

    return float(pdfmetrics.stringWidth(text, pdf_font(), size))
