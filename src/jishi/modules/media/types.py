"""The words of this module: pictures, sizes, refusals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, MediaId, ShopId

BYTES_MAX: Final = 10 * 1024 * 1024  # of one uploaded picture
PIXELS_MAX: Final = 40_000_000
SIDE_MAX: Final = 20_000
UPLOADS_MAX: Final = 12  # files of one form
KINDS: Final[Mapping[str, str]] = {"JPEG": "jpeg", "PNG": "png", "WEBP": "webp", "GIF": "gif"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An uploaded picture decoded, turned upright, stripped of what it told, and encoded anew."""

    sha256: bytes  # of the file as uploaded
    kind: str
    width: int  # upright, as uploaded
    height: int
    length: int  # bytes
    encoded: Mapping[int, bytes]  # WebP by size


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    id: MediaId
    shop_id: ShopId
    sha256: bytes
    width: int
    height: int
    bytes: int
    kind: str
    created_by: AccountId
    created_at: datetime


class PictureEmpty(Refusal):
    code, text = "media.empty", "{name} is an empty file."


class PictureTooLarge(Refusal):
    kind, code = Kind.TOO_LARGE, "media.too_large"
    text = "{name} is larger than {limit_mb} MB. Make it smaller and add it again."


class PictureTooManyPixels(Refusal):
    kind, code = Kind.TOO_LARGE, "media.too_many_pixels"
    text = "{name} has {width} × {height} points; at most {limit_mp} million are taken."


class PictureKindUnknown(Refusal):
    code = "media.kind_unknown"
    text = "{name} is not a JPEG, PNG, WebP or GIF picture, whatever its name says."


class PictureBroken(Refusal):
    code, text = "media.broken", "{name} is damaged and cannot be read."


class TooManyFiles(Refusal):
    kind, code = Kind.TOO_LARGE, "media.too_many_files"
    text = "At most {limit} files at once; these are {count}."


class FileMissing(Refusal):
    code, text = "media.file_missing", "Choose a picture first."
