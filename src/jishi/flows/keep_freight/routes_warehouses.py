"""Warehouses of a shop: where they stand, whom they serve, what lies in them."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.flows.keep_freight import storage
from jishi.flows.keep_freight.forms import codes_of
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import SkuId, WarehouseId, cell_of, parse_id
from jishi.kit.text import mark as _
from jishi.modules import catalogue, stock
from jishi.modules.catalogue import SkuNotFound
from jishi.modules.fulfilment.rules_templates import covered, parse_units
from jishi.modules.fulfilment.types_freight import Counts
from jishi.modules.shops import Errors, shop_here
from jishi.modules.stock import Warehouse
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of, query_url

WAREHOUSES: Final = "/merchant/{shop_id:str}/settings/logistics/warehouses"
INSIDE: Final = "/merchant/{shop_id:str}/warehouses/{warehouse_id:str}"
SAVED: Final = _("The warehouse is saved.")
MOVED: Final = _("Moved. {n} are left here.")
SHELVED: Final = _("The shelves are written down.")
ROWS_MAX: Final = 100


class WarehouseForm(msgspec.Struct, kw_only=True):
    name: str = ""
    region_code: str = ""
    contact: str = ""
    phone: str = ""
    street: str = ""
    pick: list[str] = msgspec.field(default_factory=list)
    only_there: str = ""
    priority: str = "100"
    is_closed: str = ""
    is_default: str = ""


class MoveForm(msgspec.Struct, kw_only=True):
    sku_id: str = ""
    to_id: str = ""
    quantity: str = ""
    after: str = ""


class PlacesForm(msgspec.Struct, kw_only=True):
    """Lists that run in step: one element per row."""

    sku_id: list[str] = msgspec.field(default_factory=list)
    location: list[str] = msgspec.field(default_factory=list)
    after: str = ""


@get(f"{WAREHOUSES}/new")
async def get_new(request: web.AnyRequest) -> Response[Any]:
    """GET …/warehouses/new: an empty form; 200."""
    return await _form(request, None, None)


@post(f"{WAREHOUSES}/new")
async def post_new(request: web.AnyRequest) -> Response[Any]:
    """POST …/warehouses/new: 303; 409 the 51st; 422 with what to mend."""
    number = WarehouseId(web.ids(request).make(cell_of(shop_here(request).id)))
    return await _save(request, number, is_new=True)


@get(f"{WAREHOUSES}/{{warehouse_id:str}}")
async def get_one(request: web.AnyRequest) -> Response[Any]:
    """GET …/warehouses/{warehouse_id}: the form; 200, 404."""
    return await _form(request, await _warehouse(request), None)


@post(f"{WAREHOUSES}/{{warehouse_id:str}}")
async def post_one(request: web.AnyRequest) -> Response[Any]:
    """POST …/warehouses/{warehouse_id}: 303; 404; 409; 422 with what to mend."""
    return await _save(request, WarehouseId(web.path_id(request, "warehouse_id")), is_new=False)


@get(INSIDE)
async def get_inside(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/warehouses/{warehouse_id} (after): what lies there, and where; 200, 404."""
    return await _inside(request, MoveForm())


@post(f"{INSIDE}/move")
async def post_move(request: web.AnyRequest) -> Response[Any]:
    """POST …/move (sku_id, to_id, quantity): carry pieces to another warehouse; 303; 404; 409; 422."""
    here = shop_here(request)
    form = await web.read_form(request, MoveForm)
    try:
        async with web.transaction(request) as tx:
            sku_id = SkuId(parse_id(form.sku_id) or 0)
            if sku_id not in await catalogue.skus_of_shop(tx, here.id, [sku_id]):
                raise SkuNotFound(field="sku_id", sku_id=sku_id)
            source = await stock.get_warehouse(
                tx, here.id, WarehouseId(web.path_id(request, "warehouse_id"))
            )
            target = await stock.get_warehouse(tx, here.id, WarehouseId(parse_id(form.to_id) or 0))
            left = await stock.move_between(
                tx,
                here.id,
                sku_id,
                parse_units(form.quantity, Counts.PIECE),
                source=source,
                target=target,
                actor_id=web.signed_in(request).account_id,
                now=web.now(request),
            )
    except (Refusal, Refusals) as problem:
        return await _inside(request, form, problem=problem)
    text = translator(locale_of(request)).gettext(MOVED, n=f"{left:,}")
    return flash(redirect(_back(request, form.after)), "ok", text)


