"""The words of this module: bank accounts, withdrawals, their states and limits, refusals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, ShopId
from jishi.kit.text import mark as _

WithdrawalId = NewType("WithdrawalId", int)
BankAccountId = NewType("BankAccountId", int)

DAYS_MAX: Final = 15
COOLING: Final = timedelta(hours=24)  # before money goes to an account that replaces another
APPROVAL_DAYS: Final = 7  # a withdrawal nobody approves is refused by the clock
ACCOUNTS_MAX: Final = 10  # of a shop, removed ones not counted
HOLDER_MAX: Final = 100
BANK_MAX: Final = 100
NUMBER_DIGITS: Final = range(8, 31)
WHY_MAX: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one shop may take out, minor units. The limits look at the sum of a market's day, so that
    no split gets below them."""

    least_minor: int = 100
    second_from_minor: int = 5_000_000  # above it two people of the shop
    operator_from_minor: int = 50_000_000  # above it the market as well
    day_minor: int = 100_000_000
    day_times: int = 5


LIMITS: Final = Limits()


class AccountState(StrEnum):
    NEW = "new"
    TESTING = "testing"
    VERIFIED = "verified"
    REFUSED = "refused"
    REMOVED = "removed"

    @property
    def words(self) -> str:
        return ACCOUNT_STATE_WORDS[self]


ACCOUNT_STATE_WORDS: Final[Mapping[str, str]] = {
    AccountState.NEW: _("To be tested"),
    AccountState.TESTING: _("Waiting for proof"),
    AccountState.VERIFIED: _("Verified"),
    AccountState.REFUSED: _("Not verified"),
    AccountState.REMOVED: _("Removed"),
}


class State(StrEnum):
    PREPARED = "prepared"
    ASKED = "asked"
    APPROVED = "approved"
    SENT = "sent"
    PAID = "paid"
    FAILED = "failed"  # the bank could not pay it, or sent it back before it was paid
    RETURNED = "returned"  # paid, and sent back afterwards
    REFUSED = "refused"

    @property
    def words(self) -> str:
        return STATE_WORDS[self]


STATE_WORDS: Final[Mapping[str, str]] = {
    State.PREPARED: _("For the owner to ask"),
    State.ASKED: _("Waiting for approval"),
    State.APPROVED: _("About to leave"),
    State.SENT: _("With the bank"),
    State.PAID: _("Paid out"),
    State.FAILED: _("Came back"),
    State.RETURNED: _("Returned by the bank"),
    State.REFUSED: _("Refused"),
}
MOVES: Final[Mapping[State, frozenset[State]]] = {
    State.PREPARED: frozenset({State.ASKED, State.REFUSED}),
    State.ASKED: frozenset({State.APPROVED, State.REFUSED}),
    State.APPROVED: frozenset({State.SENT, State.REFUSED}),
    State.SENT: frozenset({State.PAID, State.FAILED}),
    State.PAID: frozenset({State.RETURNED}),
    State.FAILED: frozenset(),
    State.RETURNED: frozenset(),
    State.REFUSED: frozenset(),
}
# The money stands in clearing:payout; ``payouts_clearing.sql`` of the checks repeats it.
UNDER_WAY: Final = frozenset({State.ASKED, State.APPROVED, State.SENT})
CAME_BACK: Final = frozenset({State.FAILED, State.RETURNED})


class TransferStanding(StrEnum):
    """How a transfer stands at its provider."""

    UNKNOWN = "unknown"  # the provider has never heard of it
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    RETURNED = "returned"  # it was done, and the money came back


class Waiting(StrEnum):
    """Who or what a withdrawal waits for."""

    OWNER = "owner"
    SECOND = "second"
    MARKET = "market"
    SENDING = "sending"
    BANK = "bank"

    @property
    def words(self) -> str:
        return WAITING_WORDS[self]


WAITING_WORDS: Final[Mapping[str, str]] = {
    Waiting.OWNER: _("The owner has to ask for it; nothing is reserved until then."),
    Waiting.SECOND: _("A second person of the shop, owner or manager, has to approve it."),
    Waiting.MARKET: _("The market looks at it: the day's sum is large."),
    Waiting.SENDING: _("It leaves within minutes."),
    Waiting.BANK: _("The bank has it and has not said how it ended. We keep asking."),
}

