"""PDFs: how they are answered with, and their font, Noto Sans SC: each file embeds the signs it uses.

The build of the static files fetches it (``tools/build_assets.py``). Where it is missing, Adobe's
CID font STSong-Light is named instead: nothing is embedded, and a reader without a Chinese font of
its own shows gaps.
"""

from functools import cache
from pathlib import Path
from typing import Final

import structlog
from litestar import Response

from jishi.web.static_files import STATIC_DIR

FONT_FILE: Final = STATIC_DIR / "built" / "fonts" / "NotoSansSC-Regular.ttf"
EMBEDDED, NAMED = "NotoSansSC", "STSong-Light"

log = structlog.get_logger()


def inline_pdf(content: bytes, name: str) -> Response[bytes]:
    """A file the browser shows, to be printed; saved under ``name`` (ASCII)."""
    headers = {"content-disposition": f'inline; filename="{name}"', "cache-control": "no-store"}
    return Response(content, status_code=200, media_type="application/pdf", headers=headers)


@cache
def pdf_font(file: Path = FONT_FILE) -> str:
    """What to hand to ``setFont`` and ``stringWidth``. Read once a process, at the first PDF."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    try:
        font: TTFont | UnicodeCIDFont = TTFont(EMBEDDED, str(file))
    except TTFError as problem:
        log.warning(
            "PDFs embed no Chinese font; build the assets", file=str(file), why=str(problem)
        )
        font = UnicodeCIDFont(NAMED)
    pdfmetrics.registerFont(font)
    return str(font.fontName)
