"""Pictures nobody vouches for."""

import io
import struct
import zlib

import pytest
from PIL import Image

from jishi.kit.errors import Refusal
from jishi.kit.pictures import picture_src
from jishi.modules.media.pictures import prepare
from jishi.modules.media.rules import read_file_name
from jishi.modules.media.types import (
    PictureBroken,
    PictureEmpty,
    PictureKindUnknown,
    PictureTooLarge,
    PictureTooManyPixels,
)

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
GPS = 0x8825


def a_picture(kind: str = "JPEG", size: tuple[int, int] = (300, 200), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, kind, **options)
    return out.getvalue()


def a_bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_four_kinds_are_taken_and_become_webp_no_larger_than_they_were(kind: str) -> None:
    prepared = prepare(a_picture(kind), name="x")
    assert (prepared.kind, prepared.width, prepared.height) == (kind.lower(), 300, 200)
    sizes = {size: Image.open(io.BytesIO(raw)) for size, raw in prepared.encoded.items()}
    assert {size: image.size for size, image in sizes.items()} == {
        160: (160, 107),
        480: (300, 200),
        960: (300, 200),
        1920: (300, 200),
    }
    assert {image.format for image in sizes.values()} == {"WEBP"}


@pytest.mark.parametrize(
    ("_case", "raw", "name", "refusal"),
    [
        ("an SVG with script", SVG, "logo.svg", PictureKindUnknown),
        ("the same under another name", SVG, "photo.jpg", PictureKindUnknown),
        ("a page", b"<html><script>1</script>", "photo.png", PictureKindUnknown),
        ("a program", b"MZ\x90\x00" * 100, "photo.webp", PictureKindUnknown),
        ("a BMP called PNG", a_picture("BMP"), "photo.png", PictureKindUnknown),
        ("nothing", b"", "photo.png", PictureEmpty),
        ("half a JPEG", a_picture(size=(900, 900))[:2000], "photo.jpg", PictureBroken),
        ("50 MB", b"\xff\xd8\xff" + b"0" * (50 << 20), "photo.jpg", PictureTooLarge),
        ("a bomb", a_bomb(30_000, 2_000), "photo.png", PictureTooManyPixels),
        ("a huge bomb", a_bomb(60_000, 60_000), "photo.png", PictureTooManyPixels),
    ],
)
def test_everything_else_is_refused_by_name(
    _case: str, raw: bytes, name: str, refusal: type[Refusal]
) -> None:
    with pytest.raises(Refusal) as refused:
        prepare(raw, name=name)
    assert type(refused.value) is refusal
    assert refused.value.facts["name"] == name


def test_a_picture_is_turned_upright_and_tells_nothing_about_who_took_it() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright: to be turned by a quarter
    exif[0x010F] = "Secret camera"
    exif.get_ifd(GPS)[1] = "N"
    prepared = prepare(a_picture(exif=exif), name="x")
    assert (prepared.width, prepared.height) == (200, 300)
    for raw in prepared.encoded.values():
        assert b"Secret" not in raw
        assert not Image.open(io.BytesIO(raw)).getexif()


def test_transparency_stays() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(out, "PNG")
    image = Image.open(io.BytesIO(prepare(out.getvalue(), name="x").encoded[160]))
    assert image.mode == "RGBA"


def test_pictures_are_addressed_by_what_is_stored() -> None:
    assert picture_src({"media_id": "12"}, 200) == "/media/12/480.webp"
    assert picture_src({"art": "1f95d", "tint": "b"}) == "art:1f95d"
    assert picture_src({"art": '"><script>'}) is None
    assert picture_src({"media_id": "../../x"}) is None
    assert picture_src(None) is None
    names = ("480.webp", "481.webp", "480.png", "../480.webp")
    assert [read_file_name(name) for name in names] == [480, None, None, None]
