"""The storefront over HTTP: lists without gap or repeat, search, filters, empty states, few statements."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio

from jishi.db import Pool, transaction
from jishi.flows.open_shop import open_shop
from jishi.kit.ids import IdMaker, ProductId, ShopId, SkuId, cell_of
from jishi.kit.paging import encode_cursor
from jishi.modules import catalogue, search, stock
from jishi.modules.catalogue import Added, Attribute, NewProduct, NewSku, ProductState
from jishi.modules.shops import NewShop
from jishi.reads.storefront.finding import Finder
from jishi.reads.storefront.types import Filters
from tests.support.buying import statements

STATEMENTS_MAX = 9
EN = {"cookie": "lang=en"}


class Stall:
    """A shop with twelve teas in one category nobody else sells in: 'zx…' is found by its name."""

    shop_id: ShopId
    category_id: int
    root_id: int
    products: list[ProductId]
    skus: list[SkuId]
    word: str


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stall(app: Any, pool: Pool, ids: IdMaker) -> AsyncIterator[Stall]:
    made, now = Stall(), datetime.now(UTC)
    made.word = f"zx{ids.make(0)}"
    async with transaction(pool) as tx:
        row = await tx.fetchrow(
            "SELECT id, path FROM category c WHERE is_leaf AND level = 3 AND NOT EXISTS"
            " (SELECT FROM product WHERE category_id = c.id) ORDER BY id LIMIT 1"
        )
        made.category_id, made.root_id = row["id"], row["path"][0]
        owner = ids.make(3)
        shop = NewShop(name=f"Stall {made.word}", freight_minor=500, free_freight_from_minor=5_000)
        made.shop_id, warehouse = await open_shop(tx, shop, owner_id=owner, ids=ids, now=now)  # type: ignore[arg-type]
        cell = cell_of(made.shop_id)
        made.products = [ProductId(ids.make(cell)) for _ in range(12)]
        made.skus = [SkuId(ids.make(cell)) for _ in range(24)]
        products = [a_tea(made, at) for at in range(12)]
        verdicts = await catalogue.add_products(tx, products, now=now)
        assert all(isinstance(it, Added) for it in verdicts), verdicts
        changes = [
            stock.Change(sku_id=sku_id, warehouse_id=warehouse, quantity=7)
            for at, sku_id in enumerate(made.skus)
            if at not in {4, 5}  # the third tea is sold out
        ]
        await stock.receive(tx, changes, now=now)
        await tx.executemany(
            "UPDATE product SET sold_count = $2 WHERE id = $1",
            [(each, at % 4) for at, each in enumerate(made.products)],
        )
        await search.index_products(tx, made.products, now=now)
    if hasattr(app.state, "category_tree"):
        app.state.category_tree.forget()
    yield made


def a_tea(made: Stall, at: int) -> NewProduct:
    return NewProduct(
        id=made.products[at],
        shop_id=made.shop_id,
        category_id=made.category_id,
        title=f"白茶 {made.word} 第{at}款",
        title_en=f"White tea {made.word} no. {at}",
        description="First line\nsecond line <b>",
        attributes=(Attribute(name="Size", values=("S", "L")),),
        skus=tuple(
            NewSku(id=made.skus[at * 2 + n], options=(size,), price_minor=1_000 + at * 100 + n * 50)
            for n, size in enumerate(("S", "L"))
        ),
        pictures=({"art": "1f375", "tint": "b"}, {"art": "1fad6", "tint": "c"}),
        state=ProductState.LISTED,
    )


async def every_page(pool: Pool, made: Stall, filters: Filters) -> list[int]:
    found: list[int] = []
    cursor = None
    async with pool.acquire() as connection:
        for _ in range(20):
            page = await Finder().find(connection, "en", None, filters, cursor, size=5)
            found += [card.id for card in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
    return found


@pytest.mark.parametrize("way", ["searched", "merged from its leaves"])
@pytest.mark.parametrize("sort", ["newest", "sold", "price", "price_down"])
async def test_a_category_in_each_order_has_everything_once(
    pool: Pool, stall: Stall, sort: str, way: str
) -> None:
    leaves = () if way == "searched" else (stall.category_id,)
    filters = Filters(sort=sort, category_id=stall.category_id, leaves=leaves)
    found = await every_page(pool, stall, filters)
    places = {each: at for at, each in enumerate(stall.products)}
    by = {
        "newest": lambda each: -each,
        "sold": lambda each: (-(places[each] % 4), -each),
        "price": lambda each: (places[each], -each),
        "price_down": lambda each: (-places[each], -each),
    }[sort]
    assert found == sorted(stall.products, key=by)  # type: ignore[arg-type]


async def test_what_was_found_is_kept_for_a_moment_but_not_nothing(
    pool: Pool, stall: Stall, ids: IdMaker
) -> None:
    finder, now = Finder(card_seconds=0), datetime.now(UTC)
    word = f"zy{ids.make(0)}"
    async with transaction(pool) as tx:
        understanding = search.Understanding()

        async def found() -> list[str]:
            asked = await understanding.of(tx, word)
            understanding.forget()  # which words there are is another memory
            page = await finder.find(tx, "zh-CN", asked, Filters(sort="newest"), None)
            return [card.name for card in page.items]

        assert await found() == []
        for at in (0, 1):
            await tx.execute(
                "UPDATE product SET title = title || ' ' || $2 WHERE id = $1",
                stall.products[at],
                word,
            )
        await search.index_products(tx, stall.products[:2], now=now)
        assert len(await found()) == 2, "nothing found is asked anew"
        await tx.execute(
            "UPDATE product SET title = 'Renamed ' || $2 WHERE id = $1", stall.products[0], word
        )
        await tx.execute("UPDATE product SET title = $2 WHERE id = $1", stall.products[1], "Gone")
        await search.index_products(tx, stall.products[:2], now=now)
        names = await found()
        assert len(names) == 2, "the same goods for a moment"
        assert f"Renamed {word}" in names, "with cards as they are"
        await tx.execute(
            "UPDATE product SET title = replace(title, $2, '') WHERE id = ANY ($1)",
            stall.products[:2],
            word,
        )
        await search.index_products(tx, stall.products[:2], now=now)


async def test_a_list_is_narrowed_by_price_and_stock(pool: Pool, stall: Stall) -> None:
    narrow = Filters(
        sort="price",
        category_id=stall.category_id,
        price_from_minor=1_100,
        price_to_minor=1_300,
        in_stock=True,
    )
    assert await every_page(pool, stall, narrow) == [stall.products[1], stall.products[3]]


@pytest.mark.parametrize("sort", ["relevance", "newest", "sold", "price", "price_down"])
async def test_a_search_in_each_order_has_everything_once(
    pool: Pool, stall: Stall, sort: str
) -> None:
    found, cursor = [], None
    async with pool.acquire() as connection:
        asked = await search.Understanding().of(connection, stall.word)
        for _ in range(20):
            page = await Finder().find(connection, "en", asked, Filters(sort=sort), cursor, size=5)
            found += [card.id for card in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        facets = await Finder().facets(connection, "en", asked, Filters())
    assert sorted(found) == sorted(stall.products)
    assert (facets.total, facets.is_more) == (12, False)
    assert [it.key for it in facets.categories] == [str(stall.root_id)]


@pytest.mark.parametrize(
    ("_case", "path", "status", "says"),
    [
        ("home", "/", 200, "New in the market"),
        ("all categories", "/search", 200, "Categories"),
        ("nothing but signs", "/search?q=!!!", 200, "Categories"),
        ("nothing found", "/search?q=qqqqxxxx", 200, "Nothing found for"),
        ("a hostile query", "/search?q=%27%29%20%7C%20%28%27a%3A%2A%20%5C", 200, ""),
        ("a long query", "/search?q=" + "word+" * 200, 200, ""),
        ("a category that is none", "/c/999999999", 404, ""),
        ("a category in words", "/c/tea", 404, ""),
        ("a shop that is none", "/s/42", 404, ""),
        ("a product that is none", "/p/42", 404, ""),
        ("a product in words", "/p/tea", 404, ""),
        ("a cursor that is none", "/?after=nonsense", 422, ""),
        ("a cursor of another kind", "/search?q=tea&after=WzFd", 422, ""),
    ],
)
async def test_pages_answer_whatever_is_asked(
    client: httpx.AsyncClient, stall: Stall, _case: str, path: str, status: int, says: str
) -> None:
    answer = await client.get(path, headers=EN)
    assert answer.status_code == status
    assert says in answer.text


async def test_a_search_is_found_narrowed_and_continued(
    client: httpx.AsyncClient, stall: Stall
) -> None:
    page = await client.get(f"/search?q={stall.word}+tea", headers=EN)
    assert "12 things found" in page.text
    assert page.text.count('class="product-card"') == 12
    none = await client.get(f"/search?q={stall.word}&low=500", headers=EN)
    assert "Nothing fits these filters" in none.text
    loose = await client.get(f"/search?q={stall.word}+qqqqxxxx", headers=EN)
    assert "some of them" in loose.text
    assert 'class="product-card"' in loose.text


async def test_a_shop_shows_its_goods_and_searches_within(
    client: httpx.AsyncClient, stall: Stall, pool: Pool
) -> None:
    page = await client.get(f"/s/{stall.shop_id}", headers=EN)
    assert "12 things for sale" in page.text
    assert "Free delivery from ¥50.00" in page.text
    within = await client.get(f"/s/{stall.shop_id}?q=qqqq", headers=EN)
    assert "All goods of this shop" in within.text
    await pool.execute(
        "UPDATE shop SET state = 'holiday', holiday_note = 'Back on Monday' WHERE id = $1",
        stall.shop_id,
    )
    assert "Back on Monday" in (await client.get(f"/s/{stall.shop_id}", headers=EN)).text
    closed = await client.get(f"/p/{stall.products[0]}", headers=EN)
    assert 'name="go"' not in closed.text
    await pool.execute("UPDATE shop SET state = 'open' WHERE id = $1", stall.shop_id)


async def test_a_product_shows_its_choices_and_only_sells_what_is_there(
    client: httpx.AsyncClient, stall: Stall, pool: Pool
) -> None:
    page = await client.get(f"/p/{stall.products[0]}?sku={stall.skus[1]}", headers=EN)
    assert page.status_code == 200
    assert 'value="L" required checked' in page.text
    assert "second line &lt;b&gt;" in page.text
    assert "¥10.50" in page.text
    sold_out = await client.get(f"/p/{stall.products[2]}", headers=EN)
    assert sold_out.text.count("Sold out") >= 2
    assert 'value="buy" data-sku-go data-busy="One moment" disabled' in sold_out.text
    await pool.execute("UPDATE product SET state = 'delisted' WHERE id = $1", stall.products[11])
    assert "no longer for sale" in (await client.get(f"/p/{stall.products[11]}", headers=EN)).text
    await pool.execute("UPDATE product SET state = 'draft' WHERE id = $1", stall.products[11])
    assert (await client.get(f"/p/{stall.products[11]}")).status_code == 404
    await pool.execute("UPDATE product SET state = 'listed' WHERE id = $1", stall.products[11])


async def test_both_languages_are_spoken(client: httpx.AsyncClient, stall: Stall) -> None:
    path = f"/c/{stall.category_id}"
    assert f"White tea {stall.word}" in (await client.get(path, headers=EN)).text
    chinese = await client.get(path, headers={"cookie": "lang=zh-CN"})
    assert f"白茶 {stall.word}" in chinese.text
    assert "销量" in chinese.text


async def test_htmx_gets_only_the_next_goods(client: httpx.AsyncClient, stall: Stall) -> None:
    cursor = encode_cursor((0, str(stall.products[2])))
    part = await client.get(f"/?after={cursor}", headers={**EN, "hx-request": "true"})
    assert part.status_code == 200
    assert f'href="/p/{stall.products[1]}"' in part.text
    assert f'href="/p/{stall.products[2]}"' not in part.text
    assert "<html" not in part.text
    whole = await client.get(f"/?after={cursor}", headers=EN)
    assert "From the start" in whole.text


async def test_programs_read_the_same(client: httpx.AsyncClient, stall: Stall) -> None:
    listed = (await client.get(f"/api/v1/products?c={stall.category_id}&sort=price")).json()
    assert [item["id"] for item in listed["items"]] == [str(each) for each in stall.products]
    found = (await client.get(f"/api/v1/products?q={stall.word}")).json()
    assert len(found["items"]) == 12
    one = (await client.get(f"/api/v1/products/{stall.products[0]}")).json()
    assert [sku["options"] for sku in one["skus"]] == [["S"], ["L"]]
    assert one["skus"][0]["stock"] == 7
    assert (await client.get("/api/v1/products/42")).status_code == 404
    assert (await client.get("/api/v1/products?cursor=nonsense")).status_code == 422


async def test_pages_cost_few_statements(
    client: httpx.AsyncClient, stall: Stall, app_pool: Pool
) -> None:
    paths = [
        "/", "/search", f"/search?q={stall.word}", f"/c/{stall.category_id}", f"/s/{stall.shop_id}",
        f"/p/{stall.products[0]}",
    ]  # fmt: skip
    for path in paths:
        await client.get(path)
        with statements(app_pool) as seen:
            assert (await client.get(path)).status_code == 200
        assert len(seen) <= STATEMENTS_MAX, (path, seen)
