"""Makers of shops, products and stock for tests."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product as combine
from typing import Any

from jishi.db import Tx
from jishi.flows.open_shop import open_shop
from jishi.kit.ids import AccountId, IdMaker, ProductId, ShopId, SkuId, WarehouseId, cell_of
from jishi.modules import accounts, catalogue, stock
from jishi.modules.catalogue import Attribute, NewProduct, NewSku
from jishi.modules.shops import NewShop

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class AShop:
    id: ShopId
    warehouse_id: WarehouseId
    owner_id: AccountId
    leaf: int
    branch: int


async def an_account(tx: Tx, ids: IdMaker, name: str = "林知夏") -> AccountId:
    login = f"p{ids.make(1)}@example.test"
    return await accounts.open_account(
        tx, ids, name=name, logins=[login], password_hash=None, locale=None, now=NOW
    )


async def a_shop(tx: Tx, ids: IdMaker, *, name: str = "山里来信", **fields: Any) -> AShop:
    owner_id = await an_account(tx, ids)
    shop_id, warehouse_id = await open_shop(
        tx, NewShop(name=name, **fields), owner_id=owner_id, ids=ids, now=NOW
    )
    leaf = await tx.fetchval("SELECT id FROM category WHERE is_leaf ORDER BY id LIMIT 1")
    branch = await tx.fetchval("SELECT id FROM category WHERE NOT is_leaf ORDER BY id LIMIT 1")
    return AShop(shop_id, warehouse_id, owner_id, leaf, branch)


def a_product(shop: AShop, ids: IdMaker, **fields: Any) -> NewProduct:
    """A listable draft; ``attributes`` makes a SKU per combination at ¥10, ¥11, …"""
    cell = cell_of(shop.id)
    attributes = fields.get("attributes", ())
    skus = tuple(
        NewSku(id=SkuId(ids.make(cell)), options=options, price_minor=1000 + 100 * at)
        for at, options in enumerate(combine(*(it.values for it in attributes)))
    )
    plain = NewProduct(
        id=ProductId(ids.make(cell)),
        shop_id=shop.id,
        category_id=shop.leaf,
        title="徐香猕猴桃",
        skus=skus,
        pictures=({"art": "1f95d"},),
    )
    return replace(plain, **fields)


async def add(tx: Tx, *products: NewProduct) -> list[catalogue.AddVerdict]:
    return await catalogue.add_products(tx, products, now=NOW)


async def receive(tx: Tx, shop: AShop, sku_id: SkuId, quantity: int) -> None:
    change = stock.Change(sku_id=sku_id, warehouse_id=shop.warehouse_id, quantity=quantity)
    await stock.receive(tx, [change], now=NOW)


COLOURS = (Attribute(name="颜色", values=("红", "蓝")),)
