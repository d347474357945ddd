"""The product form, the price table and the goods API over HTTP."""

import io
import json
from typing import Any

import httpx
import pytest
from PIL import Image

from jishi import db
from jishi.kit.ids import IdMaker
from jishi.modules import catalogue, stock
from jishi.modules.catalogue import NewProduct, ProductState
from tests.support.goods import COLOURS, AShop, a_product, a_shop, add, an_account, receive
from tests.support.staff import Person, a_member, a_person


async def an_owner(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker, *products: dict[str, Any]
) -> tuple[Person, AShop, list[NewProduct]]:
    """An owner with a shop and committed products, ten pieces of each SKU on the shelf."""
    async with db.transaction(pool) as tx:
        shop = await a_shop(tx, ids)
        made = [a_product(shop, ids, **fields) for fields in products]
        await add(tx, *made)
        for product in made:
            for sku in product.skus:
                await receive(tx, shop, sku.id, 10)
    return await a_person(client, pool, ids, shop.owner_id), shop, made


def a_form(shop: AShop, rows: list[dict[str, str]] | None = None, **fields: Any) -> dict[str, Any]:
    """The form of a product as a browser posts it; ``rows`` are the SKU table's."""
    rows = rows or [{}]
    columns = ("options", "price", "list_price", "on_hand", "seen", "code", "weight")
    blank = {"options": "[]", "price": "12.50", "on_hand": "5"}
    table = {f"sku_{name}": [{**blank, **row}.get(name, "") for row in rows] for name in columns}
    plain = {
        "do": "save",
        "version": "0",
        "title": "手作酸梅汤",
        "picture": ["a:1f95d:b"],
        "sku_on": [str(at) for at in range(len(rows))],
        **table,
    }
    return {**plain, **fields}


async def chosen(pool: db.Pool, shop: AShop) -> list[str]:
    """What the category selects send for the shop's leaf."""
    path = await pool.fetchval("SELECT path FROM category WHERE id = $1", shop.leaf)
    return [str(it) for it in path]


async def kept(pool: db.Pool, shop: AShop, product_id: int) -> catalogue.Product:
    async with db.reading(pool) as tx:
        return await catalogue.get_product(tx, shop.id, product_id)  # type: ignore[arg-type]


async def shelf(pool: db.Pool, product: catalogue.Product) -> list[int]:
    async with db.reading(pool) as tx:
        found = await stock.quantities_of(tx, [sku.id for sku in product.skus])
    return [it.on_hand for it in found.values()]


