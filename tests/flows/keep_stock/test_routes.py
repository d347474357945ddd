"""The stock page and its lists over HTTP."""

from typing import Any

import httpx
import pytest

from jishi import db
from jishi.kit.ids import IdMaker, SkuId
from jishi.modules import stock
from tests.support.goods import AShop, a_product, a_shop, add, receive
from tests.support.staff import Person, a_member, a_person


async def a_keeper(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> tuple[Person, AShop, int, SkuId]:
    """Warehouse staff of a shop with one product, ten pieces on the shelf."""
    async with db.transaction(pool) as tx:
        shop = await a_shop(tx, ids)
        product = a_product(shop, ids)
        await add(tx, product)
        await receive(tx, shop, product.skus[0].id, 10)
    keeper = await a_member(client, pool, ids, shop, "warehouse")
    return keeper, shop, product.id, product.skus[0].id


async def shelf(pool: db.Pool, shop: AShop, sku_id: SkuId) -> tuple[int, int]:
    async with db.reading(pool) as tx:
        found = (await stock.quantities_of(tx, [sku_id]))[(sku_id, shop.warehouse_id)]
    return found.on_hand, found.lost


async def test_goods_are_received_written_off_and_counted_with_their_journal(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    keeper, shop, product_id, sku_id = await a_keeper(client, pool, ids)
    path = f"/merchant/{shop.id}/goods/{product_id}/stock"
    for act, quantity, expected in (
        ("receive", "5", (15, 0)),
        ("write_off", "2", (13, 2)),
        ("count", "7", (7, 2)),
        ("count", "0", (0, 2)),
    ):
        form = {"act": act, "sku_id": str(sku_id), "quantity": quantity, "why": "送货单 88"}
        answer = await keeper.post(path, page=path, data=form)
        assert answer.status_code == 303, answer.text
        assert await shelf(pool, shop, sku_id) == expected
    page = (await keeper.get(path)).text
    assert "送货单 88" in page
    assert "Written off" in page


@pytest.mark.parametrize(
    ("_case", "fields", "status", "text"),
    [
        ("0 pieces", {"quantity": "0"}, 422, "whole number"),
        ("less than nothing", {"quantity": "-1"}, 422, "whole number"),
        ("a word", {"quantity": "many"}, 422, "whole number"),
        ("very many", {"quantity": "1" + "0" * 9}, 422, "whole number"),
        ("more than there is", {"act": "write_off", "quantity": "11"}, 409, "Only 10"),
        ("a foreign SKU", {"sku_id": "77", "quantity": "1"}, 404, "not among the shop"),
        ("a foreign warehouse", {"warehouse_id": "77", "quantity": "1"}, 404, "does not belong"),
        ("an unknown act", {"act": "burn", "quantity": "1"}, 422, "burn"),
    ],
)
async def test_each_refusal_shows_the_form_again_and_moves_nothing(
    _case: str,
    fields: dict[str, Any],
    status: int,
    text: str,
    client: httpx.AsyncClient,
    pool: db.Pool,
    ids: IdMaker,
) -> None:
    keeper, shop, product_id, sku_id = await a_keeper(client, pool, ids)
    path = f"/merchant/{shop.id}/goods/{product_id}/stock"
    form = {"act": "receive", "sku_id": str(sku_id), "why": "keep this", **fields}
    answer = await keeper.post(path, page=path, data=form)
    assert answer.status_code == status
    assert text in answer.text
    assert 'value="keep this"' in answer.text
    assert await shelf(pool, shop, sku_id) == (10, 0)


async def test_lists_of_receipts_answer_row_by_row(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    keeper, shop, _, sku_id = await a_keeper(client, pool, ids)
    items = [
        {"sku_id": str(sku_id), "quantity": 5},
        {"sku_id": "77", "quantity": 5},
    ]
    answer = await keeper.api("POST", f"/shops/{shop.id}/stock/receipts", json={"items": items})
    assert [it["ok"] for it in answer.json()["items"]] == [True, False]
    many = {"items": items[:1] * 501}
    refused = await keeper.api("POST", f"/shops/{shop.id}/stock/receipts", json=many)
    assert refused.status_code == 413
    moves = await keeper.api("GET", f"/shops/{shop.id}/skus/{sku_id}/moves")
    assert [it["quantity"] for it in moves.json()["items"]] == [5, 10]
    assert (await keeper.api("GET", f"/shops/{shop.id}/skus/77/moves")).status_code == 404


async def test_another_shop_moves_nothing_here(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    _, shop, product_id, sku_id = await a_keeper(client, pool, ids)
    async with db.transaction(pool) as tx:
        other = await a_shop(tx, ids)
    owner = await a_person(client, pool, ids, other.owner_id)
    body = {"items": [{"sku_id": str(sku_id), "quantity": 5}]}
    answer = await owner.api("POST", f"/shops/{other.id}/stock/write-offs", json=body)
    assert answer.json()["items"][0]["errors"][0]["code"] == "catalogue.sku_not_found"
    refused = await owner.api("POST", f"/shops/{shop.id}/stock/write-offs", json=body)
    assert refused.status_code == 404
    assert (await owner.get(f"/merchant/{other.id}/goods/{product_id}/stock")).status_code == 404
    assert await shelf(pool, shop, sku_id) == (10, 0)
