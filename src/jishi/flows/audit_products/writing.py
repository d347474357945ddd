"""Writing a product back from a snapshot: an approved edit, or a former version."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Tx
from jishi.kit.ids import AccountId, IdMaker, ShopId, SkuId, cell_of
from jishi.modules import catalogue, stock
from jishi.modules.catalogue import Snapshot, Standing

REMOVED: Final = "combination removed"  # why pieces of a retired SKU leave the shelf


async def put_snapshot(
    tx: Tx,
    standing: Standing,
    target: Snapshot,
    *,
    actor_id: AccountId,
    ids: IdMaker,
    now: datetime,
) -> None:
    """Write ``target`` over a held product; its state stays. Raises Refusals, ConditionUnknown.

    The caller keeps the version (``catalogue.kept``). Pieces of SKUs that go leave the shelf.
    """
    cell = cell_of(standing.shop_id)
    fresh = [SkuId(ids.make(cell)) for it in target["skus"].values() if not it.get("id")]
    product = catalogue.product_of(target, standing.shop_id, standing.id, fresh)
    await catalogue.edit_product(tx, product, version=standing.version, now=now)
    await catalogue.set_condition(tx, standing.shop_id, standing.id, target["condition"])
    gone = [
        SkuId(int(sku["id"]))
        for key, sku in standing.snapshot["skus"].items()
        if key not in target["skus"]
    ]
    await clear_shelf(tx, standing.shop_id, gone, actor_id=actor_id, now=now)


async def clear_shelf(
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
