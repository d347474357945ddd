from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.kit.ids import ID_MAX
from jishi.kit.paging import CursorInvalid, decode_cursor, encode_cursor, id_below, page_of


@given(rows=st.lists(st.integers(), max_size=30), size=st.integers(1, 12))
def test_a_page_holds_what_fits_and_knows_whether_more_follows(rows: list[int], size: int) -> None:
    page = page_of(rows[: size + 1], size, lambda row: (row,))
    assert page.items == rows[:size]
    assert (page.next_cursor is not None) is (len(rows) > size)
    if page.next_cursor:
        assert decode_cursor(page.next_cursor, int) == (page.items[-1],)


@given(number=st.integers(-(2**62), 2**63 - 1), text=st.text(max_size=30))
def test_a_cursor_comes_back_as_it_went(number: int, text: str) -> None:
    assert decode_cursor(encode_cursor((number, text)), int, str) == (number, text)


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_cursor_is_the_first_page(nothing: str | None) -> None:
    assert decode_cursor(nothing, int) is None


@pytest.mark.parametrize(
    ("_case", "cursor", "types"),
    [
        ("not base64", "%%%", (int,)),
        ("not JSON", "AAAA", (int,)),
        ("another shape", encode_cursor(("a",)), (int,)),
        ("too few parts", encode_cursor((1,)), (int, int)),
        ("too many parts", encode_cursor((1, 2)), (int,)),
        ("half a cursor", encode_cursor((123_456, 7))[:-3], (int, int)),
        ("letters beyond ASCII", "çé", (int,)),
    ],
)
def test_a_cursor_nobody_made_is_refused(_case: str, cursor: str, types: Any) -> None:
    with pytest.raises(CursorInvalid):
        decode_cursor(cursor, *types)


def test_a_list_of_ids_goes_on_below_the_last_one() -> None:
    assert id_below(None) == ID_MAX
    assert id_below(encode_cursor((77,))) == 77


@pytest.mark.parametrize("number", [0, -1, 2**63, 2**70])
def test_a_number_that_is_no_id_is_refused(number: int) -> None:
    with pytest.raises(CursorInvalid):
        id_below(encode_cursor((number,)))
