"""Pages of a buyer's invoices and titles."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.flows.invoice_orders import api, edge, flow, routes_shop
from jishi.kit.errors import NotFound, Refusal, Refusals
from jishi.kit.paging import PAGE_SIZE
from jishi.kit.text import mark as _
from jishi.modules.invoices import Invoice, Title, TitleKind, read_title, rules, service
from jishi.modules.invoices.types import NothingToInvoice, OrderNotPaid, TitleGiven
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

ORDER: Final = "/orders/{order_id:str}/invoice"
TITLES: Final = "/me/invoices/titles"
WHYS: Final = {
    "withdrawn": _("Withdrawn by the buyer."),
    "refunded": _("The order was refunded."),
}


class TitleForm(msgspec.Struct):
    kind: str = "person"
    name: str = ""
    tax_number: str = ""
    email: str = ""
    save: str = ""

    def read(self) -> TitleGiven:
        return read_title(self.kind, self.name, self.tax_number, self.email)


@get(ORDER)
async def get_order_invoice(request: web.AnyRequest) -> Response[Any]:
    """GET /orders/{order_id}/invoice (title): its invoices, or the form to ask for one; 200; 404."""
    return await _order_page(request)


@post(ORDER)
async def post_order_invoice(request: web.AnyRequest) -> Response[Any]:
    """POST /orders/{order_id}/invoice (kind, name, tax_number, email, save): 303; 404; 409, 422 the form."""
    form = await web.read_form(request, TitleForm)
    try:
        await edge.ask(request, form.read(), save=bool(form.save))
    except NotFound:
        raise
    except (Refusal, Refusals) as problem:
        return await _order_page(request, problem, form=form)
    text = _("Asked for. The shop issues it within three days.")
    return _told(request, f"/orders/{edge.order_of(request)}/invoice", text)


@post(f"{ORDER}/cancel")
async def post_cancel(request: web.AnyRequest) -> Response[Any]:
    """POST /orders/{order_id}/invoice/cancel: 303; 404 nothing is asked for; 409."""
    await edge.cancel(request)
    return _told(request, f"/orders/{edge.order_of(request)}/invoice", _("Withdrawn."))


@get("/me/invoices")
async def get_invoices(request: web.AnyRequest) -> Response[Any]:
    """GET /me/invoices (after): a person's invoices, the newest first; 200."""
    cursor = request.query_params.get("after")
    async with web.read(request) as tx:
        me = web.signed_in(request).account_id
        found = await service.list_of_buyer(tx, me, cursor=cursor, size=PAGE_SIZE)
    return web.page(request, "invoice_orders/mine.html", found=found, is_first=not cursor)


@get(TITLES)
async def get_titles(request: web.AnyRequest) -> Response[Any]:
    """GET /me/invoices/titles: saved titles; 200."""
    return await _titles_page(request)


@post(TITLES)
async def post_title(request: web.AnyRequest) -> Response[Any]:
    """POST /me/invoices/titles (kind, name, tax_number, email): 303; 422, 429 the form."""
    form = await web.read_form(request, TitleForm)
    try:
        given = form.read()
        async with web.transaction(request) as tx:
            await edge.save_title_in(request, tx, given)
    except (Refusal, Refusals) as problem:
        return await _titles_page(request, problem, form=form)
    return _told(request, TITLES, _("Saved."))


@post(TITLES + "/{title_id:str}/delete")
async def post_title_delete(request: web.AnyRequest) -> Response[Any]:
    """POST /me/invoices/titles/{title_id}/delete: 303; 404."""
    async with web.transaction(request) as tx:
        me = web.signed_in(request).account_id
        await service.remove_title(tx, me, web.path_id(request, "title_id"))
    return _told(request, TITLES, _("Deleted."))


@get("/invoices/{invoice_id:str}/file")
async def get_file(request: web.AnyRequest) -> Response[Any]:
    """GET /invoices/{invoice_id}/file: the buyer's own; 200; 404."""
    async with web.read(request) as tx:
        me = web.signed_in(request).account_id
        found = await service.get(tx, web.path_id(request, "invoice_id"), buyer_id=me)
    return await edge.file_answer(request, found)


async def _order_page(
    request: web.AnyRequest,
    problem: Refusal | Refusals | None = None,
    *,
    form: TitleForm | None = None,
) -> Response[Any]:
    order_id, me = edge.order_of(request), web.signed_in(request).account_id
    async with web.read(request) as tx:
        order = await flow.get_order(tx, order_id)
        if order.buyer_id != me:
            raise NotFound
        found: list[Invoice] = await service.of_order(tx, order_id)
        titles: list[Title] = await service.list_titles(tx, me)
    amount, no = 0, None
    try:
        amount = rules.check_order(
            order.state, paid_minor=order.paid_minor, refunded_minor=order.refunded_minor
        )
    except (OrderNotPaid, NothingToInvoice) as refusal:
        no = refusal
    open_ones = [it for it in found if not it.is_red and it.state in {"asked", "issued"}]
    return web.page(
        request,
        "invoice_orders/order.html",
        status=web.status_of(problem) if problem else 200,
        order_id=order_id,
        found=found,
        titles=titles,
        amount_minor=amount,
        why_not=web.words(request, no) if no else "",
        may_ask=not open_ones and no is None,
        form=form or _chosen(request, titles),
        errors=web.field_errors(request, problem) if problem else {},
        kinds=list(TitleKind),
        why_words=lambda why: WHYS.get(why, why),
    )


def _chosen(request: web.AnyRequest, titles: list[Title]) -> TitleForm:
    """The form filled with the saved title of the address, else the newest."""
    wanted = request.query_params.get("title", "")
    it = next((it for it in titles if str(it.id) == wanted), titles[0] if titles else None)
    if it is None:
        return TitleForm(save="1")
    return TitleForm(kind=it.kind.value, name=it.name, tax_number=it.tax_number, email=it.email)


async def _titles_page(
    request: web.AnyRequest,
    problem: Refusal | Refusals | None = None,
    *,
    form: TitleForm | None = None,
) -> Response[Any]:
    async with web.read(request) as tx:
        titles = await service.list_titles(tx, web.signed_in(request).account_id)
    return web.page(
        request,
        "invoice_orders/titles.html",
        status=web.status_of(problem) if problem else 200,
        titles=titles,
        form=form or TitleForm(),
        errors=web.field_errors(request, problem) if problem else {},
        kinds=list(TitleKind),
    )


def _told(request: web.AnyRequest, path: str, text: str) -> Response[Any]:
    return flash(redirect(path), "ok", translator(locale_of(request))(text))


routes = [
    get_order_invoice,
    post_order_invoice,
    post_cancel,
    get_invoices,
    get_titles,
    post_title,
    post_title_delete,
    get_file,
    *routes_shop.routes,
    *api.routes,
]
