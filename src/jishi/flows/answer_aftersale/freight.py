"""Freight of returns the shop must pay: money of the order as far as any is left, the rest booked as owed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from jishi.db import Tx, load_sql
from jishi.flows.answer_aftersale import rules
from jishi.flows.refund_orders import (
    Goods,
    RefundAsked,
    RefundLine,
    RefundOrderVerdict,
    refund,
)
from jishi.kit.ids import IdMaker, OrderId, RefundId, cell_of
from jishi.kit.rounds import rounds
from jishi.modules import ledger
from jishi.modules.aftersale import Act, Case, Moved
from jishi.modules.ledger import Booking, Posting, TransferKind

WHY: Final = "return_freight"
_MONEY_LEFT: Final = load_sql(__package__, "money_left")


async def pay_freight(
    tx: Tx, moved: Sequence[tuple[Act, Moved]], maker: IdMaker, *, confirm_after: timedelta
) -> list[tuple[Act, Moved]]:
    """The moves with their freight paid; after the refunds of the goods. Holds orders and accounts."""
    done = list(moved)
    for places in rounds(it.case.order_id if it.freight_minor else None for _, it in moved):
        batch = [moved[at] for at in places]
        lines = await _money_left(tx, [it.case.order_id for _, it in batch])
        plans = [
            rules.freight_lines(lines.get(it.case.order_id, ()), it.freight_minor)
            for _, it in batch
        ]
        wishes = [
            _wish(act, it.case, plan.lines)
            for (act, it), plan in zip(batch, plans, strict=True)
            if plan.lines
        ]
        refunds = await _refund(tx, wishes, maker, confirm_after)
        for at, (act, it), plan in zip(places, batch, plans, strict=True):
            paid = replace(
                it.case,
                freight_refund_id=refunds.get(it.case.order_id) if plan.lines else None,
                freight_refunded_minor=plan.refunded_minor,
                freight_owed_minor=plan.owed_minor,
            )
            done[at] = (act, replace(it, case=paid))
    await ledger.post(tx, [_owed(act, it.case) for act, it in done if _has_new_debt(it)])
    return done


async def _money_left(tx: Tx, order_ids: Sequence[OrderId]) -> dict[OrderId, list[rules.LineMoney]]:
    found: dict[OrderId, list[rules.LineMoney]] = {}
    for row in await tx.fetch(_MONEY_LEFT, order_ids):
        money = rules.LineMoney(
            line=row["line"], left_minor=row["left_minor"], to_send=row["to_send"]
        )
        found.setdefault(row["order_id"], []).append(money)
    return found


async def _refund(
    tx: Tx, wishes: Sequence[RefundAsked], maker: IdMaker, confirm_after: timedelta
) -> dict[OrderId, RefundId]:
    if not wishes:
        return {}
    answers = await refund(tx, wishes, maker, confirm_after=confirm_after)
    assert all(verdict is RefundOrderVerdict.REFUNDED for verdict, _ in answers), answers
    return {wish.order_id: made for wish, (_, made) in zip(wishes, answers, strict=True)}


def _wish(act: Act, case: Case, lines: Sequence[RefundLine]) -> RefundAsked:
    return RefundAsked(
        order_id=case.order_id,
        actor=act.side.value,
        at=act.at,
        why=WHY,
        actor_id=act.account_id,
        goods=Goods.KEPT,
        lines=lines,
    )


def _has_new_debt(it: Moved) -> bool:
    return bool(it.freight_minor and it.case.freight_owed_minor)


def _owed(act: Act, case: Case) -> Booking:
    """The shop owes it, set off against what it earns next; the buyer is owed it."""
    owed = case.freight_owed_minor
    accounts = (("receivable:shop", case.shop_id, owed), ("payable:buyer", case.buyer_id, -owed))
    return Booking(
        cell=cell_of(case.id),
        kind=TransferKind.RETURN_FREIGHT,
        subject_id=case.id,
        order_id=case.order_id,
        at=act.at,
        postings=[
            Posting(posting=at, kind=kind, party_id=party_id, amount_minor=minor)
            for at, (kind, party_id, minor) in enumerate(accounts, start=1)
        ],
    )
