"""Reading a picture nobody vouches for. Slow work without I/O: run it in a thread.

What a file is called or claims to be counts for nothing: Pillow has to decode it as one of four
formats. Its size in points is known from the head before anything is unpacked.
"""

import hashlib
import io
import warnings

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from jishi.kit.pictures import SIZES
from jishi.modules.media.types import (
    BYTES_MAX,
    KINDS,
    PIXELS_MAX,
    SIDE_MAX,
    PictureBroken,
    PictureEmpty,
    PictureKindUnknown,
    PictureTooLarge,
    PictureTooManyPixels,
    Prepared,
)

QUALITY = 82
SRGB = ImageCms.createProfile("sRGB")


def prepare(raw: bytes, *, name: str) -> Prepared:
    """The picture in all sizes. ``name`` is only for the person who reads the refusal.

    Raises PictureEmpty, PictureTooLarge, PictureKindUnknown, PictureTooManyPixels, PictureBroken.
    """
    shown = name[-60:] or "?"
    if not raw:
        raise PictureEmpty(field="pictures", name=shown)
    if len(raw) > BYTES_MAX:
        raise PictureTooLarge(field="pictures", name=shown, limit_mb=BYTES_MAX >> 20)
    opened = _opened(raw, shown)
    kind = KINDS[opened.format or ""]
    try:
        upright = _upright(opened)
        encoded = {size: _encode(upright, size) for size in SIZES}
    except (OSError, SyntaxError, ValueError, EOFError, IndexError) as problem:
        raise PictureBroken(field="pictures", name=shown) from problem
    return Prepared(
        sha256=hashlib.sha256(raw).digest(),
        kind=kind,
        width=upright.width,
        height=upright.height,
        length=len(raw),
        encoded=encoded,
    )


def _opened(raw: bytes, name: str) -> Image.Image:
    """The head only: nothing is decoded yet."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", Image.DecompressionBombWarning
            )  # the limit below is ours
            opened = Image.open(io.BytesIO(raw), formats=tuple(KINDS))
    except UnidentifiedImageError as problem:
        raise PictureKindUnknown(field="pictures", name=name) from problem
    except Image.DecompressionBombError as problem:  # so many that Pillow does not say how many
        raise _too_many(name, "?", "?") from problem
    except (OSError, SyntaxError, ValueError) as problem:
        raise PictureBroken(field="pictures", name=name) from problem
    width, height = opened.size
    if width * height > PIXELS_MAX or max(width, height) > SIDE_MAX:
        raise _too_many(name, str(width), str(height))
    return opened


def _too_many(name: str, width: str, height: str) -> PictureTooManyPixels:
    limit = PIXELS_MAX // 1_000_000
    return PictureTooManyPixels(
        field="pictures", name=name, width=width, height=height, limit_mp=limit
    )


def _upright(opened: Image.Image) -> Image.Image:
    """Decoded, the first frame, turned as the camera was held, in sRGB, without any metadata."""
    profile = opened.info.get("icc_profile")
    image = ImageOps.exif_transpose(opened)
    has_alpha = "transparency" in image.info or image.mode in {"RGBA", "LA", "PA"}
    if profile and image.mode in {"RGB", "CMYK", "L"}:
        image = _in_srgb(image, profile)
    clean = image.convert("RGBA" if has_alpha else "RGB")
    clean.info.clear()
    return clean


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(image, source, SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image  # a broken profile costs its colours, not the picture
    return turned or image


def _encode(image: Image.Image, size: int) -> bytes:
    copy = image.copy() if max(image.size) > size else image
    if copy is not image:
        copy.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=3.0)
    out = io.BytesIO()
    copy.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()
