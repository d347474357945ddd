"""What the rest of Jishi may ask of stock. Each call runs inside the caller's transaction."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from jishi.db import Tx
from jishi.kit.errors import Refusal
from jishi.kit.ids import ID_MAX, ShopId, SkuId, WarehouseId
from jishi.kit.paging import PAGE_SIZE, Page, decode_cursor, page_of
from jishi.modules.stock import rules, storage
from jishi.modules.stock.types import (
    Change,
    Count,
    Done,
    JournalLine,
    Mismatch,
    Move,
    MoveKind,
    Place,
    Quantities,
    Refused,
    SameRowTwice,
    SameWarehouse,
    Shelf,
    Verdict,
    Warehouse,
    WarehouseUnknown,
)

Item = TypeVar("Item", Change, Count)


async def receive(
    tx: Tx,
    items: Sequence[Change],
    *,
    now: datetime,
    shop_id: ShopId | None = None,
    actor_id: int | None = None,
) -> dict[Place, int]:
    """Take goods in, any number of SKUs of any shops in one statement: on hand afterwards by place.

    All or nothing. ``shop_id`` set: only that shop's warehouses. The caller knows that the SKUs are
    the shop's. Raises QuantityInvalid, WarehouseUnknown.
    """
    for item in items:
        rules.check_quantity(item.quantity)
    if not items:
        return {}
    cleaned = [_with_reason(item) for item in items]
    on_hand = await storage.receive(tx, cleaned, shop_id=shop_id, actor_id=actor_id, now=now)
    for item in items:
        if (item.sku_id, item.warehouse_id) not in on_hand:
            raise WarehouseUnknown(field="warehouse_id", warehouse_id=item.warehouse_id)
    return on_hand


async def set_on_hand(
    tx: Tx,
    shop_id: ShopId,
    counts: Sequence[Count],
    *,
    now: datetime,
    actor_id: int | None = None,
) -> list[Verdict]:
    """Write what was counted; the difference is journalled as receive or take_out.

    One verdict per count, same order: QuantityInvalid, CountMoved, SameRowTwice, WarehouseUnknown.
    Held pieces are not on the shelf and stay untouched. The caller knows the SKUs are the shop's.
    """
    return await _change(tx, shop_id, counts, rules.counted, actor_id=actor_id, now=now)


async def write_off(
    tx: Tx,
    shop_id: ShopId,
    items: Sequence[Change],
    *,
    now: datetime,
    actor_id: int | None = None,
) -> list[Verdict]:
    """Give up broken or vanished pieces. One verdict per item: NotEnough, QuantityInvalid, …"""
    return await _change(tx, shop_id, items, _moves(MoveKind.LOSE), actor_id=actor_id, now=now)


async def take_in(
    tx: Tx,
    shop_id: ShopId,
    items: Sequence[Change],
    *,
    now: datetime,
    actor_id: int | None = None,
) -> list[Verdict]:
    """As ``receive`` for one shop, with a verdict per item: QuantityInvalid, WarehouseUnknown, …"""
    return await _change(tx, shop_id, items, _moves(MoveKind.RECEIVE), actor_id=actor_id, now=now)


async def give_out(
    tx: Tx,
    shop_id: ShopId,
    items: Sequence[Change],
    *,
    now: datetime,
    actor_id: int | None = None,
) -> list[Verdict]:
    """Pieces that leave without a sale, such as replacements. One verdict per item: NotEnough, …"""
    return await _change(tx, shop_id, items, _moves(MoveKind.TAKE_OUT), actor_id=actor_id, now=now)


def _moves(kind: MoveKind) -> Callable[[Quantities, Change], Move]:
    def wanted(_before: Quantities, item: Change) -> Move:
        return Move(
            sku_id=item.sku_id,
            warehouse_id=item.warehouse_id,
            kind=kind,
            quantity=item.quantity,
            why=rules.reason(item.why),
        )

    return wanted


async def recount(tx: Tx, sku_ids: Sequence[SkuId]) -> list[Mismatch]:
    """Make stock rows the sum of their moves; the rows that were not, with both states.

    A journal that is itself impossible breaks the table's CHECKs and raises.
    """
    return await storage.recount(tx, sku_ids)


async def quantities_of(tx: Tx, sku_ids: Sequence[SkuId]) -> dict[Place, Quantities]:
    """What stands of each SKU in each warehouse that ever had it, in one statement."""
    return await storage.quantities_of(tx, sku_ids)


async def list_moves(
    tx: Tx, sku_id: SkuId, *, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[JournalLine]:
    """The journal of a SKU, newest first. Raises CursorInvalid."""
    after = decode_cursor(cursor, int)
    rows = await storage.list_moves(tx, sku_id, before=after[0] if after else None, limit=size + 1)
    return page_of(rows, size, lambda line: (line.position,))


async def on_shelf(tx: Tx, sku_ids: Sequence[SkuId]) -> dict[Place, int]:
    """How many pieces can be had of each SKU where, in one statement; empty shelves are missing."""
    return await storage.on_shelf(tx, sku_ids)


async def list_shelves(
    tx: Tx, shop_id: ShopId, warehouse_id: WarehouseId, *, cursor: str | None, size: int = PAGE_SIZE
) -> Page[Shelf]:
    """Every SKU of the shop as it lies in one warehouse, newest product first. Raises CursorInvalid."""
    after = decode_cursor(cursor, int, int, int) or (ID_MAX, -1, 0)
    rows = await storage.shelves(
        tx, warehouse_id, shop_id, after=(after[0], after[1], after[2]), limit=size + 1
    )
    return page_of(rows, size, lambda it: (it.product_id, it.position, it.sku_id))


async def move_between(
    tx: Tx,
    shop_id: ShopId,
    sku_id: SkuId,
    quantity: int,
    *,
    source: Warehouse,
    target: Warehouse,
    actor_id: int,
    now: datetime,
) -> int:
    """Carry pieces from one warehouse to another: taken out there, received here, two lines of the
    journal with the same instant. What is left on the source's shelf.

    Raises SameWarehouse, QuantityInvalid, NotEnough, WarehouseUnknown. The caller knows that the SKU
    is the shop's.
    """
    if source.id == target.id:
        raise SameWarehouse(field="to_id")
    places = sorted([(sku_id, source.id), (sku_id, target.id)])
    held = await storage.lock_places(tx, places, shop_id=shop_id)
    if len(held) < len(places):
        raise WarehouseUnknown(field="to_id", warehouse_id=target.id)
    left = rules.moved(held[sku_id, source.id], MoveKind.TAKE_OUT, quantity)
    rules.moved(held[sku_id, target.id], MoveKind.RECEIVE, quantity)
    moves = [
        Move(
            sku_id=sku_id,
            warehouse_id=source.id,
            kind=MoveKind.TAKE_OUT,
            quantity=quantity,
            why=f"→ {target.name}",
        ),
        Move(
            sku_id=sku_id,
            warehouse_id=target.id,
            kind=MoveKind.RECEIVE,
            quantity=quantity,
            why=f"← {source.name}",
        ),
    ]
    await storage.write_moves(tx, moves, actor_id=actor_id, now=now)
    return left.on_hand


async def set_locations(
    tx: Tx, shop_id: ShopId, warehouse_id: WarehouseId, rows: Sequence[tuple[SkuId, str]]
) -> None:
    """Where SKUs lie in a warehouse, any number in one statement; the last of one SKU counts.

    The caller knows that the SKUs are the shop's. Raises TextTooLong, WarehouseUnknown.
    """
    names = {sku_id: rules.shelf_name(text) for sku_id, text in rows}
    places = sorted((sku_id, warehouse_id) for sku_id in names)
    held = await storage.lock_places(tx, places, shop_id=shop_id) if places else {}
    if len(held) < len(places):
        raise WarehouseUnknown(field="warehouse_id", warehouse_id=warehouse_id)
    await storage.set_locations(tx, warehouse_id, names)


async def _change(
    tx: Tx,
    shop_id: ShopId,
    items: Sequence[Item],
    decide: Callable[[Quantities, Item], Move | None],
    *,
    actor_id: int | None,
    now: datetime,
) -> list[Verdict]:
    places = [(item.sku_id, item.warehouse_id) for item in items]
    twice = {place for place, times in Counter(places).items() if times > 1}
    once = sorted(set(places) - twice)
    held = await storage.lock_places(tx, once, shop_id=shop_id) if once else {}
    verdicts: list[Verdict] = []
    moves: list[Move] = []
    for item, place in zip(items, places, strict=True):
        if place in twice:
            verdicts.append(Refused(SameRowTwice(field="sku_id", sku_id=item.sku_id)))
        elif place not in held:
            problem = WarehouseUnknown(field="warehouse_id", warehouse_id=item.warehouse_id)
            verdicts.append(Refused(problem))
        else:
            verdicts.append(_judge(held[place], item, decide, moves))
    if moves:
        await storage.write_moves(tx, moves, actor_id=actor_id, now=now)
    return verdicts


def _judge(
    before: Quantities,
    item: Item,
    decide: Callable[[Quantities, Item], Move | None],
    moves: list[Move],
) -> Verdict:
    try:
        move = decide(before, item)
        if move is None:
            return Done(before.on_hand)
        after = rules.moved(before, move.kind, move.quantity)
    except Refusal as problem:
        return Refused(problem)
    moves.append(move)
    return Done(after.on_hand)


def _with_reason(item: Change) -> Change:
    return Change(
        sku_id=item.sku_id,
        warehouse_id=item.warehouse_id,
        quantity=item.quantity,
        why=rules.reason(item.why),
    )
