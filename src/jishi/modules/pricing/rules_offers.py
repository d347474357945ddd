"""Unit prices and n-for-price: the first two steps of a quote. Pure; source: docs/money/pricing.md."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from jishi.kit.money import split
from jishi.modules.pricing.types import (
    AppliedOffer,
    Audience,
    Line,
    OfferKind,
    Payer,
    PriceOffer,
    SetOffer,
    Standing,
)


@dataclass(frozen=True, slots=True)
class Tranche:
    """Some units of a line at one price. Units of an exclusive offer take part in nothing further."""

    line: int
    units: int
    price_minor: int
    is_exclusive: bool = False


@dataclass(slots=True)
class Reduced:
    """A line after its offers. ``open_minor``: what of its goods coupons may still lower."""

    line: Line
    open_minor: int
    discount_minor: int = 0
    offers: list[AppliedOffer] = field(default_factory=list)
    offer_id: int | None = None
    offer_quantity: int = 0

    @property
    def goods_minor(self) -> int:
        """What the shop gets for the goods so far."""
        return self.line.goods_minor - self.discount_minor


def may_have(audience: Audience, shop_id: int | None, standing: Standing) -> bool:
    """Whether a buyer belongs to those an offer or coupon is for; ``shop_id`` None: the market."""
    match audience:
        case Audience.EVERYONE:
            return True
        case Audience.NEW:
            return standing.is_new if shop_id is None else shop_id in standing.new_to
        case Audience.FOLLOWERS:
            return shop_id in standing.follows
        case Audience.MEMBERS:
            return shop_id in standing.member_of


def unit_prices(line: Line, standing: Standing) -> list[tuple[PriceOffer | None, int]]:
    """Which units go at which price: (offer or None for the list price, units), adding up.

    The lowest price wins, for as many units as it has for this buyer; the others go at the lowest
    price that has no quota. A price that is not below the list price is none. Where two are equal the
    one without quota is used, so that none is drawn on for nothing.
    """
    live = [
        offer
        for offer in line.prices
        if offer.price_minor < line.price_minor and may_have(offer.audience, line.shop_id, standing)
    ]
    key: Callable[[PriceOffer], tuple[int, int]] = lambda offer: (offer.price_minor, offer.id)  # noqa: E731
    plain = min((offer for offer in live if offer.left is None), key=key, default=None)
    below = plain.price_minor if plain else line.price_minor
    scarce = min(
        (offer for offer in live if offer.left is not None and offer.price_minor < below),
        key=key,
        default=None,
    )
    units = 0
    if scarce is not None and scarce.left is not None:
        mine = standing.limits.get((scarce.id, line.sku_id), scarce.left)
        units = max(0, min(line.quantity, scarce.left, mine))
    parts: list[tuple[PriceOffer | None, int]] = [(scarce, units)] if units else []
    return [*parts, (plain, line.quantity - units)] if units < line.quantity else parts


def reduce(lines: Sequence[Line], standing: Standing) -> list[Reduced]:
    """Lines of one shop after unit prices and sets, same order. Lines must stand in order of SKU."""
    reduced: list[Reduced] = []
    tranches: list[Tranche] = []
    for at, line in enumerate(lines):
        done = Reduced(line, 0)
        for offer, units in unit_prices(line, standing):
            price = offer.price_minor if offer else line.price_minor
            tranches.append(Tranche(at, units, price, bool(offer and offer.is_exclusive)))
            if offer is None:
                continue
            _apply(done, offer.id, offer.kind, offer.title, (line.price_minor - price) * units)
            if offer.left is not None:
                done.offer_id, done.offer_quantity = offer.id, units
        reduced.append(done)
    fixed = [0] * len(lines)  # goods at exclusive prices: coupons do not touch them
    for tranche in tranches:
        if tranche.is_exclusive:
            fixed[tranche.line] += tranche.units * tranche.price_minor
    for offer_set in _sets(lines, standing):
        _apply_set(offer_set, tranches, reduced, fixed)
    for at, done in enumerate(reduced):
        done.open_minor = done.goods_minor - fixed[at]
    return reduced


def _sets(lines: Sequence[Line], standing: Standing) -> list[SetOffer]:
    found = {
        each.id: each
        for line in lines
        for each in line.sets
        if may_have(each.audience, line.shop_id, standing)
    }
    return [found[each] for each in sorted(found)]


def _apply_set(
    offer_set: SetOffer, tranches: list[Tranche], reduced: list[Reduced], fixed: list[int]
) -> None:
    """Take bundles out of the units of a set, the dearest first: no other choice saves more."""
    inside = {
        at
        for at, done in enumerate(reduced)
        if any(each.id == offer_set.id for each in done.line.sets)
    }
    units = [each for each in tranches if each.line in inside and not each.is_exclusive]
    units.sort(key=lambda each: (-each.price_minor, each.line))
    saved = dict.fromkeys(sorted(inside), 0)
    paid = dict.fromkeys(inside, 0)
    for times, bundle in bundles(units, offer_set.pieces, offer_set.price_minor):
        worth = [each.units * each.price_minor for each in bundle]
        for each, whole, part in zip(
            bundle, worth, split(sum(worth) - offer_set.price_minor, worth), strict=True
        ):
            saved[each.line] += part * times
            paid[each.line] += (whole - part) * times
    for at, amount in saved.items():
        _apply(reduced[at], offer_set.id, OfferKind.N_FOR, offer_set.title, amount)
        if offer_set.is_exclusive:
            fixed[at] += paid[at]


def bundles(
    units: Sequence[Tranche], pieces: int, price_minor: int
) -> Iterator[tuple[int, list[Tranche]]]:
    """Bundles of ``pieces`` units out of tranches of falling price, while a bundle costs more singly.

    Yields (how many alike, its tranches); equal ones are counted, not repeated.
    """
    bundle: list[Tranche] = []
    need = pieces
    for tranche in units:
        left = tranche.units
        while left:
            if not bundle and left >= pieces:
                if pieces * tranche.price_minor <= price_minor:
                    return
                yield left // pieces, [Tranche(tranche.line, pieces, tranche.price_minor)]
                left %= pieces
                continue
            taken = min(need, left)
            bundle.append(Tranche(tranche.line, taken, tranche.price_minor))
            need, left = need - taken, left - taken
            if need == 0:
                if sum(each.units * each.price_minor for each in bundle) <= price_minor:
                    return
                yield 1, bundle
                bundle, need = [], pieces


def _apply(done: Reduced, offer_id: int, kind: str, title: str, amount_minor: int) -> None:
    if amount_minor:
        done.discount_minor += amount_minor
        done.offers.append(
            AppliedOffer(
                offer_id=offer_id,
                kind=kind,
                payer=Payer.SHOP,
                amount_minor=amount_minor,
                title=title,
            )
        )
