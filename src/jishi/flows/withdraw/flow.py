"""The steps of a withdrawal inside the database. Each takes the caller's transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from jishi.db import Tx, outbox
from jishi.flows.withdraw import storage
from jishi.flows.withdraw.types import (
    Answered,
    PayoutAsked,
    PayoutFailed,
    PayoutPaid,
    PayoutRefused,
    PayoutReturned,
    WithdrawalAsked,
    WithdrawalNews,
)
from jishi.kit.ids import AccountId, IdMaker, ShopId, cell_of
from jishi.modules import audit, ledger, notices
from jishi.modules.audit.types import PAYOUT_PASSED, PAYOUT_REFUSED
from jishi.modules.ledger import Booking, Posting, TransferKind
from jishi.modules.payouts import rules, service
from jishi.modules.payouts import withdrawals as rows
from jishi.modules.payouts.types import (
    ACCOUNT_GONE,
    LIMITS,
    UNDER_WAY,
    Limits,
    State,
    Withdrawal,
    WithdrawalMoved,
    WithdrawalNotFound,
)

CLEARING: Final = "clearing:payout"
# What ends a withdrawal that was sent: its transfer, its event, its notice.
ENDS: Final[Mapping[State, tuple[TransferKind, type[WithdrawalNews], str]]] = {
    State.PAID: (TransferKind.WITHDRAW_PAID, PayoutPaid, "shop.payout_paid"),
    State.FAILED: (TransferKind.WITHDRAW_FAILED, PayoutFailed, "shop.payout_failed"),
    State.RETURNED: (TransferKind.WITHDRAW_RETURNED, PayoutReturned, "shop.payout_returned"),
}


async def ask(
    tx: Tx, it: WithdrawalAsked, maker: IdMaker, *, limits: Limits = LIMITS
) -> Withdrawal:
    """Prepare a withdrawal and, when the owner asks, reserve its money at once.

    The same key again gives the first answer. Raises AccountNotFound and what ``rules.check_amount`` and
    ``rules.check_account`` raise. Holds the shop's accounts until ``tx`` ends.
    """
    await service.lock_accounts(tx, it.shop_id)
    held = await storage.lock_money(tx, [it.shop_id], clearing=True)
    known = await rows.find_by_key(tx, it.shop_id, it.key)
    if known is not None:
        return known
    account = await service.get_account(tx, it.shop_id, it.account_id)
    rules.check_account(account, now=it.now)
    facts = (it.shop_id, account.id, it.amount_minor, it.key, it.actor_id, it.now, account.provider)
    await rows.add(tx, it.id, facts)
    await rows.add_steps(tx, [(it.id, State.PREPARED, "shop", it.actor_id, "", it.now)])
    found = await service.get_withdrawal(tx, it.shop_id, it.id)
    if it.is_owner:
        return await _reserve(tx, found, it.actor_id, it.day_start, it.now, maker, held, limits)
    await _check(tx, found, it.day_start, it.now, limits)
    await _tell(tx, [found], "shop.payout_prepared", it.now)
    return found


async def ask_prepared(
    tx: Tx,
    shop_id: ShopId,
    withdrawal_id: int,
    *,
    actor_id: AccountId,
    day_start: datetime,
    now: datetime,
    maker: IdMaker,
    limits: Limits = LIMITS,
) -> Withdrawal:
    """The owner asks for what a manager prepared. Raises what ``ask`` raises, WithdrawalMoved."""
    found = await _held(tx, shop_id, withdrawal_id)
    if found.state is not State.PREPARED:
        raise WithdrawalMoved
    await service.lock_accounts(tx, shop_id)
    account = await service.get_account(tx, shop_id, found.account_id)
    rules.check_account(account, now=now)
    held = await storage.lock_money(tx, [shop_id], clearing=True)
    return await _reserve(tx, found, actor_id, day_start, now, maker, held, limits)


async def approve(
    tx: Tx, shop_id: ShopId, withdrawal_id: int, *, actor_id: AccountId, now: datetime
) -> Withdrawal:
    """A second person of the shop agrees.

    Raises WithdrawalNotFound, WithdrawalMoved, NothingToApprove, SamePerson.
    """
    found = await _held(tx, shop_id, withdrawal_id)
    rules.check_second(found, actor_id)
    whole = not found.needs_operator or found.passed_by is not None
    await rows.save_approved(
        tx, found.id, seconded_by=actor_id, passed_by=None, whole=whole, now=now
    )
    steps = [(found.id, "seconded", "shop", actor_id, "", now)]
    await rows.add_steps(tx, steps + [(found.id, "approved", "shop", actor_id, "", now)] * whole)
    return await service.get_withdrawal(tx, shop_id, found.id)


async def pass_on(
    tx: Tx, withdrawal_id: int, *, operator_id: AccountId, now: datetime
) -> Withdrawal:
    """An operator agrees. Raises WithdrawalNotFound, WithdrawalMoved, NothingToApprove, SecondMissing."""
    found = await _held(tx, None, withdrawal_id)
    rules.check_pass(found)
    await rows.save_approved(
        tx, found.id, seconded_by=None, passed_by=operator_id, whole=True, now=now
    )
    steps = [(found.id, step, "operator", operator_id, "", now) for step in ("passed", "approved")]
    await rows.add_steps(tx, steps)
    await _note(tx, operator_id, PAYOUT_PASSED, found, now)
    return await service.get_withdrawal(tx, None, found.id)


async def refuse(
    tx: Tx,
    shop_id: ShopId | None,
    withdrawal_id: int,
    *,
    actor_id: AccountId,
    why: str,
    now: datetime,
) -> Withdrawal:
    """Call a withdrawal off before it is sent; its money is the shop's again.

    ``shop_id`` None: an operator does. Raises WithdrawalNotFound, WithdrawalMoved.
    """
    found = await _held(tx, shop_id, withdrawal_id)
    if found.state not in {State.PREPARED, State.ASKED, State.APPROVED}:
        raise WithdrawalMoved
    actor = "shop" if shop_id else "operator"
    await _refuse(tx, [found], actor, actor_id, why, now)
    if shop_id is None:
        await _note(tx, actor_id, PAYOUT_REFUSED, found, now)
    return await service.get_withdrawal(tx, shop_id, found.id)


async def lapse(tx: Tx, *, now: datetime, limit: int) -> int:
    """Refuse what nobody approved in time; how many."""
    found = await rows.lock_lapsed(tx, before=rules.lapses_before(now), limit=limit)
    await _refuse(tx, found, "clock", None, "not_approved", now)
    return len(found)


async def offset_shops(tx: Tx, shops: Sequence[ShopId], maker: IdMaker, *, now: datetime) -> int:
    """Settle what shops owe from what they have; how many did. Holds their accounts."""
    held = await storage.lock_money(tx, shops, clearing=False)
    return await _offset(tx, held, maker, now)


async def record(tx: Tx, answers: Sequence[Answered], *, now: datetime) -> list[Withdrawal]:
    """Write down what providers said: paid money leaves clearing; what failed, or was paid and came back,
    is its shop's again, and an account that takes no money is not offered any more.

    The withdrawals whose state changed by it; one that has ended before stays as it was.
    """
    said = [(it.id, it.state, it.provider_ref, it.why, it.error, it.again_at) for it in answers]
    ended = await rows.save_answers(tx, said, now=now)
    gone = {int(it.account_id): it.why for it in ended if it.why in ACCOUNT_GONE}
    await service.refuse_accounts(tx, gone)
    await ledger.post(tx, [_booking(it, ENDS[it.state][0], now) for it in ended])
    for state, (_kind, news, notice) in ENDS.items():
        found = [it for it in ended if it.state is state]
        await _announce(tx, found, news, now)
        await _tell(tx, found, notice, now)
    return ended


async def hear(tx: Tx, provider: str, withdrawal_id: int, *, now: datetime) -> None:
    """A provider has news of a withdrawal: it is asked about next. Raises WithdrawalNotFound, also for
    one of another provider."""
    found = await service.get_withdrawal(tx, None, withdrawal_id)
    if found.provider != provider:
        raise WithdrawalNotFound
    await rows.wake(tx, withdrawal_id, now=now)


async def _held(tx: Tx, shop_id: ShopId | None, withdrawal_id: int) -> Withdrawal:
    found = await rows.lock(tx, shop_id, withdrawal_id)
    if found is None:
        raise WithdrawalNotFound
    return found


async def _check(
    tx: Tx, it: Withdrawal, day_start: datetime, now: datetime, limits: Limits
) -> tuple[bool, bool]:
    """Whether two people and an operator must agree. Raises what ``rules.check_amount`` raises."""
    at = await storage.standing(tx, it.shop_id, now=now)
    taken = await rows.taken_since(tx, it.shop_id, day_start)
    rules.check_amount(it.amount_minor, at, taken, limits)
    return rules.needs(it.amount_minor, taken, limits)


async def _reserve(
    tx: Tx,
    it: Withdrawal,
    actor_id: AccountId,
    day_start: datetime,
    now: datetime,
    maker: IdMaker,
    held: dict[ShopId, tuple[int, int]],
    limits: Limits,
) -> Withdrawal:
    """prepared → asked or approved. The caller holds the shop's accounts."""
    await _offset(tx, held, maker, now)
    second, operator = await _check(tx, it, day_start, now, limits)
    # Who prepared it has seen it: two people, when the owner is another.
    seconded_by = it.prepared_by if second and it.prepared_by != actor_id else None
    whole = rules.is_approved(
        needs_second=second,
        needs_operator=operator,
        seconded=seconded_by is not None,
        passed=False,
    )
    state = State.APPROVED if whole else State.ASKED
    await rows.save_asked(tx, it.id, (state, actor_id, now, second, operator, seconded_by))
    steps: list[rows.StepRow] = [(it.id, State.ASKED.value, "shop", actor_id, "", now)]
    if seconded_by is not None:
        steps.append((it.id, "seconded", "shop", seconded_by, "", now))
    if whole:
        steps.append((it.id, State.APPROVED.value, "clock", None, "", now))
    await rows.add_steps(tx, steps)
    await ledger.post(tx, [_booking(it, TransferKind.WITHDRAW, now)])
    found = await service.get_withdrawal(tx, it.shop_id, it.id)
    await _announce(tx, [found], PayoutAsked, now)
    if not whole:
        await _tell(tx, [found], "shop.payout_asked", now)
    return found


