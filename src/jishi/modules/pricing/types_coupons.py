"""Coupons as shops and the market issue them and people claim them; their refusals."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from jishi.kit.errors import Kind, Refusal
from jishi.modules.pricing.types import Terms

TITLE_MAX: Final = 40
SCOPE_MAX: Final = 200  # categories or products of a coupon; coupon_scoped repeats it
PER_PERSON_MAX: Final = 20
DAYS_MAX: Final = 366
AMOUNT_MAX_MINOR: Final = 100_000_000
TOTAL_MAX: Final = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponDraft:
    """A coupon before it is issued. ``terms.coupon_id`` is not looked at."""

    terms: Terms
    claim_from: datetime
    claim_until: datetime
    valid_from: datetime
    valid_until: datetime | None = None
    valid_days: int | None = None
    is_public: bool = True
    code: str = ""
    total_limit: int | None = None
    per_person: int = 1
    budget_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupon:
    """An issued coupon with what became of it. ``discount_minor`` and GMV: of paid orders."""

    id: int
    terms: Terms
    claim_from: datetime
    claim_until: datetime
    valid_from: datetime
    valid_until: datetime | None
    valid_days: int | None
    is_public: bool
    code: str
    total_limit: int | None
    per_person: int
    budget_minor: int | None
    ended_at: datetime | None
    version: int
    claimed: int = 0
    reserved_minor: int = 0
    orders: int = 0
    discount_minor: int = 0
    gmv_minor: int = 0

    @property
    def draft(self) -> CouponDraft:
        """What it was issued as, or became."""
        return CouponDraft(
            terms=self.terms,
            claim_from=self.claim_from,
            claim_until=self.claim_until,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            valid_days=self.valid_days,
            is_public=self.is_public,
            code=self.code,
            total_limit=self.total_limit,
            per_person=self.per_person,
            budget_minor=self.budget_minor,
        )

    def has_begun(self, now: datetime) -> bool:
        """Whether people may have claimed it."""
        return self.claimed > 0 or now >= self.claim_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A coupon as a page offers it to somebody. ``mine``: how many of it they have had."""

    id: int
    terms: Terms
    claim_until: datetime
    valid_from: datetime
    valid_until: datetime | None
    valid_days: int | None
    per_person: int
    is_gone: bool
    mine: int = 0

    @property
    def may_claim(self) -> bool:
        return not self.is_gone and self.mine < self.per_person


class Pile(StrEnum):
    """The three lists of one's coupons."""

    USABLE = "usable"
    USED = "used"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A coupon in the list of one's own."""

    id: int
    terms: Terms
    valid_from: datetime
    valid_until: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponClaimed:
    topic: ClassVar[str] = "pricing.coupon_claimed"
    claim_id: int
    coupon_id: int
    buyer_id: int
    shop_id: int | None
    occurred_at: datetime

    @property
    def subject_id(self) -> int:
        return self.claim_id


def valid_window(
    coupon_from: datetime, until: datetime | None, days: int | None, *, now: datetime
) -> tuple[datetime, datetime]:
    """When a coupon claimed now is good: the fixed window, or so many days from the claim."""
    if until is not None:
        return coupon_from, until
    assert days is not None
    start = max(now, coupon_from)
    return start, start + timedelta(days=days)


class NumberInvalid(Refusal):
    code, text = "pricing.number_invalid", "This must be a whole number from {least} to {most}."


class AmountInvalid(Refusal):
    code, text = "pricing.amount_invalid", "This must be an amount above 0."


class PercentInvalid(Refusal):
    code, text = "pricing.percent_invalid", "The discount must be from 1 to 99 percent."


class WindowInvalid(Refusal):
    code, text = "pricing.window_invalid", "The end must lie after the start and in the future."


class ScopeEmpty(Refusal):
    code, text = "pricing.scope_empty", "Choose at least one, at most {most}."


class ScopeForeign(Refusal):
    code, text = "pricing.scope_foreign", "Some of these do not exist or belong to another shop."


class CodeInvalid(Refusal):
    code, text = "pricing.code_invalid", "A code has 4 to 24 letters, digits or dashes."


class CodeTaken(Refusal):
    kind, code = Kind.CONFLICT, "pricing.code_taken"
    text = "This code is in use already. Choose another one."


class ClaimsBegun(Refusal):
    kind, code = Kind.CONFLICT, "pricing.claims_begun"
    text = "This cannot be changed any more: people may have claimed the coupon."


class BelowClaimed(Refusal):
    kind, code = Kind.CONFLICT, "pricing.below_claimed"
    text = "It cannot be lower than what has been claimed already: {least}."


class BudgetUnbounded(Refusal):
    code = "pricing.budget_unbounded"
    text = "Say the most one coupon may cost: a budget has to know it."


class CouponUnknown(Refusal):
    kind, code = Kind.NOT_FOUND, "pricing.coupon_unknown"
    text = "There is no such coupon, or it is over."


class CouponSoon(Refusal):
    kind, code = Kind.CONFLICT, "pricing.coupon_soon"
    text = "This coupon cannot be claimed yet."


class CouponGone(Refusal):
    kind, code = Kind.CONFLICT, "pricing.coupon_gone"
    text = "All of these coupons are gone."


class CouponEnough(Refusal):
    kind, code = Kind.CONFLICT, "pricing.coupon_enough"
    text = "You have had this coupon already; there are {most} for each person."


class SavedMeanwhile(Refusal):
    kind, code = Kind.CONFLICT, "pricing.saved_meanwhile"
    text = "Somebody else has saved this meanwhile. Look again."