async def test_a_product_is_written_listed_and_stocked_by_one_form(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, _ = await an_owner(client, pool, ids)
    form = a_form(shop, do="list", category=await chosen(pool, shop))
    answer = await owner.post(f"/merchant/{shop.id}/goods/new", data=form)
    assert answer.status_code == 303, answer.text
    product = await kept(pool, shop, int(answer.headers["location"].rsplit("/", 1)[1]))
    assert (product.state, product.title) == (ProductState.LISTED, "手作酸梅汤")
    assert (product.skus[0].price_minor, product.skus[0].on_sale) == (1250, True)
    assert await shelf(pool, product) == [5]
    page = await owner.get(answer.headers["location"])
    assert "手作酸梅汤" in page.text
    assert 'value="12.50"' in page.text


async def test_a_refused_form_names_every_field_and_keeps_what_was_typed(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, _ = await an_owner(client, pool, ids)
    form = a_form(
        shop,
        [{"price": "much", "list_price": "1", "on_hand": "-3", "weight": "heavy", "code": "X-1"}],
        title="",
        brand="老字号",
        do="list",
    )
    answer = await owner.post(f"/merchant/{shop.id}/goods/new", data=form)
    assert answer.status_code == 422
    for text in ("Write a title.", "Choose a category.", "Write a price", "weight in grams"):
        assert text in answer.text, text
    for typed in ("much", "-3", "heavy", "X-1", "老字号"):
        assert f'value="{typed}"' in answer.text, typed
    assert await pool.fetchval("SELECT count(*) FROM product WHERE shop_id = $1", shop.id) == 0


async def test_a_wrong_count_undoes_the_whole_form(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, _ = await an_owner(client, pool, ids)
    form = a_form(shop, [{"on_hand": "9" * 11}], category=await chosen(pool, shop))
    answer = await owner.post(f"/merchant/{shop.id}/goods/new", data=form)
    assert answer.status_code == 422
    assert "whole number" in answer.text
    assert await pool.fetchval("SELECT count(*) FROM product WHERE shop_id = $1", shop.id) == 0


async def test_building_the_table_keeps_figures_and_writes_nothing(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, _ = await an_owner(client, pool, ids)
    form = a_form(
        shop,
        [{"price": "31.41", "code": "A-1"}],
        do="build",
        attr_name=["颜色", "尺码", ""],
        attr_values=["红，蓝", "S, M", ""],
    )
    answer = await owner.post(f"/merchant/{shop.id}/goods/new", data=form)
    assert answer.status_code == 200
    assert answer.text.count('name="sku_price"') == 4
    assert answer.text.count('value="31.41"') == 4
    assert answer.text.count('value="A-1"') == 1
    assert "[&#34;红&#34;, &#34;S&#34;]" in answer.text
    too_many = {**form, "attr_values": [", ".join(map(str, range(60)))] * 2 + [""]}
    answer = await owner.post(f"/merchant/{shop.id}/goods/new", data=too_many)
    assert answer.status_code == 422
    assert "3600 combinations" in answer.text
    assert await pool.fetchval("SELECT count(*) FROM product WHERE shop_id = $1", shop.id) == 0


async def test_a_combination_taken_out_takes_its_pieces_off_the_shelf(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, (product,) = await an_owner(client, pool, ids, {"attributes": COLOURS})
    form = a_form(
        shop,
        [{"options": json.dumps(["红"]), "on_hand": "8", "seen": "10"}],
        version="1",
        category=await chosen(pool, shop),
        attr_name=["颜色"],
        attr_values=["红"],
    )
    answer = await owner.post(f"/merchant/{shop.id}/goods/{product.id}", data=form)
    assert answer.status_code == 303, answer.text
    rows = await pool.fetch(
        "SELECT k.retired, t.on_hand FROM sku k JOIN stock t ON t.sku_id = k.id"
        " WHERE k.product_id = $1 ORDER BY k.retired",
        product.id,
    )
    assert [tuple(row) for row in rows] == [(False, 8), (True, 0)]


async def test_a_form_of_an_older_version_is_told_and_wins_when_sent_again(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, (product,) = await an_owner(client, pool, ids, {})
    path = f"/merchant/{shop.id}/goods/{product.id}"
    form = a_form(shop, [{"on_hand": "10", "seen": "10"}], version="1")
    form["category"] = await chosen(pool, shop)
    assert (await owner.post(path, data=form)).status_code == 303
    answer = await owner.post(path, data={**form, "title": "第二个人"})
    assert answer.status_code == 409
    assert 'value="第二个人"' in answer.text
    assert 'name="version" value="2"' in answer.text
    again = {**form, "title": "第二个人", "version": "2"}
    assert (await owner.post(path, data=again)).status_code == 303


async def test_a_sale_in_between_does_not_get_lost_by_saving_the_form(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, (product,) = await an_owner(client, pool, ids, {})
    form = a_form(shop, [{"on_hand": "20", "seen": "12"}], version="1")
    form["category"] = await chosen(pool, shop)
    answer = await owner.post(f"/merchant/{shop.id}/goods/{product.id}", data=form)
    assert answer.status_code == 409
    assert "Meanwhile 10 are on the shelf, not 12" in answer.text
    assert await shelf(pool, await kept(pool, shop, product.id)) == [10]


async def test_pictures_are_uploaded_ordered_and_removed(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, _ = await an_owner(client, pool, ids)
    out = io.BytesIO()
    Image.new("RGB", (600, 400), "red").save(out, "JPEG")
    files = [
        ("files", ("red.jpg", out.getvalue(), "image/jpeg")),
        ("files", ("evil.svg", b"<svg onload=alert(1)>", "image/svg+xml")),
    ]
    path = f"/merchant/{shop.id}/goods/new"
    answer = await owner.post(path, data={"do": "upload", "title": "带图"}, files=files)
    assert answer.status_code == 422
    assert "evil.svg is not a JPEG" in answer.text
    assert 'value="带图"' in answer.text
    media_id = await pool.fetchval("SELECT id FROM media WHERE shop_id = $1", shop.id)
    assert f'value="m:{media_id}"' in answer.text
    served = await client.get(f"/media/{media_id}/480.webp")
    assert (served.status_code, served.headers["content-type"]) == (200, "image/webp")
    assert "immutable" in served.headers["cache-control"]
    for missing in (f"/media/{media_id}/481.webp", "/media/12/480.webp", "/media/x/480.webp"):
        assert (await client.get(missing)).status_code == 404
    form = {"do": "picture:left:1", "picture": ["a:1f95d:b", f"m:{media_id}"]}
    page = (await owner.post(path, data=form)).text
    assert page.index(f"m:{media_id}") < page.index("a:1f95d:b")
    page = (await owner.post(path, data={**form, "do": "picture:delete:0"})).text
    assert "a:1f95d:b" not in page


async def test_the_picture_of_another_shop_is_refused(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, _ = await an_owner(client, pool, ids)
    form = a_form(shop, category=await chosen(pool, shop), picture=["m:12345"])
    answer = await owner.post(f"/merchant/{shop.id}/goods/new", data=form)
    assert answer.status_code == 422
    assert "not known" in answer.text


async def test_a_body_of_fifty_megabytes_is_refused_before_it_is_read(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, _ = await an_owner(client, pool, ids)
    files = {"file": ("big.jpg", b"\xff\xd8" + b"0" * (50 << 20), "image/jpeg")}
    answer = await owner.api("POST", f"/shops/{shop.id}/media", files=files)
    assert answer.status_code == 413


async def test_an_uploaded_picture_answers_with_its_address(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, _ = await an_owner(client, pool, ids)
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(out, "PNG")
    files = {"file": ("a.png", out.getvalue(), "image/png")}
    first = await owner.api("POST", f"/shops/{shop.id}/media", files=files)
    again = await owner.api("POST", f"/shops/{shop.id}/media", files=files)
    assert first.status_code == 201, first.text
    assert first.json() == again.json()
    refused = await owner.api(
        "POST", f"/shops/{shop.id}/media", files={"file": ("a.png", b"<svg>", "image/png")}
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "media.kind_unknown")
    assert (await owner.api("POST", f"/shops/{shop.id}/media")).status_code == 422


async def test_the_price_table_saves_good_rows_and_keeps_bad_ones_as_typed(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, (product,) = await an_owner(client, pool, ids, {"attributes": COLOURS})
    path = f"/merchant/{shop.id}/goods/prices"
    red, blue = (sku.id for sku in product.skus)
    page = await owner.get(path)
    assert page.text.count('name="sku_id"') == 2
    form = {
        "sku_id": [str(red), str(blue)],
        "price": ["15.00", "free"],
        "list_price": ["", ""],
        "on_hand": ["7", "99"],
        "was_price": ["10.00", "11.00"],
        "was_list_price": ["", ""],
        "was_on_hand": ["10", "10"],
    }
    answer = await owner.post(path, data=form)
    assert answer.status_code == 422
    assert 'value="free"' in answer.text
    assert 'value="99"' in answer.text
    assert "1 row was saved." in answer.text
    skus = {sku.id: sku.price_minor for sku in (await kept(pool, shop, product.id)).skus}
    assert skus == {red: 1500, blue: 1100}
    assert sorted(await shelf(pool, await kept(pool, shop, product.id))) == [7, 10]
    form["price"], form["was_price"] = ["15.00", "12.00"], ["15.00", "11.00"]
    form["on_hand"] = form["was_on_hand"] = ["7", "10"]
    assert (await owner.post(path, data=form)).status_code == 303


async def test_goods_are_listed_and_taken_off_sale_in_bulk(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, (good, bare) = await an_owner(client, pool, ids, {}, {"pictures": ()})
    form = {"product_id": [str(good.id), str(bare.id)]}
    answer = await owner.post(f"/merchant/{shop.id}/goods/list", data=form)
    assert answer.status_code == 303
    assert "picture" in answer.headers["set-cookie"]
    assert (await kept(pool, shop, good.id)).state is ProductState.LISTED
    assert (await kept(pool, shop, bare.id)).state is ProductState.DRAFT
    await owner.post(f"/merchant/{shop.id}/goods/delist", data=form)
    assert (await kept(pool, shop, good.id)).state is ProductState.DELISTED


async def test_the_api_writes_reads_and_refuses_products(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, _ = await an_owner(client, pool, ids)
    body = {
        "title": "蜂蜜",
        "category_id": shop.leaf,
        "attributes": [{"name": "重量", "values": ["500g", "1kg"]}],
        "pictures": [{"art": "1f36f"}],
        "skus": [
            {"options": ["500g"], "price_minor": 6800, "on_hand": 3},
            {"options": ["1kg"], "price_minor": 12800},
        ],
    }
    made = await owner.api("POST", f"/shops/{shop.id}/products", json=body)
    assert made.status_code == 201, made.text
    product = made.json()
    assert [sku["on_hand"] for sku in product["skus"]] == [3, 0]
    path = f"/shops/{shop.id}/products/{product['id']}"
    assert (await owner.api("GET", path)).json() == product
    bad = {**body, "version": 1, "skus": [{"options": ["500g"], "price_minor": 0}]}
    refused = await owner.api("PUT", path, json=bad)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "skus[0].price_minor"
    assert (await owner.api("PUT", path, json=body)).status_code == 422  # without a version
    stale = await owner.api("PUT", path, json={**body, "version": 9})
    assert (stale.status_code, stale.json()["code"]) == (409, "catalogue.product_edited")
    unknown = await owner.api("POST", f"/shops/{shop.id}/products", json={**body, "x": 1})
    assert unknown.status_code == 422
    listed = await owner.api(
        "POST", f"/shops/{shop.id}/products/list", json={"product_ids": [product["id"], "5"]}
    )
    assert [it["ok"] for it in listed.json()["items"]] == [True, False]
    page = (await owner.api("GET", f"/shops/{shop.id}/products?state=listed")).json()
    assert [it["id"] for it in page["items"]] == [product["id"]]


async def test_price_and_stock_lists_answer_row_by_row_and_are_capped(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, (product,) = await an_owner(client, pool, ids, {})
    _, other, (theirs,) = await an_owner(client, pool, ids, {})
    mine, foreign = str(product.skus[0].id), str(theirs.skus[0].id)
    prices = {"items": [{"sku_id": mine, "price_minor": 5}, {"sku_id": foreign, "price_minor": 5}]}
    answer = (await owner.api("PUT", f"/shops/{shop.id}/skus/prices", json=prices)).json()
    assert [it["ok"] for it in answer["items"]] == [True, False]
    counts = {
        "items": [{"sku_id": mine, "on_hand": 3, "seen": 4}, {"sku_id": foreign, "on_hand": 1}]
    }
    answer = (await owner.api("PUT", f"/shops/{shop.id}/skus/stock", json=counts)).json()
    codes = [it["errors"][0]["code"] for it in answer["items"]]
    assert codes == ["stock.count_moved", "catalogue.sku_not_found"]
    assert (await kept(pool, other, theirs.id)).skus[0].price_minor == 1000
    many = {"items": [{"sku_id": mine, "price_minor": 5}] * 501}
    assert (await owner.api("PUT", f"/shops/{shop.id}/skus/prices", json=many)).status_code == 413


@pytest.mark.parametrize(
    "wrong",
    [
        {"pictures": [{"media_id": "abc"}]},
        {"pictures": [{"media_id": "²"}]},
        {"pictures": [{"art": "1f36f", "more": "x" * 999}]},
        {"category_id": 2**40},
        {"skus": [{"price_minor": 2**63}]},
    ],
)
async def test_the_api_refuses_what_no_column_holds(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker, wrong: dict[str, Any]
) -> None:
    owner, shop, _ = await an_owner(client, pool, ids)
    body = {"title": "蜂蜜", "category_id": shop.leaf, "skus": [{"price_minor": 100}], **wrong}
    answer = await owner.api("POST", f"/shops/{shop.id}/products", json=body)
    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize(("limit", "size"), [("²", 20), ("0", 20), ("1", 1), ("9" * 30, 20)])
async def test_a_strange_limit_of_a_list_is_the_usual_one(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker, limit: str, size: int
) -> None:
    listed = {"state": ProductState.LISTED}
    owner, shop, _ = await an_owner(client, pool, ids, *[listed] * 21)
    answer = await owner.api("GET", f"/shops/{shop.id}/products?limit={limit}")
    assert len(answer.json()["items"]) == size


ROUTES = [
    ("GET", "/merchant/{shop}/goods"),
    ("GET", "/merchant/{shop}/goods/new"),
    ("POST", "/merchant/{shop}/goods/new"),
    ("GET", "/merchant/{shop}/goods/{product}"),
    ("POST", "/merchant/{shop}/goods/{product}"),
    ("GET", "/merchant/{shop}/goods/prices"),
    ("POST", "/merchant/{shop}/goods/prices"),
    ("POST", "/merchant/{shop}/goods/list"),
    ("GET", "/merchant/{shop}/goods/{product}/stock"),
    ("POST", "/merchant/{shop}/goods/{product}/stock"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_a_stranger_meets_no_shop_and_a_visitor_the_sign_in(
    method: str, path: str, client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    _, shop, (product,) = await an_owner(client, pool, ids, {})
    async with db.transaction(pool) as tx:
        stranger_id = await an_account(tx, ids)
    stranger = await a_person(client, pool, ids, stranger_id)
    address = path.format(shop=shop.id, product=product.id)
    if method == "GET":
        assert (await stranger.get(address)).status_code == 404
        assert (await client.get(address)).status_code == 303
    else:
        assert (await stranger.post(address, page="/shops/open")).status_code == 404


async def test_warehouse_staff_keep_stock_but_do_not_touch_goods(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    _, shop, (product,) = await an_owner(client, pool, ids, {})
    keeper = await a_member(client, pool, ids, shop, "warehouse")
    assert (await keeper.get(f"/merchant/{shop.id}/goods")).status_code == 200
    assert (await keeper.get(f"/merchant/{shop.id}/goods/{product.id}")).status_code == 403
    assert (await keeper.get(f"/merchant/{shop.id}/goods/prices")).status_code == 403
    assert (await keeper.get(f"/merchant/{shop.id}/goods/{product.id}/stock")).status_code == 200
    body = {"items": [{"sku_id": str(product.skus[0].id), "price_minor": 1}]}
    assert (await keeper.api("PUT", f"/shops/{shop.id}/skus/prices", json=body)).status_code == 403


async def test_the_product_of_another_shop_is_not_reached_through_ones_own(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, _ = await an_owner(client, pool, ids)
    _, _, (theirs,) = await an_owner(client, pool, ids, {})
    for path in (f"goods/{theirs.id}", f"goods/{theirs.id}/stock", "goods/abc"):
        assert (await owner.get(f"/merchant/{shop.id}/{path}")).status_code == 404
    answer = await owner.post(
        f"/merchant/{shop.id}/goods/{theirs.id}", data=a_form(shop, version="1")
    )
    assert answer.status_code == 404
