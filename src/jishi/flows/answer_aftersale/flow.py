"""Move cases: lock, decide, give money back, move stock, write. Batches of any mixture of deeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from jishi.db import Pool, Tx
from jishi.db.retry import in_transaction
from jishi.flows.answer_aftersale import rules, storage
from jishi.flows.answer_aftersale.freight import pay_freight
from jishi.flows.answer_aftersale.storage import Around
from jishi.flows.quote import price_now
from jishi.flows.refund_orders import RefundOrderVerdict, refund
from jishi.kit.errors import Refusal
from jishi.kit.ids import AccountId, CaseId, IdMaker, ShopId, SkuId
from jishi.kit.rounds import rounds
from jishi.modules import aftersale, stock
from jishi.modules.aftersale import (
    Act,
    Case,
    CaseKind,
    CaseState,
    Deed,
    Moved,
    Side,
    decide,
    ruling_by_clock,
)
from jishi.modules.aftersale.types_refusals import CaseMoved, CaseNotFound, SwapGone, SwapUnfit

CLOCK_BATCH: Final = 100  # cases the clock moves at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A deed on a case. ``buyer_id`` or ``shop_id`` say whose case it must be; neither: the market."""

    case_id: CaseId
    act: Act
    buyer_id: AccountId | None = None
    shop_id: ShopId | None = None

    def is_theirs(self, case: Case) -> bool:
        return self.buyer_id in (None, case.buyer_id) and self.shop_id in (None, case.shop_id)


async def act_on(
    tx: Tx,
    batch: Sequence[Asked],
    maker: IdMaker,
    *,
    confirm_after: timedelta,
    pictures: Sequence[int] = (),
) -> list[Case | Refusal]:
    """The case as it became, or why not, per item in the same order; a case moves once a call.

    ``pictures`` (of the one item) were checked to be the actor's. Holds orders, cases, stock and accounts.
    """
    cases = await storage.lock_with_orders(tx, [each.case_id for each in batch])
    prices = await _prices(tx, batch, cases)
    around = await storage.around(tx, list(cases.values()), prices)
    answers: list[Case | Refusal] = []
    moved: list[tuple[Act, Moved]] = []
    taken: set[CaseId] = set()
    for each in batch:
        case = cases.get(each.case_id)
        if case is None or not each.is_theirs(case):
            answers.append(CaseNotFound())
            continue
        try:
            if case.id in taken:
                raise CaseMoved(state=case.state.value)
            done = decide(
                case, _with_ruling(case, each.act, around[case.id]), around[case.id].facts
            )
            if done.parcel is not None and done.parcel.direction == "out":
                done = await _send(tx, case, each.act, done, around[case.id])
        except Refusal as refusal:
            answers.append(refusal)
            continue
        taken.add(case.id)
        answers.append(done.case)
        moved.append((each.act, done))
    if not moved:
        return answers
    paid = await give_back(tx, moved, maker, confirm_after=confirm_after)
    paid = await pay_freight(tx, paid, maker, confirm_after=confirm_after)
    await aftersale.record(tx, paid, pictures)
    ended = {done.case.id: done.case for _, done in paid}
    return [answer if isinstance(answer, Refusal) else ended[answer.id] for answer in answers]


async def act_once(
    tx: Tx,
    asked: Asked,
    maker: IdMaker,
    *,
    confirm_after: timedelta,
    pictures: Sequence[int] = (),
) -> Case:
    """One deed. Raises what stands against it."""
    (answer,) = await act_on(tx, [asked], maker, confirm_after=confirm_after, pictures=pictures)
    if isinstance(answer, Refusal):
        raise answer
    return answer


async def lapse_due(pool: Pool, maker: IdMaker, now: datetime, *, confirm_after: timedelta) -> int:
    """Let the clock move a batch of cases whose time has come; how many."""

    async def once(tx: Tx) -> int:
        due = await aftersale.due_cases(tx, now=now, limit=CLOCK_BATCH)
        act = Act(deed=Deed.LAPSE, side=Side.CLOCK, at=now)
        batch = [Asked(case_id=each, act=act) for each in due]
        answers = await act_on(tx, batch, maker, confirm_after=confirm_after)
        return sum(not isinstance(answer, Refusal) for answer in answers)

    return await in_transaction(pool, once)


