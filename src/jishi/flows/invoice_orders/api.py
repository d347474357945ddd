"""The JSON API of invoices: a buyer's and a shop's."""

from typing import Any, Final

import msgspec
from litestar import Response, delete, get, post

from jishi import web
from jishi.flows.invoice_orders import edge
from jishi.kit.paging import PAGE_SIZE
from jishi.modules.invoices import Invoice, InvoiceState, Title, read_title, service
from jishi.web.answer import json

ORDER: Final = "/api/v1/orders/{order_id:str}/invoices"
TITLES: Final = "/api/v1/invoice-titles"
SHOP: Final = "/api/v1/shops/{shop_id:str}/invoices"
ONE: Final = SHOP + "/{invoice_id:str}"
CREATED: Final = 201


class TitleBody(msgspec.Struct, forbid_unknown_fields=True):
    kind: str
    name: str
    tax_number: str = ""
    email: str = ""
    save: bool = False


class WhyBody(msgspec.Struct, forbid_unknown_fields=True):
    why: str


@get("/api/v1/invoices")
async def get_mine(request: web.AnyRequest) -> Response[Any]:
    """GET /api/v1/invoices (cursor): a person's invoices, the newest first; 200."""
    async with web.read(request) as tx:
        found = await service.list_of_buyer(
            tx,
            web.signed_in(request).account_id,
            cursor=request.query_params.get("cursor"),
            size=PAGE_SIZE,
        )
    return json({"items": [show(it) for it in found.items], "next_cursor": found.next_cursor})


@get(ORDER)
async def get_of_order(request: web.AnyRequest) -> Response[Any]:
    """GET /api/v1/orders/{order_id}/invoices: those of one's own order, corrections too; 200."""
    me = web.signed_in(request).account_id
    async with web.read(request) as tx:
        found = await service.of_order(tx, edge.order_of(request))
    return json({"items": [show(it) for it in found if it.buyer_id == me]})


@post(ORDER)
async def post_of_order(request: web.AnyRequest) -> Response[Any]:
    """POST /api/v1/orders/{order_id}/invoices {kind, name, tax_number, email, save}: 201; 404; 409; 422."""
    body = await web.read_json(request, TitleBody)
    given = read_title(body.kind, body.name, body.tax_number, body.email)
    return json(show(await edge.ask(request, given, save=body.save)), status=CREATED)


@delete(ORDER, status_code=200)
async def delete_of_order(request: web.AnyRequest) -> Response[Any]:
    """DELETE /api/v1/orders/{order_id}/invoices: withdraw the wish while it is not issued; 200; 404; 409."""
    await edge.cancel(request)
    return json({"ok": True})


@get("/api/v1/invoices/{invoice_id:str}/file")
async def get_my_file(request: web.AnyRequest) -> Response[Any]:
    """GET /api/v1/invoices/{invoice_id}/file: the buyer's own; 200 the file; 404."""
    me = web.signed_in(request).account_id
    async with web.read(request) as tx:
        found = await service.get(tx, web.path_id(request, "invoice_id"), buyer_id=me)
    return await edge.file_answer(request, found)


@get(TITLES)
async def get_titles(request: web.AnyRequest) -> Response[Any]:
    """GET /api/v1/invoice-titles: saved titles; 200."""
    async with web.read(request) as tx:
        found = await service.list_titles(tx, web.signed_in(request).account_id)
    return json({"items": [show_title(it) for it in found]})


@post(TITLES)
async def post_title(request: web.AnyRequest) -> Response[Any]:
    """POST /api/v1/invoice-titles {kind, name, tax_number, email}: 201; 422; 429."""
    body = await web.read_json(request, TitleBody)
    given = read_title(body.kind, body.name, body.tax_number, body.email)
    async with web.transaction(request) as tx:
        made = await edge.save_title_in(request, tx, given)
    return json({"id": str(made)}, status=CREATED)


@delete(TITLES + "/{title_id:str}", status_code=200)
async def delete_title(request: web.AnyRequest) -> Response[Any]:
    """DELETE /api/v1/invoice-titles/{title_id}: 200; 404."""
    async with web.transaction(request) as tx:
        me = web.signed_in(request).account_id
        await service.remove_title(tx, me, web.path_id(request, "title_id"))
    return json({"ok": True})


@get(SHOP)
async def get_of_shop(request: web.AnyRequest) -> Response[Any]:
    """GET /api/v1/shops/{shop_id}/invoices (state, cursor): 200."""
    state = request.query_params.get("state", "")
    async with web.read(request) as tx:
        found = await service.list_of_shop(
            tx,
            edge.shop_of(request),
            state if state in set(InvoiceState) else "",
            cursor=request.query_params.get("cursor"),
            size=PAGE_SIZE,
        )
    return json({"items": [show(it) for it in found.items], "next_cursor": found.next_cursor})


@post(f"{ONE}/issue", status_code=200)
async def post_issue(request: web.AnyRequest) -> Response[Any]:
    """POST …/invoices/{invoice_id}/issue (multipart: amount, number, file): 200; 404; 409; 413; 422."""
    form = await request.form()
    file = await web.upload(request, "file")
    amount, number = str(form.get("amount") or ""), str(form.get("number") or "")
    return json(show(await edge.issue_upload(request, amount=amount, number=number, file=file)))


@post(f"{ONE}/receipt", status_code=200)
async def post_receipt(request: web.AnyRequest) -> Response[Any]:
    """POST …/invoices/{invoice_id}/receipt: issue a plain receipt, made here; 200; 404; 409."""
    return json(show(await edge.issue_receipt(request)))


@post(f"{ONE}/refuse", status_code=200)
async def post_refuse(request: web.AnyRequest) -> Response[Any]:
    """POST …/invoices/{invoice_id}/refuse {why}: 200; 404; 409; 422."""
    body = await web.read_json(request, WhyBody)
    return json(show(await edge.refuse(request, body.why)))


@get(f"{ONE}/file")
async def get_shop_file(request: web.AnyRequest) -> Response[Any]:
    """GET …/invoices/{invoice_id}/file: 200 the file; 404."""
    async with web.read(request) as tx:
        found = await service.get(
            tx, web.path_id(request, "invoice_id"), shop_id=edge.shop_of(request)
        )
    return await edge.file_answer(request, found)


def show(it: Invoice) -> dict[str, Any]:
    return {
        "id": str(it.id),
        "order_id": str(it.order_id),
        "kind": it.kind,
        "corrects_id": str(it.corrects_id) if it.corrects_id else None,
        "state": it.state.value,
        "title": {
            "kind": it.title_kind.value,
            "name": it.title,
            "tax_number": it.tax_number,
            "email": it.email,
        },
        "amount_minor": it.amount_minor,
        "form": it.form,
        "number": it.number,
        "why": it.why,
        "file_type": it.file_type,
        "file_bytes": it.file_bytes,
        "asked_at": it.asked_at,
        "due_at": it.due_at,
        "ended_at": it.ended_at,
    }


def show_title(it: Title) -> dict[str, Any]:
    return {
        "id": str(it.id),
        "kind": it.kind.value,
        "name": it.name,
        "tax_number": it.tax_number,
        "email": it.email,
    }


routes = [
    get_mine,
    get_of_order,
    post_of_order,
    delete_of_order,
    get_my_file,
    get_titles,
    post_title,
    delete_title,
    get_of_shop,
    post_issue,
    post_receipt,
    post_refuse,
    get_shop_file,
]
