"""Lines, offers and coupons for tests of prices, each with keyword changes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from jishi.kit.ids import ProductId, ShopId, SkuId
from jishi.kit.money import split
from jishi.modules.pricing import rules
from jishi.modules.pricing.types import (
    Audience,
    Benefit,
    Claim,
    Line,
    OfferKind,
    Payer,
    Priced,
    PriceOffer,
    Scope,
    SetOffer,
    Standing,
    Terms,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NOBODY = Standing()


def a_line(sku: int = 1, price: int = 1_000, quantity: int = 1, **changes: Any) -> Line:
    facts: dict[str, Any] = {
        "sku_id": SkuId(sku),
        "product_id": ProductId(1_000 + sku),
        "shop_id": ShopId(1),
        "price_minor": price,
        "quantity": quantity,
    }
    return Line(**{**facts, **changes})


def a_price(offer: int = 50, price: int = 800, **changes: Any) -> PriceOffer:
    facts = {"id": offer, "kind": OfferKind.TIMED, "title": "Sale", "price_minor": price}
    return PriceOffer(**{**facts, **changes})


def a_set(offer: int = 70, pieces: int = 3, price: int = 2_000, **changes: Any) -> SetOffer:
    facts = {"id": offer, "title": "Any three", "pieces": pieces, "price_minor": price}
    return SetOffer(**{**facts, **changes})


def a_claim(claim: int = 1, **changes: Any) -> Claim:
    """A shop's coupon of 1.00; ``terms`` and validity by keyword."""
    own = {
        "is_used": changes.pop("is_used", False),
        "valid_from": changes.pop("valid_from", NOON - DAY),
        "valid_until": changes.pop("valid_until", NOON + DAY),
    }
    facts: dict[str, Any] = {
        "coupon_id": claim + 500,
        "title": f"Coupon {claim}",
        "payer": Payer.SHOP,
        "benefit": Benefit.FIXED,
        "shop_id": ShopId(1),
        "amount_minor": 100,
    }
    facts |= changes
    if facts["payer"] is not Payer.SHOP and "shop_id" not in changes:
        facts["shop_id"] = None
    if facts["payer"] is Payer.CREATOR:
        facts.setdefault("creator_id", 900)
    if facts["benefit"] is not Benefit.FIXED:
        facts["amount_minor"] = 0
    return Claim(id=claim, terms=Terms(**facts), **own)


def flat(amount: int = 0) -> rules.Freight:
    """One price per shop's order."""

    def freight(shop_id: int, lines: Sequence[Line], goods: Sequence[int]) -> list[int]:
        return split(amount, goods)

    return freight


def priced(
    lines: Sequence[Line],
    claims: Sequence[Claim] = (),
    *,
    freight: int = 0,
    standing: Standing = NOBODY,
) -> Priced:
    return rules.price(rules.prepare(lines, standing, flat(freight), now=NOON), claims)


# Random ones ------------------------------------------------------------------------------------

MONEY = st.integers(1, 30_000)
AUDIENCES = st.sampled_from(list(Audience))


@st.composite
def lines_of(draw: st.DrawFn) -> list[Line]:
    """One to six lines over three shops, with timed, member prices and sets now and then."""
    sets = {
        shop: a_set(
            70 + shop,
            draw(st.integers(2, 5)),
            draw(MONEY),
            is_exclusive=draw(st.booleans()),
            audience=draw(AUDIENCES),
        )
        for shop in (1, 2, 3)
    }
    count = draw(st.integers(1, 6))
    lines = []
    for sku in draw(st.permutations(range(1, count + 1))):
        shop = draw(st.integers(1, 3))
        prices = [
            a_price(
                50 + at,
                draw(MONEY),
                kind=draw(st.sampled_from([OfferKind.TIMED, OfferKind.FLASH, OfferKind.MEMBER])),
                left=draw(st.one_of(st.none(), st.integers(0, 6))),
                is_exclusive=draw(st.booleans()),
                audience=draw(AUDIENCES),
            )
            for at in range(draw(st.integers(0, 2)))
        ]
        lines.append(
            a_line(
                sku,
                draw(MONEY),
                draw(st.integers(1, 9)),
                shop_id=ShopId(shop),
                prices=prices,
                sets=[sets[shop]] if draw(st.booleans()) else [],
                categories=[1, draw(st.integers(2, 4))],
            )
        )
    return lines


@st.composite
def claims_of(draw: st.DrawFn, most: int = 6) -> list[Claim]:
    claims = []
    for number in range(1, draw(st.integers(0, most)) + 1):
        payer = draw(st.sampled_from(list(Payer)))
        benefit = draw(st.sampled_from(list(Benefit)))
        scope = draw(st.sampled_from(list(Scope)))
        is_shop = payer is Payer.SHOP or draw(st.booleans())
        ids = {Scope.ALL: set(), Scope.CATEGORIES: {2}, Scope.PRODUCTS: {1_001, 1_002}}[scope]
        claims.append(
            a_claim(
                number,
                payer=payer,
                benefit=benefit,
                shop_id=ShopId(draw(st.integers(1, 3))) if is_shop else None,
                amount_minor=draw(st.integers(1, 40_000)),
                rate_bp=draw(st.integers(1, 9_900)) if benefit is Benefit.PERCENT else 0,
                cap_minor=draw(st.one_of(st.none(), st.integers(1, 3_000))),
                threshold_minor=draw(st.sampled_from([0, 0, 1_000, 20_000])),
                scope=scope,
                scope_ids=frozenset(ids),
                audience=draw(AUDIENCES),
                is_exclusive=draw(st.sampled_from([False, False, True])),
                is_used=draw(st.sampled_from([False, False, False, True])),
            )
        )
    return claims


@st.composite
def standings_of(draw: st.DrawFn) -> Standing:
    shops = st.frozensets(st.integers(1, 3))
    return Standing(
        is_new=draw(st.booleans()),
        new_to=draw(shops),
        follows=draw(shops),
        member_of=draw(shops),
        limits={(50, 1): draw(st.integers(0, 4))},
    )