# What says that an account takes no money any more, so that it is not offered again.
ACCOUNT_GONE: Final = frozenset({"account_closed", "account_unknown", "name_mismatch"})
# Codes of refusals and failures, in words. A provider's own words stand as they are.
WHY_WORDS: Final[Mapping[str, str]] = {
    "not_approved": _("Nobody approved it in time."),
    "withdrawn": _("Taken back by the shop."),
    "name_mismatch": _("The bank says the holder's name is another."),
    "account_closed": _("The bank says the account is closed."),
    "account_unknown": _("The bank knows no such account."),
    "returned": _("The receiving bank sent it back."),
    "too_many_tries": _("The amount of the test deposit was entered wrongly too often."),
    "number_unreadable": _("The stored number cannot be opened with this market's key."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccount:
    """Where a shop's money goes. The number itself is not here; ``last4`` is all people see of it."""

    id: BankAccountId
    shop_id: ShopId
    holder: str
    bank: str
    last4: str
    state: AccountState
    is_default: bool
    provider: str
    tries_left: int
    why: str
    usable_at: datetime | None
    attempts: int
    created_at: datetime
    verified_at: datetime | None

    def is_usable(self, now: datetime) -> bool:
        """Whether money may go there at ``now``."""
        return (
            self.state is AccountState.VERIFIED
            and self.usable_at is not None
            and self.usable_at <= now
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    id: WithdrawalId
    shop_id: ShopId
    account_id: BankAccountId
    amount_minor: int
    state: State
    needs_second: bool
    needs_operator: bool
    prepared_by: AccountId
    asked_by: AccountId | None
    seconded_by: AccountId | None
    passed_by: AccountId | None
    provider: str
    provider_ref: str | None
    why: str
    attempts: int
    last_error: str | None
    prepared_at: datetime
    asked_at: datetime | None
    approved_at: datetime | None
    sent_at: datetime | None
    ended_at: datetime | None
    returned_at: datetime | None
    retry_at: datetime | None  # when the provider is called or asked next


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    step: str
    actor: str
    actor_id: AccountId | None
    why: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A completed order as the settlement cycle sees it: ``net_minor`` is what the shop has of it."""

    closed_at: datetime
    net_minor: int
    held_minor: int = 0  # asked for by open cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a shop's money stands at, minor units. The same on page, in the API and under lock."""

    payable_minor: int
    owed_minor: int  # by the shop; comes off before anything leaves
    days: int  # after completion
    in_cycle_minor: int  # of orders completed less than that ago
    disputed_minor: int  # of older orders with an open case
    on_way_minor: int  # withdrawals under way; not part of payable any more
    withdrawable_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a shop asked for so far on a market's day: what came back or was refused left out."""

    times: int
    minor: int


class AmountTooSmall(Refusal):
    code = "payouts.amount_too_small"
    text = "The least you can withdraw is {least}."


class BeyondWithdrawable(Refusal):
    kind, code = Kind.CONFLICT, "payouts.beyond_withdrawable"
    text = "Only {withdrawable} can be withdrawn now."


class ShopOwes(Refusal):
    kind, code = Kind.CONFLICT, "payouts.shop_owes"
    text = "Your shop owes {owed}. Earnings settle that first; nothing can be withdrawn until then."


class DayLimit(Refusal):
    kind, code = Kind.LIMITED, "payouts.day_limit"
    text = "Today's limit is {limit}; {left} of it is left."


class DayTimes(Refusal):
    kind, code = Kind.LIMITED, "payouts.day_times"
    text = "At most {times} withdrawals a day. Go on tomorrow."


class AccountUnverified(Refusal):
    kind, code = Kind.CONFLICT, "payouts.account_unverified"
    text = "Money goes to verified bank accounts only. Prove that this one is yours first."


class AccountCooling(Refusal):
    kind, code = Kind.CONFLICT, "payouts.account_cooling"
    text = "A new bank account can be used 24 hours after it was verified."


class AccountNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "payouts.account_not_found"
    text = "There is no such bank account."


class AccountTwice(Refusal):
    kind, code = Kind.CONFLICT, "payouts.account_twice"
    text = "This bank account is already on your list."


class AccountsTooMany(Refusal):
    kind, code = Kind.LIMITED, "payouts.accounts_too_many"
    text = "A shop keeps at most {most} bank accounts. Remove one first."


class AccountInUse(Refusal):
    kind, code = Kind.CONFLICT, "payouts.account_in_use"
    text = "Money is on its way to this account. Remove it when that has ended."


class AccountNotTesting(Refusal):
    kind, code = Kind.CONFLICT, "payouts.account_not_testing"
    text = "This account waits for no proof."


class ProofWrong(Refusal):
    kind, code = Kind.INVALID, "payouts.proof_wrong"
    text = "That is not the amount of the test deposit. Tries left: {left}."


class NumberInvalid(Refusal):
    code = "payouts.number_invalid"
    text = "A bank account number has 8 to 30 digits."


class WithdrawalNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "payouts.withdrawal_not_found"
    text = "There is no such withdrawal."


class WithdrawalMoved(Refusal):
    kind, code = Kind.CONFLICT, "payouts.withdrawal_moved"
    text = "This withdrawal has moved on meanwhile. Look at where it stands."


class SamePerson(Refusal):
    kind, code = Kind.FORBIDDEN, "payouts.same_person"
    text = "A second person has to approve this; not the one who asked."


class SecondMissing(Refusal):
    kind, code = Kind.CONFLICT, "payouts.second_missing"
    text = "A second person of the shop has to approve it first."


class NothingToApprove(Refusal):
    kind, code = Kind.CONFLICT, "payouts.nothing_to_approve"
    text = "This withdrawal needs no approval of yours."


class ProviderUnknown(Refusal):
    kind, code = Kind.NOT_FOUND, "payouts.provider_unknown"
    text = "There is no such bank."


class BadSignature(Refusal):
    kind, code = Kind.UNAUTHORISED, "payouts.bad_signature"
    text = "The signature of this message does not hold."


class NewsUnreadable(Refusal):
    code = "payouts.news_unreadable"
    text = "This message cannot be read."


class BankSilent(Refusal):
    kind, code = Kind.UNAVAILABLE, "payouts.bank_silent"
    text = "The bank does not answer just now. Try again in a minute."
