"""How an agreed price is split over the lines of an order. Pure."""

from collections.abc import Sequence

from jishi.flows.reprice_order.types import FreightNotLower, LineOff, LineStands, NotLower
from jishi.kit.money import in_words, split


def reductions(
    lines: Sequence[LineStands], total_minor: int, freight_minor: int | None
) -> list[LineOff]:
    """What comes off each line, same order, so that the buyer pays ``total_minor``.

    The freight goes to ``freight_minor`` (None: stays, as far as the goods can bear the reduction); the
    rest comes off the goods. Both by largest remainder, by what the buyer was to pay for each.
    Raises NotLower, FreightNotLower.
    """
    goods = [line.goods_minor for line in lines]
    freights = [line.freight_minor for line in lines]
    before, freight = sum(goods) + sum(freights), sum(freights)
    if not 1 <= total_minor < before:
        raise NotLower(field="total_minor", before=in_words(before))
    off = before - total_minor
    if freight_minor is None:
        off_freight = max(0, off - sum(goods))
    else:
        off_freight = freight - freight_minor
        if freight_minor < 0 or off_freight < 0 or not 0 <= off - off_freight <= sum(goods):
            raise FreightNotLower(field="freight_minor", before=in_words(freight))
    on_goods, on_freight = split(off - off_freight, goods), split(off_freight, freights)
    return [
        LineOff(line=line.line, goods_minor=less, freight_minor=less_freight)
        for line, less, less_freight in zip(lines, on_goods, on_freight, strict=True)
    ]
