"""Stock against the real database: sets, verdicts, recount, races."""

import asyncio

import pytest

from jishi import db
from jishi.kit.ids import IdMaker, SkuId, WarehouseId
from jishi.modules import stock
from jishi.modules.stock import Change, Count, Done, MoveKind, Refused
from jishi.modules.stock.types import (
    CountMoved,
    NotEnough,
    QuantityInvalid,
    SameRowTwice,
    WarehouseUnknown,
)
from tests.support.goods import COLOURS, NOW, AShop, a_product, a_shop, add, receive


async def a_stocked_sku(tx: db.Tx, ids: IdMaker, pieces: int = 10) -> tuple[AShop, SkuId]:
    shop = await a_shop(tx, ids)
    product = a_product(shop, ids)
    await add(tx, product)
    sku_id = product.skus[0].id
    await receive(tx, shop, sku_id, pieces)
    return shop, sku_id


async def on_hand(tx: db.Tx, shop: AShop, sku_id: SkuId) -> int:
    return (await stock.quantities_of(tx, [sku_id]))[(sku_id, shop.warehouse_id)].on_hand


async def test_receiving_the_same_sku_twice_in_one_list_adds_up(tx: db.Tx, ids: IdMaker) -> None:
    shop, sku_id = await a_stocked_sku(tx, ids)
    item = Change(sku_id=sku_id, warehouse_id=shop.warehouse_id, quantity=4)
    assert await stock.receive(tx, [item, item], now=NOW) == {(sku_id, shop.warehouse_id): 18}
    assert [it.quantity for it in (await stock.list_moves(tx, sku_id)).items] == [4, 4, 10]


async def test_receiving_nothing_is_nothing(tx: db.Tx) -> None:
    assert await stock.receive(tx, [], now=NOW) == {}


async def test_receiving_into_a_foreign_warehouse_is_refused_whole(tx: db.Tx, ids: IdMaker) -> None:
    shop, sku_id = await a_stocked_sku(tx, ids)
    foreign = WarehouseId(shop.warehouse_id + 999)
    with pytest.raises(WarehouseUnknown):
        await stock.receive(tx, [Change(sku_id=sku_id, warehouse_id=foreign, quantity=1)], now=NOW)


@pytest.mark.parametrize("quantity", [0, -1, 10**9])
async def test_receiving_an_impossible_quantity_is_refused(
    tx: db.Tx, ids: IdMaker, quantity: int
) -> None:
    shop, sku_id = await a_stocked_sku(tx, ids)
    item = Change(sku_id=sku_id, warehouse_id=shop.warehouse_id, quantity=quantity)
    with pytest.raises(QuantityInvalid):
        await stock.receive(tx, [item], now=NOW)


async def test_a_list_of_counts_answers_each_and_one_bad_row_hurts_no_other(
    tx: db.Tx, ids: IdMaker
) -> None:
    shop = await a_shop(tx, ids)
    product = a_product(shop, ids, attributes=COLOURS)
    await add(tx, product)
    red, blue = (sku.id for sku in product.skus)
    place = shop.warehouse_id
    verdicts = await stock.set_on_hand(
        tx,
        shop.id,
        [
            Count(sku_id=red, warehouse_id=place, on_hand=7),
            Count(sku_id=blue, warehouse_id=place, on_hand=-1),
            Count(sku_id=red, warehouse_id=WarehouseId(5), on_hand=1),
        ],
        now=NOW,
    )
    assert verdicts[0] == Done(7)
    assert [type(it.problem) for it in verdicts[1:] if isinstance(it, Refused)] == [
        QuantityInvalid,
        WarehouseUnknown,
    ]
    assert await on_hand(tx, shop, red) == 7
    assert await on_hand(tx, shop, blue) == 0


async def test_the_same_row_twice_is_refused_and_neither_counts(tx: db.Tx, ids: IdMaker) -> None:
    shop, sku_id = await a_stocked_sku(tx, ids)
    count = Count(sku_id=sku_id, warehouse_id=shop.warehouse_id, on_hand=3)
    verdicts = await stock.set_on_hand(tx, shop.id, [count, count], now=NOW)
    assert all(isinstance(it, Refused) and isinstance(it.problem, SameRowTwice) for it in verdicts)
    assert await on_hand(tx, shop, sku_id) == 10


async def test_a_count_against_a_changed_shelf_is_refused(tx: db.Tx, ids: IdMaker) -> None:
    shop, sku_id = await a_stocked_sku(tx, ids)
    count = Count(sku_id=sku_id, warehouse_id=shop.warehouse_id, on_hand=3, seen=12)
    (verdict,) = await stock.set_on_hand(tx, shop.id, [count], now=NOW)
    assert isinstance(verdict, Refused)
    assert isinstance(verdict.problem, CountMoved)
    assert verdict.problem.facts == {"on_hand": 10, "seen": 12}


