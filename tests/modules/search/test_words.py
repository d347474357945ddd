"""Texts as words, words as pinyin, and how near two words are."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.modules.search import words


def test_a_long_word_is_found_by_the_short_ones_in_it() -> None:
    assert words.cut("徐香猕猴桃") == ["徐香", "猕猴", "猕猴桃"]
    assert words.cut_query("徐香猕猴桃") == ["徐香", "猕猴桃"]
    assert words.cut("ＡＰＰＬＥ iPhone-15 Pro！") == ["apple", "iphone", "15", "iphone15", "pro"]
    assert words.cut_query("iPhone-15 a_b") == ["iphone", "15", "a", "b"]


def test_what_has_no_letter_is_no_word() -> None:
    assert words.cut("!!! ' ; -- & | () \u200b ☃") == []
    assert words.cut_query("") == []


def test_pinyin_in_full_and_by_initials() -> None:
    assert words.pinyin_of("苹果") == ("pingguo", "pg")
    assert words.pinyin_of("重庆火锅") == ("chongqinghuoguo", "cqhg")
    assert words.pinyin_of("绿色") == ("lvse", "ls")
    assert words.pinyin_of("apple") is None


def test_a_code_is_the_same_with_and_without_its_signs() -> None:
    assert words.compact("AB-12/x") == words.compact("ab12X") == "ab12x"


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [("apple", "apple", 0), ("aple", "apple", 1), ("appel", "apple", 1), ("axple", "apple", 1),
     ("applle", "apple", 1), ("elppa", "apple", 4), ("", "abc", 3)],
)  # fmt: skip
def test_how_far_two_words_are(one: str, other: str, far: int) -> None:
    assert words.distance(one, other) == words.distance(other, one) == far


LETTERS = st.text(string.ascii_lowercase, min_size=4, max_size=12)


@given(LETTERS, st.data())
def test_one_slip_leaves_a_common_key(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    sign = data.draw(st.sampled_from(string.ascii_lowercase))
    ways = [
        word[:at] + word[at + 1 :],
        word[:at] + sign + word[at:],
        word[:at] + sign + word[at + 1 :],
    ]
    if at + 1 < len(word):
        ways.append(word[:at] + word[at + 1] + word[at] + word[at + 2 :])
    for slipped in ways:
        if len(slipped) >= words.NEAR_LEAST:
            assert set(words.near_keys(word)) & set(words.near_keys(slipped)), slipped
            assert words.distance(word, slipped) <= 1


@given(LETTERS, LETTERS, LETTERS)
def test_distance_is_one(one: str, two: str, three: str) -> None:
    assert words.distance(one, two) <= max(len(one), len(two))
    assert (words.distance(one, two) == 0) == (one == two)


def test_short_long_and_strange_words_have_no_keys() -> None:
    assert words.near_keys("abc") == []
    assert words.near_keys("a" * 15) == []
    assert words.near_keys("ab12cd") == []
