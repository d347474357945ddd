"""How a stored picture is addressed. Everything that shows goods, shops or order lines needs it."""

import re
from collections.abc import Mapping
from typing import Any, Final

from jishi.kit.ids import parse_id

SIZES: Final = (160, 480, 960, 1920)  # longest side of what is served; never larger than uploaded
TINTS: Final = frozenset("abcdef")
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


def picture_value(picture: Mapping[str, Any] | None) -> str:
    """A picture as one form value: ``m:<media id>`` or ``a:<art>:<tint>``; empty for none."""
    if not picture:
        return ""
    if "media_id" in picture:
        return f"m:{picture['media_id']}"
    return f"a:{picture.get('art', '')}:{picture.get('tint', '')}"


def read_picture(value: str) -> dict[str, str] | None:
    """The picture behind a form value; None for anything else."""
    kind, _, rest = value.partition(":")
    name, _, tint = rest.partition(":")
    picture = {"m": {"media_id": rest}, "a": {"art": name} | ({"tint": tint} if tint else {})}
    found = picture.get(kind)
    return found if found is not None and is_picture(found) else None


def is_picture(picture: Mapping[str, Any]) -> bool:
    """Whether it is one as it is stored, and nothing besides."""
    if set(picture) == {"media_id"}:
        return parse_id(str(picture["media_id"])) is not None
    tint = picture.get("tint", "a")
    is_known = {"art"} <= set(picture) <= {"art", "tint"} and tint in TINTS
    return is_known and _ART.fullmatch(str(picture["art"])) is not None
