from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.kit.ids import AccountId, ShopId
from jishi.kit.moves import reachable
from jishi.modules.payouts import rules
from jishi.modules.payouts.sealing import SealBroken, Sealer
from jishi.modules.payouts.types import (
    CAME_BACK,
    COOLING,
    MOVES,
    AccountCooling,
    AccountState,
    AccountUnverified,
    AmountTooSmall,
    BankAccount,
    BankAccountId,
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
    WithdrawalId,
    WithdrawalMoved,
)

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
OWNER, MANAGER, OPERATOR = AccountId(1), AccountId(2), AccountId(3)
LIMITS = Limits(
    least_minor=100,
    second_from_minor=1_000,
    operator_from_minor=5_000,
    day_minor=9_000,
    day_times=3,
)
MINOR = st.integers(0, 10**12)


def a_standing(**changes: int) -> Standing:
    facts = {
        "payable_minor": 6_000, "owed_minor": 0, "days": 7, "in_cycle_minor": 0,
        "disputed_minor": 0, "on_way_minor": 0, "withdrawable_minor": 6_000,
    }  # fmt: skip
    return Standing(**{**facts, **changes})


def an_account(**changes: object) -> BankAccount:
    facts: dict[str, object] = {
        "id": BankAccountId(1), "shop_id": ShopId(1), "holder": "Harbour Tea", "bank": "A Bank",
        "last4": "0000", "state": AccountState.VERIFIED, "is_default": True, "provider": "sandbox",
        "tries_left": 5, "why": "", "usable_at": NOON, "attempts": 1, "created_at": NOON,
        "verified_at": NOON,
    }  # fmt: skip
    return BankAccount(**{**facts, **changes})  # type: ignore[arg-type]


def a_withdrawal(**changes: object) -> Withdrawal:
    facts: dict[str, object] = {
        "id": WithdrawalId(1), "shop_id": ShopId(1), "account_id": BankAccountId(1),
        "amount_minor": 500, "state": State.ASKED, "needs_second": True, "needs_operator": True,
        "prepared_by": OWNER, "asked_by": OWNER, "seconded_by": None, "passed_by": None,
        "provider": "sandbox", "provider_ref": None, "why": "", "attempts": 0, "last_error": None,
        "prepared_at": NOON, "asked_at": NOON, "approved_at": None, "sent_at": None, "ended_at": None,
        "returned_at": None, "retry_at": None,
    }  # fmt: skip
    return Withdrawal(**{**facts, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("days", [0, 1, 7, 15])
def test_an_order_is_free_at_the_very_instant_its_days_are_over(days: int) -> None:
    closed_at = NOON - timedelta(days=days)
    assert not rules.is_in_cycle(closed_at, days=days, now=NOON)
    assert rules.is_in_cycle(closed_at + timedelta(microseconds=1), days=days, now=NOON)


@given(
    payable=MINOR,
    owed=MINOR,
    days=st.integers(0, 15),
    orders=st.lists(st.tuples(st.integers(-20, 0), st.integers(0, 10**6), st.integers(0, 10**6))),
)
def test_never_more_than_what_is_payable_and_never_below_nothing(
    payable: int, owed: int, days: int, orders: list[tuple[int, int, int]]
) -> None:
    settled = [
        Settled(closed_at=NOON + timedelta(days=ago), net_minor=net, held_minor=held)
        for ago, net, held in orders
    ]
    at = rules.standing(
        payable_minor=payable, owed_minor=owed, days=days, orders=settled, on_way_minor=0, now=NOON
    )
    assert 0 <= at.withdrawable_minor <= max(0, payable - owed)
    # setting off first changes nothing of what may be withdrawn
    off = rules.offset(payable, owed)
    after = rules.standing(
        payable_minor=payable - off, owed_minor=owed - off, days=days, orders=settled,
        on_way_minor=0, now=NOON,
    )  # fmt: skip
    assert after.withdrawable_minor == at.withdrawable_minor
    assert min(payable - off, owed - off) == 0
    assert at.disputed_minor + at.in_cycle_minor <= sum(order.net_minor for order in settled)


@pytest.mark.parametrize(
    ("amount", "standing", "taken", "refusal"),
    [
        (99, a_standing(), Taken(times=0, minor=0), AmountTooSmall),
        (
            100,
            a_standing(owed_minor=6_000, withdrawable_minor=0),
            Taken(times=0, minor=0),
            ShopOwes,
        ),
        (6_001, a_standing(), Taken(times=0, minor=0), BeyondWithdrawable),
        (100, a_standing(), Taken(times=3, minor=300), DayTimes),
        (6_000, a_standing(), Taken(times=1, minor=3_001), DayLimit),
        (6_000, a_standing(), Taken(times=1, minor=3_000), None),
    ],
)
def test_what_an_amount_is_refused_for(
    amount: int, standing: Standing, taken: Taken, refusal: type[Exception] | None
) -> None:
    if refusal is None:
        rules.check_amount(amount, standing, taken, LIMITS)
        return
    with pytest.raises(refusal):
        rules.check_amount(amount, standing, taken, LIMITS)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        (
            {"state": AccountState.TESTING, "verified_at": None, "usable_at": None},
            AccountUnverified,
        ),
        ({"state": AccountState.REFUSED, "verified_at": None}, AccountUnverified),
        ({"state": AccountState.REMOVED}, AccountUnverified),
        ({"usable_at": NOON + timedelta(seconds=1)}, AccountCooling),
    ],
)
def test_money_goes_to_proved_accounts_only(
    changes: dict[str, object], refusal: type[Exception]
) -> None:
    rules.check_account(an_account(), now=NOON)
    with pytest.raises(refusal):
        rules.check_account(an_account(**changes), now=NOON)


