"""Marketing pages of shops and of the market, and coupons in people's hands, over HTTP."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import pytest_asyncio

from jishi.db import Pool
from jishi.kit.ids import IdMaker, cell_of
from tests.support.buying import Browser, line_of
from tests.support.console import Stall, a_stall, read, send
from tests.support.makers import Town

SHANGHAI = ZoneInfo("Asia/Shanghai")
MORE_PRODUCTS = """
INSERT INTO product SELECT (jsonb_populate_record(p, jsonb_build_object('id', w.id, 'title', 'Thimble',
    'title_en', 'Thimble', 'external_id', NULL))).*
FROM unnest($1::bigint[]) w(id) JOIN product p ON p.cell = cell_of($2) AND p.id = $2
"""
MORE_SKUS = """
INSERT INTO sku SELECT (jsonb_populate_record(k, jsonb_build_object('id', w.id, 'product_id', w.product))).*
FROM unnest($1::bigint[], $2::bigint[]) w(id, product) JOIN sku k ON k.cell = cell_of($3) AND k.id = $3
"""


def at(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


def a_form(**changes: Any) -> dict[str, Any]:
    form = {
        "title": "Spring",
        "benefit": "fixed",
        "amount_minor": "5.00",
        "threshold_minor": "20",
        "claim_until": at(days=3),
        "valid_days": "7",
        "per_person": "1",
        "is_public": "1",
    }
    return {**form, **changes}


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def stall(app: Any, pool: Pool, ids: IdMaker) -> Stall:
    return await a_stall(pool, ids)


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("owner", "/merchant/{shop}/marketing"),
        ("owner", "/merchant/{shop}/marketing/coupons"),
        ("owner", "/merchant/{shop}/marketing/coupons/new"),
        ("owner", "/merchant/{shop}/marketing/offers/new?kind=timed"),
        ("owner", "/merchant/{shop}/marketing/offers/new?kind=flash"),
        ("owner", "/merchant/{shop}/marketing/offers/new?kind=n_for"),
        ("owner", "/merchant/{shop}/marketing/offers/new?kind=member"),
        ("operator", "/operator/coupons"),
        ("operator", "/operator/coupons/new"),
        ("stranger", "/me/coupons"),
        ("stranger", "/me/coupons?pile=used"),
        ("stranger", "/me/coupons?pile=expired"),
    ],
)
async def test_the_pages_stand(
    client: httpx.AsyncClient, stall: Stall, locale: str, role: str, path: str
) -> None:
    client.cookies.set("lang", locale)
    assert (await read(client, stall, role, path)).status_code == 200


async def test_a_shop_issues_a_coupon_changes_how_it_is_handed_out_and_ends_it(
    client: httpx.AsyncClient, stall: Stall
) -> None:
    base = "/merchant/{shop}/marketing/coupons"
    made = await send(client, stall, "owner", f"{base}/new", **a_form())
    assert made.status_code == 303, made.text
    listed = await read(client, stall, "owner", base)
    assert "Spring" in listed.text
    assert "¥5.00 off ¥20.00" in listed.text
    one = (
        listed.text.split(f"/merchant/{stall.shop_id}/marketing/coupons/")[2]
        .split('"')[0]
        .split("/")[0]
    )
    assert (await read(client, stall, "owner", f"{base}/{one}")).status_code == 200
    saved = await send(
        client,
        stall,
        "owner",
        f"{base}/{one}",
        **a_form(title="Autumn", total_limit="9", version="1"),
    )
    assert saved.status_code == 303
    assert "Autumn" in (await read(client, stall, "owner", base)).text
    assert (await send(client, stall, "owner", f"{base}/{one}/end")).status_code == 303
    assert (await send(client, stall, "owner", f"{base}/{one}/end")).status_code == 404
    assert (await send(client, stall, "clerk", f"{base}/new", **a_form())).status_code == 403


@pytest.mark.parametrize(
    ("_case", "changes", "field"),
    [
        ("no amount", {"amount_minor": "0"}, "amount_minor"),
        ("no number", {"amount_minor": "much"}, "amount_minor"),
        ("all of it", {"benefit": "percent", "rate_bp": "100"}, "rate_bp"),
        ("over already", {"claim_until": at(days=-1)}, "claim_until"),
        ("good for ever", {"valid_days": ""}, "valid_until"),
        ("a code of three", {"code": "abc"}, "code"),
        ("others' goods", {"scope": "products", "scope_ids": "12"}, "scope_ids"),
        ("no such category", {"scope": "categories", "scope_ids": "999999999"}, "scope_ids"),
        ("no goods", {"scope": "products"}, "scope_ids"),
        ("nobody", {"per_person": "0"}, "per_person"),
        ("no title", {"title": " "}, "title"),
    ],
)
async def test_what_cannot_be_issued_is_told_at_its_field(
    client: httpx.AsyncClient, stall: Stall, _case: str, changes: dict[str, Any], field: str
) -> None:
    told = await send(
        client, stall, "owner", "/merchant/{shop}/marketing/coupons/new", **a_form(**changes)
    )
    assert told.status_code == 422
    assert (
        f'id="e-{field}"' in told.text
        or f'aria-describedby="e-{field}' in told.text
        or field in told.text
    )


async def test_a_flash_sale_is_made_shown_and_ended(
    client: httpx.AsyncClient, stall: Stall
) -> None:
    goods = stall.town.goods[0]
    form = {
        "kind": "flash", "title": "Noon", "starts_at": at(minutes=-5), "ends_at": at(days=1),
        "announced_at": at(days=-1), "sku": str(goods.sku_id), f"price.{goods.sku_id}": "9.99",
        f"quota.{goods.sku_id}": "10", "per_buyer": "2",
    }  # fmt: skip
    path = "/merchant/{shop}/marketing/offers/new"
    dear = await send(client, stall, "owner", path, **{**form, f"price.{goods.sku_id}": "99"})
    assert dear.status_code == 422
    assert "must be above 0 and below the list price" in dear.text
    assert (await send(client, stall, "owner", path, **{**form, "go": "find"})).status_code == 200
    assert (await send(client, stall, "owner", path, **form)).status_code == 303
    twice = await send(client, stall, "owner", path, **form)
    assert twice.status_code == 409
    listed = await read(client, stall, "owner", "/merchant/{shop}/marketing")
    assert "Noon" in listed.text
    page = await read(client, stall, "", f"/p/{goods.product_id}")
    assert "¥9.99" in page.text
    assert "Flash sale" in page.text
    asked = {"lines": [{"sku_id": str(goods.sku_id), "quantity": 3}]}
    quoted = (await client.post("/api/v1/quote", json=asked)).json()
    assert quoted["saved_minor"] == 3 * (goods.price_minor - 999)
    offer = listed.text.split("/marketing/offers/")[-1].split("/")[0]
    ended = f"/merchant/{{shop}}/marketing/offers/{offer}/end"
    assert (await send(client, stall, "owner", ended)).status_code == 303
    assert (await send(client, stall, "owner", ended)).status_code == 404


async def test_a_market_coupon_is_claimed_by_code_and_lowers_the_checkout(
    client: httpx.AsyncClient,
    stall: Stall,
    buyer: Browser,
    shop: Town,
    ids: IdMaker,
) -> None:
    code = f"HALLO-{ids.make(0) % 10**10}"
    form = a_form(title="Hallo", payer="platform", code=code, is_public="", budget_minor="100")
    assert (
        await send(client, stall, "operator", "/operator/coupons/new", **form)
    ).status_code == 303
    goods = shop.goods[0]
    page = await buyer.get(f"/checkout?buy={goods.sku_id}&n=2")
    assert page.status_code == 200
    wrong = await buyer.post("/checkout/quote", key="k", line=line_of(goods, 2), code="NONE-SUCH")
    assert wrong.status_code == 404
    assert 'id="e-code"' in wrong.text
    shown = await buyer.post("/checkout/quote", key="k", line=line_of(goods, 2), code=code.lower())
    assert shown.status_code == 200
    assert "paid by the market" in shown.text
    claim = shown.text.split('name="coupon" value="')[1].split('"')[0]
    total = goods.price_minor * 2 + 500 - 500
    assert f'name="expected_minor" value="{total}"' in shown.text
    stale = await buyer.post(
        "/checkout", key="k1", line=line_of(goods, 2), coupon=claim, expected_minor=str(total - 1),
        address_id=str(buyer.address_id),
    )  # fmt: skip
    assert stale.status_code == 409
    placed = await buyer.post(
        "/checkout", key="k2", line=line_of(goods, 2), coupon=claim, expected_minor=str(total),
        address_id=str(buyer.address_id),
    )  # fmt: skip
    assert placed.status_code == 303, placed.text
    paying = await buyer.get(placed.headers["location"])
    assert f"{total / 100:.2f}" in paying.text
    orders = (await buyer.api("GET", "/api/v1/orders")).json()["items"]
    assert orders[0]["amount_minor"] == total
    one = await buyer.get(f"/orders/{orders[0]['id']}")
    assert "Hallo" in one.text
    assert "Hallo" in (await buyer.get("/me/coupons?pile=used")).text
    again = await buyer.post("/checkout", key="k3", line=line_of(goods, 2), coupon=claim,
                             address_id=str(buyer.address_id))  # fmt: skip
    assert again.status_code == 409
    assert "has been used already" in again.text


async def test_members_pay_the_members_price(
    client: httpx.AsyncClient,
    stall: Stall,
    buyer: Browser,
) -> None:
    goods = stall.town.goods[1]
    form = {
        "kind": "member", "title": "Club", "starts_at": at(minutes=-5), "ends_at": "",
        "sku": str(goods.sku_id), "percent_off": "10",
    }  # fmt: skip
    path = "/merchant/{shop}/marketing/offers/new"
    assert (await send(client, stall, "owner", path, **form)).status_code == 303
    asked = {"lines": [{"sku_id": str(goods.sku_id)}]}
    before = (await buyer.api("POST", "/api/v1/quote", json=asked)).json()
    assert before["saved_minor"] == 0
    assert "Members pay" in (await buyer.get(f"/p/{goods.product_id}")).text
    assert (await buyer.post(f"/s/{stall.shop_id}/membership")).status_code == 303
    after = (await buyer.api("POST", "/api/v1/quote", json=asked)).json()
    assert after["saved_minor"] == goods.price_minor // 10
    assert after["shops"][0]["lines"][0]["rules"][0]["kind"] == "member"


async def test_a_shop_lowers_a_price_on_the_orders_page(
    client: httpx.AsyncClient, stall: Stall
) -> None:
    order = stall.orders["unpaid"]
    page = await read(client, stall, "owner", f"/merchant/{{shop}}/orders/{order}")
    assert "Lower the price" in page.text
    path = f"/merchant/{{shop}}/orders/{order}/price"
    assert (
        await send(client, stall, "owner", path, total_minor="10.00", why="regular")
    ).status_code == 303
    page = await read(client, stall, "owner", f"/merchant/{{shop}}/orders/{order}")
    assert "¥10.00" in page.text
    api = f"/api/v1/shops/{stall.shop_id}/orders/{order}/price"
    higher = await client.post(api, json={"total_minor": 5_000}, headers=stall.headers("owner"))
    assert higher.status_code == 422
    assert higher.json()["field"] == "total_minor"
    assert (
        await client.post(api, json={"total_minor": 1}, headers=stall.headers("warehouse"))
    ).status_code == 403


# Changing what stands, and choosing goods ---------------------------------------------------------


def number_of(text: str, before: str) -> str:
    """The id that follows an address on a page; the last one, which is the oldest."""
    found = re.findall(re.escape(before) + r"(\d+)", text)
    assert found, text
    return str(found[-1])


async def test_an_offer_is_changed_on_its_page(client: httpx.AsyncClient, stall: Stall) -> None:
    first, second = stall.town.goods
    base = "/merchant/{shop}/marketing/offers"
    form = {
        "kind": "n_for", "title": "Any two", "starts_at": at(days=20), "ends_at": at(days=21),
        "sku": str(first.sku_id), "pieces": "2", "price_minor": "30.00",
    }  # fmt: skip
    assert (await send(client, stall, "owner", f"{base}/new", **form)).status_code == 303
    listed = (await read(client, stall, "owner", "/merchant/{shop}/marketing")).text
    row = next(it for it in listed.split("<tr>") if "Any two" in it)
    offer = number_of(row, f"/merchant/{stall.shop_id}/marketing/offers/")
    page = await read(client, stall, "owner", f"{base}/{offer}")
    assert page.status_code == 200
    assert 'value="30.00"' in page.text
    changed = {**form, "sku": [str(first.sku_id), str(second.sku_id)], "price_minor": "31.00"}
    done = await send(client, stall, "owner", f"{base}/{offer}", **changed, version="1")
    assert done.status_code == 303, done.text
    assert "2 SKUs" in (await read(client, stall, "owner", "/merchant/{shop}/marketing")).text
    late = await send(client, stall, "owner", f"{base}/{offer}", **changed, version="1")
    assert late.status_code == 409
    assert "Somebody else has saved this meanwhile" in late.text
    assert (await read(client, stall, "clerk", f"{base}/{offer}")).status_code == 403
    assert (await send(client, stall, "owner", f"{base}/{offer}/end")).status_code == 303
    assert (await read(client, stall, "owner", f"{base}/{offer}")).status_code == 404


async def test_a_running_price_is_not_raised(client: httpx.AsyncClient, stall: Stall) -> None:
    goods = stall.town.goods[1]
    base = "/merchant/{shop}/marketing/offers"
    form = {
        "kind": "timed", "title": "Weekend", "starts_at": at(minutes=-5), "ends_at": at(days=1),
        "sku": str(goods.sku_id), f"price.{goods.sku_id}": "15.00",
    }  # fmt: skip
    assert (await send(client, stall, "owner", f"{base}/new", **form)).status_code == 303
    listed = (await read(client, stall, "owner", "/merchant/{shop}/marketing")).text
    row = next(it for it in listed.split("<tr>") if "Weekend" in it)
    offer = number_of(row, f"/merchant/{stall.shop_id}/marketing/offers/")
    path = f"{base}/{offer}"
    for locale in ("en", "zh-CN"):
        client.cookies.set("lang", locale)
        assert (await read(client, stall, "owner", path)).status_code == 200
    client.cookies.delete("lang")
    dearer = {**form, f"price.{goods.sku_id}": "16.00", "version": "1"}
    told = await send(client, stall, "owner", path, **dearer)
    assert told.status_code == 409
    assert "Buyers have seen a lower price (15.00)" in told.text
    longer = {**form, f"price.{goods.sku_id}": "14.00", "ends_at": at(days=2), "version": "1"}
    assert (await send(client, stall, "owner", path, **longer)).status_code == 303
    assert "¥14.00" in (await read(client, stall, "", f"/p/{goods.product_id}")).text
    await send(client, stall, "owner", f"{path}/end")


@pytest.mark.parametrize("kind", ["agreed", "coupon", "nothing", ""])
async def test_a_kind_no_shop_can_make_is_refused(
    client: httpx.AsyncClient, stall: Stall, kind: str
) -> None:
    form = {"kind": kind, "title": "X", "sku": str(stall.town.goods[0].sku_id)}
    told = await send(client, stall, "owner", "/merchant/{shop}/marketing/offers/new", **form)
    assert told.status_code == 422


async def test_goods_of_an_offer_are_found_page_by_page_and_stay_chosen(
    client: httpx.AsyncClient, stall: Stall, pool: Pool, ids: IdMaker
) -> None:
    many = await _more_goods(pool, ids, stall, 35)
    path = "/merchant/{shop}/marketing/offers/new"
    form: dict[str, Any] = {"kind": "timed", "title": "Many", "q": "Thimble", "go": "find"}
    page = (await send(client, stall, "owner", path, **form)).text
    assert str(many[-1]) in page
    assert str(many[0]) not in page
    form |= {"sku": str(many[-1]), f"price.{many[-1]}": "1.00", "go": "more"}
    form["more"] = page.split('name="more" value="')[1].split('"')[0]
    page = (await send(client, stall, "owner", path, **form)).text
    assert str(many[0]) in page
    assert re.search(rf'name="sku" value="{many[-1]}" checked', page)
    assert "1 SKU chosen" in page
    none = (await send(client, stall, "owner", path, **{**form, "q": "Anvil", "go": "find"})).text
    assert "No further listed goods fit." in none
    assert f'value="{many[-1]}" checked' in none


async def _more_goods(pool: Pool, ids: IdMaker, stall: Stall, count: int) -> list[int]:
    """SKUs of the stall's shop, each a product of its own, oldest first."""
    cell = cell_of(stall.shop_id)
    products = [ids.make(cell) for _ in range(count)]
    skus = [ids.make(cell) for _ in range(count)]
    await pool.execute(MORE_PRODUCTS, products, stall.town.goods[0].product_id)
    await pool.execute(MORE_SKUS, skus, products, stall.town.goods[0].sku_id)
    return skus


