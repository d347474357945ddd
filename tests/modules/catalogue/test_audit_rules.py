"""The automatic rules for goods, words in disguise, and snapshots put onto each other."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.modules.catalogue import audit_rules, moderation
from jishi.modules.catalogue.audit_rules import Facts, PictureFacts, Policy, findings, unseen
from jishi.modules.catalogue.moderation import GOODS, TALK, OwnWord, Word, matcher_of
from jishi.modules.catalogue.versions import differences, patched

WORDS = matcher_of([])
LISTS = Path(os.environ.get("JISHI_TEST_WORDS", "no such folder"))


def a_snapshot(**changes: Any) -> dict[str, Any]:
    sku = {"id": "1", "price_minor": 1000, "list_price_minor": None, "code": "", "weight_grams": 0}
    plain = {
        "title": "徐香猕猴桃",
        "title_en": "",
        "brand": "",
        "description": "",
        "category_id": 1,
        "condition": None,
        "attributes": [],
        "pictures": [{"art": "1f95d"}],
        "state": "draft",
        "skus": {"[]": {**sku, "enabled": True, "position": 0}},
    }
    return {**plain, **changes}


def priced(minor: int) -> dict[str, Any]:
    sku = {**a_snapshot()["skus"]["[]"], "price_minor": minor}
    return a_snapshot(skus={"[]": sku})


def codes(target: dict[str, Any], **facts: Any) -> list[str]:
    return [it.code for it in findings(target, Facts(**facts), WORDS, Policy())]


def test_clean_goods_pass() -> None:
    assert codes(a_snapshot()) == []


@pytest.mark.parametrize(
    "text", ["高仿", "高 仿 手表", "高*仿", "高　仿", "ＦＡＫＥ　ｉｄ", "Fake-ID", "高\u200b仿"]
)
def test_a_word_is_found_however_it_is_written(text: str) -> None:
    assert codes(a_snapshot(description=f"正品{text}包邮")) == ["word.block"] or codes(
        a_snapshot(description=f"a {text} b")
    ) == ["word.block"]


def test_a_latin_word_inside_another_is_none() -> None:
    words = matcher_of([OwnWord("gun", "block")])
    assert [it.word for it in words.found_in("begun, shotguns")] == []
    assert [it.word for it in words.found_in("a GUN, cheap")] == ["gun"]


def test_the_markets_words_stand_over_those_shipped() -> None:
    words = matcher_of([OwnWord("高仿", "off"), OwnWord("新词儿", "look")])
    assert words.found_in("高仿") == []
    assert words.found_in("新 词 儿") == [Word("新词儿", "look")]


@pytest.mark.parametrize(
    "text", ["高仿真花束", "外套现货", "NBA货架", "打气枪", "水枪支架", "加QQ糖的蛋糕"]
)
def test_a_word_within_a_harmless_one_is_none(text: str) -> None:
    assert WORDS.found_in(text) == []


def test_a_harmless_place_does_not_hide_another() -> None:
    assert [it.word for it in WORDS.found_in("高仿真花，也有高仿手表，好A货")] == ["高仿", "A货"]


def test_talk_is_searched_for_what_matters_among_people() -> None:
    talk = matcher_of([], TALK)
    assert talk.found_in("这是高仿，全国第一的差") == []
    assert [(it.word, it.level) for it in talk.found_in("加 微 信，送枪支")] == [
        ("加微信", "look"),
        ("枪支", "block"),
    ]


@pytest.mark.parametrize(
    ("place", "in_goods", "in_talk"),
    [("goods", True, False), ("talk", False, True), ("both", True, True)],
)
def test_a_word_of_the_market_applies_where_it_was_set(
    place: str,
    in_goods: bool,  # noqa: FBT001
    in_talk: bool,  # noqa: FBT001
) -> None:
    own = [OwnWord("新词儿", "block", place)]
    assert bool(matcher_of(own, GOODS).found_in("新词儿")) is in_goods
    assert bool(matcher_of(own, TALK).found_in("新词儿")) is in_talk


def test_words_stand_in_the_field_they_were_found_in() -> None:
    target = a_snapshot(title="全国第一", attributes=[{"name": "颜色", "values": ["枪支"]}])
    found = findings(target, Facts(), WORDS, Policy())
    assert [(it.code, it.field) for it in found] == [
        ("word.block", "attributes[0].values"),
        ("word.look", "title"),
    ]


@pytest.mark.skipif(not LISTS.is_dir(), reason="the word lists are not on this machine")
def test_every_word_of_a_list_is_found_in_disguise() -> None:
    lines = [
        line
        for it in sorted(LISTS.glob("*-dev60.txt"))
        for line in it.read_text("utf-8").split("\n")
    ]
    listed = {it.strip() for it in lines if len(moderation.spaced(it).replace(" ", "")) > 1}
    words = matcher_of([OwnWord(it, "look") for it in listed])
    hidden = [it for it in listed if not it.isascii()]
    assert all(words.found_in("好" + " * ".join(it) + "好") for it in hidden)


@given(st.text(max_size=300))
def test_any_text_can_be_searched(text: str) -> None:
    for word in WORDS.found_in(text):
        assert moderation.spaced(word.word).replace(" ", "") in moderation.spaced(text).replace(
            " ", ""
        )


def test_pictures_are_measured() -> None:
    target = a_snapshot(pictures=[{"media_id": "7"}, {"media_id": "8"}])
    small = PictureFacts(width=200, height=900, other_shops=0)
    shared = PictureFacts(width=900, height=900, other_shops=3)
    assert codes(target, pictures={"7": small, "8": shared}) == ["picture.small", "picture.shared"]
    assert codes(a_snapshot(pictures=[])) == ["picture.missing"]


def test_attributes_are_consistent() -> None:
    alike = a_snapshot(attributes=[{"name": "Colour", "values": ["Red", "ｒｅｄ"]}])
    assert codes(alike) == ["attributes.alike"]
    two = {**a_snapshot()["skus"], '["x"]': a_snapshot()["skus"]["[]"]}
    assert "attributes.unnamed" in codes(a_snapshot(skus=two))
    shirt = a_snapshot(skus=two, attributes=[{"name": "颜色", "values": ["红", "蓝"]}])
    assert codes(shirt, category_code="aa-1-2") == ["attributes.size"]
    shirt["attributes"].append({"name": "尺码", "values": ["L"]})
    assert codes(shirt, category_code="aa-1-2") == []


@pytest.mark.parametrize(
    ("new", "found"),
    [(300, []), (299, ["price.jump"]), (3000, []), (3001, ["price.jump"]), (1000, [])],
)
def test_a_price_may_move_within_the_band(new: int, found: list[str]) -> None:
    assert codes(priced(new), former=priced(1000)) == found


def test_without_a_former_price_the_category_says_what_is_usual() -> None:
    assert codes(priced(100), median_minor=1000) == ["price.unusual"]
    assert codes(priced(100), median_minor=None) == []
    assert codes(priced(100), former=priced(100), median_minor=1000) == []


def test_what_people_let_pass_is_not_asked_again_but_blocks_stay() -> None:
    found = findings(a_snapshot(title="全国第一 高仿"), Facts(), WORDS, Policy())
    assert [it.code for it in unseen(found, [it.as_json() for it in found])] == ["word.block"]


def test_nothing_is_found_while_the_market_has_it_off() -> None:
    assert findings(a_snapshot(title="高仿"), Facts(), WORDS, Policy(is_on=False)) == []


def test_every_rule_that_blocks_has_its_refusal() -> None:
    blocking = {code for code, (level, _text) in audit_rules.RULES.items() if level == "block"}
    assert blocking == set(audit_rules._REFUSALS)


SKUS = st.dictionaries(
    st.sampled_from(['["a"]', '["b"]', '["c"]']),
    st.builds(
        lambda price, code: {**a_snapshot()["skus"]["[]"], "price_minor": price, "code": code},
        st.integers(1, 5),
        st.sampled_from(["", "x"]),
    ),
)
SNAPSHOTS = st.builds(
    lambda title, skus: a_snapshot(title=title, skus=skus), st.sampled_from("甲乙丙"), SKUS
)


@given(SNAPSHOTS, SNAPSHOTS)
def test_differences_lead_from_one_to_the_other(old: dict[str, Any], new: dict[str, Any]) -> None:
    changes = differences(old, new)
    there, conflicts = patched(old, changes)
    assert conflicts == []
    assert differences(there, new) == []


@given(SNAPSHOTS, SNAPSHOTS, SNAPSHOTS)
def test_a_conflict_is_a_field_that_is_neither_old_nor_new(
    old: dict[str, Any], new: dict[str, Any], other: dict[str, Any]
) -> None:
    result, conflicts = patched(other, differences(old, new))
    if {it.field for it in conflicts} & {"title"}:
        assert other["title"] not in (old["title"], new["title"])
        assert result["title"] == other["title"]
