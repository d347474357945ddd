"""HTTP for stock: the page of one product, and lists of changes for programs."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.flows.keep_stock import queries
from jishi.flows.keep_stock.flow import Act, change_stock, warehouse_or_default
from jishi.kit.errors import FieldInvalid, NotFound, Refusal, Refusals
from jishi.kit.ids import ProductId, ShopId, SkuId, WarehouseId, parse_id
from jishi.kit.pictures import picture_src
from jishi.kit.text import mark as _
from jishi.modules import catalogue, stock
from jishi.modules.catalogue import BULK_MAX, TooManyRows
from jishi.modules.shops import Errors, shop_here
from jishi.modules.stock import Change, Refused, Verdict
from jishi.web.answer import json, redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

DONE: Final = _("Booked. {n} are on the shelf now.")
DIGITS: Final = 12


class MoveForm(msgspec.Struct, kw_only=True):
    act: str = Act.RECEIVE
    sku_id: str = ""
    warehouse_id: str = ""
    quantity: str = ""
    why: str = ""


class ItemBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``warehouse_id`` absent: the shop's default."""

    sku_id: web.Id
    quantity: int
    warehouse_id: web.Id | None = None
    why: str = ""


class ItemsBody(msgspec.Struct, forbid_unknown_fields=True):
    items: list[ItemBody]


@get("/merchant/{shop_id:str}/goods/{product_id:str}/stock")
async def get_stock(request: web.AnyRequest) -> Response[Any]:
    """GET …/goods/{product_id}/stock (after): what stands, the forms, the journal; 200, 404."""
    return await _page(request, MoveForm())


@post("/merchant/{shop_id:str}/goods/{product_id:str}/stock")
async def post_stock(request: web.AnyRequest) -> Response[Any]:
    """POST …/goods/{product_id}/stock (act, sku_id, warehouse_id, quantity, why): 303; 409, 422 again."""
    here = shop_here(request)
    form = await web.read_form(request, MoveForm)
    try:
        on_hand = await _book(request, here.id, form)
    except (Refusal, Refusals) as problem:
        return await _page(request, form, problem=problem)
    text = translator(locale_of(request)).gettext(DONE, n=on_hand)
    back = f"{here.base}/goods/{web.path_id(request, 'product_id')}/stock"
    return flash(redirect(back), "ok", text)


@get("/api/v1/shops/{shop_id:str}/skus/{sku_id:str}/moves")
async def api_moves(request: web.AnyRequest) -> Response[bytes]:
    """GET …/skus/{sku_id}/moves (cursor): 200 {"items", "next_cursor"}, newest first; 404."""
    shop_id = ShopId(web.path_id(request, "shop_id"))
    sku_id = SkuId(web.path_id(request, "sku_id"))
    async with web.read(request) as tx:
        if sku_id not in await catalogue.skus_of_shop(tx, shop_id, [sku_id]):
            raise NotFound
        page = await stock.list_moves(tx, sku_id, cursor=request.query_params.get("cursor"))
    items = [
        {
            "position": str(it.position),
            "warehouse_id": str(it.warehouse_id),
            "kind": it.kind,
            "quantity": it.quantity,
            "order_id": str(it.order_id) if it.order_id else None,
            "why": it.why,
            "occurred_at": it.occurred_at,
        }
        for it in page.items
    ]
    return json({"items": items, "next_cursor": page.next_cursor})


@post("/api/v1/shops/{shop_id:str}/stock/receipts")
async def api_receive(request: web.AnyRequest) -> Response[bytes]:
    """POST …/stock/receipts {"items"}: 200 {"items": verdicts}, same order; at most 500."""
    return await _book_list(request, Act.RECEIVE)


@post("/api/v1/shops/{shop_id:str}/stock/write-offs")
async def api_write_off(request: web.AnyRequest) -> Response[bytes]:
    """POST …/stock/write-offs {"items"}: 200 {"items": verdicts}, same order; at most 500."""
    return await _book_list(request, Act.WRITE_OFF)


async def _book(request: web.AnyRequest, shop_id: ShopId, form: MoveForm) -> int:
    """How many lie on the shelf afterwards."""
    if form.act not in set(Act):
        raise FieldInvalid(field="act", detail=form.act)
    async with web.transaction(request) as tx:
        asked = parse_id(form.warehouse_id)
        warehouse_id = await warehouse_or_default(
            tx, shop_id, WarehouseId(asked) if asked else None
        )
        change = Change(
            sku_id=SkuId(parse_id(form.sku_id) or 0),
            warehouse_id=warehouse_id,
            quantity=_whole(form.quantity),
            why=form.why,
        )
        (verdict,) = await change_stock(
            tx,
            shop_id,
            Act(form.act),
            [change],
            actor_id=web.signed_in(request).account_id,
            now=web.now(request),
        )
    if isinstance(verdict, Refused):
        verdict.problem.field = "sku_id" if verdict.problem.field == "sku_id" else "quantity"
        raise verdict.problem
    return verdict.on_hand


async def _book_list(request: web.AnyRequest, act: Act) -> Response[bytes]:
    shop_id = ShopId(web.path_id(request, "shop_id"))
    body = await web.read_json(request, ItemsBody)
    if len(body.items) > BULK_MAX:
        raise TooManyRows(limit=BULK_MAX, count=len(body.items))
    async with web.transaction(request) as tx:
        default = await warehouse_or_default(tx, shop_id, None)
        changes = [
            Change(
                sku_id=SkuId(it.sku_id),
                warehouse_id=WarehouseId(it.warehouse_id) if it.warehouse_id else default,
                quantity=it.quantity,
                why=it.why,
            )
            for it in body.items
        ]
        verdicts = await change_stock(
            tx,
            shop_id,
            act,
            changes,
            actor_id=web.signed_in(request).account_id,
            now=web.now(request),
        )
    items = [
        {"sku_id": str(it.sku_id), **_shown(request, verdict)}
        for it, verdict in zip(body.items, verdicts, strict=True)
    ]
    return json({"items": items})


def _shown(request: web.AnyRequest, verdict: Verdict) -> dict[str, Any]:
    if not isinstance(verdict, Refused):
        return {"ok": True, "on_hand": verdict.on_hand}
    it = verdict.problem
    problem = {"code": it.code, "field": it.field, "detail": web.words(request, it)}
    return {"ok": False, "errors": [problem]}


async def _page(
    request: web.AnyRequest, form: MoveForm, *, problem: Refusal | Refusals | None = None
) -> Response[Any]:
    here = shop_here(request)
    product_id = ProductId(web.path_id(request, "product_id"))
    after = request.query_params.get("after")
    async with web.read(request) as tx:
        product = await catalogue.get_product(tx, here.id, product_id)
        standing = await stock.quantities_of(tx, [sku.id for sku in product.skus])
        warehouses = await stock.list_warehouses(tx, here.id)
        moves = await queries.journal(tx, product_id, cursor=after)
    return web.page(
        request,
        "keep_stock/stock.html",
        status=web.status_of(problem) if problem else 200,
        shop=here,
        product=product,
        standing=standing,
        warehouses=warehouses,
        moves=moves,
        after=after,
        form=form,
        errors=Errors(web.field_errors(request, problem) if problem else {}),
        picture_src=picture_src,
        may_edit=here.role != "warehouse",
    )


def _whole(text: str) -> int:
    plain = text.strip().replace(",", "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= DIGITS else -1


routes = [get_stock, post_stock, api_moves, api_receive, api_write_off]