async def test_what_a_coupon_covers_is_chosen_by_name(
    client: httpx.AsyncClient, stall: Stall, pool: Pool, ids: IdMaker
) -> None:
    await _more_goods(pool, ids, stall, 1)
    path = "/merchant/{shop}/marketing/coupons/new"
    looking = a_form(title="Thimbles", scope="products", q="Thimble", go="find")
    page = (await send(client, stall, "owner", path, **looking)).text
    product = page.split('name="scope_ids" value="')[1].split('"')[0]
    kept = {**looking, "scope_ids": product, "picked": "products", "q": "Anvil"}
    page = (await send(client, stall, "owner", path, **kept)).text
    assert f'value="{product}" checked' in page
    other = {**kept, "scope": "categories", "q": "a"}
    page = (await send(client, stall, "owner", path, **other)).text
    assert f'value="{product}"' not in page
    assert page.count('name="scope_ids"') == 20
    cursor = page.split('name="more" value="')[1].split('"')[0]
    first = re.findall(r'name="scope_ids" value="(\d+)"', page)
    more = {**other, "go": "more", "more": cursor, "picked": "categories"}
    page = (await send(client, stall, "owner", path, **more)).text
    assert not set(first) & set(re.findall(r'name="scope_ids" value="(\d+)"', page))
    del kept["go"]
    assert (await send(client, stall, "owner", path, **kept)).status_code == 303
    listed = (await read(client, stall, "owner", "/merchant/{shop}/marketing/coupons")).text
    row = next(it for it in listed.split("<tr>") if "Thimbles" in it)
    coupon = number_of(row, f"/merchant/{stall.shop_id}/marketing/coupons/")
    page = (
        await read(client, stall, "owner", f"/merchant/{{shop}}/marketing/coupons/{coupon}")
    ).text
    assert "Thimble" in page


