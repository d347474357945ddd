"""HTTP for the address book: pages under /me/addresses, JSON under /api/v1, the region selects."""

from typing import Any

import msgspec
from litestar import Response, delete, get, post, put

from jishi import web
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import AddressId, cell_of
from jishi.modules.places import forms, service
from jishi.modules.places.types import CHINA, Address, AddressDraft
from jishi.web.answer import json, redirect
from jishi.web.pages import local_path, locale_of

BOOK = "/me/addresses"


@get(BOOK)
async def get_book(request: web.AnyRequest) -> Response[Any]:
    """GET /me/addresses (next): the address book; 200."""
    async with web.read(request) as tx:
        book = await service.list_addresses(tx, web.signed_in(request).account_id)
    names = dict(forms.countries(locale_of(request)))
    asked = request.query_params.get("next", "")
    after = local_path(asked) if asked else ""
    return web.page(request, "places/addresses.html", addresses=book, countries=names, after=after)


@get(f"{BOOK}/new")
async def get_new(request: web.AnyRequest) -> Response[Any]:
    """GET /me/addresses/new (next): an empty form; 200."""
    form = forms.AddressForm(next=request.query_params.get("next", ""))
    return await _form_page(request, form)


@post(BOOK)
async def post_new(request: web.AnyRequest) -> Response[Any]:
    """POST /me/addresses: 303 to the book or ``next``; 422 the form with what to mend; 409 full."""
    form = await web.read_form(request, forms.AddressForm)
    if form.step == "place":
        return await _form_page(request, form)
    try:
        await _create(request, form.draft())
    except (Refusal, Refusals) as problem:
        return await _form_page(request, form, problem=problem)
    return redirect(local_path(form.next) if form.next else BOOK)


@get(BOOK + "/{address_id:str}")
async def get_edit(request: web.AnyRequest) -> Response[Any]:
    """GET /me/addresses/{address_id}: the form filled; 200, 404 when it is not mine."""
    async with web.read(request) as tx:
        address = await service.get_address(tx, web.signed_in(request).account_id, _id(request))
        form = await forms.form_of(tx, address)
    form.next = request.query_params.get("next", "")
    return await _form_page(request, form, address=address)


@post(BOOK + "/{address_id:str}")
async def post_edit(request: web.AnyRequest) -> Response[Any]:
    """POST /me/addresses/{address_id}: 303; 422 the form with what to mend; 404."""
    form = await web.read_form(request, forms.AddressForm)
    async with web.read(request) as tx:
        address = await service.get_address(tx, web.signed_in(request).account_id, _id(request))
    if form.step == "place":
        return await _form_page(request, form, address=address)
    try:
        await _edit(request, form.draft())
    except (Refusal, Refusals) as problem:
        return await _form_page(request, form, address=address, problem=problem)
    return redirect(local_path(form.next) if form.next else BOOK)


@post(BOOK + "/{address_id:str}/delete")
async def post_delete(request: web.AnyRequest) -> Response[None]:
    """POST /me/addresses/{address_id}/delete: 303 to the book; 404."""
    await _delete(request)
    return redirect(BOOK)


@post(BOOK + "/{address_id:str}/default")
async def post_default(request: web.AnyRequest) -> Response[None]:
    """POST /me/addresses/{address_id}/default: 303 to the book; 404."""
    await _set_default(request)
    return redirect(BOOK)


@get("/regions", include_in_schema=False)
async def get_regions(request: web.AnyRequest) -> Response[Any]:
    """GET /regions (country, region_1 … region_4, or parent): the place fields of the form; 200.

    ``parent`` alone answers with the selects down to the one below it.
    """
    asked = request.query_params
    form = forms.AddressForm(country=asked.get("country", CHINA))
    parent = forms.code_of(asked.get("parent", ""))
    async with web.read(request) as tx:
        path = await service.region_path(tx, parent) if parent else []
        given = [str(region.code) for region in path]
        for level in range(1, forms.LEVELS_MAX + 1):
            value = given[level - 1] if level <= len(given) else asked.get(f"region_{level}", "")
            setattr(form, f"region_{level}", value)
        levels = await forms.region_levels(tx, form.codes)
    name = "places/address_form.html"
    return web.page(request, name, block="place", form=form, levels=levels, errors={})


class AddressBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An address as programs send it: a region code in China; city and detail abroad."""

    receiver: str
    phone: str
    detail: str
    country: str = CHINA
    region_code: int | None = None
    city: str = ""
    state: str = ""
    postcode: str = ""
    is_default: bool = False

    def draft(self) -> AddressDraft:
        return AddressDraft(**msgspec.structs.asdict(self))


@get("/api/v1/addresses")
async def api_list(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/addresses: 200 {"items": […]}, at most 50, the default first."""
    async with web.read(request) as tx:
        book = await service.list_addresses(tx, web.signed_in(request).account_id)
    return json({"items": [_shown(address) for address in book]})


@post("/api/v1/addresses")
async def api_create(request: web.AnyRequest) -> Response[bytes]:
    """POST /api/v1/addresses: 201 the address; 422 by field; 409 when the book is full.

    Safe to repeat: an address equal to one in the book is answered with that one.
    """
    body = await web.read_json(request, AddressBody)
    return json(_shown(await _create(request, body.draft())), status=201)


@get("/api/v1/addresses/{address_id:str}")
async def api_get(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/addresses/{address_id}: 200, 404."""
    async with web.read(request) as tx:
        address = await service.get_address(tx, web.signed_in(request).account_id, _id(request))
    return json(_shown(address))


@put("/api/v1/addresses/{address_id:str}")
async def api_edit(request: web.AnyRequest) -> Response[bytes]:
    """PUT /api/v1/addresses/{address_id}: 200 the address as it is now; 404; 422 by field."""
    body = await web.read_json(request, AddressBody)
    return json(_shown(await _edit(request, body.draft())))


@delete("/api/v1/addresses/{address_id:str}", status_code=204)
async def api_delete(request: web.AnyRequest) -> None:
    """DELETE /api/v1/addresses/{address_id}: 204; 404, also the second time."""
    await _delete(request)


@post("/api/v1/addresses/{address_id:str}/default")
async def api_default(request: web.AnyRequest) -> Response[bytes]:
    """POST /api/v1/addresses/{address_id}/default: 200 the address; 404."""
    return json(_shown(await _set_default(request)))


@get("/api/v1/regions")
async def api_regions(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/regions (parent): 200 {"items": [{code, level, name, is_leaf}]}."""
    parent = forms.code_of(request.query_params.get("parent", ""))
    async with web.read(request) as tx:
        found = await service.list_regions(tx, parent)
    items = [
        {"code": it.code, "level": it.level, "name": it.name, "is_leaf": it.is_leaf} for it in found
    ]
    return json({"items": items})


async def _form_page(
    request: web.AnyRequest,
    form: forms.AddressForm,
    *,
    address: Address | None = None,
    problem: Refusal | Refusals | None = None,
) -> Response[Any]:
    async with web.read(request) as tx:
        levels = await forms.region_levels(tx, form.codes)
    return web.page(
        request,
        "places/address_form.html",
        status=web.status_of(problem) if problem else 200,
        form=form,
        address=address,
        levels=levels,
        countries=forms.countries(locale_of(request)),
        errors=web.field_errors(request, problem) if problem else {},
    )


async def _create(request: web.AnyRequest, draft: AddressDraft) -> Address:
    account_id = web.signed_in(request).account_id
    address_id = AddressId(web.ids(request).make(cell_of(account_id)))
    async with web.transaction(request) as tx:
        return await service.create_address(
            tx, draft, account_id=account_id, address_id=address_id, now=web.now(request)
        )


async def _edit(request: web.AnyRequest, draft: AddressDraft) -> Address:
    account_id = web.signed_in(request).account_id
    async with web.transaction(request) as tx:
        return await service.edit_address(
            tx, draft, account_id=account_id, address_id=_id(request), now=web.now(request)
        )


async def _delete(request: web.AnyRequest) -> None:
    account_id = web.signed_in(request).account_id
    async with web.transaction(request) as tx:
        await service.delete_address(tx, account_id, _id(request), now=web.now(request))


async def _set_default(request: web.AnyRequest) -> Address:
    account_id = web.signed_in(request).account_id
    async with web.transaction(request) as tx:
        return await service.set_default(tx, account_id, _id(request), now=web.now(request))


def _id(request: web.AnyRequest) -> AddressId:
    return AddressId(web.path_id(request, "address_id"))


def _shown(address: Address) -> dict[str, Any]:
    shown = service.snapshot_of(address)
    return {"id": shown.pop("address_id"), **shown, "is_default": address.is_default}


routes = [
    get_book,
    get_new,
    post_new,
    get_edit,
    post_edit,
    post_delete,
    post_default,
    get_regions,
    api_list,
    api_create,
    api_get,
    api_edit,
    api_delete,
    api_default,
    api_regions,
]
