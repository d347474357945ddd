"""What a cart or a checkout comes to. Pure; placing judges again under lock."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from jishi.flows.checkout.types import Change, Goods, Quote, QuotedLine, QuotedShop, Wanted
from jishi.flows.place_orders.rules import freight_of
from jishi.kit.ids import ShopId, SkuId, parse_id

LINE_PARTS = 3
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


def write_line(line: QuotedLine) -> str:
    """A line as the checkout's form carries it: what the buyer sees on the page."""
    price = line.goods.price_minor if line.goods else 0
    return f"{line.wanted.sku_id}.{line.quantity}.{price}"


def read_line(text: str) -> Wanted | None:
    """The reverse of ``write_line``; None for what is none. Quantities are judged by placing."""
    parts = text.split(".")
    if len(parts) != LINE_PARTS or not all(_is_number(part) for part in parts[1:]):
        return None
    sku_id = parse_id(parts[0])
    if sku_id is None:
        return None
    return Wanted(sku_id=SkuId(sku_id), quantity=int(parts[1]), seen_minor=int(parts[2]))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX
