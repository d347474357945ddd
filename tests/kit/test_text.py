import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.kit.pictures import SIZES, kept_size, picture_src, picture_value, read_picture
from jishi.kit.text import clean, clean_lines, like_literal


@pytest.mark.parametrize(
    ("_case", "typed", "meant"),
    [
        ("spaces around and between", "  a   b ", "a b"),
        ("a null byte", "a\x00b", "a b"),
        ("a tab and a line end", "a\tb\r\nc", "a b c"),
        ("an invisible turn of direction", "a\u202eb", "a b"),
        ("a wide space", "集\u3000市", "集 市"),
        ("a letter in two signs", "e\u0301", "é"),
        ("half a surrogate pair", "a\ud800b", "a b"),
        ("nothing but control signs", "\x00\x07", ""),
    ],
)
def test_clean(_case: str, typed: str, meant: str) -> None:
    assert clean(typed) == meant


@given(st.text(max_size=60))
def test_what_is_clean_stays_and_can_be_stored(typed: str) -> None:
    cleaned = clean(typed)
    assert clean(cleaned) == cleaned
    assert not any(unicodedata.category(sign)[0] == "C" for sign in cleaned)
    cleaned.encode()


@pytest.mark.parametrize(
    ("_case", "typed", "meant"),
    [
        ("line ends of every system", "a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("many empty lines", "a\n\n\n\nb", "a\n\nb"),
        ("empty lines around", "\n\na\n\n", "a"),
    ],
)
def test_clean_lines(_case: str, typed: str, meant: str) -> None:
    assert clean_lines(typed) == meant


@pytest.mark.parametrize(
    ("_case", "picture", "src"),
    [
        ("none", None, None),
        ("empty", {}, None),
        ("kept", {"media_id": "17"}, "/media/17/480.webp"),
        ("art", {"art": "kiwi", "tint": "b"}, "art:kiwi"),
        ("art with a path", {"art": "../etc"}, None),
        ("an id that is none", {"media_id": "../1"}, None),
    ],
)
def test_picture_src(_case: str, picture: dict[str, str] | None, src: str | None) -> None:
    assert picture_src(picture) == src


@pytest.mark.parametrize(
    "picture", [{"media_id": "17"}, {"art": "1f95d", "tint": "b"}, {"art": "kiwi"}, None]
)
def test_a_picture_goes_through_a_form(picture: dict[str, str] | None) -> None:
    assert read_picture(picture_value(picture)) == picture


@pytest.mark.parametrize(
    "value", ["m:", "m:²", "m:-1", "m:" + "9" * 30, "a:../x", "a:x:zz", "x:1", "m"]
)
def test_what_is_no_picture_is_none(value: str) -> None:
    assert read_picture(value) is None


@given(st.text(max_size=40))
def test_what_is_printable_needs_no_look_at_each_sign(typed: str) -> None:
    shown = all(unicodedata.category(c)[0] not in "CZ" or c == " " for c in typed)
    assert typed.isprintable() == shown


def test_like_takes_signs_as_they_are() -> None:
    assert like_literal("50%_a" + chr(92)) == "50" + chr(92) + "%" + chr(92) + "_a" + chr(92) * 2


@given(st.integers(0, 5_000))
def test_the_kept_size_is_the_next_larger(size: int) -> None:
    found = kept_size(size)
    assert found in SIZES
    assert found >= size or found == SIZES[-1]
    assert all(smaller < size for smaller in SIZES if smaller < found)