async def _offset(
    tx: Tx, held: dict[ShopId, tuple[int, int]], maker: IdMaker, now: datetime
) -> int:
    bookings = [
        Booking(
            cell=cell_of(shop_id),
            kind=TransferKind.OFFSET,
            subject_id=maker.make(cell_of(shop_id)),
            at=now,
            postings=_postings((storage.PAYABLE, shop_id, minor), (storage.RECEIVABLE, shop_id)),
        )
        for shop_id, (payable, owed) in held.items()
        if (minor := rules.offset(payable, owed))
    ]
    await ledger.post(tx, bookings)
    return len(bookings)


def _booking(it: Withdrawal, kind: TransferKind, now: datetime) -> Booking:
    """The transfer of a step of a withdrawal, in the shop's cell."""
    payable, clearing = (storage.PAYABLE, it.shop_id), (CLEARING, 0)
    out = (f"payout:{it.provider}", 0)
    source, target = {
        TransferKind.WITHDRAW: (payable, clearing),
        TransferKind.WITHDRAW_PAID: (clearing, out),
        TransferKind.WITHDRAW_FAILED: (clearing, payable),
        TransferKind.WITHDRAW_RETURNED: (out, payable),
    }[kind]
    return Booking(
        cell=cell_of(it.id),
        kind=kind,
        subject_id=it.id,
        at=now,
        postings=_postings((*source, it.amount_minor), target),
    )


