"""The quote for programs: what a purchase comes to, by which rules, at whose cost."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Response, post

from jishi import web
from jishi.flows.checkout.quoting import Buyer, buyer_of, destination_of_address, show
from jishi.flows.checkout.types import QuotedLine, QuotedShop, Wanted
from jishi.flows.place_orders.rules import (
    COUPONS_MAX,
    LINES_MAX,
    QUANTITY_MAX,
    coupon_refusals,
)
from jishi.flows.place_orders.types import AddressUnknown, SkuTwice
from jishi.flows.quote import BEST
from jishi.kit.errors import Refusal
from jishi.kit.ids import AddressId, SkuId
from jishi.kit.regions import Destination, region_chain
from jishi.modules import places
from jishi.web.answer import json
from jishi.web.pages import locale_of

Pieces = Annotated[int, msgspec.Meta(ge=1, le=QUANTITY_MAX)]


class LineBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    sku_id: web.Id
    quantity: Pieces = 1


class QuoteBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``coupons`` absent: the best of one's own; a list: these. ``address_id`` or ``region_code`` say
    where to; without either the default address, or an estimate."""

    lines: Annotated[list[LineBody], msgspec.Meta(min_length=1, max_length=LINES_MAX)]
    address_id: web.Id | None = None
    region_code: int | None = None
    coupons: Annotated[list[web.Id], msgspec.Meta(max_length=COUPONS_MAX)] | None = None


@post("/api/v1/quote", status_code=200)
async def api_quote(request: web.AnyRequest) -> Response[bytes]:
    """POST /api/v1/quote {lines, address_id | region_code, coupons}: 200 the quote, nothing is written.

    Visitors may ask, without coupons or address. What it says a checkout repeats: send ``total_minor`` as
    ``expected_minor`` and each line's ``pay_minor``. 422 address or SKU twice.
    """
    body = await web.read_json(request, QuoteBody)
    seen: set[int] = set()
    for at, line in enumerate(body.lines):
        if line.sku_id in seen:
            raise SkuTwice(field=f"lines[{at}].sku_id", sku_id=line.sku_id)
        seen.add(line.sku_id)
    wanted = [
        Wanted(sku_id=SkuId(line.sku_id), quantity=line.quantity, seen_minor=-1)
        for line in body.lines
    ]
    async with web.read(request) as tx:
        buyer = await _buyer(tx, request, body)
        (shown,) = await show(tx, locale_of(request), [wanted], buyer, now=web.now(request))
    refused = coupon_refusals(body.coupons or (), shown.quoted) if shown.quoted else []
    quote = shown.quote
    return json(
        {
            "shops": [_shop(shop) for shop in quote.shops],
            "left_out": [
                {"sku_id": str(line.wanted.sku_id), "change": str(line.change)}
                for line in quote.out
            ],
            "coupons": [str(each) for each in shown.used],
            "coupons_refused": [_refused(request, each) for each in refused],
            "goods_minor": quote.goods_minor,
            "freight_minor": quote.freight_minor,
            "saved_minor": quote.saved_minor,
            "total_minor": quote.total_minor,
        }
    )


async def _buyer(tx: Any, request: web.AnyRequest, body: QuoteBody) -> Buyer:
    identity = web.identity(request)
    usual = await buyer_of(tx, identity.account_id if identity else None)
    where = usual.destination
    if body.address_id is not None and usual.id is not None:
        book = await places.list_addresses(tx, usual.id)
        address = next((it for it in book if it.id == AddressId(body.address_id or 0)), None)
        if address is None:
            raise AddressUnknown(field="address_id", address_id=body.address_id)
        where = destination_of_address(address)
    elif body.region_code is not None:
        where = Destination(regions=region_chain(body.region_code))
    coupons: Sequence[int] | None = BEST if body.coupons is None else body.coupons
    return Buyer(id=usual.id, destination=where, coupons=coupons)


def _shop(shop: QuotedShop) -> dict[str, Any]:
    return {
        "shop_id": str(shop.shop_id),
        "lines": [_line(line) for line in shop.lines],
        "goods_minor": shop.goods_minor,
        "freight_minor": shop.freight_minor,
        "freight_is_estimate": shop.is_estimate,
        "rules": [
            {
                "kind": saving.kind,
                "title": saving.title,
                "payer": saving.payer,
                "amount_minor": saving.amount_minor,
            }
            for saving in shop.savings
        ],
        "pay_minor": shop.amount_minor,
    }


def _line(line: QuotedLine) -> dict[str, Any]:
    priced, goods = line.priced, line.goods
    assert priced is not None
    assert goods is not None
    return {
        "sku_id": str(line.wanted.sku_id),
        "quantity": line.quantity,
        "asked_quantity": line.wanted.quantity,
        "price_minor": goods.price_minor,
        "goods_minor": priced.goods_minor,
        "discount_minor": priced.discount_minor,
        "platform_minor": priced.platform_minor,
        "creator_minor": priced.creator_minor,
        "freight_minor": priced.freight_minor,
        "pay_minor": priced.buyer_minor,
        "is_delivered_there": not line.is_undeliverable,
        "rules": [
            {
                "offer_id": str(rule.offer_id),
                "kind": rule.kind,
                "title": rule.title,
                "payer": rule.payer,
                "amount_minor": rule.amount_minor,
            }
            for rule in priced.offers
        ],
    }


def _refused(request: web.AnyRequest, refusal: Refusal) -> dict[str, Any]:
    return {
        "code": refusal.code,
        "field": refusal.field,
        "detail": web.words(request, refusal),
        "short_minor": refusal.facts.get("short_minor", 0),
    }


routes = [api_quote]
