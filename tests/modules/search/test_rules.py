"""What a product is found by, in which order, and how a query is asked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import log

from hypothesis import given
from hypothesis import strategies as st

from jishi.kit.ids import ProductId, ShopId
from jishi.modules.search import entries, meaning, rules
from jishi.modules.search.meaning import Lead
from jishi.modules.search.types import Asked, Narrowing, Signals, SynonymSet, Texts

TEXTS = Texts(
    title="苹果手机壳",
    title_en="Phone case by O'Brien",
    brand="海岚",
    description="给手机的壳 soft",
    attributes=[("颜色", ["红", "蓝"])],
    codes=["AB-12/x"],
    categories=["配件", "Accessories"],
    shops=["山里来信"],
)
SIGNALS = Signals(
    product_id=ProductId(1),
    shop_id=ShopId(1),
    category_id=7,
    path=[3, 7],
    version=2,
    price_minor=4_900,
    sold_count=12,
    listed_at=datetime(2026, 1, 1, tzinfo=UTC),
    in_stock=True,
    free_freight=False,
    on_offer=True,
    rating_tenths=43,
    province=44,
    city=4403,
)


def test_words_weigh_by_where_they_stand() -> None:
    vector = entries.entry_of(TEXTS, SIGNALS).words.split(" ")
    assert {"'苹果':1A", "'case':1A", "'brien':1A", "'红':1B", "'海岚':1B", "'ab12x':1B"} <= set(
        vector
    )
    assert {"'配件':1C", "'来信':1C", "'-soft'", "'~c3'", "'~c7'", "'~p8'", "'~n1'"} <= set(vector)
    assert "'-手机'" not in vector  # the title says it already


def test_signs_say_what_a_product_can_be_narrowed_by() -> None:
    assert rules.numbers_of(SIGNALS) == [1, 3, 13, 14]
    sold_out = replace(SIGNALS, in_stock=False, rating_tenths=0, on_offer=False, city=0, province=0)
    assert rules.signs_of(sold_out) == ["~p8"]


def test_a_facet_is_the_same_however_it_is_spelt() -> None:
    assert rules.facet_code("颜色", "ＲＥＤ") == rules.facet_code("颜色", "red")
    assert rules.facet_code("", "red") != rules.facet_code("颜色", "red")
    assert rules.facet_code("a", "b") >= 1 << 20


@given(st.integers(1, 10**12))
def test_the_logarithm_is_near_and_never_falls(value: int) -> None:
    assert abs(rules.log_milli(value) - 1000 * log(value)) < 70
    assert rules.log_milli(value + 1) >= rules.log_milli(value)


def test_more_sold_newer_and_in_stock_come_first() -> None:
    score = rules.score_of
    assert score(replace(SIGNALS, sold_count=13)) > score(SIGNALS)
    later = replace(SIGNALS, listed_at=SIGNALS.listed_at + timedelta(days=1))
    assert score(later) == score(SIGNALS) + rules.DAY_WEIGHT
    assert score(replace(SIGNALS, in_stock=False)) == score(SIGNALS) - rules.OUT_OF_STOCK


@given(st.integers(0, 10**11), st.integers(0, 10**11), st.integers(0, 10**11))
def test_a_price_span_reaches_every_price_in_it(low: int, high: int, price: int) -> None:
    low, high = sorted((low, high))
    plan = rules.plan_of(None, Narrowing(category_id=1, low_minor=low, high_minor=high))
    assert not low <= price <= high or f"'~p{rules.price_band(price)}'" in plan.whole


ASKED = Asked("红 手机", typed=["红", "手机"], groups=[[("红",)], [("手机",), ("cell", "phone")]])


def test_a_query_is_groups_of_alternatives_and_filters() -> None:
    plan = rules.plan_of(ASKED, Narrowing(free_freight=True, brands=("海岚", "禾木")))
    best, last = plan.phases
    assert best.startswith("((('红')) & (('手机') | ('cell' & 'phone')) & '~n2' & (")
    assert best.count("'~f") == 2
    assert "'-手机'" in last
    assert last.endswith("& !((('红')) & (('手机') | ('cell' & 'phone')))")
    assert plan.typed == "('红':A & '手机':A)"
    assert "'手机':AB" in (plan.main or "")


def test_values_of_one_attribute_are_a_choice_of_two_are_both_asked() -> None:
    values = (("颜色", "红"), ("颜色", "蓝"), ("规格", "大"))
    plan = rules.plan_of(None, Narrowing(category_id=1, values=values))
    assert plan.whole.count(" | ") == 1
    assert plan.whole.count(" & ") == 2


def test_nearness_asks_in_rings_that_exclude_each_other() -> None:
    plan = rules.plan_of(None, Narrowing(category_id=1, city=4403), near=[45, 43])
    assert [it.count("!") for it in plan.phases] == [0, 1, 1, 2]
    assert "'~g4403'" in plan.phases[0]


@given(st.text(max_size=60))
def test_no_sign_of_a_query_means_anything(text: str) -> None:
    quoted = rules.quoted(text)
    inner = quoted[1:-1].replace("''", "").replace("\\\\", "")
    assert "'" not in inner
    assert "\\" not in inner


def lead(how: str, word: str, seen: int = 5, **more: str) -> Lead:
    return Lead(how, word, seen, **more)


def test_a_known_latin_word_is_not_read_as_pinyin() -> None:
    assert meaning.ways_of([lead("word", "can"), lead("pinyin", "餐")]) == [("can",)]
    assert meaning.ways_of([lead("word", "can", 1), lead("pinyin", "餐")]) == [
        ("can",),
        ("餐",),
    ]
    assert meaning.ways_of([lead("initials", "苹果")]) == [("苹果",)]
    assert meaning.ways_of([]) == []


def test_the_nearest_is_meant() -> None:
    near = [lead("near", "apple", 9, spelt="apple"), lead("near", "maple", 99, spelt="maple")]
    assert meaning.rescued("aple", near) == [("maple",), ("apple",)]
    assert meaning.rescued("appel", near) == [("apple",)]
    assert meaning.rescued("xyzzy", near) == []
    heard = [lead("sound", "苹果", spelt="pingguo"), lead("near", "瓶果", spelt="pingguo")]
    assert meaning.rescued("pingguo", heard) == [("苹果",)]
    two = [Lead("two", "苹果", 9, "pingguoshouji", "手机")]
    assert meaning.rescued("pingguoshouji", two) == [("苹果", "手机")]


def test_synonyms_of_a_phrase_and_in_one_direction() -> None:
    sets = [
        SynonymSet(1, is_one_way=False, terms=["耳机", "head set"]),
        SynonymSet(2, is_one_way=True, terms=["水果", "苹果"]),
    ]
    ways = meaning.synonym_ways(sets)
    assert ways[("head", "set")] == [("耳机",)]
    assert ways[("水果",)] == [("苹果",)]
    assert ("苹果",) not in ways
    asked = meaning.understood("head set", ["head", "set"], {}, [], ways)
    assert asked.groups == [[("head", "set"), ("耳机",)]]


def test_what_was_corrected_is_said() -> None:
    ways = {"红": [("红",)], "aple": [("apple",)]}
    asked = meaning.understood("红 aple", ["红", "aple"], ways, ["aple"], {})
    assert (asked.corrected, asked.typed, asked.unknown) == ("红 apple", [], [])
    lost = meaning.understood("红 qq", ["红", "qq"], {"红": [("红",)]}, ["qq"], {})
    assert (lost.corrected, list(lost.unknown)) == (None, ["qq"])


def test_a_tier_is_cut_anew_when_it_is_a_quarter_off() -> None:
    off = rules.is_off_size
    assert [off(each, 100, 5) for each in (70, 80, 120, 130)] == [True, False, False, True]
    assert not off(90, 100, None)
