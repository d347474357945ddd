"""How one product is sent: its freight template, what its SKUs weigh and measure."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Response, get, post

from jishi import web
from jishi.flows.keep_freight import storage
from jishi.kit.errors import NotFound, Refusal, Refusals
from jishi.kit.ids import ProductId, parse_id
from jishi.kit.text import mark as _
from jishi.modules import fulfilment
from jishi.modules.fulfilment import TemplateId
from jishi.modules.fulfilment.freight_words import shown_units
from jishi.modules.fulfilment.rules_templates import parse_units
from jishi.modules.fulfilment.types_freight import Counts, MeasureInvalid, TemplateUnknown
from jishi.modules.shops import Errors, shop_here
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

SENDING: Final = "/merchant/{shop_id:str}/goods/{product_id:str}/sending"
SAVED: Final = _("Saved. It counts from the next order on.")
GRAMS_MAX, VOLUME_MAX = 1_000_000, 100_000_000


@get(SENDING)
async def get_sending(request: web.AnyRequest) -> Response[Any]:
    """GET …/goods/{product_id}/sending: template, weights and volumes of a product; 200, 404."""
    return await _sending(request)


@post(SENDING)
async def post_sending(request: web.AnyRequest) -> Response[Any]:
    """POST …/sending (template_id, weight_<sku>, volume_<sku>): 303; 404; 422 with what to mend."""
    here, product_id = shop_here(request), ProductId(web.path_id(request, "product_id"))
    form = await request.form()
    template_id = parse_id(str(form.get("template_id") or ""))
    try:
        async with web.transaction(request) as tx:
            if await storage.find_product(tx, here.id, product_id) is None:
                raise NotFound
            if template_id:
                await fulfilment.get_template(tx, here.id, TemplateId(template_id))
            skus = await storage.list_skus(tx, product_id)
            measures = _measures([int(sku["id"]) for sku in skus], form)
            chosen = TemplateId(template_id) if template_id else None
            await storage.set_sending(
                tx, here.id, product_id, chosen, measures, now=web.now(request)
            )
    except (Refusals, MeasureInvalid, TemplateUnknown) as problem:
        return await _sending(request, problem=problem, typed=form)
    text = translator(locale_of(request))(SAVED)
    return flash(redirect(f"{here.base}/goods/{product_id}/sending"), "ok", text)


def _measures(sku_ids: Sequence[int], form: Any) -> list[tuple[int, int, int]]:
    """(SKU, grams, cubic centimetres) as typed; raises Refusals naming each wrong field."""
    found: list[tuple[int, int, int]] = []
    problems: list[Refusal] = []
    for sku in sku_ids:
        numbers = []
        for name, most in (("weight", GRAMS_MAX), ("volume", VOLUME_MAX)):
            field = f"{name}_{sku}"
            value = parse_units(str(form.get(field) or "0"), Counts.PIECE)
            if not 0 <= value <= most:
                problems.append(MeasureInvalid(field=field, limit=f"{most:,}"))
            numbers.append(value)
        found.append((sku, numbers[0], numbers[1]))
    if problems:
        raise Refusals(problems)
    return found


async def _sending(
    request: web.AnyRequest,
    *,
    problem: Refusal | Refusals | None = None,
    typed: Any = None,
) -> Response[Any]:
    here, product_id = shop_here(request), ProductId(web.path_id(request, "product_id"))
    async with web.read(request) as tx:
        product = await storage.find_product(tx, here.id, product_id)
        if product is None:
            raise NotFound
        skus = await storage.list_skus(tx, product_id)
        templates = await fulfilment.list_templates(tx, here.id)
    return web.page(
        request,
        "keep_freight/sending.html",
        status=web.status_of(problem) if problem else 200,
        shop=here,
        product=product,
        skus=skus,
        templates=templates,
        typed=dict(typed.items()) if typed else {},
        units_of=lambda units, counts: shown_units(units, counts, translator(locale_of(request))),
        errors=Errors(web.field_errors(request, problem) if problem else {}),
    )


routes = [get_sending, post_sending]
