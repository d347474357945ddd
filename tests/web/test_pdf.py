"""The font of PDFs: embedded when it was built, named when not."""

from io import BytesIO
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas
from structlog.testing import capture_logs

from jishi.web.pdf import EMBEDDED, FONT_FILE, NAMED, pdf_font
from jishi.web.static_files import FILES


def a_file(font: str, text: str = "鑫淼堃喆 海港茶行 ¥12.00 – A") -> bytes:
    out = BytesIO()
    canvas = Canvas(out, invariant=1)
    canvas.setFont(font, 12)
    canvas.drawString(72, 72, text)
    canvas.save()
    return out.getvalue()


def test_only_the_signs_used_are_embedded() -> None:
    assert pdf_font() == EMBEDDED, "build the static files (make assets)"
    raw = a_file(pdf_font())
    assert b"/FontFile2" in raw
    assert len(raw) < 60_000
    assert raw == a_file(pdf_font())


def test_without_the_file_a_font_is_named_and_the_log_says_so(tmp_path: Path) -> None:
    with capture_logs() as said:
        name = pdf_font(tmp_path / "missing.ttf")
    assert name == NAMED
    assert "build the assets" in said[0]["event"]
    assert NAMED.encode() in a_file(name)


def test_a_broken_file_is_no_font(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"OTTO" + b"\0" * 400)
    assert pdf_font(broken) == NAMED


def test_the_font_is_not_served_to_pages() -> None:
    assert FONT_FILE.is_file()
    assert FILES.find("built/fonts/NotoSansSC-Regular.ttf") is None
    assert FILES.find("built/htmx.min.js") is not None
