"""Logistics of a shop: freight templates with a try-out."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.flows.keep_freight import forms, routes_sending, routes_warehouses, storage
from jishi.flows.keep_freight.forms import Sheet, TemplateForm
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import ShopId, cell_of
from jishi.kit.money import parse_minor
from jishi.kit.regions import Destination, region_chain
from jishi.kit.text import mark as _
from jishi.modules import fulfilment, stock
from jishi.modules.fulfilment import FlatFreight, FreightLine, TemplateId
from jishi.modules.fulfilment.rules_templates import parse_units
from jishi.modules.fulfilment.types_freight import ZONES_MAX, Counts, Template
from jishi.modules.shops import Errors, shop_here
from jishi.web.answer import json, redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of
from jishi.web.shown import Market, Shown

LOGISTICS: Final = "/merchant/{shop_id:str}/settings/logistics"
TEMPLATE: Final = LOGISTICS + "/templates/{template_id:str}"
SAVED: Final = _("The template is saved. It counts from the next order on.")
DELETED: Final = _("The template is deleted.")
ABROAD: Final = "abroad"


@get(LOGISTICS)
async def get_logistics(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/settings/logistics: templates and warehouses; 200."""
    here = shop_here(request)
    async with web.read(request) as tx:
        templates = await fulfilment.list_templates(tx, here.id)
        used = await fulfilment.count_products(tx, here.id, [it.id for it in templates])
        warehouses = await stock.list_warehouses(tx, here.id)
        codes = [code for it in warehouses for code in (*it.regions, it.region_code or 0)]
        names = await storage.region_names(tx, codes)
        flat = await storage.flat_freight(tx, here.id)
    return web.page(
        request,
        "keep_freight/logistics.html",
        shop=here,
        templates=templates,
        used=used,
        warehouses=warehouses,
        names=names,
        flat=flat,
    )


@get(f"{LOGISTICS}/templates/new")
async def get_new(request: web.AnyRequest) -> Response[Any]:
    """GET …/templates/new: an empty template; 200."""
    return await _form(request, Sheet(), None)


@post(f"{LOGISTICS}/templates/new")
async def post_new(request: web.AnyRequest) -> Response[Any]:
    """POST …/templates/new (the form; do): 303 once saved; 200 the form changed; 422 again."""
    return await _post(request, None)


@get(TEMPLATE)
async def get_one(request: web.AnyRequest) -> Response[Any]:
    """GET …/templates/{template_id}: the form; 200, 404."""
    template = await _template(request)
    return await _form(request, forms.sheet_of(template, _currency(request)), template)


@post(TEMPLATE)
async def post_one(request: web.AnyRequest) -> Response[Any]:
    """POST …/templates/{template_id} (the form; do): 303 once saved; 200; 404; 409 changed; 422."""
    return await _post(request, await _template(request))


@post(f"{TEMPLATE}/delete")
async def post_delete(request: web.AnyRequest) -> Response[Any]:
    """POST …/delete: 303; 404; 409 while products go by it."""
    here, template_id = shop_here(request), TemplateId(web.path_id(request, "template_id"))
    async with web.transaction(request) as tx:
        await fulfilment.delete_template(tx, here.id, template_id, now=web.now(request))
    back = redirect(f"{here.base}/settings/logistics")
    return flash(back, "ok", translator(locale_of(request))(DELETED))


@post(f"{TEMPLATE}/goods")
async def post_goods(request: web.AnyRequest) -> Response[Any]:
    """POST …/goods (which: all · flat · none): let products go by this template; 303; 404.

    ``none`` gives the products of this template back to the shop's flat freight.
    """
    here, template = shop_here(request), await _template(request)
    which = str((await request.form()).get("which") or "flat")
    now = web.now(request)
    async with web.transaction(request) as tx:
        if which == "none":
            changed = await storage.clear_template(tx, here.id, template.id, now=now)
        else:
            kind = "all" if which == "all" else "flat"
            changed = await storage.set_template(tx, here.id, template.id, which=kind, now=now)
    words = translator(locale_of(request))
    text = words.ngettext("{n} product changed.", "{n} products changed.", changed)
    return flash(redirect(f"{here.base}/settings/logistics"), "ok", text)


