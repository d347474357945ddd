"""What offers and coupons may become once they stand."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jishi.kit.errors import FieldInvalid
from jishi.kit.ids import ProductId, ShopId, SkuId
from jishi.modules.pricing import (
    Audience,
    Benefit,
    Coupon,
    CouponDraft,
    Item,
    OfferDraft,
    OfferKind,
    OfferStands,
    Payer,
    Scope,
    Terms,
)
from jishi.modules.pricing.rules_drafts import check_change
from jishi.modules.pricing.rules_terms import check_coupon, check_coupon_change

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def an_item(number: int = 1, **changes: Any) -> Item:
    facts: dict[str, Any] = {
        "sku_id": SkuId(number),
        "product_id": ProductId(number),
        "list_minor": 2_000,
        "price_minor": 1_000,
        "quota": 10,
        "per_buyer": 2,
    }
    return Item(**{**facts, **changes})


def a_draft(**changes: Any) -> OfferDraft:
    facts: dict[str, Any] = {
        "shop_id": ShopId(9),
        "kind": OfferKind.FLASH,
        "title": "Noon",
        "items": [an_item()],
        "starts_at": NOON - DAY,
        "ends_at": NOON + DAY,
        "announced_at": NOON - 2 * DAY,
    }
    return OfferDraft(**{**facts, **changes})


def stands(draft: OfferDraft, taken: Mapping[int, int] | None = None) -> OfferStands:
    sold = {SkuId(sku): units for sku, units in (taken or {}).items()}
    return OfferStands(id=1, draft=draft, taken=sold, ended_at=None, version=1)


RUNNING = a_draft()
ANNOUNCED = a_draft(starts_at=NOON + DAY, ends_at=NOON + 2 * DAY)
UNSEEN = replace(ANNOUNCED, announced_at=NOON + timedelta(hours=1))
A_SET = a_draft(
    kind=OfferKind.N_FOR, items=[an_item(price_minor=None)], pieces=3, price_minor=5_000
)


@pytest.mark.parametrize(
    ("_case", "before", "changes", "fields"),
    [
        ("a later end", RUNNING, {"ends_at": NOON + 5 * DAY}, []),
        ("an earlier end", RUNNING, {"ends_at": NOON + timedelta(minutes=1)}, []),
        ("an end gone by", RUNNING, {"ends_at": NOON}, ["ends_at"]),
        ("another title", RUNNING, {"title": "Afternoon"}, []),
        ("another start", RUNNING, {"starts_at": NOON - timedelta(hours=1)}, ["starts_at"]),
        ("for fewer", RUNNING, {"audience": Audience.NEW}, ["audience"]),
        ("stacks no more", RUNNING, {"is_exclusive": True}, ["is_exclusive"]),
        ("a lower price", RUNNING, {"items": [an_item(price_minor=900)]}, []),
        ("a higher price", RUNNING, {"items": [an_item(price_minor=1_001)]}, ["price.1"]),
        ("one more", RUNNING, {"items": [an_item(), an_item(2)]}, []),
        ("another instead", RUNNING, {"items": [an_item(2)]}, ["items"]),
        ("as many as sold", RUNNING, {"items": [an_item(quota=4)]}, []),
        ("fewer than sold", RUNNING, {"items": [an_item(quota=3)]}, ["quota.1"]),
        ("more", RUNNING, {"items": [an_item(quota=99)]}, []),
        ("no quota in a flash sale", RUNNING, {"items": [an_item(quota=None)]}, ["quota.1"]),
        ("another limit", RUNNING, {"items": [an_item(per_buyer=5)]}, []),
        ("no limit any more", RUNNING, {"items": [an_item(per_buyer=None)]}, ["per_buyer"]),
        ("announced: later", ANNOUNCED, {"starts_at": NOON + timedelta(hours=30)}, []),
        ("announced: dearer", ANNOUNCED, {"items": [an_item(price_minor=1_001)]}, ["price.1"]),
        ("announced: without it", ANNOUNCED, {"items": [an_item(2)]}, ["items"]),
        ("announced: no limit", ANNOUNCED, {"items": [an_item(per_buyer=None)]}, []),
        ("unseen: dearer", UNSEEN, {"items": [an_item(price_minor=1_999)]}, []),
        ("unseen: others", UNSEEN, {"items": [an_item(2)], "audience": Audience.NEW}, []),
        ("unseen: above the list", UNSEEN, {"items": [an_item(price_minor=2_000)]}, ["price.1"]),
        ("a cheaper set", A_SET, {"price_minor": 4_900}, []),
        ("a dearer set", A_SET, {"price_minor": 5_001}, ["price_minor"]),
        ("a larger set", A_SET, {"pieces": 4}, ["pieces"]),
    ],
)
def test_what_an_offer_may_become(
    _case: str, before: OfferDraft, changes: dict[str, Any], fields: list[str]
) -> None:
    sold = {1: 4} if before is RUNNING else {}
    found = check_change(stands(before, sold), replace(before, **changes), now=NOON)
    assert [refusal.field for refusal in found] == fields


def test_a_price_that_stays_is_not_held_against_a_list_price_that_fell() -> None:
    cheaper = [an_item(list_minor=950), an_item(2, list_minor=950)]
    found = check_change(stands(RUNNING), replace(RUNNING, items=cheaper), now=NOON)
    assert [refusal.field for refusal in found] == ["price.2"]


@pytest.mark.parametrize(
    ("_case", "at", "is_seen", "has_begun", "is_over"),
    [
        ("before", RUNNING.announced_at - timedelta(microseconds=1), False, False, False),
        ("the announcement itself", RUNNING.announced_at, True, False, False),
        ("the start itself", RUNNING.starts_at, True, True, False),
        ("the end itself", RUNNING.ends_at, True, True, True),
    ],
)
def test_when_an_offer_is_seen_begins_and_ends(
    _case: str, at: datetime, *, is_seen: bool, has_begun: bool, is_over: bool
) -> None:
    it = stands(RUNNING)
    assert (it.is_seen(at), it.has_begun(at), it.is_over(at)) == (is_seen, has_begun, is_over)


# Coupons -----------------------------------------------------------------------------------------


def a_coupon(*, claimed: int = 0, reserved_minor: int = 0, **changes: Any) -> Coupon:
    terms = Terms(
        coupon_id=1,
        title="Five",
        payer=Payer.PLATFORM,
        benefit=Benefit.FIXED,
        amount_minor=500,
    )
    facts: dict[str, Any] = {
        "id": 1,
        "terms": terms,
        "claim_from": NOON - DAY,
        "claim_until": NOON + DAY,
        "valid_from": NOON - DAY,
        "valid_until": None,
        "valid_days": 7,
        "is_public": True,
        "code": "FIVE",
        "total_limit": 100,
        "per_person": 1,
        "budget_minor": 50_000,
        "ended_at": None,
        "version": 1,
    }
    return Coupon(**{**facts, **changes}, claimed=claimed, reserved_minor=reserved_minor)


def with_terms(draft: CouponDraft, **changes: Any) -> CouponDraft:
    return replace(draft, terms=replace(draft.terms, **changes))


OPEN = a_coupon(claimed=10, reserved_minor=5_000)
PLANNED = a_coupon(claim_from=NOON + timedelta(hours=1))


@pytest.mark.parametrize(
    ("_case", "before", "draft", "fields"),
    [
        ("another title", OPEN, with_terms(OPEN.draft, title="Six"), []),
        ("longer", OPEN, replace(OPEN.draft, claim_until=NOON + 9 * DAY), []),
        ("over already", OPEN, replace(OPEN.draft, claim_until=NOON), ["claim_until"]),
        ("by its code", OPEN, replace(OPEN.draft, is_public=False), []),
        ("as many as claimed", OPEN, replace(OPEN.draft, total_limit=10), []),
        ("fewer than claimed", OPEN, replace(OPEN.draft, total_limit=9), ["total_limit"]),
        ("what is kept", OPEN, replace(OPEN.draft, budget_minor=5_000), []),
        ("less than is kept", OPEN, replace(OPEN.draft, budget_minor=4_999), ["budget_minor"]),
        ("worth more", OPEN, with_terms(OPEN.draft, amount_minor=600), ["amount_minor"]),
        ("for others", OPEN, with_terms(OPEN.draft, audience=Audience.NEW), ["audience"]),
        ("another code", OPEN, replace(OPEN.draft, code="SIX-1"), ["code"]),
        ("good for longer", OPEN, replace(OPEN.draft, valid_days=8), ["valid_days"]),
        ("more each", OPEN, replace(OPEN.draft, per_person=2), ["per_person"]),
        (
            "planned: all of it",
            PLANNED,
            replace(
                with_terms(
                    PLANNED.draft,
                    benefit=Benefit.PERCENT,
                    amount_minor=0,
                    rate_bp=1_000,
                    cap_minor=900,
                    scope=Scope.PRODUCTS,
                    scope_ids=frozenset({3}),
                ),
                code="SIX-1",
                per_person=3,
                claim_from=NOON,
            ),
            [],
        ),
        (
            "planned: nothing",
            PLANNED,
            with_terms(PLANNED.draft, amount_minor=0),
            ["amount_minor"],
        ),
    ],
)
def test_what_a_coupon_may_become(
    _case: str, before: Coupon, draft: CouponDraft, fields: list[str]
) -> None:
    found = check_coupon_change(before, draft, now=NOON)
    assert [refusal.field for refusal in found] == fields


@pytest.mark.parametrize("audience", [Audience.FOLLOWERS, Audience.MEMBERS])
def test_the_market_has_no_followers(audience: Audience) -> None:
    (refusal,) = check_coupon(with_terms(PLANNED.draft, audience=audience), now=NOON)
    assert isinstance(refusal, FieldInvalid)
    assert refusal.field == "audience"
