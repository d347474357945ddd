"""The quote: what a purchase comes to, by which rules, at whose cost. Pure.

The order of the rules and every rounding are declared in docs/money/pricing.md. Lines are worked in
the order of their shops' and SKUs' ids, so that the order they are listed in changes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from jishi.kit.ids import ShopId
from jishi.modules.pricing.rules_coupons import Standings, apply_all, sort_of, unfit
from jishi.modules.pricing.rules_offers import Reduced, reduce
from jishi.modules.pricing.types import (
    CLAIMS_MAX,
    Claim,
    Line,
    Payer,
    Priced,
    PricedLine,
    PricedOrder,
    Standing,
    Verdict,
)

# Freight of one shop's lines: per line what is charged, from the lines and what the shop gets for
# their goods after offers and before coupons (a coupon never costs anybody free delivery).
Freight = Callable[[ShopId, Sequence[Line], Sequence[int]], Sequence[int]]
ROUNDS_MAX = 3  # of exchanging single coupons for better ones


@dataclass(frozen=True, slots=True)
class Prepared:
    """Lines after offers and with freight, in order of shop and SKU; what coupons start from."""

    asked: Sequence[Line]
    order: Sequence[int]  # position in ``asked`` of each prepared line
    lines: Sequence[Reduced]
    freight: Sequence[int]
    standing: Standing
    now: datetime


def prepare(
    lines: Sequence[Line], standing: Standing, freight: Freight, *, now: datetime
) -> Prepared:
    """Steps before coupons: unit prices, n-for-price, freight."""
    order = sorted(range(len(lines)), key=lambda at: (lines[at].shop_id, lines[at].sku_id))
    reduced: list[Reduced] = []
    costs: list[int] = []
    for shop_id in dict.fromkeys(lines[at].shop_id for at in order):
        of_shop = [lines[at] for at in order if lines[at].shop_id == shop_id]
        done = reduce(of_shop, standing)
        reduced += done
        costs += freight(shop_id, of_shop, [each.goods_minor for each in done])
    return Prepared(lines, order, reduced, costs, standing, now)


def price(prepared: Prepared, claims: Sequence[Claim] = ()) -> Priced:
    """The purchase with these coupons; those that do not fit change nothing and are told."""
    standings, verdicts = _with(prepared, claims)
    by_place: list[PricedLine | None] = [None] * len(prepared.asked)
    creators: dict[int, int | None] = {}
    for at, each in zip(prepared.order, standings, strict=True):
        by_place[at] = _priced(each)
    lines = [line for line in by_place if line is not None]
    of_claim = {claim.id: claim.terms for claim in claims}
    for verdict in verdicts:
        terms = of_claim[verdict.claim_id]
        if verdict.unfit is None and terms.payer is Payer.CREATOR:
            creators |= dict.fromkeys(verdict.parts, terms.creator_id)
    asked = {claim.id: at for at, claim in enumerate(claims)}
    return Priced(
        orders=[
            PricedOrder(
                shop_id=shop_id,
                lines=[line for line in lines if line.shop_id == shop_id],
                creator_id=creators.get(shop_id),
            )
            for shop_id in dict.fromkeys(line.shop_id for line in lines)
        ],
        coupons=sorted(verdicts, key=lambda verdict: asked[verdict.claim_id]),
    )


def best(prepared: Prepared, claims: Sequence[Claim]) -> list[Claim]:
    """What ``_search`` finds, or a single coupon where that leaves the buyer less to pay."""
    found = _search(prepared, claims)
    least, chosen = price(prepared, found).buyer_minor, found
    for claim in sorted(claims, key=lambda each: (each.valid_until, each.id)):
        alone = price(prepared, [claim])
        if not alone.unfit and alone.buyer_minor < least:
            least, chosen = alone.buyer_minor, [claim]
    return chosen


def _search(prepared: Prepared, claims: Sequence[Claim]) -> list[Claim]:
    """The coupons that leave the buyer least to pay, chosen the same way every time.

    Of each shop's, the market's and creators' coupons at most 20 are looked at, the earliest to
    expire first. From the best of each sort taken one after another, single coupons are exchanged as
    long as that saves more; an exclusive coupon is taken alone where that saves more still.
    """
    sorts: dict[tuple[int, int], list[Claim]] = {}
    for claim in sorted(claims, key=lambda each: (each.valid_until, each.id)):
        why, _ = unfit(claim, prepared.lines, prepared.standing, prepared.now)
        of_sort = sorts.setdefault(sort_of(claim.terms), [])
        if why is None and len(of_sort) < CLAIMS_MAX:
            of_sort.append(claim)
    stacking = {
        sort: [claim for claim in found if not claim.terms.is_exclusive]
        for sort, found in sorts.items()
    }
    starts = [_climb(prepared, stacking, {})]
    lonely = {
        sort: [claim for claim in found if claim.terms.is_exclusive]
        for sort, found in sorts.items()
    }
    if any(lonely.values()):
        starts.append(_climb(prepared, sorts, _climbed(_climb(prepared, lonely, {}))))
        starts.append(_climb(prepared, sorts, _climbed(starts[0])))
    taken = max(starts, key=lambda chosen: (_saved(prepared, chosen), -len(chosen)))
    _, verdicts = _with(prepared, taken)
    useful = {verdict.claim_id for verdict in verdicts if verdict.unfit is None}
    return [claim for claim in taken if claim.id in useful]


def _climbed(chosen: Sequence[Claim]) -> dict[tuple[int, int], Claim]:
    return {sort_of(claim.terms): claim for claim in chosen}


def _climb(
    prepared: Prepared,
    sorts: dict[tuple[int, int], list[Claim]],
    start: dict[tuple[int, int], Claim],
) -> list[Claim]:
    """Exchange one coupon at a time for the one of its sort (or none) that saves most."""
    chosen: dict[tuple[int, int], Claim | None] = dict(start)
    saved = _saved(prepared, [each for each in chosen.values() if each])
    for _ in range(ROUNDS_MAX):
        before = saved
        for sort in sorted(sorts):
            for claim in [*sorts[sort], None]:
                tried = {**chosen, sort: claim}
                amount = _saved(prepared, [each for each in tried.values() if each])
                if amount > saved:
                    chosen, saved = tried, amount
        if saved == before:
            break
    return [chosen[sort] for sort in sorted(chosen) if chosen[sort] is not None]  # type: ignore[misc]


def _saved(prepared: Prepared, claims: Sequence[Claim]) -> int:
    return sum(verdict.amount_minor for verdict in _with(prepared, claims)[1])


def _with(prepared: Prepared, claims: Sequence[Claim]) -> tuple[list[Standings], list[Verdict]]:
    return apply_all(claims, prepared.lines, prepared.freight, prepared.standing, prepared.now)


def _priced(each: Standings) -> PricedLine:
    reduced, line = each.reduced, each.reduced.line
    return PricedLine(
        sku_id=line.sku_id,
        shop_id=line.shop_id,
        quantity=line.quantity,
        price_minor=line.price_minor,
        discount_minor=each.discount_minor,
        freight_minor=each.freight_minor,
        platform_minor=each.platform_minor,
        creator_minor=each.creator_minor,
        offer_id=reduced.offer_id,
        offer_quantity=reduced.offer_quantity,
        offers=(*reduced.offers, *each.coupons),
    )
