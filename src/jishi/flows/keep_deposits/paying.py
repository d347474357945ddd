"""Deposits paid through a payment provider: what is asked for, and the money once it is recorded.

Each payment has one provider. Money that comes late, or for a shop whose deposit has gone back, is the
shop's all the same.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from jishi.db import Tx
from jishi.flows.keep_deposits import flow, rules
from jishi.flows.keep_deposits.types import ClosedAlready, PaidIn
from jishi.kit.ids import AccountId, IdMaker, PaymentId, ShopId, cell_of
from jishi.modules import deposits, payments, shops
from jishi.modules.deposits import DepositPayment, MoveKind
from jishi.modules.deposits.types import PAY_WITHIN, PAYMENTS_OPEN_MAX, PaymentsOpen
from jishi.modules.shops import ShopState


async def open_payment(
    tx: Tx,
    shop_id: ShopId,
    amount_minor: int,
    provider: str,
    *,
    actor_id: AccountId,
    ids: IdMaker,
    currency: str,
    now: datetime,
) -> PaymentId:
    """A payment that fills the deposit once it is paid; one of the same amount that is open is it again.

    Raises AmountInvalid, ClosedAlready, PaymentsOpen.
    """
    flow.check_amount(amount_minor)
    await deposits.lock_deposit(tx, shop_id, now=now)
    if (await shops.get_shop(tx, shop_id)).state is ShopState.CLOSED:
        raise ClosedAlready
    known = await deposits.open_payments(tx, shop_id, now=now)
    for it in known:
        if (it.amount_minor, it.provider) == (amount_minor, provider):
            return it.payment_id
    if len(known) >= PAYMENTS_OPEN_MAX:
        raise PaymentsOpen(most=PAYMENTS_OPEN_MAX)
    made = DepositPayment(
        payment_id=PaymentId(ids.make(cell_of(shop_id))),
        shop_id=shop_id,
        provider=provider,
        amount_minor=amount_minor,
        asked_by=actor_id,
        expires_at=now + PAY_WITHIN,
        taken_at=None,
    )
    await payments.add_payment(
        tx,
        made.payment_id,
        provider=provider,
        amount_minor=amount_minor,
        currency=currency,
        now=now,
        expires_at=made.expires_at,
    )
    await deposits.add_payment(tx, made)
    return made.payment_id


async def take_paid_in(tx: Tx, paid: Sequence[PaidIn], *, ids: IdMaker) -> int:
    """Let recorded payments fill the deposits they are for, once each; how many did.

    Rare beside orders, so one after another.
    """
    by_id = {it.payment_id: it for it in paid}
    taken = await deposits.take_payments(tx, [(it.payment_id, it.paid_at) for it in paid])
    for it in taken:
        await _fill(tx, it, by_id[it.payment_id], ids)
    return len(taken)


async def _fill(tx: Tx, it: DepositPayment, paid: PaidIn, ids: IdMaker) -> None:
    at = paid.paid_at
    held = await deposits.lock_deposit(tx, it.shop_id, now=at)
    move = flow.make_move(
        ids, it.shop_id, MoveKind.PROVIDER, it.amount_minor, actor_id=it.asked_by, now=at
    )
    move = replace(move, subject_id=it.payment_id, reference=paid.provider_ref)
    postings = rules.paid_in(it.shop_id, it.amount_minor, source=f"gateway:{it.provider}")
    await flow.move_deposit(
        tx, move, postings, kind=move.kind, shop_id=it.shop_id, subject_id=move.subject_id, now=at
    )
    await flow.tell(tx, "standing.deposit_paid", {it.shop_id: it.amount_minor}, now=at)
    if held.returned_at is not None:  # it has gone back before: so does this
        await flow.give_to_earnings(tx, it.shop_id, it.amount_minor, ids=ids, now=at)
