"""What happened in the town: counts, errors, and what the market acknowledged."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

ERRORS_KEPT: Final = 50
SHOWN: Final = ("placed", "paid", "shipped", "confirmed", "cancelled", "refunded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A checkout the market said 2xx to."""

    key: str
    checkout_id: str
    payment_id: str
    order_ids: tuple[str, ...]
    shops: dict[str, str]  # names by id, of what was asked for
    amount_minor: int


@dataclass(slots=True)
class Tally:
    """Acknowledged means: the answer 2xx arrived here."""

    placed: list[Placed] = field(default_factory=list)
    paid: set[str] = field(default_factory=set)  # payment ids the provider said are paid
    shipped: set[str] = field(default_factory=set)  # order ids, and so on
    confirmed: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    refunded: set[str] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)  # expected "no"s by code
    pages: int = 0
    interruptions: int = 0  # broken connections and 5xx that were tried again
    errors: list[str] = field(default_factory=list)
    error_count: int = 0

    def fail(self, what: str) -> None:
        """Note something that should not have happened."""
        self.error_count += 1
        if len(self.errors) < ERRORS_KEPT:
            self.errors.append(what)

    def counts(self) -> dict[str, int]:
        return {name: len(getattr(self, name)) for name in SHOWN}

    def summary(self, seconds: float) -> dict[str, Any]:
        """For ``--json``."""
        return {
            **self.counts(),
            "orders": sum(len(each.order_ids) for each in self.placed),
            "pages": self.pages,
            "refused": dict(self.refused),
            "interruptions": self.interruptions,
            "errors": self.error_count,
            "error_samples": self.errors,
            "seconds": round(seconds, 1),
            "checkouts_per_minute": round(len(self.placed) * 60 / max(seconds, 1), 1),
        }

    def line(self, seconds: float) -> str:
        """The live status: one line."""
        parts = [f"{name} {count}" for name, count in self.counts().items()]
        refused, minutes = (
            sum(self.refused.values()),
            f"{int(seconds) // 60}:{int(seconds) % 60:02}",
        )
        return f"{minutes}  {'  '.join(parts)}  refused {refused}  errors {self.error_count}"
