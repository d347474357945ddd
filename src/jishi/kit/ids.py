"""63-bit ids that carry the time, the cell and the node that made them.

Layout, high to low: 41 bits milliseconds since 2024-01-01 UTC, 8 bits cell, 8 bits node, 6 bits
sequence. Shown outside as a decimal string. Source: ARCHITECTURE, "Ids and cells".
"""

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NewType

AccountId = NewType("AccountId", int)
AddressId = NewType("AddressId", int)
CaseId = NewType("CaseId", int)
CheckoutId = NewType("CheckoutId", int)
ConversationId = NewType("ConversationId", int)
MediaId = NewType("MediaId", int)
OrderId = NewType("OrderId", int)
ParcelId = NewType("ParcelId", int)
PaymentId = NewType("PaymentId", int)
ProductId = NewType("ProductId", int)
RefundId = NewType("RefundId", int)
ReviewId = NewType("ReviewId", int)
ShopId = NewType("ShopId", int)
SkuId = NewType("SkuId", int)
WarehouseId = NewType("WarehouseId", int)

Cell = NewType("Cell", int)

EPOCH_MS = 1_704_067_200_000  # 2024-01-01T00:00:00Z
CELLS = 256
NODES = 256
SEQUENCES = 64
ID_MAX = (1 << 63) - 1
DIGITS_MAX = 19


def cell_of(value: int) -> Cell:
    """The cell an id was made for: 0 to 255. PostgreSQL repeats it as ``cell_of(bigint)``."""
    return Cell((value >> 14) & 0xFF)


def made_at_ms(value: int) -> int:
    """When the id was made, in milliseconds since 1970 UTC."""
    return (value >> 22) + EPOCH_MS


def first_id(at: datetime) -> int:
    """The lowest id that can have been made at ``at`` or later; 0 before 2024."""
    since = at - datetime.fromtimestamp(EPOCH_MS / 1000, UTC)
    return max(since // timedelta(milliseconds=1), 0) << 22


def parse_id(text: str) -> int | None:
    """An id from its decimal form; None when ``text`` is not one (sign, letters, too large)."""
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX):
        return None
    value = int(text)
    return value if 0 < value <= ID_MAX else None


def cell_for(value: str) -> Cell:
    """The cell of a directory row: computed from the unique value itself, evenly spread."""
    return Cell(hashlib.blake2s(value.encode(), digest_size=1).digest()[0])


def _clock_ms() -> int:
    return time.time_ns() // 1_000_000


class IdMaker:
    """Makes ids for one leased node number. Not for sharing between threads.

    When 64 ids of a millisecond are used up it moves to the next millisecond; when the clock
    steps back it goes on from the newest millisecond it has used, so it never repeats.
    """

    def __init__(
        self, node: int, *, after_ms: int = 0, clock_ms: Callable[[], int] = _clock_ms
    ) -> None:
        assert 0 <= node < NODES, f"node {node} is not an 8-bit number"
        self._node = node << 6
        self._clock_ms = clock_ms
        self._ms = after_ms - EPOCH_MS if after_ms else 0
        self._sequence = SEQUENCES

    @property
    def node(self) -> int:
        """The number this maker writes into its ids."""
        return self._node >> 6

    @property
    def newest_ms(self) -> int:
        """The newest millisecond used, since 1970; a later holder of the node starts after it."""
        return self._ms + EPOCH_MS

    def make(self, cell: int) -> int:
        """A new id of ``cell``. Ids of one maker only grow within a cell."""
        now = self._clock_ms() - EPOCH_MS
        if now > self._ms:
            self._ms = now
            self._sequence = 0
        elif self._sequence >= SEQUENCES:
            self._ms += 1  # borrow from the future rather than wait: bursts are short
            self._sequence = 0
        value = (self._ms << 22) | (cell << 14) | self._node | self._sequence
        self._sequence += 1
        return value