async def test_a_planned_coupon_is_changed_wholly_on_its_page(
    client: httpx.AsyncClient, stall: Stall
) -> None:
    base = "/merchant/{shop}/marketing/coupons"
    form = a_form(title="Planned", claim_from=at(days=1))
    assert (await send(client, stall, "owner", f"{base}/new", **form)).status_code == 303
    listed = (await read(client, stall, "owner", base)).text
    row = next(it for it in listed.split("<tr>") if "Planned" in it)
    coupon = number_of(row, f"/merchant/{stall.shop_id}/marketing/coupons/")
    assert (await read(client, stall, "owner", f"{base}/{coupon}")).status_code == 200
    more = {**form, "amount_minor": "6.00", "version": "1"}
    assert (await send(client, stall, "owner", f"{base}/{coupon}", **more)).status_code == 303
    assert "¥6.00 off ¥20.00" in (await read(client, stall, "owner", base)).text
    assert (await send(client, stall, "owner", f"{base}/{coupon}", **more)).status_code == 409
    assert (await send(client, stall, "owner", f"{base}/{coupon}/end")).status_code == 303
    assert (await read(client, stall, "owner", f"{base}/{coupon}")).status_code == 404


async def test_the_market_finds_products_of_all_shops(
    client: httpx.AsyncClient, stall: Stall, pool: Pool, ids: IdMaker
) -> None:
    await _more_goods(pool, ids, stall, 20)
    form = a_form(payer="platform", scope="products", go="find")
    page = await send(client, stall, "operator", "/operator/coupons/new", **form)
    assert page.status_code == 200
    assert page.text.count('name="scope_ids"') == 20
    found = await send(client, stall, "operator", "/operator/coupons/new", **form, q="O'Neill & 茶")
    assert found.status_code == 200
    shops_own = a_form(payer="shop")
    assert (
        await send(client, stall, "operator", "/operator/coupons/new", **shops_own)
    ).status_code == 422


@pytest.mark.parametrize(
    "body", [{}, {"code": ""}, {"code": "a b"}, {"code": "x" * 99}, {"coupon_id": 2**63}]
)
async def test_a_code_that_can_be_none_is_told_at_its_field(buyer: Browser, body: Any) -> None:
    told = await buyer.api("POST", "/api/v1/me/coupons", json=body)
    assert told.status_code == 422
    assert told.json()["field"] == ("coupon_id" if "coupon_id" in body else "code")
    if "code" in body:
        page = await buyer.post("/me/coupons", code=body["code"])
        assert page.status_code == 422
        assert 'id="e-code"' in page.text
