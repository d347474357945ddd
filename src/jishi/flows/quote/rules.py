"""From what is known of the market to a quote. Pure; the arithmetic is pricing's and fulfilment's."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from jishi.flows.quote.types import BEST, Asked, MarketFacts, Piece, Quoted, SkuFacts
from jishi.kit.ids import ShopId, SkuId
from jishi.kit.money import split
from jishi.modules.fulfilment import FlatFreight, Freight, FreightLine, TemplateId, freight
from jishi.modules.pricing import (
    Audience,
    Claim,
    Line,
    OfferKind,
    Prepared,
    Priced,
    PricedLine,
    PricedOrder,
    PriceOffer,
    SetOffer,
    Standing,
    best,
    prepare,
    price,
)
from jishi.modules.stock import Wanted, choose_warehouses

VISITOR: Final = Standing()
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def senders(asked: Asked, market: MarketFacts) -> dict[SkuId, SkuFacts]:
    """The purchase's SKUs with who sends each and how many can be had; unknown SKUs are missing."""
    by_shop: dict[ShopId, list[Piece]] = {}
    found: dict[SkuId, SkuFacts] = {}
    for piece in asked.pieces:
        sku = market.skus.get(piece.sku_id)
        if sku is not None and sku.warehouse_id is not None:
            found[piece.sku_id] = sku  # the shop has no other
        elif sku is not None:
            by_shop.setdefault(sku.shop_id, []).append(piece)
    for shop_id, pieces in by_shop.items():
        chosen = choose_warehouses(
            [Wanted(shop_id=shop_id, sku_id=it.sku_id, quantity=it.quantity) for it in pieces],
            market.warehouses.get(shop_id, ()),
            market.on_shelf,
            asked.destination,
        )
        for piece, who in zip(pieces, chosen, strict=True):
            found[piece.sku_id] = replace(
                market.skus[piece.sku_id], warehouse_id=who.warehouse_id, on_hand=who.on_hand
            )
    return found


def available(asked: Asked, market: MarketFacts) -> dict[SkuId, int]:
    """How many pieces of each SKU one warehouse could send there, at most."""
    return {sku_id: sku.on_hand for sku_id, sku in senders(asked, market).items()}


def quote_of(
    asked: Asked, market: MarketFacts, skus: Mapping[SkuId, SkuFacts] | None = None
) -> Quoted:
    """The quote of a purchase whose SKUs all exist. ``skus``: senders, when they are known already."""
    skus = senders(asked, market) if skus is None else skus
    standing = market.standings.get(asked.buyer_id or 0, VISITOR)
    lines = [line_of(piece, skus[piece.sku_id], market, asked.now) for piece in asked.pieces]
    freights: dict[ShopId, Freight] = {}

    def charge(shop_id: ShopId, of_shop: Sequence[Line], goods: Sequence[int]) -> list[int]:
        freights[shop_id] = _freight(of_shop, goods, skus, market, asked)
        charged = freights[shop_id].line_minor
        return [charged.get(at, 0) for at in range(len(of_shop))]

    prepared = prepare(lines, standing, charge, now=asked.now)
    held = [market.claims[each] for each in market.claims_of.get(asked.buyer_id or 0, ())]
    if asked.coupons is BEST:
        chosen = best(prepared, held)
    else:
        chosen = [market.claims[each] for each in asked.coupons if each in market.claims]
    return Quoted(
        prepared=prepared,
        priced=price(prepared, chosen),
        skus=skus,
        freights=freights,
        undeliverable=_undeliverable(prepared, freights),
        claims={claim.id: claim for claim in [*held, *chosen]},
        held=[claim.id for claim in held],
        chosen=[claim.id for claim in chosen],
    )


def plain_quote(asked: Asked, skus: Mapping[SkuId, SkuFacts]) -> Quoted | None:
    """The quote of a purchase no rule touches: no coupon, no offer, freight flat. None for others.

    Most orders are such; placing them need not walk through the rules. A test holds it equal to
    ``quote_of``.
    """
    by_shop: dict[ShopId, list[Piece]] = {}
    for piece in asked.pieces:
        sku = skus[piece.sku_id]
        if sku.offers or sku.freight_template_id is not None:
            return None
        by_shop.setdefault(sku.shop_id, []).append(piece)
    if asked.coupons or asked.coupons is BEST:
        return None
    orders = [_plain_order(shop_id, pieces, skus) for shop_id, pieces in by_shop.items()]
    return Quoted(
        prepared=None,
        priced=Priced(orders=orders),
        skus=skus,
        freights={},
        undeliverable=frozenset(),
        claims={},
        held=(),
        chosen=(),
    )


