"""Who buys in a flash sale waits in a line of its own, so that a crowd holds up nobody else."""

from collections.abc import Callable
from time import monotonic
from typing import Final

from jishi.flows.place_orders.types import CheckoutAsked
from jishi.flows.quote.types import MarketFacts
from jishi.kit.ids import SkuId
from jishi.modules.pricing import OfferKind

PER_SECOND: Final = 360.0  # checkouts of flash sales a second and process
BATCH: Final = 12
WAITING_MAX: Final = 2_000
SECONDS: Final = 60.0  # a SKU is remembered for
SKUS_MAX: Final = 10_000  # remembered at once


class Rush:
    """Which SKUs were in a flash sale a moment ago. Decides who waits where, never who gets what."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._until: dict[SkuId, float] = {}

    def note(self, market: MarketFacts) -> None:
        """Remember the SKUs of ``market`` that are in a flash sale."""
        until = self._clock() + SECONDS
        for sku_id, facts in market.skus.items():
            if any(offer["kind"] == OfferKind.FLASH for offer in facts.offers or ()):
                if len(self._until) >= SKUS_MAX:
                    self._until.clear()
                self._until[sku_id] = until

    def has(self, asked: CheckoutAsked) -> bool:
        """Whether a line of it is in a flash sale."""
        if not self._until:
            return False
        at = self._clock()
        return any(self._until.get(line.sku_id, 0) > at for line in asked.lines)
