"""HTTP for opening a shop."""

from typing import Any

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.flows.open_shop.flow import open_shop
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import ShopId
from jishi.kit.text import mark as _
from jishi.modules.shops import Errors, NewShop
from jishi.web.answer import json, redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

OPENED = _("Your shop is open. Add the first goods.")


class OpenForm(msgspec.Struct, kw_only=True):
    name: str = ""
    about: str = ""


class OpenBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Freight in minor units; no ``free_freight_from_minor``: freight is never free."""

    name: str
    name_en: str = ""
    about: str = ""
    phone: str = ""
    freight_minor: int = 0
    free_freight_from_minor: int | None = None
    ship_within_hours: int = 48


@get("/shops/open")
async def get_open(request: web.AnyRequest) -> Response[Any]:
    """GET /shops/open: the form; 200."""
    return web.page(request, "open_shop/open.html", form=OpenForm(), errors=Errors())


@post("/shops/open")
async def post_open(request: web.AnyRequest) -> Response[Any]:
    """POST /shops/open: 303 to its goods; 409 too many shops; 422 the form with what to mend."""
    form = await web.read_form(request, OpenForm)
    try:
        shop_id = await _open(request, NewShop(name=form.name, about=form.about))
    except (Refusal, Refusals) as problem:
        return web.page(
            request,
            "open_shop/open.html",
            status=web.status_of(problem),
            form=form,
            errors=Errors(web.field_errors(request, problem)),
        )
    text = translator(locale_of(request)).gettext(OPENED)
    return flash(redirect(f"/merchant/{shop_id}/goods"), "ok", text)


@post("/api/v1/shops")
async def api_open(request: web.AnyRequest) -> Response[bytes]:
    """POST /api/v1/shops: 201 {"id"}; 409, 422."""
    body = await web.read_json(request, OpenBody)
    shop_id = await _open(request, NewShop(**msgspec.structs.asdict(body)))
    return json({"id": str(shop_id)}, status=201)


async def _open(request: web.AnyRequest, shop: NewShop) -> ShopId:
    owner_id = web.signed_in(request).account_id
    async with web.transaction(request) as tx:
        shop_id, _warehouse = await open_shop(
            tx, shop, owner_id=owner_id, ids=web.ids(request), now=web.now(request)
        )
    return shop_id


routes = [get_open, post_open, api_open]
