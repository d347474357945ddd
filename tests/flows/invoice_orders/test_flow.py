from datetime import timedelta
from typing import Any

import pytest

from jishi.db import Pool, Tx, transaction
from jishi.flows.invoice_orders import flow
from jishi.flows.refund_orders import Goods, RefundAsked, RefundLine, refund
from jishi.kit.errors import NotFound, Refusal
from jishi.kit.ids import IdMaker, OrderId, ShopId
from jishi.modules.invoices import Invoice, InvoiceState, read_title, service
from jishi.modules.invoices.types import (
    AmountOver,
    InvoiceMoved,
    InvoiceNotFound,
    InvoiceTwice,
    Kept,
    NothingToInvoice,
    OrderNotPaid,
    RedStays,
    TitleId,
    TitlesTooMany,
)
from tests.support.makers import CONFIRM_AFTER, NOON, Town, a_town, an_order, at_once, committed

pytestmark = pytest.mark.usefixtures("sound")
TITLE = read_title("company", "Harbour Tea", "91350100M000100Y43", "till@harbour.example")
KEPT = Kept(sha256=bytes(32), media_type="application/pdf", length=9)
CLERK = 77


async def wanted(tx: Tx, ids: IdMaker, town: Town, order_id: OrderId, **changes: Any) -> Invoice:
    buyer_id = town.buyers[0].account_id
    facts: dict[str, Any] = {"buyer_id": buyer_id, "maker": ids, "now": NOON}
    return await flow.ask(tx, order_id, TITLE, **{**facts, **changes})


async def issued(
    tx: Tx, it: Invoice, minor: int | None = None, *, shop: ShopId | None = None
) -> Invoice:
    return await flow.issue(
        tx, shop or it.shop_id, it.id, typed_minor=minor, form="tax", number="24110000", kept=KEPT,
        by=CLERK, now=NOON,
    )  # fmt: skip


async def give_back(
    tx: Tx, ids: IdMaker, order_id: OrderId, *, minor: int | None, pieces: int = 0
) -> None:
    line = RefundLine(line=1, quantity=pieces, amount_minor=minor)
    verdicts = await refund(
        tx,
        [RefundAsked(order_id=order_id, actor="shop", at=NOON, why="other", goods=Goods.KEPT, lines=[line])],
        ids, confirm_after=CONFIRM_AFTER,
    )  # fmt: skip
    assert str(verdicts[0][0]) == "refunded", verdicts
    await flow.correct(tx, order_id, int(verdicts[0][1] or 0), maker=ids, now=NOON)


async def of(tx: Tx, order_id: OrderId) -> list[tuple[str, str, int | None]]:
    return [
        (it.kind, it.state.value, it.amount_minor) for it in await service.of_order(tx, order_id)
    ]


async def test_an_invoice_is_frozen_and_followed_by_corrections(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, shops=1, price_minor=1_000)
    order_id = await committed(
        pool, lambda tx: an_order(tx, ids, town, until="completed", pieces=5)
    )
    async with transaction(pool) as tx:
        await give_back(tx, ids, order_id, minor=100)  # before: nothing to correct
        it = await wanted(tx, ids, town, order_id)
        assert it.due_at == NOON + timedelta(days=3)
        with pytest.raises(AmountOver):
            await issued(tx, it, 5_000)
        done = await issued(tx, it, 4_900)
        assert (done.state, done.amount_minor) == (InvoiceState.ISSUED, 4_900)
        with pytest.raises(InvoiceMoved):
            await issued(tx, it, 4_900)
        await give_back(tx, ids, order_id, minor=900)
        await give_back(tx, ids, order_id, minor=1_000)
        red = (await service.of_order(tx, order_id))[1]
        with pytest.raises(RedStays):
            await flow.refuse(tx, red.shop_id, red.id, why="no", now=NOON)
        assert (await issued(tx, red, 900)).amount_minor == -900
        await give_back(tx, ids, order_id, minor=None, pieces=5)  # all the rest
        assert await of(tx, order_id) == [
            ("blue", "issued", 4_900), ("red", "issued", -900), ("red", "asked", -1_000),
            ("red", "asked", -3_000),
        ]  # fmt: skip


async def test_the_same_refund_told_again_corrects_nothing_more(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids, shops=1, price_minor=1_000)
    order_id = await an_order(tx, ids, town, until="completed")
    await issued(tx, await wanted(tx, ids, town, order_id))
    await give_back(tx, ids, order_id, minor=10)
    for refund_id in (1, 2, 3):
        await flow.correct(tx, order_id, refund_id, maker=ids, now=NOON)
    assert await of(tx, order_id) == [("blue", "issued", 1_000), ("red", "asked", -10)]


