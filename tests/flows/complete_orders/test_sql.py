from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest

from jishi.db import Tx
from jishi.flows.complete_orders import CompleteVerdict, Completion, complete
from jishi.flows.complete_orders.rules import judge, settle
from jishi.kit.ids import AccountId, IdMaker, OrderId
from jishi.modules.orders import OrderState
from tests.support.book import Kept, a_book, kept_order, last_of, with_repeats
from tests.support.invariants import Sound
from tests.support.makers import NOON, events_of
from tests.support.plans import reading

LATER = NOON + timedelta(hours=1)


def judged(orders: dict[OrderId, Kept], batch: Sequence[Completion]) -> list[CompleteVerdict]:
    """The rule on one item after the other; ``orders`` stand as they would afterwards."""
    verdicts = []
    for asked in batch:
        kept = orders.get(asked.order_id)
        verdict = judge(
            state=kept.state if kept else None,
            is_theirs=kept is not None and asked.buyer_id in (None, kept.buyer_id),
        )
        if verdict is CompleteVerdict.COMPLETED:
            assert kept
            kept.state, kept.version = OrderState.COMPLETED, kept.version + 1
        verdicts.append(verdict)
    return verdicts


def wishes(chance: Random, ids: IdMaker, orders: Sequence[Kept]) -> list[Completion]:
    made = []
    for kept in orders:
        buyer = chance.choice([kept.buyer_id, kept.buyer_id, None, AccountId(ids.make(7))])
        made.append(Completion(order_id=kept.id, buyer_id=buyer, at=LATER))
    made += [
        Completion(order_id=OrderId(ids.make(cell)), buyer_id=None, at=LATER) for cell in range(9)
    ]
    return with_repeats(chance, made)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_the_function_judges_as_the_rule(
    tx: Tx, ids: IdMaker, sound: Sound, seed: int
) -> None:
    chance = Random(seed)
    book = await a_book(tx, ids, chance)
    batch = wishes(chance, ids, book.orders)
    orders = {kept.id: kept for kept in book.orders}
    before = {kept.id: kept.version for kept in book.orders}
    verdicts = await complete(tx, batch)
    assert verdicts == judged(orders, batch)
    assert set(verdicts) == set(CompleteVerdict)
    for kept in orders.values():
        after = await kept_order(tx, kept.id)
        assert (after.state, after.version) == (kept.state, kept.version)
        told = (await events_of(tx, kept.id)).count("orders.completed")
        was_before = kept.state is OrderState.COMPLETED and kept.version == before[kept.id]
        assert told == (1 if kept.version > before[kept.id] or was_before else 0)
    await sound(tx)


async def test_what_a_shop_gets_is_what_the_rule_says(tx: Tx, ids: IdMaker) -> None:
    book = await a_book(tx, ids, Random(4), each=3)
    shipped = [kept for kept in book.orders if kept.state is OrderState.SHIPPED]
    await complete(tx, [Completion(order_id=one.id, buyer_id=None, at=NOON) for one in shipped])
    for kept in shipped:
        want = settle(amount_minor=kept.amount_minor, refunded_minor=0, fee_bp=kept.fee_bp)
        rows = await tx.fetch(
            "SELECT p.kind, p.party_id, p.amount_minor FROM ledger_transfer t"
            " JOIN ledger_posting p ON p.cell = t.cell AND p.transfer_id = t.id"
            " WHERE t.order_id = $1 AND t.kind = 'complete' ORDER BY p.posting",
            kept.id,
        )
        assert {(row["kind"], row["party_id"]): row["amount_minor"] for row in rows} == {
            ("escrow", kept.shop_id): kept.amount_minor,
            ("payable:shop", kept.shop_id): -want.shop_minor,
            ("fee", 0): -want.fee_minor,
        }


async def test_a_step_says_who_when_and_why(tx: Tx, ids: IdMaker) -> None:
    book = await a_book(tx, ids, Random(5), each=1)
    kept = next(one for one in book.orders if one.state is OrderState.SHIPPED)
    await complete(tx, [Completion(order_id=kept.id, buyer_id=kept.buyer_id, at=LATER)])
    step = await tx.fetchrow(
        "SELECT * FROM sale_order_step WHERE order_id = $1 ORDER BY version DESC LIMIT 1", kept.id
    )
    assert (step["state"], step["actor"], step["actor_id"], step["why"], step["occurred_at"]) == (
        100, "buyer", kept.buyer_id, "confirmed", LATER,
    )  # fmt: skip


@pytest.mark.parametrize("size", [1, 128, 500])
async def test_a_batch_of_any_size_costs_by_its_size_alone(tx: Tx, ids: IdMaker, size: int) -> None:
    book = await a_book(tx, ids, Random(6), each=1)
    kept = next(one for one in book.orders if one.state is OrderState.SHIPPED)
    asked = last_of(size, ids, kept.id)
    batch = [Completion(order_id=each, buyer_id=None, at=NOON) for each in asked]
    async with reading(tx) as reads:
        verdicts = await complete(tx, batch)
    assert verdicts == [CompleteVerdict.UNKNOWN] * (size - 1) + [CompleteVerdict.COMPLETED]
    assert reads.scanned == []
