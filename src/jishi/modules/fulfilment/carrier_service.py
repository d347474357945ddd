"""A carrier, as the market sees it. Never called inside a transaction.

Every call carries a number of ours, so that it may be repeated: the carrier answers the second time
as it did the first.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from jishi.modules.fulfilment.types_tracking import (
    Scan,
    ScanNews,
    TrackAsk,
    WaybillAsk,
    WaybillMade,
)


class CarrierUnreachable(Exception):  # noqa: N818 - an outcome, retried later
    """No answer, or none that says anything: the call may or may not have had its effect."""


class CarrierRefused(Exception):  # noqa: N818 - an outcome, not retried by itself
    """The carrier said no. ``code`` is its own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class CarrierService(Protocol):
    """Speaks for one or more carriers. Each call raises CarrierUnreachable or CarrierRefused."""

    @property
    def name(self) -> str:
        """The last part of the callbacks' address."""
        ...

    def serves(self, carrier: str) -> bool:
        """Whether it speaks for the carrier of this code."""
        ...

    async def create_waybill(self, ask: WaybillAsk) -> WaybillMade: ...

    async def cancel_waybill(self, carrier: str, number: str) -> None:
        """Give a number back that was never handed in; a second time is the same.

        CarrierRefused with code ``handed_in`` once it was scanned.
        """
        ...

    async def query_scans(self, ask: TrackAsk) -> Sequence[Scan]:
        """All scans so far, oldest first; from now on news comes by callback, too."""
        ...

    def verify_callback(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> ScanNews:
        """What a callback says. ``headers`` by lower-case name.

        Raises CarrierSignatureBad, ScansUnreadable.
        """
        ...

    async def close(self) -> None:
        """Give connections back. The last call."""
        ...


Carriers = Mapping[str, CarrierService]


def service_for(carriers: Carriers, carrier: str) -> CarrierService | None:
    """Who speaks for a carrier; None: its parcels are not followed and get no label here."""
    return next((service for service in carriers.values() if service.serves(carrier)), None)
