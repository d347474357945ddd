"""A payment provider, as the market sees it. Never called inside a transaction.

Every call carries the market's own number (the payment's or refund's id), so that it may be
repeated: the provider answers the second time as it did the first.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from jishi.kit.ids import PaymentId
from jishi.modules.payments.types import (
    CallbackNews,
    Payment,
    PaymentStanding,
    PayPage,
    Refund,
    RefundStanding,
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

    async def create_payment(self, payment: Payment, *, subject: str, return_url: str) -> PayPage:
        """A page where the buyer pays. ``subject`` (≤ 128 signs) is shown there."""
        ...

    async def query_payment(self, payment_id: PaymentId) -> PaymentStanding: ...

    async def close_payment(self, payment_id: PaymentId) -> PaymentStanding:
        """Close it unless it is paid; how it stands then."""
        ...

    async def refund(self, refund: Refund, *, currency: str) -> RefundStanding: ...

    async def query_refund(self, refund: Refund) -> RefundStanding: ...

    def verify_callback(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> CallbackNews:
        """What a callback says. ``headers`` by lower-case name.

        Raises BadSignature; NewsUnreadable when it is signed and still makes no sense.
        """
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...


Providers = Mapping[str, Provider]
