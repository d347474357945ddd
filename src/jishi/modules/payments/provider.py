"""A payment provider, as the market sees it. Never called inside a transaction.

Every call carries the market's own number (the payment's or refund's id), so that it may be
repeated: the provider answers the second time as it did the first.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Protocol

from jishi.modules.payments.types import (
    CallbackAnswer,
    CallbackNews,
    Paid,
    Payment,
    PaymentStanding,
    PayPage,
    Refund,
    RefundStanding,
    Visit,
)


class ProviderUnreachable(Exception):  # noqa: N818 - an outcome, retried later
    """No answer, or none that says anything: the call may or may not have had its effect."""


class ProviderRefused(Exception):  # noqa: N818 - an outcome, not retried by itself
    """The provider said no. ``code`` is its own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Provider(Protocol):
    """Each call raises ProviderUnreachable or ProviderRefused."""

    @property
    def name(self) -> str: ...

    @property
    def answer(self) -> CallbackAnswer | None:
        """What it wants to read when its news was taken; None: any 200 will do."""
        ...

    def keeps_page(self, pay_url: str) -> bool:
        """Whether a page made before may be shown again; else it is asked for anew."""
        ...

    async def create_payment(
        self, payment: Payment, *, subject: str, return_url: str, visit: Visit
    ) -> PayPage:
        """A page where the buyer pays. ``subject`` (≤ 128 signs) is shown there."""
        ...

    async def query_payment(self, payment: Payment) -> PaymentStanding: ...

    async def close_payment(self, payment: Payment) -> PaymentStanding:
        """Close it unless it is paid; how it stands then."""
        ...

    async def refund(self, refund: Refund, paid: Paid) -> RefundStanding: ...

    async def query_refund(self, refund: Refund, paid: Paid) -> RefundStanding: ...

    async def verify_callback(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> CallbackNews | None:
        """What a callback says; None when it is of no concern. ``headers`` by lower-case name.

        Raises BadSignature; OtherMerchant; NewsUnreadable when it is signed and makes no sense.
        """
        ...

    async def download_bill(self, day: date) -> bytes:
        """The provider's bill of a day, as ``bills.read_bill`` reads it."""
        ...

    async def close(self) -> None:
        """Give connections back. The last call."""
        ...


Providers = Mapping[str, Provider]
