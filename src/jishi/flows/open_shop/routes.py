"""HTTP for opening a shop."""

from typing import Any

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.flows.open_shop import routes_application
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
PREPARED = _("Your shop is getting ready. Hand in its papers, and it opens once they are approved.")


class OpenForm(msgspec.Struct, kw_only=True):
    name: str = ""
    about: str = ""
    papers: str = ""  # "1": with papers, where the market opens shops without them too


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
    return _page(request, OpenForm(), Errors(), 200)


@post("/shops/open")
async def post_open(request: web.AnyRequest) -> Response[Any]:
    """POST /shops/open: 303 to its goods or its application; 409 too many shops; 422 the form."""
    form = await web.read_form(request, OpenForm)
    is_reviewed = _asks_papers(request) or form.papers == "1"
    try:
        shop_id = await _open(request, NewShop(name=form.name, about=form.about), is_reviewed)
    except (Refusal, Refusals) as problem:
        errors = Errors(web.field_errors(request, problem))
        return _page(request, form, errors, web.status_of(problem))
    text = translator(locale_of(request)).gettext(PREPARED if is_reviewed else OPENED)
    path = f"/merchant/{shop_id}/{'application' if is_reviewed else 'goods'}"
    return flash(redirect(path), "ok", text)


@post("/api/v1/shops")
async def api_open(request: web.AnyRequest) -> Response[bytes]:
    """POST /api/v1/shops: 201 {"id"}; 409, 422. Where shops are reviewed it opens once approved."""
    body = await web.read_json(request, OpenBody)
    shop = NewShop(**msgspec.structs.asdict(body))
    shop_id = await _open(request, shop, _asks_papers(request))
    return json({"id": str(shop_id)}, status=201)


def _asks_papers(request: web.AnyRequest) -> bool:
    """Whether the market looks at every shop before it opens."""
    return web.settings(request).shop_review == "people"


def _page(request: web.AnyRequest, form: OpenForm, errors: Errors, status: int) -> Response[Any]:
    return web.page(
        request,
        "open_shop/open.html",
        status=status,
        form=form,
        errors=errors,
        asks_papers=_asks_papers(request),
    )


async def _open(request: web.AnyRequest, shop: NewShop, is_reviewed: bool) -> ShopId:  # noqa: FBT001
    owner_id = web.signed_in(request).account_id
    async with web.transaction(request) as tx:
        shop_id, _warehouse = await open_shop(
            tx,
            shop,
            owner_id=owner_id,
            ids=web.ids(request),
            now=web.now(request),
            is_reviewed=is_reviewed,
        )
    return shop_id


routes = [get_open, post_open, api_open, *routes_application.routes]
