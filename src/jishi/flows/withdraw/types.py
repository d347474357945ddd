"""The words of this flow: what is asked, what is announced, what a provider said."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from jishi.kit.ids import AccountId, ShopId
from jishi.modules.payouts.types import State, WithdrawalId


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalAsked:
    """A wish to take money out. ``key``: the same wish again gives the first answer.

    ``is_owner``: the owner asks; a manager only prepares. ``day_start``: of the market's day.
    """

    id: WithdrawalId
    shop_id: ShopId
    account_id: int
    amount_minor: int
    key: str
    actor_id: AccountId
    is_owner: bool
    day_start: datetime
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What is known of a withdrawal after its provider was asked: sent, paid, failed or returned."""

    id: WithdrawalId
    state: State
    provider_ref: str | None = None
    why: str = ""
    error: str | None = None
    again_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class WithdrawalNews:
    """What became of a withdrawal; ``why`` of a refusal or failure."""

    topic: ClassVar[str]
    withdrawal_id: WithdrawalId
    shop_id: ShopId
    amount_minor: int
    why: str
    occurred_at: datetime

    @property
    def subject_id(self) -> int:
        return self.withdrawal_id


class PayoutAsked(WithdrawalNews):
    topic = "payouts.asked"


class PayoutPaid(WithdrawalNews):
    topic = "payouts.paid"


class PayoutFailed(WithdrawalNews):
    topic = "payouts.failed"


class PayoutReturned(WithdrawalNews):
    topic = "payouts.returned"


class PayoutRefused(WithdrawalNews):
    topic = "payouts.refused"
