"""The words of this flow: payments that came in, refusals of closing."""

from dataclasses import dataclass
from datetime import datetime

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import PaymentId


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidIn:
    """A recorded payment that is for no order."""

    payment_id: PaymentId
    provider_ref: str
    paid_at: datetime


class OrdersOpen(Refusal):
    kind, code = Kind.CONFLICT, "closing.orders_open"
    text = "{count} orders are not ended yet. Close the shop when the last one is."


class CasesOpen(Refusal):
    kind, code = Kind.CONFLICT, "closing.cases_open"
    text = "A case against the shop is not ended yet. See Standing."


class ClosedAlready(Refusal):
    kind, code = Kind.CONFLICT, "closing.closed_already"
    text = "The shop is closed already."


class NameUnlike(Refusal):
    code, text = "closing.name_unlike", "Type the shop's name as it stands above to close it."
