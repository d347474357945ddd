"""Catalogue and stock in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from jishi.db import Tx
from jishi.flows import audit_products
from jishi.flows.audit_products import Asked
from jishi.flows.audit_products.writing import clear_shelf
from jishi.flows.list_products import guard, jumps
from jishi.flows.list_products.types import (
    Applied,
    PriceRow,
    ProductDraft,
    RowRefused,
    RowVerdict,
    RowWaiting,
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
from jishi.kit.pictures import is_picture
from jishi.kit.text import clean
from jishi.modules import catalogue, media, stock
from jishi.modules.catalogue import (
    Finding,
    NewPrice,
    NewProduct,
    NewSku,
    PictureInvalid,
    ProductNotFound,
    ProductState,
    SkuNotFound,
    Snapshot,
    Standing,
    audits,
)


class _ForPeople(Exception):  # noqa: N818 — undoes what was tried, never leaves this file
    def __init__(self, target: Snapshot, findings: Sequence[Finding]) -> None:
        self.target, self.findings = target, findings


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

    When rules or people must see the edit of a product on sale first, the former stays as it is and
    the edit waits in the audit; stock is counted either way. One that waits itself is taken back
    and, when the edit is fine, handed in again. Raises Refusals by field (``skus[3].price_minor`` …),
    ProductNotFound, ProductEdited.
    """
    await _check_pictures(tx, shop_id, draft)
    product = _product(draft, shop_id, product_id, ids)
    if product_id is None:
        async with catalogue.kept(tx, shop_id, [product.id], cause="written", by=actor_id, now=now):
            await _write(tx, draft, product, None, actor_id=actor_id, now=now)
        return product.id
    before = await _held(tx, shop_id, product.id)
    waited = before.state == ProductState.IN_AUDIT
    try:
        async with tx.transaction():
            if waited:
                await audits.withdraw(tx, shop_id, [product.id])
                await catalogue.leave_audit(tx, shop_id, product.id, now=now)
                version += version == before.version
            async with catalogue.kept(
                tx, shop_id, [product.id], cause="edited", by=actor_id, now=now
            ):
                await _write(tx, draft, product, version, actor_id=actor_id, now=now)
                if before.state == ProductState.LISTED:
                    await _judge(tx, before)
    except _ForPeople as found:
        await _wait(tx, draft, before, found, ids=ids, actor_id=actor_id, now=now)
        return product.id
    if waited:
        await list_product(tx, shop_id, product.id, maker=ids, by=actor_id, now=now)
    return product.id


async def _held(tx: Tx, shop_id: ShopId, product_id: ProductId) -> Standing:
    """Raises ProductNotFound."""
    await catalogue.hold_products(tx, shop_id, [product_id])
    found = (await catalogue.snapshots(tx, [product_id])).get(product_id)
    if found is None or found.shop_id != shop_id:
        raise ProductNotFound(product_id=product_id)
    return found


async def _judge(tx: Tx, before: Standing) -> None:
    """The rules on an edit that was just written. Raises Refusals, _ForPeople."""
    target = (await catalogue.snapshots(tx, [before.id]))[before.id].snapshot
    if not catalogue.differences(before.snapshot, target):
        return
    formers = {before.id: before.snapshot}
    targets = {before.id: target}
    found = await audit_products.examine(tx, before.shop_id, targets, formers=formers)
    refused = catalogue.refusals_of(found.get(before.id, ()))
    if refused:
        raise Refusals(refused)
    if found:
        raise _ForPeople(target, found[before.id])


async def _wait(
    tx: Tx,
    draft: ProductDraft,
    before: Standing,
    found: _ForPeople,
    *,
    ids: IdMaker,
    actor_id: AccountId,
    now: datetime,
) -> None:
    """The edit goes to people; what was counted of SKUs that stand counts at once."""
    changes = catalogue.differences(before.snapshot, found.target)
    asked = Asked(
        product_id=before.id, target=found.target, findings=found.findings, changes=changes
    )
    await audit_products.ask_people(
        tx, before.shop_id, [asked], source="edit", by=actor_id, ids=ids, now=now
    )
    standing = await _sku_ids(tx, before.shop_id, before.id)
    kept = replace(draft, skus=[it for it in draft.skus if _key(it.options) in standing])
    warehouse_id = (await stock.default_warehouses(tx, [before.shop_id]))[before.shop_id]
    await _count(tx, kept, standing, before.shop_id, warehouse_id, actor_id=actor_id, now=now)