@get(f"{TEMPLATE}/try")
async def get_try(request: web.AnyRequest) -> Response[Any]:
    """GET …/try (region or abroad, pieces, goods, units): what it would cost, with the reason; 200."""
    template = await _template(request)
    params, currency = request.query_params, _currency(request)
    pieces = max(parse_units(params.get("pieces", "1"), Counts.PIECE), 1)
    units = parse_units(params.get("units", "0") or "0", template.counts)
    goods = parse_minor(params.get("goods", "0") or "0", currency) or 0
    line = FreightLine(
        line=1,
        quantity=1 if template.counts is not Counts.PIECE else pieces,
        goods_minor=goods,
        template_id=template.id,
        weight_grams=max(units, 0),
        volume_cm3=max(units, 0),
    )
    region = params.get("region", "")
    code = next(iter(forms.codes_of([region])), 0)
    to = Destination(regions=region_chain(code), is_abroad=region == ABROAD)
    found = fulfilment.freight([line], {template.id: template}, FlatFreight(freight_minor=0), to)
    words = translator(locale_of(request))
    settings = web.settings(request)
    market = Market(currency=settings.currency, zone=settings.zone)
    money = Shown(locale_of(request), market).money
    return web.page(
        request,
        "keep_freight/tried.html",
        found=found,
        reasons=[fulfilment.freight_reason(part, words, money) for part in found.parts],
    )


@get("/api/v1/shops/{shop_id:str}/freight-templates")
async def api_templates(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/shops/{shop_id}/freight-templates: 200 {"items"}; units as the template counts."""
    async with web.read(request) as tx:
        found = await fulfilment.list_templates(tx, ShopId(web.path_id(request, "shop_id")))
    items = [
        msgspec.to_builtins(it) | {"id": str(it.id), "shop_id": str(it.shop_id)} for it in found
    ]
    return json({"items": items})


async def _post(request: web.AnyRequest, template: Template | None) -> Response[Any]:
    here = shop_here(request)
    form = await web.read_form(request, TemplateForm)
    sheet = forms.sheet_of_form(form)
    if form.do != "save":
        forms.pressed(sheet, form.do)
        return await _form(request, sheet, template)
    number = template.id if template else TemplateId(web.ids(request).make(cell_of(here.id)))
    draft = forms.draft_of(sheet, number, here.id, _currency(request))
    try:
        async with web.transaction(request) as tx:
            await fulfilment.save_template(tx, draft, is_new=template is None, now=web.now(request))
    except (Refusal, Refusals) as problem:
        return await _form(request, sheet, template, problem=problem)
    text = translator(locale_of(request))(SAVED)
    return flash(redirect(f"{here.base}/settings/logistics/templates/{number}"), "ok", text)


async def _template(request: web.AnyRequest) -> Template:
    template_id = TemplateId(web.path_id(request, "template_id"))
    async with web.read(request) as tx:
        return await fulfilment.get_template(tx, shop_here(request).id, template_id)


async def _form(
    request: web.AnyRequest,
    sheet: Sheet,
    template: Template | None,
    *,
    problem: Refusal | Refusals | None = None,
) -> Response[Any]:
    here = shop_here(request)
    async with web.read(request) as tx:
        tree = await storage.region_tree(tx)
        codes = [code for zone in sheet.zones for code in zone.regions]
        names = await storage.region_names(tx, codes)
    return web.page(
        request,
        "keep_freight/template.html",
        status=web.status_of(problem) if problem else 200,
        block="form" if web.is_htmx(request) else None,
        shop=here,
        sheet=sheet,
        template=template,
        tree=tree,
        names=names,
        zones_max=ZONES_MAX,
        errors=Errors(web.field_errors(request, problem) if problem else {}),
    )


def _currency(request: web.AnyRequest) -> str:
    return web.settings(request).currency


routes = [
    get_logistics,
    get_new,
    post_new,
    get_one,
    post_one,
    post_delete,
    post_goods,
    get_try,
    api_templates,
    *routes_sending.routes,
    *routes_warehouses.routes,
]