def _plain_order(
    shop_id: ShopId, pieces: Sequence[Piece], skus: Mapping[SkuId, SkuFacts]
) -> PricedOrder:
    shop = skus[pieces[0].sku_id]
    # as everywhere, what cannot be split evenly goes by SKU
    order = sorted(range(len(pieces)), key=lambda at: pieces[at].sku_id)
    goods = [pieces[at].quantity * skus[pieces[at].sku_id].price_minor for at in order]
    free_from = shop.free_freight_from_minor
    charged = 0 if free_from is not None and sum(goods) >= free_from else shop.freight_minor
    shares = dict(zip(order, split(charged, goods), strict=True))
    return PricedOrder(
        shop_id=shop_id,
        lines=[
            PricedLine(
                sku_id=piece.sku_id,
                shop_id=shop_id,
                quantity=piece.quantity,
                price_minor=skus[piece.sku_id].price_minor,
                freight_minor=shares[at],
            )
            for at, piece in enumerate(pieces)
        ],
    )


def _undeliverable(prepared: Prepared, freights: Mapping[ShopId, Freight]) -> frozenset[SkuId]:
    numbers: dict[ShopId, int] = {}
    found: set[SkuId] = set()
    for each in prepared.lines:
        shop_id = each.line.shop_id
        at = numbers[shop_id] = numbers.get(shop_id, -1) + 1
        if at in freights[shop_id].undeliverable:
            found.add(each.line.sku_id)
    return frozenset(found)


def _freight(
    lines: Sequence[Line],
    goods: Sequence[int],
    skus: Mapping[SkuId, SkuFacts],
    market: MarketFacts,
    asked: Asked,
) -> Freight:
    shop = skus[lines[0].sku_id]
    wanted = []
    for at, (line, goods_minor) in enumerate(zip(lines, goods, strict=True)):
        sku = skus[line.sku_id]
        template = sku.freight_template_id
        wanted.append(
            FreightLine(
                line=at,
                quantity=line.quantity,
                goods_minor=goods_minor,
                template_id=None if template is None else TemplateId(template),
                weight_grams=sku.weight_grams,
                volume_cm3=sku.volume_cm3,
                warehouse_id=sku.warehouse_id,
            )
        )
    flat = FlatFreight(
        freight_minor=shop.freight_minor, free_from_minor=shop.free_freight_from_minor
    )
    return freight(wanted, market.templates, flat, asked.destination)


def line_of(piece: Piece, sku: SkuFacts, market: MarketFacts, now: datetime) -> Line:
    """Some pieces of a SKU as pricing takes them, with the offers live at ``now``."""
    rows = live(sku.offers, microseconds(now)) if sku.offers else ()
    return Line(
        sku_id=sku.sku_id,
        product_id=sku.product_id,
        shop_id=sku.shop_id,
        price_minor=sku.price_minor,
        quantity=piece.quantity,
        prices=[price_offer(row) for row in rows if row["price"] is not None],
        sets=[_set_offer(row) for row in rows if row["price"] is None],
        categories=market.categories.get(sku.category_id, ()),
    )


def microseconds(at: datetime) -> int:
    """Since 1970, exactly."""
    return (at - EPOCH) // timedelta(microseconds=1)


def live(rows: Sequence[Mapping[str, Any]], at: int) -> list[Mapping[str, Any]]:
    """Offers whose window holds an instant, in microseconds since 1970; the end itself is too late."""
    return [row for row in rows if row["starts"] <= at < row["ends"]]


def price_offer(row: Mapping[str, Any]) -> PriceOffer:
    return PriceOffer(
        id=row["id"],
        kind=OfferKind(row["kind"]),
        title=row["title"],
        price_minor=row["price"],
        audience=Audience(row["audience"]),
        is_exclusive=row["exclusive"],
        left=row["left"],
    )


def _set_offer(row: Mapping[str, Any]) -> SetOffer:
    return SetOffer(
        id=row["id"],
        title=row["title"],
        pieces=row["pieces"],
        price_minor=row["set_price"],
        audience=Audience(row["audience"]),
        is_exclusive=row["exclusive"],
    )


def needs_standing(skus: Mapping[SkuId, SkuFacts], claims: Sequence[Claim]) -> bool:
    """Whether any offer or coupon asks who the buyer is."""
    return any(claim.terms.audience is not Audience.EVERYONE for claim in claims) or any(
        row["audience"] != Audience.EVERYONE for sku in skus.values() for row in sku.offers or ()
    )
