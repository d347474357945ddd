"""The words of this module: kinds of accounts and transfers, postings, statements, refusals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import OrderId
from jishi.kit.text import mark as _

ESCROW: Final = "escrow"
PAYABLE_SHOP: Final = "payable:shop"

# The chart of docs/money/README.md. Names after a colon say whose or which: gateway:sandbox, payable:shop.
ACCOUNT_WORDS: Final[Mapping[str, str]] = {
    "gateway": _("Held by the payment provider"),
    "escrow": _("Held for the buyer"),
    "payable": _("Owed to the shop"),
    "payable:buyer": _("Owed to the buyer"),
    "fee": _("Market fees"),
    "subsidy": _("Paid by the market"),
    "freight": _("Freight"),
    "deposit": _("Deposit of the shop"),
    "receivable": _("Owed by a party"),
    "clearing": _("On its way"),
    "payout": _("Paid out"),
}
# What others could ask for stands on the credit side; the rest is where the money lies or went.
OWED: Final = frozenset({"escrow", "payable", "fee", "deposit", "clearing", "payout"})
FLOORS: Final = frozenset({"escrow", "payable", "deposit"})  # never below nothing


class TransferKind(StrEnum):
    """Why money moved. The order of the members is that of an order's life."""

    PAY = "pay"
    LATE_PAY = "late_pay"
    LATE_RETURN = "late_return"
    COMPLETE = "complete"
    REFUND = "refund"
    REFUND_SETTLED = "refund_settled"
    REFUND_PAID = "refund_paid"
    OFFSET = "offset"
    WITHDRAW = "withdraw"
    WITHDRAW_PAID = "withdraw_paid"
    WITHDRAW_FAILED = "withdraw_failed"
    WITHDRAW_RETURNED = "withdraw_returned"
    DEPOSIT = "deposit"
    DEPOSIT_BACK = "deposit_back"
    PENALTY = "penalty"
    PENALTY_BACK = "penalty_back"
    COMPENSATION = "compensation"
    RETURN_FREIGHT = "return_freight"

    @property
    def words(self) -> str:
        """The kind as people read it; an English message id."""
        return TRANSFER_WORDS[self]


TRANSFER_WORDS: Final[Mapping[str, str]] = {
    TransferKind.PAY: _("Buyer paid"),
    TransferKind.LATE_PAY: _("Buyer paid late, order revived"),
    TransferKind.LATE_RETURN: _("Late payment sent back"),
    TransferKind.COMPLETE: _("Receipt confirmed"),
    TransferKind.REFUND: _("Refunded before completion"),
    TransferKind.REFUND_SETTLED: _("Refunded after completion"),
    TransferKind.REFUND_PAID: _("Refund has left"),
    TransferKind.OFFSET: _("Set off against a debt"),
    TransferKind.WITHDRAW: _("Withdrawal asked for"),
    TransferKind.WITHDRAW_PAID: _("Withdrawal has left"),
    TransferKind.WITHDRAW_FAILED: _("Withdrawal came back"),
    TransferKind.WITHDRAW_RETURNED: _("Paid withdrawal returned by the bank"),
    TransferKind.DEPOSIT: _("Deposit paid in"),
    TransferKind.DEPOSIT_BACK: _("Deposit paid back"),
    TransferKind.PENALTY: _("Penalty"),
    TransferKind.PENALTY_BACK: _("Penalty taken back"),
    TransferKind.COMPENSATION: _("Compensation for lateness"),
    TransferKind.RETURN_FREIGHT: _("Freight of a return owed to the buyer"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Totals in minor units; they only grow."""

    cell: int
    kind: str
    party_id: int  # 0: the platform's own
    debit_minor: int
    credit_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A transfer to be booked once per (cell, order, kind, subject). Postings sum to zero.

    ``order_id`` is 0 where money moves without an order.
    """

    cell: int
    kind: TransferKind
    subject_id: int
    at: datetime
    postings: Sequence["Posting"]
    order_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KindTotals:
    """All accounts of one kind over all cells."""

    kind: str
    accounts: int
    debit_minor: int
    credit_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """``amount_minor``: debit positive, credit negative, never 0."""

    posting: int
    kind: str
    party_id: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    cell: int
    id: int
    kind: str
    order_id: OrderId
    subject_id: int  # payment, refund; the order itself on completion
    occurred_at: datetime
    postings: tuple[Posting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One posting in the statement of an account."""

    transfer_id: int
    posting: int
    account: str
    kind: str  # of the transfer
    order_id: OrderId
    subject_id: int
    amount_minor: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopTotals:
    """What a shop's two accounts hold now, and all that ever went through them; minor units."""

    escrow_minor: int
    escrow_in_minor: int
    escrow_out_minor: int
    payable_minor: int
    payable_in_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recount:
    """An account's totals beside the sums of its postings."""

    account: str
    debit_minor: int
    credit_minor: int
    posted_debit_minor: int
    posted_credit_minor: int
    postings: int

    @property
    def is_equal(self) -> bool:
        return (self.debit_minor, self.credit_minor) == (
            self.posted_debit_minor,
            self.posted_credit_minor,
        )


class AccountNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "ledger.account_not_found"
    text = "There is no such account. Accounts appear with their first posting."


class TransferNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "ledger.transfer_not_found"
    text = "There is no such transfer."