async def test_no_one_counts_or_writes_off_in_another_shop(tx: db.Tx, ids: IdMaker) -> None:
    shop, sku_id = await a_stocked_sku(tx, ids)
    other = await a_shop(tx, ids)
    change = Change(sku_id=sku_id, warehouse_id=shop.warehouse_id, quantity=1)
    for verdicts in (
        await stock.write_off(tx, other.id, [change], now=NOW),
        await stock.take_in(tx, other.id, [change], now=NOW),
    ):
        assert isinstance(verdicts[0], Refused)
        assert isinstance(verdicts[0].problem, WarehouseUnknown)
    assert await on_hand(tx, shop, sku_id) == 10


async def test_more_than_there_is_cannot_be_written_off(tx: db.Tx, ids: IdMaker) -> None:
    shop, sku_id = await a_stocked_sku(tx, ids)

    def lose(quantity: int) -> Change:
        return Change(sku_id=sku_id, warehouse_id=shop.warehouse_id, quantity=quantity, why="碎了")

    (verdict,) = await stock.write_off(tx, shop.id, [lose(11)], now=NOW)
    assert isinstance(verdict, Refused)
    assert isinstance(verdict.problem, NotEnough)
    assert await stock.write_off(tx, shop.id, [lose(10)], now=NOW) == [Done(0)]
    newest = (await stock.list_moves(tx, sku_id)).items[0]
    assert (newest.kind, newest.quantity, newest.why) == (MoveKind.LOSE, 10, "碎了")


async def test_a_recount_finds_and_repairs_a_row_that_is_not_its_journal(
    tx: db.Tx, ids: IdMaker
) -> None:
    _, sku_id = await a_stocked_sku(tx, ids)
    assert await stock.recount(tx, [sku_id]) == []
    await tx.execute(
        "UPDATE stock SET on_hand = 8, received = 8 WHERE cell = cell_of($1) AND sku_id = $1",
        sku_id,
    )
    (mended,) = await stock.recount(tx, [sku_id])
    assert (mended.before.on_hand, mended.after.on_hand) == (8, 10)
    assert await stock.recount(tx, [sku_id]) == []


async def test_the_journal_pages_from_the_newest(tx: db.Tx, ids: IdMaker) -> None:
    shop, sku_id = await a_stocked_sku(tx, ids)
    for quantity in range(1, 6):
        await receive(tx, shop, sku_id, quantity)
    first = await stock.list_moves(tx, sku_id, size=4)
    rest = await stock.list_moves(tx, sku_id, size=4, cursor=first.next_cursor)
    assert [it.quantity for it in first.items + rest.items] == [5, 4, 3, 2, 1, 10]
    assert rest.next_cursor is None


async def test_twelve_writing_off_the_same_ten_pieces_lose_exactly_ten(
    pool: db.Pool, ids: IdMaker
) -> None:
    async with db.transaction(pool) as tx:
        shop, sku_id = await a_stocked_sku(tx, ids)
    change = Change(sku_id=sku_id, warehouse_id=shop.warehouse_id, quantity=1)

    async def lose() -> bool:
        async with db.transaction(pool) as tx:
            (verdict,) = await stock.write_off(tx, shop.id, [change], now=NOW)
            await asyncio.sleep(0.005)
            return isinstance(verdict, Done)

    outcomes = await asyncio.gather(*(lose() for _ in range(12)))
    assert sum(outcomes) == 10
    async with db.transaction(pool) as tx:
        standing = (await stock.quantities_of(tx, [sku_id]))[(sku_id, shop.warehouse_id)]
        assert (standing.on_hand, standing.lost, standing.received) == (0, 10, 10)
        assert await stock.recount(tx, [sku_id]) == []


async def test_lists_in_opposite_order_do_not_lock_each_other_out(
    pool: db.Pool, ids: IdMaker
) -> None:
    async with db.transaction(pool) as tx:
        shop = await a_shop(tx, ids)
        product = a_product(shop, ids, attributes=COLOURS)
        await add(tx, product)
    counts = [
        Count(sku_id=sku.id, warehouse_id=shop.warehouse_id, on_hand=5) for sku in product.skus
    ]

    async def count(backwards: bool) -> None:  # noqa: FBT001
        for _ in range(10):
            async with db.transaction(pool) as tx:
                mine = counts[::-1] if backwards else counts
                await stock.set_on_hand(tx, shop.id, mine, now=NOW)
                changes = [
                    Change(sku_id=it.sku_id, warehouse_id=it.warehouse_id, quantity=1)
                    for it in mine
                ]
                await stock.receive(tx, changes, now=NOW)

    await asyncio.gather(count(backwards=False), count(backwards=True))
    async with db.transaction(pool) as tx:
        assert await stock.recount(tx, [sku.id for sku in product.skus]) == []
