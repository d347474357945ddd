"""HTTP for placing orders."""

from typing import Annotated, Any

import msgspec
from litestar import Response, post

from jishi import web
from jishi.flows.place_orders.rules import COUPONS_MAX, LINES_MAX, NOTE_MAX
from jishi.flows.place_orders.types import CheckoutAsked, LineAsked, Placed, Refused
from jishi.kit.errors import Refusals
from jishi.kit.ids import AddressId, SkuId, parse_id
from jishi.web import answer

Note = Annotated[str, msgspec.Meta(max_length=NOTE_MAX)]


class LineBody(msgspec.Struct, forbid_unknown_fields=True):
    """``price_minor`` is the list price the buyer saw, ``pay_minor`` what the line was quoted at;
    another one now is refused, not charged."""

    sku_id: web.Id
    quantity: int
    price_minor: int
    pay_minor: int | None = None


class CheckoutBody(msgspec.Struct, forbid_unknown_fields=True):
    address_id: web.Id
    lines: Annotated[list[LineBody], msgspec.Meta(max_length=LINES_MAX)]
    notes: dict[str, Note] = {}
    coupons: Annotated[list[web.Id], msgspec.Meta(max_length=COUPONS_MAX)] = []
    expected_minor: int | None = None  # the quoted total; another one now is refused, not charged


@post("/api/v1/checkouts", status_code=201, own_key=True)
async def post_checkout(request: web.AnyRequest) -> Response[Any]:
    """POST /api/v1/checkouts: place orders, one per shop. Needs an Idempotency-Key.

    201 placed, 200 the first answer again; 409 price, stock or shop changed, per line, or the total, or
    a coupon that does not fit; 422.
    """
    me = web.signed_in(request)
    key = web.idempotency_key(request)
    body = await web.read_json(request, CheckoutBody)
    asked = CheckoutAsked(
        buyer_id=me.account_id,
        key=key,
        request_hash=web.request_hash(await request.body()),
        address_id=AddressId(body.address_id),
        lines=[
            LineAsked(
                sku_id=SkuId(line.sku_id),
                quantity=line.quantity,
                price_minor=line.price_minor,
                pay_minor=line.pay_minor,
            )
            for line in body.lines
        ],
        notes={
            shop_id: note
            for shop, note in body.notes.items()
            if (shop_id := parse_id(shop)) is not None
        },
        coupons=body.coupons,
        expected_minor=body.expected_minor,
        now=web.now(request),
    )
    match await web.service(request, "place_orders")(asked):
        case Placed() as placed:
            return answer.json(_shown(placed), status=200 if placed.is_repeat else 201)
        case Refused(refusals=refusals):
            raise Refusals(refusals)
    raise AssertionError("place_orders answers Placed or Refused")


def _shown(placed: Placed) -> dict[str, Any]:
    return {
        "checkout_id": str(placed.checkout_id),
        "payment_id": str(placed.payment_id),
        "order_ids": [str(order_id) for order_id in placed.order_ids],
        "amount_minor": placed.amount_minor,
    }


routes = [post_checkout]