async def _prices(
    tx: Tx, batch: Sequence[Asked], cases: Mapping[CaseId, Case]
) -> dict[CaseId, int | None]:
    """What a piece costs the buyer now, for cases changed into price protection."""
    found: dict[CaseId, int | None] = {}
    for each in batch:  # buyers change one case a request; batches agree or lapse
        case, wish = cases.get(each.case_id), each.act.wish
        if case is not None and wish is not None and wish.kind is CaseKind.PRICE:
            prices = await price_now(tx, [case.sku_id], case.buyer_id, each.act.at)
            found[case.id] = prices.get(case.sku_id)
    return found


def _with_ruling(case: Case, act: Act, around: Around) -> Act:
    """The clock brings its own ruling to a dispute nobody decided."""
    if act.deed is not Deed.LAPSE or case.state is not CaseState.DISPUTED:
        return act
    return replace(act, ruling=ruling_by_clock(case, around.facts, act.at))


async def give_back(
    tx: Tx, moved: Sequence[tuple[Act, Moved]], maker: IdMaker, *, confirm_after: timedelta
) -> list[tuple[Act, Moved]]:
    """The moves with their refunds made; each order once per call of ``refund``."""
    done = list(moved)
    turns = rounds(it.case.order_id if it.money else None for _, it in moved)
    if len(turns) > 1:  # later rounds would ask for stock while the first holds accounts
        paying = [it.case for _, it in moved if it.money]
        await storage.lock_stock(tx, [(case.order_id, case.line) for case in paying])
    for places in turns:
        wishes = [
            rules.refund_asked(it.case, act, it.money, it.why)
            for act, it in (moved[at] for at in places)
            if it.money is not None
        ]
        verdicts = await refund(tx, wishes, maker, confirm_after=confirm_after)
        for at, (verdict, refund_id) in zip(places, verdicts, strict=True):
            act, it = moved[at]
            assert verdict is RefundOrderVerdict.REFUNDED, f"case {it.case.id}: {verdict}"
            done[at] = (act, replace(it, case=replace(it.case, refund_id=refund_id)))
    amounts = await _amounts(tx, [it.case for _, it in done if it.case.refund_id])
    return [
        (act, replace(it, case=replace(it.case, refunded_minor=amounts[it.case.refund_id])))
        if it.case.refund_id in amounts
        else (act, it)
        for act, it in done
    ]


async def _amounts(tx: Tx, cases: Sequence[Case]) -> dict[int | None, int]:
    """What each refund gives back to the buyer."""
    rows = await tx.fetch(
        "SELECT r.id, r.amount_minor FROM unnest($1::bigint[]) i(id)"
        " JOIN refund r ON r.cell = cell_of(i.id) AND r.id = i.id",
        [case.refund_id for case in cases],
    )
    return {row["id"]: row["amount_minor"] for row in rows}


async def _send(tx: Tx, case: Case, act: Act, done: Moved, around: Around) -> Moved:
    """Take the replacement from the shelf, after putting there what came back sellable.

    Raises SwapUnfit, SwapGone.
    """
    assert done.parcel is not None
    sku_id = done.parcel.sku_id or case.swap_sku_id or around.sku_id
    allowed = {around.sku_id, *around.facts.line.swaps, case.swap_sku_id}
    if sku_id not in allowed:
        raise SwapUnfit(field="sku_id")
    place: dict[str, Any] = {"warehouse_id": around.warehouse_id, "quantity": case.quantity}
    async with tx.transaction():  # a refusal takes the first move back too
        if case.kind is CaseKind.EXCHANGE and case.came_back == "sellable":
            back = stock.Change(sku_id=around.sku_id, why=f"exchange {case.id}", **place)
            await stock.take_in(tx, case.shop_id, [back], now=act.at, actor_id=act.account_id)
        out = stock.Change(sku_id=SkuId(sku_id), why=f"replacement {case.id}", **place)
        (verdict,) = await stock.give_out(
            tx, case.shop_id, [out], now=act.at, actor_id=act.account_id
        )
        if isinstance(verdict, stock.Refused):
            raise SwapGone(field="sku_id", on_hand=verdict.problem.facts.get("on_hand", 0))
    return replace(done, parcel=replace(done.parcel, sku_id=SkuId(sku_id)))
