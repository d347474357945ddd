"""A plain receipt as PDF: what a shop can give that has no tax invoice. It says that it is none."""

import io
from typing import Final

from reportlab.lib.pagesizes import A5, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from jishi.modules.invoices.types import Receipt
from jishi.web.pdf import pdf_font

PAGE: Final = landscape(A5)
MARGIN, ROW = 14 * mm, 7 * mm
NO_INVOICE: Final = "本收据不是发票，不能用于抵扣税款 · This is not a tax invoice."
LINES_MAX: Final = 10
SIGNS_MAX: Final = 60


def write_receipt(it: Receipt) -> bytes:
    """One page, Chinese with English below it; the same bytes for the same receipt."""
    font = pdf_font()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=PAGE, invariant=1)
    canvas.setTitle(f"{it.shop} {it.number}")
    y = PAGE[1] - MARGIN
    canvas.setFont(font, 18)
    canvas.drawCentredString(
        PAGE[0] / 2, y, "红字收据 Credit receipt" if it.is_red else "收据 Receipt"
    )
    canvas.setFont(font, 9)
    canvas.drawCentredString(PAGE[0] / 2, y - ROW, NO_INVOICE)
    canvas.setFont(font, 10.5)
    rows = [
        f"抬头 To: {it.title}" + (f"    税号 Tax number: {it.tax_number}" if it.tax_number else ""),
        f"收款方 From: {it.shop}",
        f"编号 Number: {it.number}    订单 Order: {it.order}",
        f"日期 Date: {it.day}",
        *it.lines[:LINES_MAX],
        *(["……"] if len(it.lines) > LINES_MAX else []),
    ]
    y -= 3 * ROW
    for row in rows:
        canvas.drawString(MARGIN, y, row[: 2 * SIGNS_MAX])
        y -= ROW
    canvas.setFont(font, 14)
    canvas.drawRightString(PAGE[0] - MARGIN, MARGIN, f"合计 Total {it.amount}")
    canvas.showPage()
    canvas.save()
    return out.getvalue()
