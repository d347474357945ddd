"""When money may leave and who must agree. Pure; ``payout_standing.sql`` repeats ``standing``."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from jishi.kit.ids import AccountId
from jishi.modules.payouts.types import (
    APPROVAL_DAYS,
    COOLING,
    NUMBER_DIGITS,
    WHY_WORDS,
    AccountCooling,
    AccountUnverified,
    AmountTooSmall,
    BankAccount,
    BeyondWithdrawable,
    DayLimit,
    DayTimes,
    Limits,
    NothingToApprove,
    NumberInvalid,
    SamePerson,
    SecondMissing,
    Settled,
    ShopOwes,
    Standing,
    State,
    Taken,
    TransferStanding,
    Waiting,
    Withdrawal,
    WithdrawalMoved,
)

RETRY_MAX = timedelta(hours=1)
# When a paid withdrawal is asked about once more, after it was paid: a receiving bank may still send it back.
RETURN_LOOKS = (
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=7),
)


def is_in_cycle(closed_at: datetime, *, days: int, now: datetime) -> bool:
    """Whether an order's money still waits: at ``closed_at`` + ``days`` itself it is free."""
    return closed_at > now - timedelta(days=days)


def standing(
    *,
    payable_minor: int,
    owed_minor: int,
    days: int,
    orders: Iterable[Settled],
    on_way_minor: int,
    now: datetime,
) -> Standing:
    """What may be withdrawn: what is payable, less debts, orders in their cycle and open cases."""
    in_cycle = disputed = 0
    for order in orders:
        if is_in_cycle(order.closed_at, days=days, now=now):
            in_cycle += order.net_minor
        else:
            disputed += min(order.held_minor, order.net_minor)
    return Standing(
        payable_minor=payable_minor,
        owed_minor=owed_minor,
        days=days,
        in_cycle_minor=in_cycle,
        disputed_minor=disputed,
        on_way_minor=on_way_minor,
        withdrawable_minor=max(0, payable_minor - owed_minor - in_cycle - disputed),
    )


def offset(payable_minor: int, owed_minor: int) -> int:
    """How much of a debt the shop's own money settles."""
    return max(0, min(payable_minor, owed_minor))


def check_amount(amount_minor: int, at: Standing, taken: Taken, limits: Limits) -> None:
    """Raises AmountTooSmall, ShopOwes, BeyondWithdrawable, DayTimes, DayLimit, naming the field."""
    if amount_minor < limits.least_minor:
        raise AmountTooSmall(field="amount", least_minor=limits.least_minor)
    if at.owed_minor >= at.payable_minor and at.owed_minor > 0:
        raise ShopOwes(field="amount", owed_minor=at.owed_minor - at.payable_minor)
    if amount_minor > at.withdrawable_minor:
        raise BeyondWithdrawable(field="amount", withdrawable_minor=at.withdrawable_minor)
    if taken.times >= limits.day_times:
        raise DayTimes(field="amount", times=limits.day_times)
    left = max(0, limits.day_minor - taken.minor)
    if amount_minor > left:
        raise DayLimit(field="amount", limit_minor=limits.day_minor, left_minor=left)


def check_account(account: BankAccount, *, now: datetime) -> None:
    """Raises AccountUnverified, AccountCooling."""
    if account.verified_at is None or account.state != "verified":
        raise AccountUnverified(field="account_id")
    if not account.is_usable(now):
        raise AccountCooling(field="account_id")


def needs(amount_minor: int, taken: Taken, limits: Limits) -> tuple[bool, bool]:
    """Whether a second person of the shop, and an operator, must agree: by the sum of the day."""
    total = amount_minor + taken.minor
    return total > limits.second_from_minor, total > limits.operator_from_minor


def is_approved(*, needs_second: bool, needs_operator: bool, seconded: bool, passed: bool) -> bool:
    return (seconded or not needs_second) and (passed or not needs_operator)


def check_second(found: Withdrawal, actor_id: AccountId) -> None:
    """Whether this person of the shop may approve. Raises WithdrawalMoved, NothingToApprove, SamePerson."""
    if found.state is not State.ASKED:
        raise WithdrawalMoved
    if not found.needs_second or found.seconded_by is not None:
        raise NothingToApprove
    if actor_id == found.asked_by:
        raise SamePerson


def check_pass(found: Withdrawal) -> None:
    """Whether an operator may let it through. Raises WithdrawalMoved, NothingToApprove, SecondMissing."""
    if found.state is not State.ASKED:
        raise WithdrawalMoved
    if not found.needs_operator or found.passed_by is not None:
        raise NothingToApprove
    if found.needs_second and found.seconded_by is None:
        raise SecondMissing


def usable_at(*, now: datetime, is_first: bool) -> datetime:
    """From when an account verified at ``now`` may be used: one that replaces another waits."""
    return now if is_first else now + COOLING


def lapses_before(now: datetime) -> datetime:
    """What was prepared before this and is not approved is refused."""
    return now - timedelta(days=APPROVAL_DAYS)


def lapses_at(it: Withdrawal) -> datetime | None:
    """When it is refused unless somebody approves it; None: it waits for nobody."""
    waits = it.state in {State.PREPARED, State.ASKED}
    return it.prepared_at + timedelta(days=APPROVAL_DAYS) if waits else None


def retry_at(*, attempts: int, now: datetime) -> datetime:
    """When to ask the provider again after ``attempts`` ≥ 1 asks: 5 s, 10 s, 20 s … an hour."""
    return now + min(timedelta(seconds=5 * 2 ** min(attempts - 1, 20)), RETRY_MAX)


def look_at(paid_at: datetime, *, now: datetime) -> datetime | None:
    """When to ask about a paid withdrawal once more; None: it has been paid for good."""
    return next((at for pause in RETURN_LOOKS if (at := paid_at + pause) > now), None)


def outcome(before: State, said: TransferStanding) -> State:
    """What a sent or paid withdrawal becomes by its provider's word. ``save_answers.sql`` guards it.

    One that came back before anybody heard that it was paid has failed.
    """
    if before is State.PAID:
        came_back = said in {TransferStanding.FAILED, TransferStanding.RETURNED}
        return State.RETURNED if came_back else State.PAID
    match said:
        case TransferStanding.DONE:
            return State.PAID
        case TransferStanding.FAILED | TransferStanding.RETURNED:
            return State.FAILED
        case TransferStanding.UNKNOWN | TransferStanding.PENDING:
            return State.SENT


def why_words(why: str) -> str:
    """An English message id for a code; the words themselves when somebody wrote them."""
    return WHY_WORDS.get(why, why)


def waits_for(it: Withdrawal) -> Waiting | None:
    """Who or what has to move next; None once it has ended."""
    match it.state:
        case State.PREPARED:
            return Waiting.OWNER
        case State.ASKED:
            waits = it.needs_second and it.seconded_by is None
            return Waiting.SECOND if waits else Waiting.MARKET
        case State.APPROVED:
            return Waiting.SENDING
        case State.SENT:
            return Waiting.BANK
        case _:
            return None


def read_number(text: str) -> str:
    """The digits of an account number as typed, spaces and dashes left out. Raises NumberInvalid."""
    digits = re.sub(r"[\s-]", "", text)
    if not (digits.isascii() and digits.isdigit() and len(digits) in NUMBER_DIGITS):
        raise NumberInvalid(field="number")
    return digits