async def _write(
    tx: Tx,
    draft: ProductDraft,
    product: NewProduct,
    version: int | None,
    *,
    actor_id: AccountId,
    now: datetime,
) -> None:
    """Goods, shelf and condition as typed. ``version`` None: a new product."""
    shop_id = product.shop_id
    before = {} if version is None else await _sku_ids(tx, shop_id, product.id)
    if version is None:
        (verdict,) = await catalogue.add_products(tx, [product], now=now)
        if isinstance(verdict, catalogue.Refused):
            raise Refusals(verdict.problems)
    else:
        await catalogue.edit_product(tx, product, version=version, now=now)
    after = await _sku_ids(tx, shop_id, product.id)
    warehouse_id = (await stock.default_warehouses(tx, [shop_id]))[shop_id]
    gone = [sku_id for options, sku_id in before.items() if options not in after]
    await clear_shelf(tx, shop_id, gone, actor_id=actor_id, now=now)
    await _count(tx, draft, after, shop_id, warehouse_id, actor_id=actor_id, now=now)
    await catalogue.set_condition(tx, shop_id, product.id, draft.condition)
    await guard.check_listed(tx, shop_id, product.id, now=now)


async def list_product(
    tx: Tx,
    shop_id: ShopId,
    product_id: ProductId,
    *,
    maker: IdMaker,
    by: AccountId,
    now: datetime,
) -> None:
    """Put one product on sale, or before people who look at it. Raises Refusals saying what it lacks."""
    (verdict,) = await guard.list_products(tx, shop_id, [product_id], maker=maker, by=by, now=now)
    if isinstance(verdict, catalogue.Refused):
        raise Refusals(verdict.problems)


async def apply_rows(
    tx: Tx,
    shop_id: ShopId,
    rows: Sequence[PriceRow],
    *,
    actor_id: AccountId,
    ids: IdMaker,
    now: datetime,
) -> list[RowVerdict]:
    """Set prices, stock of the default warehouse and switches: a verdict per row, same order.

    A row is applied whole or not at all: when its count is refused, its price stays as it was. Only a
    price that jumps waits for people (RowWaiting) while the rest of its row is applied.
    """
    known = await catalogue.skus_of_shop(tx, shop_id, [row.sku_id for row in rows])
    products = sorted(set(known.values()))
    problems: list[list[Refusal]] = [
        [] if row.sku_id in known else [SkuNotFound(field="sku_id", sku_id=row.sku_id)]
        for row in rows
    ]
    _check_prices(rows, problems)
    async with catalogue.kept(tx, shop_id, products, cause="table", by=actor_id, now=now):
        warehouse_id = (await stock.default_warehouses(tx, [shop_id]))[shop_id]
        # Counting comes first: only its outcome depends on what others do meanwhile.
        counted = [
            at for at, row in enumerate(rows) if row.on_hand is not None and not problems[at]
        ]
        counts = [_counted(rows[at], warehouse_id) for at in counted]
        verdicts = await stock.set_on_hand(tx, shop_id, counts, actor_id=actor_id, now=now)
        for at, verdict in zip(counted, verdicts, strict=True):
            if isinstance(verdict, stock.Refused):
                problems[at].append(verdict.problem)
        good = [row for row, found in zip(rows, problems, strict=True) if not found]
        waiting = await jumps.ask_about(
            tx, shop_id, good, known, actor_id=actor_id, ids=ids, now=now
        )
        await _change_goods(tx, shop_id, [jumps.without_price(it, waiting) for it in good], now=now)
    await audit_products.look_again(
        tx, shop_id, products, source="table", by=actor_id, ids=ids, now=now
    )
    return [
        RowRefused(tuple(found))
        if found
        else RowWaiting()
        if row.sku_id in waiting and row.price_minor is not None
        else Applied()
        for row, found in zip(rows, problems, strict=True)
    ]


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
    if not all(map(is_picture, draft.pictures)):
        raise PictureInvalid(field="pictures")
    asked = {MediaId(int(it["media_id"])) for it in draft.pictures if "media_id" in it}
    if asked - await media.media_of_shop(tx, shop_id, sorted(asked)):
        raise PictureInvalid(field="pictures")


async def _sku_ids(tx: Tx, shop_id: ShopId, product_id: ProductId) -> dict[tuple[str, ...], SkuId]:
    product = await catalogue.get_product(tx, shop_id, product_id)
    return {tuple(sku.options): sku.id for sku in product.skus}


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
