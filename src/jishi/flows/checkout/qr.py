"""Codes to scan, drawn as SVG on the server."""

from functools import lru_cache
from typing import Any

QUIET = 4  # modules of white around it; ISO/IEC 18004 section 6.3.8
KEPT = 256


@lru_cache(KEPT)
def qr_code(text: str) -> str:
    """``text`` as an SVG of black modules on white, to be styled in size only."""
    from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

    code: Any = QRCode(None, QRErrorCorrectLevel.M)  # its methods are not typed
    code.addData(text)
    code.make()
    count = code.getModuleCount()
    dark = [
        f"M{x + QUIET} {y + QUIET}h1v1h-1z"
        for y in range(count)
        for x in range(count)
        if code.isDark(y, x)
    ]
    side = count + 2 * QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"'
        f' shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/>'
        f'<path fill="#000" d="{"".join(dark)}"/></svg>'
    )
