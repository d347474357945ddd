"""The product form: new, edit, and every button on it."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import Response, get, post
from litestar.datastructures import UploadFile

from jishi import web
from jishi.flows.audit_products import shown as audit_shown
from jishi.flows.list_products import api, bulk_routes, flow, forms
from jishi.flows.list_products.forms import ProductForm, Sheet
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import ProductId
from jishi.kit.text import mark as _
from jishi.modules import catalogue, stock
from jishi.modules.catalogue import PICTURES_MAX, Product, audits
from jishi.modules.media import keep_uploads
from jishi.modules.shops import Errors, ShopHere, shop_here
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

SAVED: Final = _("Saved.")
LISTED: Final = _("Saved and on sale.")
DELISTED: Final = _("Taken off sale.")
WAITS: Final = _("Saved. A person looks at it before buyers see it.")
STAYS: Final = frozenset({"save", "list"})  # buttons that write; others only change the form


@get("/merchant/{shop_id:str}/goods/new")
async def get_new(request: web.AnyRequest) -> Response[Any]:
    """GET …/goods/new: an empty form; 200."""
    return await _page(request, Sheet())


@post("/merchant/{shop_id:str}/goods/new")
async def post_new(request: web.AnyRequest) -> Response[Any]:
    """POST …/goods/new (do): 303 to the product; 200 or 422 the form as typed."""
    return await _post(request, None)


@get("/merchant/{shop_id:str}/goods/{product_id:str}")
async def get_edit(request: web.AnyRequest) -> Response[Any]:
    """GET …/goods/{product_id}: the form filled; 200, 404."""
    here, product_id = shop_here(request), _product_id(request)
    async with web.read(request) as tx:
        product = await catalogue.get_product(tx, here.id, product_id)
        standing = await stock.quantities_of(tx, [sku.id for sku in product.skus])
        warehouse_id = (await stock.default_warehouses(tx, [here.id]))[here.id]
    on_hand = {sku: it.on_hand for (sku, place), it in standing.items() if place == warehouse_id}
    sheet = forms.sheet_of_product(product, on_hand, currency=web.settings(request).currency)
    return await _page(request, sheet, product=product)


@post("/merchant/{shop_id:str}/goods/{product_id:str}")
async def post_edit(request: web.AnyRequest) -> Response[Any]:
    """POST …/goods/{product_id} (do): 303; 200 or 422 the form as typed; 404; 409 edited meanwhile."""
    return await _post(request, _product_id(request))


async def _post(request: web.AnyRequest, product_id: ProductId | None) -> Response[Any]:
    here = shop_here(request)
    form = await web.read_form(request, ProductForm)
    async with web.read(request) as tx:
        category_id = await catalogue.chosen_category(tx, form.category)
        product = product_id and await catalogue.get_product(tx, here.id, product_id)
    sheet = forms.sheet_of_form(form, category_id)
    if form.do not in STAYS:
        return await _change_form(request, here, sheet, form.do, product or None)
    try:
        kept, waits = await _save(request, here, sheet, product_id, is_listing=form.do == "list")
    except (Refusal, Refusals) as problem:
        if isinstance(problem, Refusal) and "version" in problem.facts:
            sheet.version = problem.facts["version"]  # saving again puts this over theirs
        return await _page(request, sheet, product=product or None, problem=problem)
    done = WAITS if waits else LISTED if form.do == "list" else SAVED
    text = translator(locale_of(request)).gettext(done)
    return flash(redirect(f"{here.base}/goods/{kept}"), "info" if waits else "ok", text)


async def _save(
    request: web.AnyRequest,
    here: ShopHere,
    sheet: Sheet,
    product_id: ProductId | None,
    *,
    is_listing: bool,
) -> tuple[ProductId, bool]:
    """What was written, and whether something of it waits for people."""
    draft = forms.draft_of(sheet, currency=web.settings(request).currency)
    async with web.transaction(request) as tx:
        kept = await flow.save_product(
            tx,
            draft,
            shop_id=here.id,
            product_id=product_id,
            version=sheet.version,
            ids=web.ids(request),
            actor_id=web.signed_in(request).account_id,
            now=web.now(request),
        )
        if is_listing:
            await flow.list_product(
                tx,
                here.id,
                kept,
                maker=web.ids(request),
                by=web.signed_in(request).account_id,
                now=web.now(request),
            )
        waits = bool(await audits.open_of(tx, here.id, [kept]))
    return kept, waits


async def _change_form(
    request: web.AnyRequest, here: ShopHere, sheet: Sheet, do: str, product: Product | None
) -> Response[Any]:
    """A button that writes nothing: the form again, changed as asked."""
    problem: Refusals | None = None
    verb, _colon, order = do.partition(":")
    if verb == "build":
        refused = catalogue.attribute_problems(forms.attributes_of(sheet))
        problem = Refusals(refused) if refused else None
        sheet.rows = sheet.rows if refused else forms.built(sheet)
    elif verb == "fill":
        sheet.rows = forms.filled(sheet)
    elif verb == "picture":
        sheet.pictures = forms.moved_picture(sheet.pictures, order)
    elif verb == "choose":
        sheet.category_id, sheet.category_word = catalogue.read_id(order), ""
    elif verb == "upload":
        problem = await _take_pictures(request, here, sheet)
    return await _page(request, sheet, product=product, problem=problem)


async def _take_pictures(request: web.AnyRequest, here: ShopHere, sheet: Sheet) -> Refusals | None:
    posted = (await request.form()).getall("files", [])
    files = [it for it in posted if isinstance(it, UploadFile) and it.filename]
    try:
        kept, refused = await keep_uploads(request, here.id, files)
    except Refusal as problem:
        return Refusals([problem])
    known = {it.get("media_id") for it in sheet.pictures}
    sheet.pictures += [{"media_id": str(it.id)} for it in kept if str(it.id) not in known]
    return Refusals(refused) if refused else None


async def _page(
    request: web.AnyRequest,
    sheet: Sheet,
    *,
    product: Product | None = None,
    problem: Refusal | Refusals | None = None,
) -> Response[Any]:
    locale = locale_of(request)
    async with web.read(request) as tx:
        case = await audits.latest_case(tx, product.id) if product else None
        levels = await catalogue.category_levels(tx, sheet.category_id, locale=locale)
        found = await catalogue.find_categories(tx, sheet.category_word, locale=locale)
    errors = Errors(web.field_errors(request, problem) if problem else {})
    return web.page(
        request,
        "list_products/edit.html",
        status=web.status_of(problem) if problem else 200,
        shop=shop_here(request),
        product=product,
        case=case and audit_shown.case(request, case),
        sheet=sheet,
        errors=errors,
        row_errors=row_errors(errors),
        levels=levels,
        found=found,
        word=sheet.category_word,
        checks=checks(sheet, levels),
        pictures_max=PICTURES_MAX,
        conditions=catalogue.CONDITION_WORDS,
        currency=web.settings(request).currency,
    )


def row_errors(errors: Mapping[str, str]) -> dict[int, Errors]:
    """``skus[3].price_minor`` → {3: {"price_minor": …}}; what concerns no row is left out."""
    found: dict[int, Errors] = {}
    for name, text in errors.items():
        head, _, column = name.partition("].")
        if head.startswith("skus[") and column:
            found.setdefault(int(head[5:]), Errors())[column] = text
    return found


def checks(sheet: Sheet, levels: list[Any]) -> list[tuple[str, bool]]:
    """What listing asks, and whether it is there: title, category, picture, price."""
    is_leaf = bool(sheet.category_id) and bool(levels) and levels[-1].chosen != 0
    return [
        ("title", bool(sheet.title.strip())),
        ("category", is_leaf),
        ("picture", bool(sheet.pictures)),
        ("price", any(row.on and row.price.strip() for row in sheet.rows)),
        ("stock", any(row.on and row.on_hand.strip() not in {"", "0"} for row in sheet.rows)),
    ]


def _product_id(request: web.AnyRequest) -> ProductId:
    return ProductId(web.path_id(request, "product_id"))


routes = [get_new, post_new, get_edit, post_edit, *bulk_routes.routes, *api.routes]
