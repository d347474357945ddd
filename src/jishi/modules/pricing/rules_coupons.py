"""What coupons do to lines whose offers have been applied. Pure; source: docs/money/pricing.md."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from jishi.kit.money import share_down, split
from jishi.modules.pricing.rules_offers import Reduced, may_have
from jishi.modules.pricing.types import (
    AppliedOffer,
    Benefit,
    Claim,
    OfferKind,
    Payer,
    Scope,
    Standing,
    Terms,
    Unfit,
    Verdict,
)


@dataclass(slots=True)
class Standings:
    """A line while coupons are applied: what is open to them, who paid how much so far."""

    reduced: Reduced
    charged_minor: int  # freight before any coupon
    freight_minor: int  # freight the shop charges
    open_minor: int
    discount_minor: int
    platform_minor: int = 0
    creator_minor: int = 0
    coupons: list[AppliedOffer] = field(default_factory=list)

    @property
    def shop_id(self) -> int:
        return self.reduced.line.shop_id

    @property
    def buyer_minor(self) -> int:
        goods = self.reduced.line.goods_minor - self.discount_minor
        return goods + self.freight_minor - self.platform_minor - self.creator_minor


def sort_of(terms: Terms) -> tuple[int, int]:
    """Which sort a coupon is, first for the order they are applied in: one of each sort at most.

    Free freight per shop or of the market; a shop's; the market's; a creator's.
    """
    if terms.benefit is Benefit.FREE_FREIGHT:
        return 0, terms.shop_id or 0
    if terms.payer is Payer.CREATOR:
        return 3, 0
    return (1, terms.shop_id) if terms.shop_id is not None else (2, 0)


def apply_all(
    claims: Sequence[Claim],
    lines: Sequence[Reduced],
    freight: Sequence[int],
    standing: Standing,
    now: datetime,
) -> tuple[list[Standings], list[Verdict]]:
    """Lines after coupons, same order; a verdict per claim, in the order claims are applied.

    ``lines`` stand in order of shop and SKU. A coupon that does not fit changes nothing.
    """
    standings = [
        Standings(each, cost, cost, each.open_minor, each.discount_minor)
        for each, cost in zip(lines, freight, strict=True)
    ]
    verdicts: list[Verdict] = []
    in_use: list[tuple[Claim, Verdict]] = []
    for claim in sorted(claims, key=lambda each: (sort_of(each.terms), each.valid_until, each.id)):
        verdict = _apply(claim, standings, standing, now, in_use)
        if verdict.unfit is None:
            in_use.append((claim, verdict))
        verdicts.append(verdict)
    return standings, verdicts


def unfit(
    claim: Claim, lines: Sequence[Reduced], standing: Standing, now: datetime
) -> tuple[Unfit | None, int]:
    """Why a coupon cannot lower these lines whatever else is used, and what is missing to its
    threshold. Thresholds count goods at their prices after offers and before any coupon."""
    terms = claim.terms
    if claim.is_used:
        return Unfit.USED, 0
    if now < claim.valid_from:
        return Unfit.NOT_YET, 0
    if now >= claim.valid_until:
        return Unfit.EXPIRED, 0
    goods = [each for each in lines if covers(terms, each)]
    if not goods:
        return Unfit.OTHER_GOODS, 0
    if not may_have(terms.audience, terms.shop_id, standing):
        return Unfit.AUDIENCE, 0
    short = terms.threshold_minor - sum(each.open_minor for each in goods)
    return (Unfit.THRESHOLD, short) if short > 0 else (None, 0)


def covers(terms: Terms, reduced: Reduced) -> bool:
    """Whether a line counts for a coupon: its shop, its goods, and something open to coupons."""
    line = reduced.line
    if terms.shop_id is not None and line.shop_id != terms.shop_id:
        return False
    if reduced.open_minor <= 0 or (terms.is_exclusive and reduced.offers):
        return False
    match terms.scope:
        case Scope.ALL:
            return True
        case Scope.CATEGORIES:
            return not terms.scope_ids.isdisjoint(line.categories)
        case Scope.PRODUCTS:
            return line.product_id in terms.scope_ids


def _apply(
    claim: Claim,
    standings: Sequence[Standings],
    standing: Standing,
    now: datetime,
    in_use: Sequence[tuple[Claim, Verdict]],
) -> Verdict:
    terms = claim.terms
    why, short = unfit(claim, [each.reduced for each in standings], standing, now)
    if why is None:
        why = _clash(terms, standings, in_use)
    if why is not None:
        return Verdict(claim_id=claim.id, unfit=why, short_minor=short)
    covered = [each for each in standings if covers(terms, each.reduced)]
    if terms.benefit is Benefit.FREE_FREIGHT:
        orders = {each.shop_id for each in covered} - _freed(in_use)
        parts = _free_freight(terms, [each for each in standings if each.shop_id in orders])
        nothing = Unfit.NO_FREIGHT
    else:
        parts = _lower_goods(terms, covered, _room(standings))
        nothing = Unfit.NOTHING_LEFT
    if not parts:
        return Verdict(claim_id=claim.id, unfit=nothing)
    for each, amount in parts:
        _take(each, terms, amount)
    sums: dict[int, int] = {}
    for each, amount in parts:
        sums[each.shop_id] = sums.get(each.shop_id, 0) + amount
    return Verdict(claim_id=claim.id, amount_minor=sum(sums.values()), parts=sums)


def _clash(
    terms: Terms, standings: Sequence[Standings], in_use: Sequence[tuple[Claim, Verdict]]
) -> Unfit | None:
    """An exclusive coupon shares no order with another; of a sort there is one."""
    mine = {each.shop_id for each in standings if covers(terms, each.reduced)}
    for other, verdict in in_use:
        if sort_of(other.terms) == sort_of(terms):
            return Unfit.SECOND
        shared = bool(mine & set(verdict.parts))
        if shared and (terms.is_exclusive or other.terms.is_exclusive):
            return Unfit.EXCLUSIVE
    return None


def _freed(in_use: Sequence[tuple[Claim, Verdict]]) -> set[int]:
    """Shops whose order has its free-freight coupon."""
    return {
        shop
        for claim, verdict in in_use
        if claim.terms.benefit is Benefit.FREE_FREIGHT
        for shop in verdict.parts
    }


def _free_freight(terms: Terms, lines: Sequence[Standings]) -> list[tuple[Standings, int]]:
    """The freight of whole orders, up to the cap; split by what each line was charged."""
    charged = [each.freight_minor for each in lines]
    total = sum(charged)
    if terms.cap_minor is not None:
        total = min(total, terms.cap_minor)
    if total == 0:
        return []
    return _nonzero(zip(lines, split(total, charged), strict=True))


def _room(standings: Sequence[Standings]) -> dict[int, int]:
    """Per order, what coupons may still take: the buyer pays at least one minor unit."""
    room: dict[int, int] = {}
    for each in standings:
        room[each.shop_id] = room.get(each.shop_id, -1) + each.buyer_minor
    return room


def _lower_goods(
    terms: Terms, lines: Sequence[Standings], room: Mapping[int, int]
) -> list[tuple[Standings, int]]:
    """A coupon's amount over its lines: first over orders, then over each order's lines.

    Largest remainder by what is still open; an order never gives more than its room.
    """
    orders: dict[int, list[Standings]] = {}
    for each in lines:
        orders.setdefault(each.shop_id, []).append(each)
    open_ = [sum(each.open_minor for each in group) for group in orders.values()]
    caps = [max(0, min(amount, room[shop])) for shop, amount in zip(orders, open_, strict=True)]
    if terms.benefit is Benefit.PERCENT:
        amount = share_down(sum(open_), terms.rate_bp)
        if terms.cap_minor is not None:
            amount = min(amount, terms.cap_minor)
    else:
        amount = terms.amount_minor
    amount = min(amount, sum(caps))
    if amount == 0:
        return []
    shares = split(amount, open_)
    if any(share > cap for share, cap in zip(shares, caps, strict=True)):
        shares = split(amount, caps)
    return _nonzero(
        pair
        for group, share in zip(orders.values(), shares, strict=True)
        if share
        for pair in zip(group, split(share, [each.open_minor for each in group]), strict=True)
    )


def _nonzero(pairs: Iterable[tuple[Standings, int]]) -> list[tuple[Standings, int]]:
    return [(line, amount) for line, amount in pairs if amount]


def _take(line: Standings, terms: Terms, amount: int) -> None:
    is_freight = terms.benefit is Benefit.FREE_FREIGHT
    match terms.payer:
        case Payer.SHOP if is_freight:
            line.freight_minor -= amount
        case Payer.SHOP:
            line.discount_minor += amount
        case Payer.PLATFORM:
            line.platform_minor += amount
        case Payer.CREATOR:
            line.creator_minor += amount
    if not is_freight:
        line.open_minor -= amount
    line.coupons.append(
        AppliedOffer(
            offer_id=terms.coupon_id,
            kind=OfferKind.FREE_FREIGHT if is_freight else OfferKind.COUPON,
            payer=terms.payer,
            amount_minor=amount,
            title=terms.title,
        )
    )