@given(parts=st.lists(st.integers(1, 3_000), min_size=1, max_size=6))
def test_no_split_of_a_day_gets_below_a_limit(parts: list[int]) -> None:
    taken = Taken(times=0, minor=0)
    asked = []
    for part in parts:
        asked.append(rules.needs(part, taken, LIMITS))
        taken = Taken(times=taken.times + 1, minor=taken.minor + part)
    whole = rules.needs(sum(parts), Taken(times=0, minor=0), LIMITS)
    assert asked[-1] == whole


def test_who_may_approve() -> None:
    found = a_withdrawal()
    rules.check_second(found, MANAGER)
    with pytest.raises(SamePerson):
        rules.check_second(found, OWNER)
    with pytest.raises(NothingToApprove):
        rules.check_second(a_withdrawal(needs_second=False), MANAGER)
    with pytest.raises(WithdrawalMoved):
        rules.check_second(a_withdrawal(state=State.SENT), MANAGER)
    with pytest.raises(SecondMissing):
        rules.check_pass(found)
    rules.check_pass(a_withdrawal(seconded_by=MANAGER))
    with pytest.raises(NothingToApprove):
        rules.check_pass(a_withdrawal(needs_operator=False))
    with pytest.raises(WithdrawalMoved):
        rules.check_pass(a_withdrawal(state=State.REFUSED))


def test_every_state_is_reached_and_sent_is_never_refused() -> None:
    assert reachable(State.PREPARED, MOVES) == frozenset(State)
    assert State.REFUSED not in MOVES[State.SENT]


@pytest.mark.parametrize("before", [State.SENT, State.PAID])
@pytest.mark.parametrize("said", list(TransferStanding))
def test_a_providers_word_only_makes_moves_that_exist(
    before: State, said: TransferStanding
) -> None:
    after = rules.outcome(before, said)
    assert after is before or after in MOVES[before]
    came_back = said in {TransferStanding.FAILED, TransferStanding.RETURNED}
    assert (after in CAME_BACK) == came_back


def test_a_paid_withdrawal_is_looked_at_again_for_a_week() -> None:
    looks, now = [], NOON
    while (at := rules.look_at(NOON, now=now)) is not None:
        assert at > now
        looks.append(at)
        now = at
    assert looks[-1] == NOON + timedelta(days=7)
    assert rules.look_at(NOON, now=NOON + timedelta(days=400)) is None


@pytest.mark.parametrize(
    ("changes", "waits"),
    [
        ({"state": State.PREPARED}, Waiting.OWNER),
        ({"state": State.ASKED}, Waiting.SECOND),
        ({"state": State.ASKED, "seconded_by": MANAGER}, Waiting.MARKET),
        ({"state": State.ASKED, "needs_second": False}, Waiting.MARKET),
        ({"state": State.APPROVED}, Waiting.SENDING),
        ({"state": State.SENT}, Waiting.BANK),
        ({"state": State.PAID}, None),
        ({"state": State.RETURNED}, None),
    ],
)
def test_whom_a_withdrawal_waits_for(changes: dict[str, object], waits: Waiting | None) -> None:
    it = a_withdrawal(**changes)
    assert rules.waits_for(it) is waits
    people = waits in {Waiting.OWNER, Waiting.SECOND, Waiting.MARKET}
    assert (rules.lapses_at(it) is not None) == people
    if people:  # the clock refuses it at that very instant, not before
        at = rules.lapses_at(it)
        assert at is not None
        assert it.prepared_at >= rules.lapses_before(at)
        assert it.prepared_at < rules.lapses_before(at + timedelta(microseconds=1))


def test_a_first_account_waits_for_nothing_a_later_one_for_a_day() -> None:
    assert rules.usable_at(now=NOON, is_first=True) == NOON
    assert rules.usable_at(now=NOON, is_first=False) == NOON + COOLING


@given(st.integers(1, 10_000))
def test_pauses_grow_up_to_an_hour(attempts: int) -> None:
    pause = rules.retry_at(attempts=attempts, now=NOON) - NOON
    assert timedelta(seconds=5) <= pause <= timedelta(hours=1)
    assert rules.retry_at(attempts=attempts + 1, now=NOON) - NOON >= pause


@pytest.mark.parametrize(
    "text", ["", "1234567", "1" * 31, "12345678a", "６２２２０２０２０２０２", "12.345678"]
)
def test_what_is_no_account_number(text: str) -> None:
    with pytest.raises(NumberInvalid):
        rules.read_number(text)


def test_a_number_is_read_as_people_write_it() -> None:
    assert rules.read_number(" 6222 0202-0000 1234 ") == "6222020200001234"


def test_a_sealed_number_opens_for_its_account_and_key_only() -> None:
    sealer = Sealer(bytes(32))
    sealed = sealer.seal(7, "6222020200001234")
    assert b"6222" not in sealed
    assert sealer.open(7, sealed) == "6222020200001234"
    for other, account in [(Sealer(bytes(31) + b"1"), 7), (sealer, 8)]:
        with pytest.raises(SealBroken):
            other.open(account, sealed)
    with pytest.raises(SealBroken):
        sealer.open(7, b"")
    assert sealer.print_of(1, "62220202") != sealer.print_of(2, "62220202")