async def test_a_waiting_invoice_of_a_refunded_order_ends(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids, shops=1, price_minor=1_000)
    order_id = await an_order(tx, ids, town, until="completed")
    it = await wanted(tx, ids, town, order_id)
    await give_back(tx, ids, order_id, minor=None, pieces=1)
    assert await of(tx, order_id) == [("blue", "cancelled", None)]
    with pytest.raises(InvoiceMoved):
        await issued(tx, it)
    with pytest.raises(NothingToInvoice):
        await wanted(tx, ids, town, order_id)


async def test_who_may_not_ask_and_what_for(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, shops=1)
    unpaid, paid = [
        await committed(pool, lambda tx, until=until: an_order(tx, ids, town, until=until))
        for until in ("unpaid", "to_ship")
    ]
    async with transaction(pool) as tx:
        with pytest.raises(OrderNotPaid):
            await wanted(tx, ids, town, unpaid)
        for changes in ({"buyer_id": town.buyers[1].account_id},):
            with pytest.raises(NotFound):
                await wanted(tx, ids, town, paid, **changes)
        with pytest.raises(NotFound):
            await wanted(tx, ids, town, OrderId(ids.make(3)))
        it = await wanted(tx, ids, town, paid)
        with pytest.raises(InvoiceNotFound):
            await issued(tx, it, shop=ShopId(ids.make(3)))
        await flow.cancel(tx, paid, buyer_id=town.buyers[0].account_id, now=NOON)
        with pytest.raises(NotFound):
            await flow.cancel(tx, paid, buyer_id=town.buyers[0].account_id, now=NOON)
        again = await wanted(tx, ids, town, paid)
        await flow.refuse(tx, again.shop_id, again.id, why="Title unclear", now=NOON)
        await wanted(tx, ids, town, paid)


async def test_of_many_wishes_at_once_one_stands(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, shops=1)
    order_id = await committed(pool, lambda tx: an_order(tx, ids, town, until="to_ship"))

    async def one(tx: Tx) -> object:
        try:
            return await wanted(tx, ids, town, order_id)
        except Refusal as no:
            return type(no)

    said = await at_once(pool, *[one] * 6)
    assert sorted(str(it is InvoiceTwice) for it in said) == ["False"] + ["True"] * 5


async def test_a_refund_and_an_issue_at_once_add_up(pool: Pool, ids: IdMaker) -> None:
    for _ in range(5):
        town = await a_town(pool, ids, shops=1, price_minor=1_000)
        order_id = await committed(pool, lambda tx, t=town: an_order(tx, ids, t, until="completed"))
        it = await committed(pool, lambda tx, t=town, o=order_id: wanted(tx, ids, t, o))

        async def back(tx: Tx, order_id: OrderId = order_id) -> None:
            await give_back(tx, ids, order_id, minor=300)

        async def issue(tx: Tx, it: Invoice = it) -> None:
            await issued(tx, it)

        await at_once(pool, back, issue)
        async with transaction(pool) as tx:
            await flow.correct(tx, order_id, 9, maker=ids, now=NOON)
            assert sum(amount or 0 for _, _, amount in await of(tx, order_id)) == 700


async def test_shops_are_reminded_twice_and_not_of_what_is_issued(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, shops=1)
    first, second = [
        await committed(pool, lambda tx: an_order(tx, ids, town, until="to_ship")) for _ in range(2)
    ]
    async with transaction(pool) as tx:
        waiting = await wanted(tx, ids, town, first)
        await issued(tx, await wanted(tx, ids, town, second))
        for days in (1, 2, 3, 4):
            while await flow.remind(tx, now=NOON + timedelta(days=days), limit=100):
                pass
        told = await tx.fetch(
            "SELECT kind, subject_id FROM notice WHERE shop_id = $1 AND kind = 'shop.invoice_due'",
            town.shops[0],
        )
    assert {row["subject_id"] for row in told} == {waiting.id}
    assert len(told) == 2


async def test_titles_are_saved_once_and_bounded(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids, shops=1)
    me, other = (it.account_id for it in town.buyers)
    cell = flow.cell_of(me)
    kept = [
        await service.save_title(tx, me, TitleId(ids.make(cell)), TITLE, now=NOON) for _ in range(3)
    ]
    assert len(set(kept)) == 1
    with pytest.raises(Refusal):
        await service.remove_title(tx, other, kept[0])
    for at in range(19):
        await service.save_title(
            tx, me, TitleId(ids.make(cell)), read_title("person", f"No {at}"), now=NOON
        )
    with pytest.raises(TitlesTooMany):
        await service.save_title(
            tx, me, TitleId(ids.make(cell)), read_title("person", "More"), now=NOON
        )
    await service.remove_title(tx, me, kept[0])
    assert len(await service.list_titles(tx, me)) == 19
