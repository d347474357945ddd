"""A provider that pays shops out, as the market sees it. Never called inside a transaction.

Every call carries the market's own number, so that it may be repeated: the provider answers the
second time as it did the first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from jishi.modules.payouts.types import BankAccountId, TransferStanding, WithdrawalId


class BankUnreachable(Exception):  # noqa: N818 - an outcome, asked again later
    """No answer, or none that says anything: the call may or may not have had its effect."""


class BankRefused(Exception):  # noqa: N818 - an outcome, not tried again by itself
    """The provider said no. ``code`` is its own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """An account with its number in the open. Lives for one call; never logged, never stored."""

    holder: str
    bank: str
    number: str

    def __repr__(self) -> str:
        return f"Destination(bank={self.bank!r}, last4={self.number[-4:]!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferAsk:
    id: WithdrawalId
    amount_minor: int
    currency: str
    to: Destination


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferAnswer:
    standing: TransferStanding
    provider_ref: str | None = None
    why: str = ""  # code of a failure


class PayoutProvider(Protocol):
    """Each call to the provider raises BankUnreachable or BankRefused."""

    @property
    def name(self) -> str: ...

    async def test_account(self, account_id: BankAccountId, to: Destination, currency: str) -> None:
        """Check the holder's name and send a small deposit, whose amount proves the account."""
        ...

    async def prove_account(self, account_id: BankAccountId, amount_minor: int) -> bool:
        """Whether this was the amount of the test deposit."""
        ...

    async def transfer(self, ask: TransferAsk) -> TransferAnswer: ...

    async def query_transfer(self, withdrawal_id: WithdrawalId) -> TransferAnswer: ...

    def read_news(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> WithdrawalId | None:
        """Which withdrawal a message of the provider is about; None: nothing we look at.

        What became of it is asked then, so that a message proves nothing by itself. ``headers`` in
        lower case. Raises BadSignature, NewsUnreadable.
        """
        ...

    async def close(self) -> None:
        """Give connections back. The last call."""
        ...
