"""What a checkout becomes. Pure: facts and ids come in, a plan or refusals go out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from jishi.flows.place_orders.types import (
    AmountTooLarge,
    CheckoutAsked,
    LineAsked,
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
    TooManyLines,
)
from jishi.kit.errors import Refusal
from jishi.kit.ids import OrderId, ShopId, SkuId
from jishi.kit.money import split
from jishi.kit.text import clean_lines

LINES_MAX = 100  # of one checkout
QUANTITY_MAX = 9_999  # pieces of one line; sale_order_line_quantity repeats it
AMOUNT_MAX_MINOR = 5_000_000_00  # of one payment; the provider's limit is higher
NOTE_MAX = 200


def check_request(asked: CheckoutAsked) -> list[Refusal]:
    """What can be refused without looking anything up."""
    if not asked.lines:
        return [NothingAsked(field="lines")]
    if len(asked.lines) > LINES_MAX:
        return [TooManyLines(field="lines", most=LINES_MAX, count=len(asked.lines))]
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


def freight_of(goods_minor: int, *, freight_minor: int, free_from_minor: int | None) -> int:
    """A shop's freight for goods of one order: flat, and nothing from its threshold on."""
    if free_from_minor is not None and goods_minor >= free_from_minor:
        return 0
    return freight_minor


def plan_orders(
    asked: CheckoutAsked,
    facts: Mapping[SkuId, SkuFacts],
    *,
    order_id: Callable[[ShopId], OrderId],
) -> list[PlannedOrder] | Refused:
    """An order per shop, in the order shops first appear, or every refusal there is.

    Freight is split over the lines by their goods amounts, so that Σ lines = the order.
    """
    refusals = [
        refusal
        for at, line in enumerate(asked.lines)
        if (refusal := check_line(at, line, facts.get(line.sku_id))) is not None
    ]
    if refusals:
        return Refused(refusals=refusals)
    first_seen = {
        facts[line.sku_id].shop_id: at for at, line in reversed([*enumerate(asked.lines)])
    }
    numbered = sorted(
        enumerate(asked.lines),
        key=lambda item: (first_seen[facts[item[1].sku_id].shop_id], item[0]),
    )
    orders = [
        _plan_order(shop_id, list(group), asked, facts, order_id)
        for shop_id, group in groupby(numbered, key=lambda item: facts[item[1].sku_id].shop_id)
    ]
    if sum(order.buyer_minor for order in orders) > AMOUNT_MAX_MINOR:
        return Refused(refusals=[AmountTooLarge(most=f"{AMOUNT_MAX_MINOR // 100:,}")])
    return orders


def _plan_order(
    shop_id: ShopId,
    lines: Sequence[tuple[int, LineAsked]],
    asked: CheckoutAsked,
    facts: Mapping[SkuId, SkuFacts],
    order_id: Callable[[ShopId], OrderId],
) -> PlannedOrder:
    shop = facts[lines[0][1].sku_id]
    goods = [line.price_minor * line.quantity for _, line in lines]
    freight = freight_of(
        sum(goods), freight_minor=shop.freight_minor, free_from_minor=shop.free_freight_from_minor
    )
    parts = split(freight, goods)
    planned = []
    for number, ((at, line), part) in enumerate(zip(lines, parts, strict=True), start=1):
        sku = facts[line.sku_id]
        assert sku.warehouse_id is not None
        planned.append(
            PlannedLine(
                line=number,
                sku=sku,
                warehouse_id=sku.warehouse_id,
                quantity=line.quantity,
                price_minor=line.price_minor,
                freight_minor=part,
                asked_at=at,
            )
        )
    return PlannedOrder(
        id=order_id(shop_id),
        shop_id=shop_id,
        goods_minor=sum(goods),
        freight_minor=freight,
        fee_bp=shop.fee_bp,
        note=clean_lines(asked.notes.get(shop_id, ""))[:NOTE_MAX],
        lines=planned,
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