def _postings(source: tuple[str, int, int], target: tuple[str, int]) -> list[Posting]:
    """``source``: kind, party, minor units that leave it (a debit) for ``target`` (a credit)."""
    kind, party_id, minor = source
    return [
        Posting(posting=1, kind=kind, party_id=party_id, amount_minor=minor),
        Posting(posting=2, kind=target[0], party_id=target[1], amount_minor=-minor),
    ]


async def _refuse(
    tx: Tx,
    found: Sequence[Withdrawal],
    actor: str,
    actor_id: AccountId | None,
    why: str,
    now: datetime,
) -> None:
    """The caller holds them, in states before sent."""
    await rows.save_refused(tx, [it.id for it in found], why=why, now=now)
    await rows.add_steps(
        tx, [(it.id, State.REFUSED.value, actor, actor_id, why, now) for it in found]
    )
    reserved = [it for it in found if it.state in UNDER_WAY]
    await ledger.post(tx, [_booking(it, TransferKind.WITHDRAW_FAILED, now) for it in reserved])
    await _announce(tx, found, PayoutRefused, now, why=why)
    if actor != "shop":
        await _tell(tx, found, "shop.payout_refused", now, why=why)


async def _announce(
    tx: Tx, found: Sequence[Withdrawal], news: type[WithdrawalNews], now: datetime, *, why: str = ""
) -> None:
    said = [
        news(
            withdrawal_id=it.id,
            shop_id=it.shop_id,
            amount_minor=it.amount_minor,
            why=why or it.why,
            occurred_at=now,
        )
        for it in found
    ]
    await outbox.append(tx, said)


async def _tell(
    tx: Tx, found: Sequence[Withdrawal], kind: str, now: datetime, *, why: str = ""
) -> None:
    told = [
        notices.Told(
            kind=kind,
            shop_id=it.shop_id,
            subject_id=it.id,
            facts={
                "shop_id": str(it.shop_id),
                "withdrawal_id": str(it.id),
                "amount_minor": it.amount_minor,
                "why": why or it.why,
            },
            at=now,
        )
        for it in found
    ]
    if told:
        await notices.tell(tx, told)


async def _note(tx: Tx, operator_id: AccountId, action: str, it: Withdrawal, now: datetime) -> None:
    facts = {"shop_id": str(it.shop_id), "amount_minor": it.amount_minor}
    await audit.note(tx, operator_id, action, str(it.id), now=now, facts=facts)
