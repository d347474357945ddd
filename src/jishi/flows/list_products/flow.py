"""Catalogue and stock in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from jishi.db import Tx
from jishi.flows.list_products.types import (
    Applied,
    PriceRow,
    ProductDraft,
    RowRefused,
    RowVerdict,
)
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import (
    AccountId,
    IdMaker,
    MediaId,
    ProductId,
    ShopId,
    SkuId,
    WarehouseId,
    cell_of,
)
from jishi.kit.text import clean
from jishi.modules import catalogue, media, stock
from jishi.modules.catalogue import NewPrice, NewProduct, NewSku, PictureInvalid, SkuNotFound

REMOVED = "combination removed"  # why pieces of a retired SKU leave the shelf


async def save_product(
    tx: Tx,
    draft: ProductDraft,
    *,
    shop_id: ShopId,
    product_id: ProductId | None,
    version: int,
    ids: IdMaker,
    actor_id: AccountId,
    now: datetime,
) -> ProductId:
    """Write a new product (``product_id`` None) or rewrite one, and count its stock as typed.

    Raises Refusals by field (``skus[3].price_minor`` …), ProductNotFound, ProductEdited.
    """
    await _check_pictures(tx, shop_id, draft)
    is_new = product_id is None
    product = _product(draft, shop_id, product_id, ids)
    before = {} if is_new else await _sku_ids(tx, shop_id, product.id)
    if is_new:
        (verdict,) = await catalogue.add_products(tx, [product], now=now)
        if isinstance(verdict, catalogue.Refused):
            raise Refusals(verdict.problems)
    else:
        await catalogue.edit_product(tx, product, version=version, now=now)
    after = await _sku_ids(tx, shop_id, product.id)
    warehouse_id = (await stock.default_warehouses(tx, [shop_id]))[shop_id]
    gone = [sku_id for options, sku_id in before.items() if options not in after]
    await _clear(tx, shop_id, gone, actor_id=actor_id, now=now)
    await _count(tx, draft, after, shop_id, warehouse_id, actor_id=actor_id, now=now)
    return product.id


async def list_product(tx: Tx, shop_id: ShopId, product_id: ProductId, *, now: datetime) -> None:
    """Put one product on sale. Raises Refusals saying what it lacks."""
    (verdict,) = await catalogue.list_products(tx, shop_id, [product_id], now=now)
    if isinstance(verdict, catalogue.Refused):
        raise Refusals(verdict.problems)


async def apply_rows(
    tx: Tx,
    shop_id: ShopId,
    rows: Sequence[PriceRow],
    *,
    actor_id: AccountId,
    now: datetime,
) -> list[RowVerdict]:
    """Set prices, stock of the default warehouse and switches: a verdict per row, same order.

    A row is applied whole or not at all: when its count is refused, its price stays as it was.
    """
    known = await catalogue.skus_of_shop(tx, shop_id, [row.sku_id for row in rows])
    await catalogue.hold_products(tx, shop_id, sorted(set(known.values())))
    problems: list[list[Refusal]] = [
        [] if row.sku_id in known else [SkuNotFound(field="sku_id", sku_id=row.sku_id)]
        for row in rows
    ]
    _check_prices(rows, problems)
    warehouse_id = (await stock.default_warehouses(tx, [shop_id]))[shop_id]
    # Counting comes first: only its outcome depends on what others do meanwhile.
    counted = [at for at, row in enumerate(rows) if row.on_hand is not None and not problems[at]]
    counts = [_counted(rows[at], warehouse_id) for at in counted]
    verdicts = await stock.set_on_hand(tx, shop_id, counts, actor_id=actor_id, now=now)
    for at, verdict in zip(counted, verdicts, strict=True):
        if isinstance(verdict, stock.Refused):
            problems[at].append(verdict.problem)
    good = [row for row, found in zip(rows, problems, strict=True) if not found]
    await _change_goods(tx, shop_id, good, now=now)
    return [RowRefused(tuple(found)) if found else Applied() for found in problems]


def _check_prices(rows: Sequence[PriceRow], problems: list[list[Refusal]]) -> None:
    for at, row in enumerate(rows):
        if row.price_minor is not None:
            problems[at] += catalogue.price_problems(row.price_minor, row.list_price_minor)


async def _change_goods(
    tx: Tx, shop_id: ShopId, good: Sequence[PriceRow], *, now: datetime
) -> None:
    prices = {
        row.sku_id: NewPrice(price_minor=row.price_minor, list_price_minor=row.list_price_minor)
        for row in good
        if row.price_minor is not None
    }
    switches = {row.sku_id: row.enabled for row in good if row.enabled is not None}
    if prices:
        await catalogue.change_prices(tx, shop_id, prices, now=now)
    if switches:
        await catalogue.set_on_sale(tx, shop_id, switches, now=now)


def _product(
    draft: ProductDraft, shop_id: ShopId, product_id: ProductId | None, ids: IdMaker
) -> NewProduct:
    cell = cell_of(shop_id)
    return NewProduct(
        id=ProductId(ids.make(cell)) if product_id is None else product_id,
        shop_id=shop_id,
        category_id=draft.category_id,
        title=draft.title,
        title_en=draft.title_en,
        brand=draft.brand,
        description=draft.description,
        attributes=draft.attributes,
        pictures=draft.pictures,
        skus=tuple(
            NewSku(
                id=SkuId(ids.make(cell)),
                options=row.options,
                price_minor=row.price_minor,
                list_price_minor=row.list_price_minor,
                code=row.code,
                weight_grams=row.weight_grams,
                enabled=row.enabled,
            )
            for row in draft.skus
        ),
    )


async def _check_pictures(tx: Tx, shop_id: ShopId, draft: ProductDraft) -> None:
    """Raises PictureInvalid for a picture another shop uploaded."""
    asked = {MediaId(int(it["media_id"])) for it in draft.pictures if "media_id" in it}
    if asked - await media.media_of_shop(tx, shop_id, sorted(asked)):
        raise PictureInvalid(field="pictures")


async def _sku_ids(tx: Tx, shop_id: ShopId, product_id: ProductId) -> dict[tuple[str, ...], SkuId]:
    product = await catalogue.get_product(tx, shop_id, product_id)
    return {tuple(sku.options): sku.id for sku in product.skus}


async def _clear(
    tx: Tx, shop_id: ShopId, gone: Sequence[SkuId], *, actor_id: AccountId, now: datetime
) -> None:
    """Nothing may lie on the shelf of a SKU that no longer exists; what is held stays held."""
    standing = await stock.quantities_of(tx, gone) if gone else {}
    counts = [
        stock.Count(sku_id=sku_id, warehouse_id=warehouse_id, on_hand=0, why=REMOVED)
        for (sku_id, warehouse_id), quantities in standing.items()
        if quantities.on_hand
    ]
    if counts:
        await stock.set_on_hand(tx, shop_id, counts, actor_id=actor_id, now=now)


async def _count(
    tx: Tx,
    draft: ProductDraft,
    sku_ids: Mapping[tuple[str, ...], SkuId],
    shop_id: ShopId,
    warehouse_id: WarehouseId,
    *,
    actor_id: AccountId,
    now: datetime,
) -> None:
    """Raises Refusals for counts that are wrong or meet a shelf that has changed."""
    rows = [
        (at, row)
        for at, row in enumerate(draft.skus)
        if row.on_hand is not None and row.on_hand != row.seen
    ]
    counts = [
        stock.Count(
            sku_id=sku_ids[_key(row.options)],
            warehouse_id=warehouse_id,
            on_hand=row.on_hand if row.on_hand is not None else 0,
            seen=row.seen,
        )
        for _at, row in rows
    ]
    verdicts = await stock.set_on_hand(tx, shop_id, counts, actor_id=actor_id, now=now)
    refused: list[Refusal] = []
    for (at, _row), verdict in zip(rows, verdicts, strict=True):
        if isinstance(verdict, stock.Refused):
            verdict.problem.field = f"skus[{at}].on_hand"
            refused.append(verdict.problem)
    if refused:
        raise Refusals(refused)


def _key(options: Sequence[str]) -> tuple[str, ...]:
    return tuple(clean(value) for value in options)


def _counted(row: PriceRow, warehouse_id: WarehouseId) -> stock.Count:
    assert row.on_hand is not None
    return stock.Count(
        sku_id=row.sku_id, warehouse_id=warehouse_id, on_hand=row.on_hand, seen=row.seen
    )
