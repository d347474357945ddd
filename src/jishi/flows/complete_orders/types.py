"""A confirmed receipt, and the answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, OrderId


class CompleteVerdict(StrEnum):
    COMPLETED = "completed"
    REPEAT = "repeat"
    UNKNOWN = "unknown"
    WRONG_STATE = "wrong_state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """``buyer_id`` is who confirms; None when the clock or an import does."""

    order_id: OrderId
    buyer_id: AccountId | None
    at: datetime
    actor: str = "buyer"
    why: str = "confirmed"


class NothingToConfirm(Refusal):
    kind, code = Kind.CONFLICT, "orders.nothing_to_confirm"
    text = "Receipt can be confirmed once the whole order has been shipped."


class CaseRuns(Refusal):
    kind, code = Kind.CONFLICT, "orders.case_runs"
    text = "An after-sale case about this order is running. Confirm once more to go on."
