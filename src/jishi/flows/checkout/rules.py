"""What a cart or a checkout comes to. Pure; placing judges again under lock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from jishi.flows.checkout.types import (
    Change,
    Goods,
    Quote,
    QuotedLine,
    QuotedShop,
    Saving,
    Wanted,
)
from jishi.flows.place_orders.rules import freight_of
from jishi.flows.quote import Quoted
from jishi.kit.ids import ShopId, SkuId, parse_id
from jishi.modules.pricing import OfferKind, PricedLine

LINE_PARTS = (3, 4)  # the last: what the line was to cost by all rules
DIGITS_MAX = 12


def quote_line(wanted: Wanted, goods: Goods | None) -> QuotedLine:
    """How a line stands now; the verdicts are those of ``place_orders.rules.check_line``.

    Fewer left than asked for: as many as there are. A change of price that comes with fewer pieces
    is told as fewer pieces; the new price is shown either way.
    """
    if goods is None or not goods.on_sale:
        change, quantity = Change.GONE, 0
    elif goods.shop_state != "open":
        change, quantity = Change.CLOSED, 0
    elif goods.left <= 0:
        change, quantity = Change.SOLD_OUT, 0
    elif goods.left < wanted.quantity:
        change, quantity = Change.SHORT, goods.left
    elif goods.price_minor != wanted.seen_minor:
        change, quantity = Change.PRICE, wanted.quantity
    else:
        change, quantity = Change.NONE, wanted.quantity
    return QuotedLine(wanted=wanted, goods=goods, change=change, quantity=quantity)


def quote(wanted: Sequence[Wanted], goods: Mapping[SkuId, Goods]) -> Quote:
    """Lines by shop, in the order shops first appear, freight once per shop."""
    lines = [quote_line(each, goods.get(each.sku_id)) for each in wanted]
    return Quote(
        shops=by_shop([line for line in lines if line.quantity]),
        out=[line for line in lines if not line.quantity],
    )


def by_shop(lines: Sequence[QuotedLine]) -> list[QuotedShop]:
    """``lines`` can be bought, all of them."""
    first: dict[ShopId, int] = {}
    for at, line in enumerate(lines):
        assert line.goods is not None
        first.setdefault(line.goods.shop_id, at)

    def shop_of(line: QuotedLine) -> int:
        return first[line.goods.shop_id] if line.goods else -1

    return [_shop(list(group)) for _, group in groupby(sorted(lines, key=shop_of), key=shop_of)]


def freight(lines: Iterable[QuotedLine]) -> int:
    """Of one shop's lines; nothing for none."""
    bought = [line for line in lines if line.goods is not None]
    if not bought or bought[0].goods is None:
        return 0
    terms = bought[0].goods
    return freight_of(
        sum(line.amount_minor for line in bought),
        freight_minor=terms.freight_minor,
        free_from_minor=terms.free_freight_from_minor,
    )


def _shop(lines: Sequence[QuotedLine]) -> QuotedShop:
    terms = lines[0].goods
    assert terms is not None
    cost = freight(lines)
    return QuotedShop(
        shop_id=terms.shop_id,
        name=terms.shop_name,
        ship_within_hours=terms.ship_within_hours,
        lines=lines,
        goods_minor=sum(line.amount_minor for line in lines),
        freight_minor=cost,
        free_from_minor=terms.free_freight_from_minor if cost else None,
    )


def with_prices(quote: Quote, quoted: Quoted) -> Quote:
    """The quote by all rules: what each line costs and why, each order's freight and savings."""
    priced = {line.sku_id: line for order in quoted.priced.orders for line in order.lines}
    return replace(quote, shops=[_with_prices(shop, priced, quoted) for shop in quote.shops])


def _with_prices(
    shop: QuotedShop, priced: Mapping[SkuId, PricedLine], quoted: Quoted
) -> QuotedShop:
    lines = [
        replace(
            line,
            priced=priced[line.wanted.sku_id],
            is_undeliverable=line.wanted.sku_id in quoted.undeliverable,
        )
        for line in shop.lines
    ]
    freight = quoted.freights[shop.shop_id]
    reached = [part for part in freight.parts if part.template_id is None and part.amount_minor]
    return replace(
        shop,
        lines=lines,
        freight_minor=freight.amount_minor,
        free_from_minor=shop.lines[0].goods.free_freight_from_minor
        if reached and shop.lines[0].goods
        else None,
        savings=savings([line.priced for line in lines if line.priced]),
        freight_parts=freight.parts,
        is_estimate=freight.is_estimate,
    )


def savings(lines: Iterable[PricedLine]) -> list[Saving]:
    """Each rule once with what it takes off these lines together, in the order applied."""
    found: dict[tuple[int, str, str, str], int] = {}
    for line in lines:
        for rule in line.offers:
            key = (rule.offer_id, rule.title, rule.kind, rule.payer)
            found[key] = found.get(key, 0) + rule.amount_minor
    ranks = {kind: at for at, kind in enumerate(OfferKind)}
    ordered = sorted(found.items(), key=lambda item: ranks[OfferKind(item[0][2])])
    return [
        Saving(title=title, kind=kind, payer=payer, amount_minor=amount)
        for (_, title, kind, payer), amount in ordered
    ]


def write_line(line: QuotedLine) -> str:
    """A line as the checkout's form carries it: what the buyer sees on the page."""
    price = line.goods.price_minor if line.goods else 0
    seen = f"{line.wanted.sku_id}.{line.quantity}.{price}"
    return f"{seen}.{line.priced.buyer_minor}" if line.priced else seen


def read_line(text: str) -> Wanted | None:
    """The reverse of ``write_line``; None for what is none. Quantities are judged by placing."""
    parts = text.split(".")
    if len(parts) not in LINE_PARTS or not all(is_number(part) for part in parts[1:]):
        return None
    sku_id = parse_id(parts[0])
    if sku_id is None:
        return None
    pay = int(parts[3]) if len(parts) == max(LINE_PARTS) else None
    return Wanted(
        sku_id=SkuId(sku_id), quantity=int(parts[1]), seen_minor=int(parts[2]), pay_minor=pay
    )


def is_number(text: str) -> bool:
    """Digits only, not too many."""
    return text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX
