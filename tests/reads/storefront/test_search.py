"""Search over HTTP: filters, their panel, corrections, suggestions, one's own searches, bad input."""

import re
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio

from jishi.db import Pool, transaction
from jishi.kit.ids import IdMaker
from jishi.modules import search
from jishi.modules.catalogue import Attribute, ProductState
from jishi.reads.storefront import near, panel, rules_facets
from jishi.reads.storefront.types import Choice, Facets, Filters
from tests.support.buying import a_buyer
from tests.support.goods import a_product, a_shop, add

EN, ZH = {"cookie": "lang=en"}, {"cookie": "lang=zh-CN"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def word(app: Any, pool: Pool, ids: IdMaker) -> str:
    """Six lamps of two brands and three colours, found by a word of their own."""
    del app
    made = "lampo" + "".join("abcdefghij"[int(digit)] for digit in str(ids.make(0)))
    now = datetime.now(UTC)
    async with transaction(pool) as tx:
        shop = await a_shop(tx, ids)
        for at in range(6):
            colour = ("红", "蓝", "绿")[at % 3]
            product = a_product(
                shop,
                ids,
                title=f"台灯 {made} 第{at}",
                brand=("海岚", "禾木")[at % 2],
                attributes=(Attribute(name="颜色", values=(colour,)),),
                state=ProductState.LISTED,
            )
            await add(tx, product)
            await search.index_products(tx, [product.id], now=now)
    return made


def shown(page: httpx.Response) -> int:
    assert page.status_code == 200, page.text[:500]
    return page.text.count('class="product-card"')


async def test_choices_add_up_and_are_taken_back(client: httpx.AsyncClient, word: str) -> None:
    base = f"/search?q={word}"
    assert shown(await client.get(base, headers=EN)) == 6
    one = await client.get(f"{base}&brand={quote('海岚')}", headers=EN)
    assert shown(one) == 3
    assert "Take this filter away" in one.text
    assert (
        shown(await client.get(f"{base}&brand={quote('海岚')}&brand={quote('禾木')}", headers=EN))
        == 6
    )
    assert shown(await client.get(f"{base}&a={quote('颜色:红')}", headers=EN)) == 2
    both = await client.get(
        f"{base}&a={quote('颜色:红')}&a={quote('颜色:蓝')}&brand={quote('海岚')}", headers=EN
    )
    assert shown(both) == 2
    none = await client.get(f"{base}&a={quote('颜色:黑')}", headers=ZH)
    assert shown(none) == 0
    assert "台灯" not in none.text.split("<main")[1].split("narrow")[0]


async def test_a_facet_in_use_keeps_its_other_choices(client: httpx.AsyncClient, word: str) -> None:
    said = await client.get(f"/api/v1/products?q={word}&facets=1&brand={quote('海岚')}")
    facets = said.json()["facets"]
    assert {it["key"]: it["found"] for it in facets["brands"]} == {"海岚": 3, "禾木": 3}
    assert {it["key"] for it in facets["brands"] if it["is_on"]} == {"海岚"}
    colours = {it["key"]: it["found"] for it in facets["attributes"][0]["values"]}
    assert colours == {"红": 1, "蓝": 1, "绿": 1}
    assert facets["total"] == 3
    assert facets["is_more"] is False


async def test_the_panel_is_fetched_when_it_is_opened(client: httpx.AsyncClient, word: str) -> None:
    closed = await client.get(f"/search?q={word}", headers=EN)
    assert (
        "禾木"
        not in re.sub(r'class="product-card".*?</a>', "", closed.text, flags=re.DOTALL).split(
            "<main"
        )[1]
    )
    part = await client.get(f"/search?q={word}&panel=1", headers={**EN, "hx-request": "true"})
    assert "<html" not in part.text
    assert "禾木" in part.text
    whole = await client.get(f"/search?q={word}&panel=1", headers=EN)
    assert "禾木" in whole.text
    assert '<details class="narrow" open>' in whole.text


async def test_a_slip_is_corrected_and_said(client: httpx.AsyncClient, word: str) -> None:
    page = await client.get(f"/search?q={quote('抬灯')}+{word}", headers=ZH)
    assert shown(page) == 6
    assert "没有找到" in page.text
    said = (await client.get(f"/api/v1/products?q={quote('抬灯')}+{word}")).json()
    assert len(said["items"]) == 6
    assert said["corrected"]


async def test_nearness_is_counted_from_a_city(client: httpx.AsyncClient, word: str) -> None:
    page = await client.get(f"/search?q={word}&sort=near", headers=ZH)
    assert shown(page) == 6
    assert "深圳市" in page.text
    assert shown(await client.get(f"/search?q={word}&sort=near&near=4403", headers=EN)) == 6
    for wrong in ("0", "99999", "x", "4403; --", "-1"):
        assert (
            shown(await client.get(f"/search?q={word}&sort=near&near={quote(wrong)}", headers=EN))
            == 6
        )


@pytest.mark.parametrize(
    "rest",
    [
        "low=-5", "low=9&high=1", "low=abc&high=%00", "low=1e9", "high=99999999999999999999", "rating=9",
        "rating=-1", "brand=" + "x" * 5000, "brand=%00%07", "a=novalue", "a=:x&a=x:", "c=-3", "c=99999999999",
        "c=2147483647", "sort=;drop", "near=0000", "stock=2", "panel=1&panel=2", "&".join(f"brand=b{n}" for n in range(200)),
        "&".join(f"a=n{n}:v" for n in range(200)), "unknown=" + "y" * 3000,
    ],
)  # fmt: skip
async def test_filters_that_make_no_sense_are_left_out(
    client: httpx.AsyncClient, word: str, rest: str
) -> None:
    for path in (
        f"/search?q={word}&{rest}",
        f"/api/v1/products?q={word}&facets=1&{rest}",
        f"/c/1?{rest}",
    ):
        assert (await client.get(path, headers=EN)).status_code in {200, 404}


@pytest.mark.parametrize(
    "query",
    [
        "!!!",
        "' & | ! <-> :*",
        "a" * 10_000,
        "茶" * 4_000,
        "\\",
        "'; DROP TABLE product; --",
        "☃🎈",
        "%00%07".replace("%", "%25"),
    ],
)
async def test_any_query_is_answered_clearly(client: httpx.AsyncClient, query: str) -> None:
    for path in (
        "/search?q=",
        "/api/v1/products?q=",
        "/search/suggest?q=",
        "/api/v1/search/suggestions?q=",
        "/s/1?q=",
    ):
        answer = await client.get(path + quote(query[:9_000]), headers=EN)
        assert answer.status_code in {200, 404, 414}, path
    raw = await client.get("/search?q=%00%07%1b", headers=EN)
    assert raw.status_code == 200


async def test_words_without_a_letter_are_told_so(client: httpx.AsyncClient) -> None:
    assert "There is no word in that" in (await client.get("/search?q=!!!", headers=EN)).text


async def test_own_searches_are_kept_and_cleared(
    app: Any, pool: Pool, ids: IdMaker, word: str, client: httpx.AsyncClient
) -> None:
    me = await a_buyer(app, pool, ids)
    await me.get(f"/search?q={word}")
    await app.state.search_recorder.flush()
    assert word in (await me.get("/search")).text
    assert word in (await me.get("/search/suggest")).text
    assert (await me.api("GET", "/api/v1/me/searches")).json()["items"] == [word]
    assert word not in (await client.get("/search")).text
    cleared = await me.post("/search/recent/clear")
    assert cleared.status_code == 303
    assert (await me.api("GET", "/api/v1/me/searches")).json()["items"] == []
    assert (await client.get("/api/v1/me/searches")).status_code == 401


async def test_suggestions_are_options_of_a_list(client: httpx.AsyncClient, word: str) -> None:
    page = await client.get(f"/search/suggest?q={word[:-2]}", headers=EN)
    assert f'role="option" aria-selected="false" href="/search?q={word}"' in page.text
    said = (await client.get(f"/api/v1/search/suggestions?q={word[:-2]}")).json()
    assert said["items"][0] == {"text": word, "kind": "word"}


# rules ---------------------------------------------------------------------------------------------


def test_neighbours_are_mutual() -> None:
    for province in range(11, 83):
        for other in near.beside(province):
            assert province in near.beside(other)
    assert near.beside(44) == [35, 36, 43, 45, 46, 81, 82]
    assert near.beside(99) == []


def test_spans_hold_everything_once() -> None:
    spans = rules_facets.spans_of({0: 3, 8: 10, 9: 10, 12: 30, 35: 1})
    assert sum(it.found for it in spans) == 54
    assert spans[0].from_minor == 0
    assert spans[-1].to_minor is None
    assert all((one.to_minor or 0) < other.from_minor for one, other in pairwise(spans))
    assert rules_facets.spans_of({}) == rules_facets.spans_of({8: 5}) == []


def test_a_choice_is_added_and_taken_away() -> None:
    said = [("q", "灯"), ("brand", "海岚"), ("after", "x"), ("nonsense", "1")]
    made = panel.Panel(
        "/search", said, currency="CNY",
        words=lambda text, **facts: text.format(**facts), money=str, number=str,
    )  # fmt: skip
    facets = Facets(
        total=9, is_more=True,
        brands=[Choice("海岚", "海岚", 5, is_on=True), Choice("禾木", "禾木", 4, is_on=False)],
    )  # fmt: skip
    filters = Filters(brands=("海岚",))
    (heading, chips), _ = made.rows(facets, filters)
    assert heading == "Brand"
    assert chips[0].href == f"/search?q={quote('灯')}"
    assert chips[1].href == f"/search?q={quote('灯')}&brand={quote('海岚')}&brand={quote('禾木')}"
    assert chips[0].found == "5+"
    assert [it.href for it in made.chosen(filters)] == [chips[0].href]
