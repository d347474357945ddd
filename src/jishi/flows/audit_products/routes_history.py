"""HTTP for the versions of a product: for its shop, which may restore one, and for operators."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.flows.audit_products import queries, restoring, shown
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import ProductId, ShopId
from jishi.kit.paging import PAGE_SIZE
from jishi.kit.text import mark as _
from jishi.modules import catalogue
from jishi.modules.catalogue.types import ProductNotFound
from jishi.modules.shops import ShopHere, shop_here
from jishi.web.answer import json, redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

HISTORY: Final = "/merchant/{shop_id:str}/goods/{product_id:str}/history"
RESTORED: Final = _("The former version is restored.")
WAITS: Final = _("Saved. A person looks at it before buyers see it.")


class RestoreForm(msgspec.Struct, kw_only=True):
    number: Annotated[int, msgspec.Meta(ge=1, lt=2**31)]
    version: int


@get(HISTORY)
async def get_history(request: web.AnyRequest) -> Response[Any]:
    """GET …/goods/{product_id}/history (after): who changed what, the newest first; 200, 404."""
    here = shop_here(request)
    return await _page(request, here.id, here)


@post(HISTORY)
async def post_history(request: web.AnyRequest) -> Response[Any]:
    """POST …/history (number, version): 303; a refusal is told on the page."""
    here = shop_here(request)
    product_id = ProductId(web.path_id(request, "product_id"))
    form = await web.read_form(request, RestoreForm)
    path = f"{here.base}/goods/{product_id}/history"
    try:
        async with web.transaction(request) as tx:
            waits = await restoring.restore(
                tx,
                here.id,
                product_id,
                number=form.number,
                version=form.version,
                actor_id=web.signed_in(request).account_id,
                ids=web.ids(request),
                now=web.now(request),
            )
    except ProductNotFound:
        raise
    except Refusal as problem:
        return flash(redirect(path), "bad", web.words(request, problem))
    except Refusals as problems:
        text = " ".join(dict.fromkeys(web.words(request, it) for it in problems.items[:3]))
        return flash(redirect(path), "bad", text)
    text = translator(locale_of(request)).gettext(WAITS if waits else RESTORED)
    return flash(redirect(path), "info" if waits else "ok", text)


@get("/operator/products/{product_id:str}/history")
async def get_history_operator(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/products/{product_id}/history (after): 200, 404."""
    product_id = ProductId(web.path_id(request, "product_id"))
    async with web.read(request) as tx:
        standing = (await catalogue.snapshots(tx, [product_id])).get(product_id)
    if standing is None:
        raise ProductNotFound(product_id=product_id)
    return await _page(request, standing.shop_id, None)


@get("/api/v1/shops/{shop_id:str}/products/{product_id:str}/versions")
async def api_versions(request: web.AnyRequest) -> Response[bytes]:
    """GET …/products/{product_id}/versions (cursor): 200 {"items", "next_cursor"}."""
    shop_id = ShopId(web.path_id(request, "shop_id"))
    product_id = ProductId(web.path_id(request, "product_id"))
    async with web.read(request) as tx:
        await catalogue.get_product(tx, shop_id, product_id)
        cursor = request.query_params.get("cursor")
        page = await catalogue.list_versions(tx, shop_id, product_id, cursor=cursor, size=PAGE_SIZE)
    items = [
        {**dict(it), "actor_id": _text(it["actor_id"]), "sheet_id": _text(it["sheet_id"])}
        for it in page.items
    ]
    return json({"items": items, "next_cursor": page.next_cursor})


async def _page(request: web.AnyRequest, shop_id: ShopId, here: ShopHere | None) -> Response[Any]:
    product_id = ProductId(web.path_id(request, "product_id"))
    after = request.query_params.get("after")
    async with web.read(request) as tx:
        product = await catalogue.get_product(tx, shop_id, product_id)
        page = await catalogue.list_versions(tx, shop_id, product_id, cursor=after, size=PAGE_SIZE)
        people = await queries.people(tx, [it["actor_id"] for it in page.items if it["actor_id"]])
    rows = [
        (
            row,
            shown.changes(request, catalogue.changes_of(row["changes"])),
            people.get(row["actor_id"]),
        )
        for row in page.items
    ]
    return web.page(
        request,
        "audit_products/history.html",
        shop=here,
        product=product,
        rows=rows,
        causes=catalogue.CAUSE_WORDS,
        states=shown.STATE_WORDS,
        next_cursor=page.next_cursor,
        is_first=not after,
    )


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


routes = [get_history, post_history, get_history_operator, api_versions]
