"""What a coupon may be, and what it may become. Pure."""

import re
from datetime import datetime
from typing import Final

from jishi.kit.errors import FieldInvalid, FieldMissing, Refusal
from jishi.kit.money import in_words
from jishi.kit.text import clean
from jishi.modules.pricing.types import Audience, Benefit, Payer, Scope, Terms
from jishi.modules.pricing.types_coupons import (
    AMOUNT_MAX_MINOR,
    DAYS_MAX,
    PER_PERSON_MAX,
    SCOPE_MAX,
    TITLE_MAX,
    TOTAL_MAX,
    AmountInvalid,
    BelowClaimed,
    BudgetUnbounded,
    ClaimsBegun,
    CodeInvalid,
    Coupon,
    CouponDraft,
    NumberInvalid,
    PercentInvalid,
    ScopeEmpty,
    WindowInvalid,
)

CODE: Final = re.compile(r"[A-Z0-9-]{4,24}")
RATE_MAX_BP: Final = 9_900  # coupon_value repeats it


def clean_code(text: str) -> str:
    """A code as it is kept: upper case, without spaces around."""
    return text.strip().upper()


def check_coupon(draft: CouponDraft, *, now: datetime) -> list[Refusal]:
    """Every field of a coupon that cannot be issued so."""
    terms = draft.terms
    refusals: list[Refusal] = []
    if not clean(terms.title) or len(terms.title) > TITLE_MAX:
        refusals.append(FieldMissing(field="title"))
    refusals += _check_benefit(terms)
    if not 0 <= terms.threshold_minor <= AMOUNT_MAX_MINOR:
        refusals.append(AmountInvalid(field="threshold_minor"))
    if (terms.scope is not Scope.ALL) and not 1 <= len(terms.scope_ids) <= SCOPE_MAX:
        refusals.append(ScopeEmpty(field="scope_ids", most=SCOPE_MAX))
    if terms.shop_id is None and terms.audience in {Audience.FOLLOWERS, Audience.MEMBERS}:
        refusals.append(FieldInvalid(field="audience", detail=terms.audience))
    if terms.payer is Payer.CREATOR and terms.creator_id is None:
        refusals.append(FieldMissing(field="creator_id"))
    if draft.code and not CODE.fullmatch(draft.code):
        refusals.append(CodeInvalid(field="code"))
    if not draft.is_public and not draft.code:
        refusals.append(FieldMissing(field="code"))
    if not 1 <= draft.per_person <= PER_PERSON_MAX:
        refusals.append(NumberInvalid(field="per_person", least=1, most=PER_PERSON_MAX))
    if draft.total_limit is not None and not 1 <= draft.total_limit <= TOTAL_MAX:
        refusals.append(NumberInvalid(field="total_limit", least=1, most=TOTAL_MAX))
    return refusals + _check_windows(draft, now) + _check_budget(draft)


def check_coupon_change(before: Coupon, draft: CouponDraft, *, now: datetime) -> list[Refusal]:
    """Every field of a coupon that cannot become so. Source: docs/money/pricing.md.

    Until it can be claimed everything may change. From then on only its title and how it is handed out:
    until when, to how many, within what budget, by its page or by its code alone; never fewer or less
    than has been claimed.
    """
    refusals = check_coupon(draft, now=now)
    if before.has_begun(now):
        refusals += [ClaimsBegun(field=name) for name in _fixed(before.draft, draft)]
    if draft.total_limit is not None and draft.total_limit < before.claimed:
        refusals.append(BelowClaimed(field="total_limit", least=str(before.claimed)))
    if draft.budget_minor is not None and draft.budget_minor < before.reserved_minor:
        least = in_words(before.reserved_minor)
        refusals.append(BelowClaimed(field="budget_minor", least=least))
    return refusals


TERMS: Final = (
    "payer", "creator_id", "benefit", "amount_minor", "rate_bp", "cap_minor", "threshold_minor", "scope",
    "scope_ids", "audience", "is_exclusive",
)  # fmt: skip
HANDING: Final = ("claim_from", "valid_from", "valid_until", "valid_days", "code", "per_person")


def _fixed(was: CouponDraft, draft: CouponDraft) -> list[str]:
    """Fields that differ and are fixed once people may hold the coupon."""
    terms = [it for it in TERMS if getattr(was.terms, it) != getattr(draft.terms, it)]
    return terms + [it for it in HANDING if getattr(was, it) != getattr(draft, it)]


def worst_minor(terms: Terms) -> int | None:
    """The most one coupon can cost; None where nothing bounds it."""
    return terms.amount_minor if terms.benefit is Benefit.FIXED else terms.cap_minor


def _check_benefit(terms: Terms) -> list[Refusal]:
    if terms.benefit is Benefit.FIXED and not 0 < terms.amount_minor <= AMOUNT_MAX_MINOR:
        return [AmountInvalid(field="amount_minor")]
    if terms.benefit is Benefit.PERCENT and not 1 <= terms.rate_bp <= RATE_MAX_BP:
        return [PercentInvalid(field="rate_bp")]
    if terms.cap_minor is not None and not 0 < terms.cap_minor <= AMOUNT_MAX_MINOR:
        return [AmountInvalid(field="cap_minor")]
    return []


def _check_windows(draft: CouponDraft, now: datetime) -> list[Refusal]:
    refusals: list[Refusal] = []
    if draft.claim_until <= max(now, draft.claim_from):
        refusals.append(WindowInvalid(field="claim_until"))
    if draft.valid_days is not None and not 1 <= draft.valid_days <= DAYS_MAX:
        refusals.append(NumberInvalid(field="valid_days", least=1, most=DAYS_MAX))
    elif (draft.valid_until is None) == (draft.valid_days is None):
        refusals.append(FieldMissing(field="valid_until"))
    elif draft.valid_until is not None and draft.valid_until <= max(now, draft.valid_from):
        refusals.append(WindowInvalid(field="valid_until"))
    return refusals


def _check_budget(draft: CouponDraft) -> list[Refusal]:
    if draft.budget_minor is None:
        return []
    if draft.budget_minor <= 0:
        return [AmountInvalid(field="budget_minor")]
    worst = worst_minor(draft.terms)
    return [BudgetUnbounded(field="cap_minor")] if worst is None else []
