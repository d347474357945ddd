"""What a checkout becomes. Pure: facts and ids come in, a plan or refusals go out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from jishi.flows.place_orders.types import (
    AmountTooLarge,
    CheckoutAsked,
    CouponAudience,
    CouponExclusive,
    CouponExpired,
    CouponNoFreight,
    CouponNothingLeft,
    CouponNotYet,
    CouponOtherGoods,
    CouponRefused,
    CouponSecond,
    CouponThreshold,
    CouponUnknown,
    CouponUsed,
    LineAsked,
    LinePayChanged,
    NothingAsked,
    OfferLimit,
    OfferOver,
    PlannedLine,
    PlannedOrder,
    PriceChanged,
    QuantityInvalid,
    Refused,
    ShopClosed,
    SkuFacts,
    SkuGone,
    SkuTwice,
    StockShort,
    TooManyCoupons,
    TooManyLines,
    TotalChanged,
)
from jishi.flows.quote.rules import plain_quote
from jishi.flows.quote.types import Asked, Piece, Quoted
from jishi.kit.errors import Refusal
from jishi.kit.ids import OrderId, ShopId, SkuId
from jishi.kit.money import in_words
from jishi.kit.regions import NOWHERE_YET, Destination
from jishi.kit.text import clean_lines
from jishi.modules.fulfilment import NotDeliveredThere
from jishi.modules.pricing import PricedOrder, Unfit

LINES_MAX = 100  # of one checkout
QUANTITY_MAX = 9_999  # pieces of one line; sale_order_line_quantity repeats it
AMOUNT_MAX_MINOR = 5_000_000_00  # of one payment; the provider's limit is higher
NOTE_MAX = 200
COUPONS_MAX = 100  # of one checkout: a shop's and a free-freight one per shop, and the market's


def check_request(asked: CheckoutAsked) -> list[Refusal]:
    """What can be refused without looking anything up."""
    if not asked.lines:
        return [NothingAsked(field="lines")]
    if len(asked.lines) > LINES_MAX:
        return [TooManyLines(field="lines", most=LINES_MAX, count=len(asked.lines))]
    if len(asked.coupons) > COUPONS_MAX:
        return [TooManyCoupons(field="coupons", most=COUPONS_MAX)]
    refusals: list[Refusal] = []
    seen: set[SkuId] = set()
    for at, line in enumerate(asked.lines):
        if not 1 <= line.quantity <= QUANTITY_MAX:
            field = f"lines[{at}].quantity"
            refusals.append(QuantityInvalid(field=field, most=QUANTITY_MAX, quantity=line.quantity))
        if line.sku_id in seen:
            refusals.append(SkuTwice(field=f"lines[{at}].sku_id", sku_id=line.sku_id))
        seen.add(line.sku_id)
    return refusals


def check_line(at: int, line: LineAsked, sku: SkuFacts | None) -> Refusal | None:
    """Why a line cannot be sold as asked; the same answers ``place_orders`` gives under lock."""
    if sku is None or not sku.on_sale:
        return refusal_of("gone", at, line, 0)
    if sku.shop_state != "open":
        return refusal_of("shop_closed", at, line, 0)
    if sku.price_minor != line.price_minor:
        return refusal_of("price_changed", at, line, sku.price_minor)
    if sku.warehouse_id is None or sku.on_hand < line.quantity:
        return refusal_of("short", at, line, sku.on_hand)
    return None


def as_asked(line: PlannedLine) -> LineAsked:
    """The request's line a planned line came from."""
    return LineAsked(sku_id=line.sku.sku_id, quantity=line.quantity, price_minor=line.price_minor)


def refusal_of(verdict: str, at: int, line: LineAsked, fact: int) -> Refusal:
    """A line's verdict as a refusal; ``fact`` is the new price or the pieces left."""
    place = f"lines[{at}]"
    match verdict:
        case "price_changed":
            return PriceChanged(
                field=f"{place}.price_minor",
                sku_id=line.sku_id,
                price_minor=fact,
                seen_minor=line.price_minor,
            )
        case "short":
            return StockShort(
                field=f"{place}.quantity", sku_id=line.sku_id, left=fact, quantity=line.quantity
            )
        case "offer_over":
            return OfferOver(field=f"{place}.quantity", sku_id=line.sku_id, left=fact)
        case "offer_limit":
            return OfferLimit(field=f"{place}.quantity", sku_id=line.sku_id, left=fact)
        case "shop_closed":
            return ShopClosed(field=f"{place}.sku_id", sku_id=line.sku_id)
        case "gone":
            return SkuGone(field=f"{place}.sku_id", sku_id=line.sku_id)
    raise AssertionError(f"unknown verdict {verdict}")


