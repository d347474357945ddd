"""How a stored picture is addressed. Everything that shows goods, shops or order lines needs it."""

import re
from collections.abc import Mapping
from typing import Any, Final

SIZES: Final = (160, 480, 960, 1920)  # longest side of what is served; never larger than uploaded
_ART = re.compile(r"[0-9a-z-]{1,40}")


def picture_src(picture: Mapping[str, Any] | None, size: int = 480) -> str | None:
    """What macro ``pic`` takes: the address of a picture, ``art:<name>`` for demo art, or None.

    ``picture`` is {"media_id": "…"} or {"art": "…", "tint": "a"}. ``size`` is the longest side in
    points; the next one that is kept is chosen.
    """
    if not picture:
        return None
    if "art" in picture:
        name = str(picture["art"])
        return f"art:{name}" if _ART.fullmatch(name) else None
    media_id = str(picture.get("media_id", ""))
    return f"/media/{media_id}/{kept_size(size)}.webp" if media_id.isdigit() else None


def kept_size(size: int) -> int:
    """The smallest kept size that is not smaller than ``size``; the largest for more."""
    return next((kept for kept in SIZES if kept >= size), SIZES[-1])
