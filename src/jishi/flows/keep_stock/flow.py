"""Stock changes of a shop's own SKUs, a verdict per item."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from jishi.db import Tx
from jishi.kit.ids import AccountId, ShopId, WarehouseId
from jishi.modules import catalogue, stock
from jishi.modules.catalogue import SkuNotFound
from jishi.modules.stock import Change, Count, Refused, Verdict


class Act(StrEnum):
    RECEIVE = "receive"
    WRITE_OFF = "write_off"
    COUNT = "count"


async def change_stock(
    tx: Tx,
    shop_id: ShopId,
    act: Act,
    items: Sequence[Change],
    *,
    actor_id: AccountId,
    now: datetime,
) -> list[Verdict]:
    """Receive, write off, or count (``quantity`` is then what lies there): one verdict per item.

    Refused: SkuNotFound, WarehouseUnknown, QuantityInvalid, NotEnough, SameRowTwice.
    """
    known = await catalogue.skus_of_shop(tx, shop_id, [item.sku_id for item in items])
    good = [at for at, item in enumerate(items) if item.sku_id in known]
    kept = [items[at] for at in good]
    verdicts: list[Verdict] = [
        Refused(SkuNotFound(field="sku_id", sku_id=item.sku_id)) for item in items
    ]
    done = await _done(tx, shop_id, act, kept, actor_id=actor_id, now=now)
    for at, verdict in zip(good, done, strict=True):
        verdicts[at] = verdict
    return verdicts


async def _done(
    tx: Tx,
    shop_id: ShopId,
    act: Act,
    items: Sequence[Change],
    *,
    actor_id: AccountId,
    now: datetime,
) -> list[Verdict]:
    if act is Act.RECEIVE:
        return await stock.take_in(tx, shop_id, items, actor_id=actor_id, now=now)
    if act is Act.WRITE_OFF:
        return await stock.write_off(tx, shop_id, items, actor_id=actor_id, now=now)
    counts = [
        Count(sku_id=it.sku_id, warehouse_id=it.warehouse_id, on_hand=it.quantity, why=it.why)
        for it in items
    ]
    return await stock.set_on_hand(tx, shop_id, counts, actor_id=actor_id, now=now)


async def warehouse_or_default(
    tx: Tx, shop_id: ShopId, warehouse_id: WarehouseId | None
) -> WarehouseId:
    """The warehouse asked for; without one the shop's default."""
    if warehouse_id is not None:
        return warehouse_id
    return (await stock.default_warehouses(tx, [shop_id]))[shop_id]
