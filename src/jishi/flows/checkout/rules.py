"""What a cart or a checkout comes to. Pure; placing judges again under lock."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from jishi.flows.checkout.types import (
    Change,
    Goods,
    Quote,
    QuotedLine,
    QuotedShop,
    Saving,
    Wanted,
)
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


def quote(lines: Sequence[QuotedLine], quoted: Quoted | None) -> Quote:
    """What lines come to by all rules: shops in the order they first appear, lines in the order asked.

    ``quoted`` is of the lines that can be bought; None: none can.
    """
    by_shop: dict[ShopId, list[QuotedLine]] = {}
    for line in lines:
        if line.quantity and line.goods is not None:
            by_shop.setdefault(line.goods.shop_id, []).append(line)
    return Quote(
        shops=[_shop(of_shop, quoted) for of_shop in by_shop.values()] if quoted else [],
        out=[line for line in lines if not line.quantity],
    )


def _shop(bought: Sequence[QuotedLine], quoted: Quoted) -> QuotedShop:
    terms = bought[0].goods
    assert terms is not None
    priced = {
        line.sku_id: line
        for order in quoted.priced.orders
        if order.shop_id == terms.shop_id
        for line in order.lines
    }
    freight = quoted.freights[terms.shop_id]
    is_flat = any(part.template_id is None and part.amount_minor for part in freight.parts)
    return QuotedShop(
        shop_id=terms.shop_id,
        name=terms.shop_name,
        ship_within_hours=terms.ship_within_hours,
        lines=[
            replace(
                line,
                priced=priced[line.wanted.sku_id],
                is_undeliverable=line.wanted.sku_id in quoted.undeliverable,
            )
            for line in bought
        ],
        goods_minor=sum(line.amount_minor for line in bought),
        freight_minor=freight.amount_minor,
        free_from_minor=terms.free_freight_from_minor if is_flat else None,
        savings=savings(priced.values()),
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