def quote_asked(asked: CheckoutAsked, destination: Destination) -> Asked:
    """The purchase a checkout asks a quote for."""
    return Asked(
        buyer_id=asked.buyer_id,
        pieces=[Piece(line.sku_id, line.quantity) for line in asked.lines],
        destination=destination,
        coupons=asked.coupons,
        now=asked.now,
    )


def check_lines(asked: CheckoutAsked, facts: Mapping[SkuId, SkuFacts]) -> list[Refusal]:
    """Every line that cannot be sold as asked."""
    return [
        refusal
        for at, line in enumerate(asked.lines)
        if (refusal := check_line(at, line, facts.get(line.sku_id))) is not None
    ]


def plan_orders(
    asked: CheckoutAsked,
    facts: Mapping[SkuId, SkuFacts],
    *,
    order_id: Callable[[ShopId], OrderId],
    quoted: Quoted | None = None,
) -> list[PlannedOrder] | Refused:
    """An order per shop, in the order shops first appear, or every refusal there is.

    The amounts are those of ``quoted``, whose lines ``check_lines`` has let pass. Without one the lines
    are checked here, and cost what their prices and the shops' flat freight say.
    """
    if quoted is None:
        refusals = check_lines(asked, facts)
        if refusals:
            return Refused(refusals=refusals)
        quoted = plain_quote(quote_asked(asked, NOWHERE_YET), facts)
        assert quoted is not None, "a plain purchase has no coupons, offers or freight templates"
    refusals = check_quote(asked, quoted)
    if refusals:
        return Refused(refusals=refusals)
    places = {line.sku_id: at for at, line in enumerate(asked.lines)}
    return [
        _plan_order(order, [places[line.sku_id] for line in order.lines], asked, facts, order_id)
        for order in quoted.priced.orders
    ]


def check_quote(asked: CheckoutAsked, quoted: Quoted) -> list[Refusal]:
    """Why a purchase whose lines could all be had is not placed as quoted."""
    refusals: list[Refusal] = [
        NotDeliveredThere(field="address_id", sku_id=line.sku_id)
        for line in asked.lines
        if line.sku_id in quoted.undeliverable
    ]
    refusals += coupon_refusals(asked.coupons, quoted)
    total = quoted.priced.buyer_minor
    if total > AMOUNT_MAX_MINOR:
        return [AmountTooLarge(most=f"{AMOUNT_MAX_MINOR // 100:,}")]
    if refusals:
        return refusals
    if asked.expected_minor is not None and asked.expected_minor != total:
        refusals.append(
            TotalChanged(
                field="expected_minor",
                total_minor=total,
                seen_minor=asked.expected_minor,
                total=in_words(total),
                seen=in_words(asked.expected_minor),
            )
        )
    return refusals + _changed_lines(asked, quoted)


def _changed_lines(asked: CheckoutAsked, quoted: Quoted) -> list[Refusal]:
    """Lines that cost the buyer something else than was seen, each with the rules that hold now."""
    lines = {line.sku_id: line for order in quoted.priced.orders for line in order.lines}
    return [
        LinePayChanged(
            field=f"lines[{at}].pay_minor",
            sku_id=line.sku_id,
            pay_minor=now.buyer_minor,
            seen_minor=line.pay_minor,
            pay=in_words(now.buyer_minor),
            seen=in_words(line.pay_minor),
            because="; ".join(
                f"{rule.title} −{in_words(rule.amount_minor)}" for rule in now.offers
            ),
        )
        for at, line in enumerate(asked.lines)
        if line.pay_minor is not None and line.pay_minor != (now := lines[line.sku_id]).buyer_minor
    ]


def coupon_refusals(coupons: Sequence[int], quoted: Quoted) -> list[Refusal]:
    """Coupons asked for that do not lower the purchase, each by its place."""
    verdicts = {verdict.claim_id: verdict for verdict in quoted.priced.coupons}
    refusals: list[Refusal] = []
    for at, claim_id in enumerate(coupons):
        field, verdict = f"coupons[{at}]", verdicts.get(claim_id)
        if verdict is None:
            refusals.append(CouponUnknown(field=field, claim_id=claim_id))
        elif verdict.unfit is not None:
            refusals.append(
                UNFIT[verdict.unfit](
                    field=field,
                    claim_id=claim_id,
                    title=quoted.claims[claim_id].terms.title,
                    short_minor=verdict.short_minor,
                    short=in_words(verdict.short_minor),
                )
            )
    return refusals


UNFIT: Final[Mapping[Unfit, type[CouponRefused]]] = {
    Unfit.UNKNOWN: CouponUnknown,
    Unfit.USED: CouponUsed,
    Unfit.NOT_YET: CouponNotYet,
    Unfit.EXPIRED: CouponExpired,
    Unfit.OTHER_GOODS: CouponOtherGoods,
    Unfit.AUDIENCE: CouponAudience,
    Unfit.THRESHOLD: CouponThreshold,
    Unfit.NOTHING_LEFT: CouponNothingLeft,
    Unfit.NO_FREIGHT: CouponNoFreight,
    Unfit.SECOND: CouponSecond,
    Unfit.EXCLUSIVE: CouponExclusive,
}


def _plan_order(
    order: PricedOrder,
    places: Sequence[int],
    asked: CheckoutAsked,
    facts: Mapping[SkuId, SkuFacts],
    order_id: Callable[[ShopId], OrderId],
) -> PlannedOrder:
    planned = []
    for number, (at, line) in enumerate(zip(places, order.lines, strict=True), start=1):
        sku = facts[line.sku_id]
        assert sku.warehouse_id is not None
        planned.append(
            PlannedLine(
                line=number,
                sku=sku,
                warehouse_id=sku.warehouse_id,
                quantity=line.quantity,
                price_minor=line.price_minor,
                freight_minor=line.freight_minor,
                asked_at=at,
                discount_minor=line.discount_minor,
                platform_minor=line.platform_minor,
                creator_minor=line.creator_minor,
                offer_id=line.offer_id,
                offer_quantity=line.offer_quantity,
                offers=line.offers,
            )
        )
    return PlannedOrder(
        id=order_id(order.shop_id),
        shop_id=order.shop_id,
        goods_minor=sum([line.goods_minor for line in order.lines]),
        freight_minor=sum([line.freight_minor for line in planned]),
        fee_bp=planned[0].sku.fee_bp,
        note=clean_lines(asked.notes.get(order.shop_id, ""))[:NOTE_MAX],
        lines=planned,
        discount_minor=sum([line.discount_minor for line in planned]),
        platform_minor=sum([line.platform_minor for line in planned]),
        creator_minor=sum([line.creator_minor for line in planned]),
        creator_id=order.creator_id,
    )


Pool = tuple[int, ...]  # a stock row, an offer's quota of a SKU, or a buyer's part of it


@dataclass(frozen=True, slots=True)
class Demand:
    """One line of a batch as admission sees it. ``verdict`` is set when it cannot be sold at all."""

    checkout: int
    stock: Pool  # sku, warehouse
    quantity: int
    verdict: str | None = None
    offer: Pool | None = None  # the timed offer of a SKU it draws on with ``offer_quantity``
    limit: Pool | None = None  # the buyer's part of that offer
    offer_quantity: int = 0


def admit(demands: Sequence[Demand], left_over: Mapping[Pool, int]) -> list[str | None]:
    """A verdict per line (None: it can be had). Checkouts take stock in the order they came.

    A checkout is admitted whole or not at all, and one that is refused leaves its stock to those
    behind it. ``left_over`` says what is left of stock, offers and buyers' parts of them. The SQL
    function ``place_orders`` repeats this and a test holds the two equal.
    """
    left = dict(left_over)
    verdicts: list[str | None] = []
    for _, group in groupby(demands, key=lambda demand: demand.checkout):
        before, answers = dict(left), list[str | None]()
        for line in group:
            answer = line.verdict or _shortage(line, left)
            if answer is None:
                for pool, quantity, _ in _draws(line):
                    left[pool] = left.get(pool, 0) - quantity
            answers.append(answer)
        if any(answers):
            left = before
        verdicts.extend(answers)
    return verdicts


def _draws(line: Demand) -> list[tuple[Pool, int, str]]:
    """What a line draws on, with how many units, and the verdict when it is not there."""
    draws = [(line.stock, line.quantity, "short")]
    if line.offer is not None and line.limit is not None:
        draws.append((line.offer, line.offer_quantity, "offer_over"))
        draws.append((line.limit, line.offer_quantity, "offer_limit"))
    return draws


def _shortage(line: Demand, left: Mapping[Pool, int]) -> str | None:
    short = (verdict for pool, units, verdict in _draws(line) if left.get(pool, 0) < units)
    return next(short, None)
