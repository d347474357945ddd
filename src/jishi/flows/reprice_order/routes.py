"""HTTP for an agreed price: on the order's page in the console, and for programs."""

from typing import Any, Final

import msgspec
from litestar import Response, post

from jishi import web
from jishi.flows.reprice_order.flow import reprice
from jishi.flows.reprice_order.types import RepriceAsked, Repriced
from jishi.kit.errors import FieldInvalid, Refusal
from jishi.kit.ids import OrderId, ShopId
from jishi.kit.money import parse_minor
from jishi.kit.text import mark as _
from jishi.modules.shops import shop_here
from jishi.web.answer import json, redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

DONE: Final = _("The order costs less now. The buyer has been told.")


class PriceForm(msgspec.Struct, kw_only=True):
    total_minor: str = ""
    freight_minor: str = ""
    why: str = ""


class PriceBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``total_minor``: what the buyer is to pay for the whole order."""

    total_minor: int
    freight_minor: int | None = None
    why: str = ""


@post("/merchant/{shop_id:str}/orders/{order_id:str}/price")
async def post_price(request: web.AnyRequest) -> Response[Any]:
    """POST …/orders/{order_id}/price (total_minor, freight_minor, why): 303 to the order with what became
    of it; 404."""
    here, form = shop_here(request), await web.read_form(request, PriceForm)
    answer = redirect(f"{here.base}/orders/{web.path_id(request, 'order_id')}")
    try:
        freight = (
            _minor(request, "freight_minor", form.freight_minor) if form.freight_minor else None
        )
        total = _minor(request, "total_minor", form.total_minor)
        await _reprice(request, here.id, total, freight, form.why)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        return flash(answer, "bad", web.words(request, refusal))
    return flash(answer, "ok", translator(locale_of(request))(DONE))


@post("/api/v1/shops/{shop_id:str}/orders/{order_id:str}/price", status_code=200)
async def api_price(request: web.AnyRequest) -> Response[bytes]:
    """POST …/orders/{order_id}/price {total_minor, freight_minor, why}: 200 what the buyer pays now; 404;
    409 paid, lapsed, or at the payment page; 422 not lower."""
    shop_id = ShopId(web.path_id(request, "shop_id"))
    body = await web.read_json(request, PriceBody)
    done = await _reprice(request, shop_id, body.total_minor, body.freight_minor, body.why)
    return json(
        {
            "order_id": str(done.order_id),
            "before_minor": done.before_minor,
            "total_minor": done.total_minor,
        }
    )


async def _reprice(
    request: web.AnyRequest, shop_id: ShopId, total: int, freight: int | None, why: str
) -> Repriced:
    asked = RepriceAsked(
        order_id=OrderId(web.path_id(request, "order_id")),
        shop_id=shop_id,
        actor_id=web.signed_in(request).account_id,
        total_minor=total,
        freight_minor=freight,
        why=why,
        at=web.now(request),
    )
    async with web.transaction(request) as tx:
        return await reprice(tx, asked)


def _minor(request: web.AnyRequest, name: str, text: str) -> int:
    found = parse_minor(text, web.settings(request).currency)
    if found is None:
        raise FieldInvalid(field=name, detail=text[:12])
    return found


routes = [post_price, api_price]