@post(f"{INSIDE}/places")
async def post_places(request: web.AnyRequest) -> Response[Any]:
    """POST …/places (sku_id, location; rows in step): where SKUs lie; 303; 404; 422."""
    here, warehouse_id = shop_here(request), WarehouseId(web.path_id(request, "warehouse_id"))
    form = await web.read_form(request, PlacesForm)
    pairs = [
        (SkuId(sku), text)
        for number, text in zip(form.sku_id[:ROWS_MAX], form.location[:ROWS_MAX], strict=False)
        if (sku := parse_id(number))
    ]
    try:
        async with web.transaction(request) as tx:
            known = await catalogue.skus_of_shop(tx, here.id, [sku for sku, _text in pairs])
            mine = [(sku, text) for sku, text in pairs if sku in known]
            await stock.set_locations(tx, here.id, warehouse_id, mine)
    except (Refusal, Refusals) as problem:
        return await _inside(request, MoveForm(after=form.after), problem=problem)
    text = translator(locale_of(request))(SHELVED)
    return flash(redirect(_back(request, form.after)), "ok", text)


def _back(request: web.AnyRequest, after: str) -> str:
    here = shop_here(request)
    return query_url(
        f"{here.base}/warehouses/{web.path_id(request, 'warehouse_id')}", after=after[:200]
    )


async def _warehouse(request: web.AnyRequest) -> Warehouse:
    warehouse_id = WarehouseId(web.path_id(request, "warehouse_id"))
    async with web.read(request) as tx:
        return await stock.get_warehouse(tx, shop_here(request).id, warehouse_id)


async def _save(request: web.AnyRequest, number: WarehouseId, *, is_new: bool) -> Response[Any]:
    here = shop_here(request)
    form = await web.read_form(request, WarehouseForm)
    draft = Warehouse(
        id=number,
        shop_id=here.id,
        name=form.name,
        is_default=bool(form.is_default),
        region_code=parse_id(form.region_code),
        contact=form.contact,
        phone=form.phone,
        street=form.street,
        regions=covered(codes_of(form.pick)),
        only_there=bool(form.only_there),
        priority=parse_units(form.priority, Counts.PIECE),
        is_closed=bool(form.is_closed),
    )
    try:
        async with web.transaction(request) as tx:
            await stock.save_warehouse(tx, draft, is_new=is_new, now=web.now(request))
    except (Refusal, Refusals) as problem:
        return await _form(request, draft, problem, is_new=is_new)
    text = translator(locale_of(request))(SAVED)
    return flash(redirect(f"{here.base}/settings/logistics"), "ok", text)


async def _form(
    request: web.AnyRequest,
    warehouse: Warehouse | None,
    problem: Refusal | Refusals | None,
    *,
    is_new: bool | None = None,
) -> Response[Any]:
    here = shop_here(request)
    async with web.read(request) as tx:
        tree = await storage.region_tree(tx)
        names = await storage.region_names(tx, list(warehouse.regions) if warehouse else [])
    return web.page(
        request,
        "keep_freight/warehouse.html",
        status=web.status_of(problem) if problem else 200,
        shop=here,
        it=warehouse,
        is_new=warehouse is None if is_new is None else is_new,
        tree=tree,
        names=names,
        errors=Errors(web.field_errors(request, problem) if problem else {}),
    )


async def _inside(
    request: web.AnyRequest, form: MoveForm, *, problem: Refusal | Refusals | None = None
) -> Response[Any]:
    here = shop_here(request)
    warehouse = await _warehouse(request)
    after = form.after or request.query_params.get("after")
    async with web.read(request) as tx:
        others = [it for it in await stock.list_warehouses(tx, here.id) if it.id != warehouse.id]
        page = await stock.list_shelves(tx, here.id, warehouse.id, cursor=after)
    return web.page(
        request,
        "keep_freight/inside.html",
        status=web.status_of(problem) if problem else 200,
        shop=here,
        it=warehouse,
        others=others,
        shelves=page,
        after=after or "",
        form=form,
        errors=Errors(web.field_errors(request, problem) if problem else {}),
    )


routes = [get_new, post_new, get_one, post_one, get_inside, post_move, post_places]
