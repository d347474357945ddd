"""Goods in the index, words in the vocabulary, searches made: on PostgreSQL."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jishi.db import Pool, Tx, transaction
from jishi.db.outbox import Event
from jishi.kit.ids import AccountId, IdMaker, ProductId
from jishi.modules import catalogue, search
from jishi.modules.catalogue import Attribute, ProductState
from jishi.modules.search import listeners, rules, service, storage, storage_searches
from jishi.modules.search.types import COUNTED_MAX, Narrowing
from jishi.modules.search.understanding import typed_words, understand
from tests.support.goods import AShop, a_product, a_shop, add, receive

NOW = datetime(2026, 3, 1, tzinfo=UTC)
_WINDOW = "SELECT product_id FROM search_window($1, $2, $3, $4, $5, $6, $7, $8) ORDER BY key, product_id DESC"


async def found(tx: Tx, query: str, **narrow: Any) -> list[ProductId]:
    """What a query finds, the best first."""
    service._seen_words.clear()
    asked = await understand(tx, query, {}) if query else None
    if query and asked is None:
        return []
    plan = rules.plan_of(asked, Narrowing(**narrow))
    rows = await tx.fetch(
        _WINDOW, plan.phases, plan.typed, plan.title, plan.main, plan.low_minor, plan.high_minor, plan.in_stock,
        COUNTED_MAX,
    )  # fmt: skip
    return [row["product_id"] for row in rows]


async def listed(tx: Tx, ids: IdMaker, shop: AShop, **fields: Any) -> ProductId:
    product = a_product(shop, ids, state=ProductState.LISTED, **fields)
    await add(tx, product)
    await search.index_products(tx, [product.id], now=NOW)
    return product.id


@pytest.fixture
async def shop(tx: Tx, ids: IdMaker) -> AShop:
    return await a_shop(tx, ids, name="云岚杂货")


async def test_a_product_is_found_by_its_words_pinyin_code_and_slips(
    tx: Tx, ids: IdMaker, shop: AShop
) -> None:
    title = "徐香猕猴桃 Zorbique Kettles"
    plain = a_product(shop, ids, title=title, brand="海岚舟", state=ProductState.LISTED)
    product = replace(plain, skus=tuple(replace(it, code="QX-77/zz") for it in plain.skus))
    await add(tx, product)
    await search.index_products(tx, [product.id], now=NOW)
    for query in (
        "猕猴桃", "猕猴", "徐香 猕猴桃", "mihoutao", "mht", "zorbique", "ZORBIQUE", "kettle", "zorbiqeu",
        "zorbiqe", "海岚舟", "qx-77/zz", "qx77zz", "云岚杂货", "ｚｏｒｂｉｑｕｅ",
    ):  # fmt: skip
        assert product.id in await found(tx, query), query
    assert product.id not in await found(tx, "zorbique 葡萄")


async def test_one_wrong_sign_that_sounds_the_same(tx: Tx, ids: IdMaker, shop: AShop) -> None:
    product = await listed(tx, ids, shop, title="黄桃罐头")
    asked = await understand(tx, "黄逃罐头", {})
    assert asked is not None
    assert product in await found(tx, "黄逃罐头")
    assert asked.corrected is not None


async def test_the_title_comes_before_category_and_description(
    tx: Tx, ids: IdMaker, shop: AShop
) -> None:
    said = await listed(tx, ids, shop, title="别的东西", description="quixotrix inside")
    branded = await listed(tx, ids, shop, title="另一个东西", brand="quixotrix")
    titled = await listed(tx, ids, shop, title="quixotrix 东西")
    assert await found(tx, "quixotrix") == [titled, branded, said]


async def test_what_is_changed_taken_off_or_closed_is_found_accordingly(
    tx: Tx, ids: IdMaker, shop: AShop
) -> None:
    product = await listed(tx, ids, shop, title="vexilloid 旗")
    assert await found(tx, "vexilloid") == [product]
    await tx.execute(
        "UPDATE product SET title = 'oriflamme 旗', version = 2 WHERE id = $1", product
    )
    await search.index_products(tx, [product], now=NOW)
    assert await found(tx, "vexilloid") == []
    assert await found(tx, "oriflamme") == [product]
    await catalogue.delist(tx, shop.id, [product], now=NOW)
    event = Event(1, "catalogue.delisted", product, {}, NOW)
    await listeners.index(tx, [event], NOW)
    assert await found(tx, "oriflamme") == []


async def test_an_older_reading_changes_nothing(tx: Tx, ids: IdMaker, shop: AShop) -> None:
    product = await listed(tx, ids, shop, title="palimpsest")
    await tx.execute("UPDATE search_entry SET version = 9 WHERE product_id = $1", product)
    await tx.execute("UPDATE product SET title = 'other' WHERE id = $1", product)
    await search.index_products(tx, [product], now=NOW)
    assert await found(tx, "palimpsest") == [product]


async def test_goods_are_narrowed_by_what_they_are(tx: Tx, ids: IdMaker, shop: AShop) -> None:
    red = await listed(
        tx,
        ids,
        shop,
        title="snorkelium 一",
        brand="海岚",
        attributes=(Attribute(name="颜色", values=("红",)),),
    )
    blue = await listed(
        tx,
        ids,
        shop,
        title="snorkelium 二",
        brand="禾木",
        attributes=(Attribute(name="颜色", values=("蓝",)),),
    )
    both = {red, blue}
    cases: list[tuple[Mapping[str, Any], set[ProductId]]] = [
        ({}, both),
        ({"brands": ("海岚",)}, {red}),
        ({"brands": ("海岚", "禾木")}, both),
        ({"values": (("颜色", "蓝"),)}, {blue}),
        ({"values": (("颜色", "蓝"), ("颜色", "红"))}, both),
        ({"brands": ("海岚",), "values": (("颜色", "蓝"),)}, set()),
        ({"low_minor": 1000, "high_minor": 1000}, both),
        ({"low_minor": 1001}, set()),
        ({"high_minor": 999}, set()),
        ({"in_stock": True}, set()),
        ({"free_freight": True}, both),
        ({"category_id": shop.leaf}, both),
        ({"category_id": 2_000_000_000}, set()),
    ]
    for narrow, expected in cases:
        assert set(await found(tx, "snorkelium", **narrow)) == expected, narrow
    (sku,) = await tx.fetch("SELECT id FROM sku WHERE product_id = $1", red)
    await receive(tx, shop, sku["id"], 3)
    await service.open_walk(tx, "t", anew=True, now=NOW)
    await tx.execute(
        "UPDATE search_walk SET after_cell = $1, after_id = $2 WHERE name = 't'",
        red >> 14 & 255,
        red - 1,
    )
    looked = await service.catch_up(tx, "t", limit=1, everything=False, now=NOW)
    assert looked == (1, 1)
    assert await found(tx, "snorkelium", in_stock=True) == [red]


async def test_a_walk_is_stopped_goes_on_and_ends(pool: Pool, ids: IdMaker) -> None:
    async with transaction(pool) as tx:
        shop = await a_shop(tx, ids)
        product = a_product(shop, ids, title="walkabout", state=ProductState.LISTED)
        await add(tx, product)
        await service.open_walk(tx, "test", anew=True, now=NOW)
        await service.catch_up(tx, "test", limit=1, everything=False, now=NOW)
        await service.open_walk(tx, "test", anew=False, now=NOW)  # goes on, is not begun again
        assert (await service.walk_size(tx, "test"))[1] == 1
    seen, steps = 0, 0
    while steps < 1000:
        async with transaction(pool) as tx:
            step = await service.catch_up(tx, "test", limit=50, everything=False, now=NOW)
            if step is None:
                break
            seen, steps = seen + step[0], steps + 1
    async with transaction(pool) as tx:
        assert product.id in await found(tx, "walkabout")
        assert (await service.walk_size(tx, "test"))[1] == seen + 1
        assert await service.catch_up(tx, "test", limit=1, everything=False, now=NOW) is None


async def test_two_walkers_do_not_meet(pool: Pool) -> None:
    async with transaction(pool) as tx:
        await service.open_walk(tx, "twice", anew=True, now=NOW)
    async with transaction(pool) as one, transaction(pool) as other:
        assert await service.catch_up(one, "twice", limit=1, everything=False, now=NOW) is not None
        assert await service.catch_up(other, "twice", limit=1, everything=False, now=NOW) is None


async def test_tiers_are_cut_and_entries_move(
    tx: Tx, ids: IdMaker, shop: AShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    products = [await listed(tx, ids, shop, title=f"tiered{n}x") for n in range(6)]
    monkeypatch.setattr(storage, "TIER_SIZES", (2, 3))
    await tx.execute("DELETE FROM search_entry WHERE NOT product_id = ANY ($1)", products)
    for at, each in enumerate(products):
        await tx.execute("UPDATE search_entry SET score = $2 WHERE product_id = $1", each, 100 * at)
    moved = await service.settle_tiers(tx, limit=100)
    tiers = [
        await tx.fetchval("SELECT tier FROM search_entry WHERE product_id = $1", each)
        for each in products
    ]
    assert tiers == [2, 1, 1, 1, 0, 0]
    assert moved == 4
    assert await service.settle_tiers(tx, limit=100) == 0


async def test_tiers_lose_nothing(tx: Tx, ids: IdMaker, shop: AShop) -> None:
    products = [await listed(tx, ids, shop, title=f"spreadeagle 第{n}") for n in range(12)]
    for at, each in enumerate(products):
        await tx.execute("UPDATE search_entry SET tier = $2 WHERE product_id = $1", each, at % 10)
    assert sorted(await found(tx, "spreadeagle")) == sorted(products)


@pytest.mark.parametrize("sort", ["sold", "price", "price_down", "newest"])
async def test_walking_an_order_and_sorting_matches_agree(
    tx: Tx, ids: IdMaker, shop: AShop, sort: str
) -> None:
    """More than forty in the first tiers are read along the index, fewer are fetched and sorted."""
    products = [await listed(tx, ids, shop, title=f"pemmican 第{n}") for n in range(50)]
    for at, each in enumerate(products):
        await tx.execute(
            "UPDATE search_entry SET price_minor = $2, sold_count = $3, tier = 0 WHERE product_id = $1",
            each, 1000 + at % 7, at % 5,
        )  # fmt: skip
    statement = "SELECT product_id, key FROM search_sorted($1, $2, NULL, NULL, false, $3, $4, 15) ORDER BY key, product_id DESC"

    async def all_pages() -> list[int]:
        got: list[int] = []
        key = last = None
        while rows := await tx.fetch(statement, "'pemmican'", sort, key, last):
            got += [row["product_id"] for row in rows]
            key, last = rows[-1]["key"], rows[-1]["product_id"]
        return got

    walked = await all_pages()
    await tx.execute("UPDATE search_entry SET tier = 4 WHERE product_id = ANY ($1)", products)
    assert walked == await all_pages()
    assert sorted(walked) == sorted(products)


@pytest.mark.parametrize("sort", ["sold", "price", "price_down", "newest"])
async def test_goods_merged_from_categories_stand_as_they_do_sorted(
    tx: Tx, ids: IdMaker, shop: AShop, sort: str
) -> None:
    chance = random.Random(sort)
    products = [await listed(tx, ids, shop, title=f"quillwort 第{n}") for n in range(40)]
    rows = await tx.fetch("SELECT id FROM category WHERE is_leaf ORDER BY id DESC LIMIT 3")
    leaves = [row["id"] for row in rows]
    await tx.execute("DELETE FROM search_entry WHERE NOT product_id = ANY ($1)", products)
    await tx.executemany(
        "UPDATE search_entry SET category_id = $2, price_minor = $3, sold_count = $4 WHERE product_id = $1",
        [
            (each, chance.choice(leaves), chance.randrange(5), chance.randrange(4))
            for each in products
        ],
    )
    merged = "SELECT * FROM search_in_categories($1, $2, $3, $4, 7) ORDER BY key, product_id DESC"
    searched = "SELECT * FROM search_sorted($1, $2, NULL, NULL, false, $3, $4, 7) ORDER BY key, product_id DESC"
    seen: list[int] = []
    key = last = None
    while rows := await tx.fetch(merged, leaves, sort, key, last):
        assert rows == await tx.fetch(searched, "'quillwort'", sort, key, last)
        seen += [row["product_id"] for row in rows]
        key, last = rows[-1]["key"], rows[-1]["product_id"]
    assert sorted(seen) == sorted(products)


async def test_a_search_uses_the_words_of_its_tier(tx: Tx) -> None:
    await tx.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    await tx.execute("SET LOCAL enable_seqscan = off")
    await tx.execute(
        "PREPARE probe (tsquery, bigint, bigint) AS SELECT product_id FROM search_entry e"
        " WHERE e.tier = 3 AND e.words @@ $1 AND e.price_minor + 0 BETWEEN $2 AND $3 LIMIT 5000"
    )
    plan = "\n".join(row[0] for row in await tx.fetch("EXPLAIN EXECUTE probe ('tea', 0, 9)"))
    assert "search_entry_words_3" in plan
    assert "search_entry_by" not in plan


async def test_words_are_counted(tx: Tx, ids: IdMaker, shop: AShop) -> None:
    for n in range(3):
        await listed(tx, ids, shop, title=f"countable 第{n}")
    await service.recount(tx)
    assert await tx.fetchval("SELECT seen FROM search_word WHERE word = 'countable'") == 3


@pytest.mark.parametrize(
    "query",
    ["' & | ! ( ) <-> :*", "a" * 10_000, "茶" * 10_000, "\\", "'; DROP TABLE product; --", "\x00\x07", "☃ 🎈",
     "%_%", ":A", "~n1", "-x", "a'b\\c''", "\ufffd\u202e"],
)  # fmt: skip
async def test_any_query_is_answered(tx: Tx, query: str) -> None:
    assert isinstance(await found(tx, query.replace("\x00", "")), list)
    understanding = search.Understanding()
    asked = await understanding.of(tx, query)
    assert asked is None or len(asked.groups) <= 8


def test_a_code_stays_whole() -> None:
    assert typed_words("AB-12/x") == ["ab12x"]
    assert typed_words("iphone 15") == ["iphone", "15"]
    assert typed_words("红色-大") == ["红色", "大"]


# searches made -------------------------------------------------------------------------------------


async def test_searches_are_counted_once_a_visitor_and_shown_from_three_on(
    pool: Pool, ids: IdMaker
) -> None:
    word = "heard" + "".join("abcdefghij"[int(digit)] for digit in str(ids.make(0)))
    recorder = search.Recorder(pool)
    me = AccountId(ids.make(5))
    for visitor in ("1", "1", "2"):
        recorder.hear(word, visitor=visitor, account_id=None, has_found=True, now=NOW)
    recorder.hear(f"{word} none", visitor="1", account_id=me, has_found=False, now=NOW)
    await recorder.flush()
    async with pool.acquire() as tx:
        assert word not in await service.popular(tx, now=NOW, limit=1000)
        recorder.hear(word, visitor="3", account_id=me, has_found=True, now=NOW)
        await recorder.flush()
        assert word in await service.popular(tx, now=NOW, limit=1000)
        assert word not in await service.popular(tx, now=NOW + timedelta(days=8), limit=1000)
        assert [it.text for it in await service.suggest(tx, word[:-1])] == [word]
        assert await service.set_hidden(tx, word, hidden=True)
        assert word not in await service.popular(tx, now=NOW, limit=1000)
        assert await service.suggest(tx, word[:-1]) == []
        assert not await service.set_hidden(tx, "never asked", hidden=True)
        assert set(await service.recent(tx, me)) == {word, f"{word} none"}
        await service.forget_recent(tx, me)
        assert await service.recent(tx, me) == []


async def test_only_the_last_twenty_are_kept(pool: Pool, ids: IdMaker) -> None:
    recorder, me = search.Recorder(pool), AccountId(ids.make(6))
    for n in range(25):
        at = NOW + timedelta(seconds=n)
        recorder.hear(f"search {n}", visitor="1", account_id=me, has_found=False, now=at)
    await recorder.flush()
    async with pool.acquire() as tx:
        kept = await service.recent(tx, me, limit=100)
    assert kept == [f"search {n}" for n in range(24, 4, -1)]


async def test_a_day_counts_so_many_searches(tx: Tx) -> None:
    day = NOW.date() + timedelta(days=4000)
    assert await storage_searches.count_searches(tx, day, {"a": 1, "b": 1}, most=2) == {"a", "b"}
    assert await storage_searches.count_searches(tx, day, {"a": 1, "c": 1}, most=2) == {"a"}


async def test_suggestions_by_pinyin_and_of_the_last_word(
    tx: Tx, ids: IdMaker, shop: AShop
) -> None:
    await listed(tx, ids, shop, title="猕猴桃 glockenspiel")
    assert "猕猴桃" in [it.text for it in await service.suggest(tx, "mihout")]
    assert "猕猴桃" in [it.text for it in await service.suggest(tx, "mht")]
    assert "red glockenspiel" in [it.text for it in await service.suggest(tx, "Red Glock")]
    assert await service.suggest(tx, "   ") == []


@pytest.mark.parametrize(
    "terms", [[], ["one"], ["a", "A "], ["x", "y" * 41], ["!!", "x"], [str(n) for n in range(13)]]
)
async def test_synonyms_that_are_none_are_refused(tx: Tx, terms: list[str]) -> None:
    with pytest.raises(service.TermsInvalid):
        await service.add_synonym(tx, terms, is_one_way=False, now=NOW)


async def test_a_synonym_finds_the_others(tx: Tx, ids: IdMaker, shop: AShop) -> None:
    product = await listed(tx, ids, shop, title="borogove 鸟")
    made = await service.add_synonym(tx, ["jubjub bird", "borogove"], is_one_way=False, now=NOW)
    asked = await search.Understanding().of(tx, "Jubjub Bird")
    assert asked is not None
    plan = rules.plan_of(asked, Narrowing())
    rows = await tx.fetch(_WINDOW, plan.phases, None, None, None, None, None, False, 400)
    assert [row["product_id"] for row in rows] == [product]
    assert await service.drop_synonym(tx, made) == ["jubjub bird", "borogove"]
    with pytest.raises(service.SynonymNotFound):
        await service.drop_synonym(tx, made)
