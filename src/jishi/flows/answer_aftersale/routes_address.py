"""HTTP for where a shop takes goods back."""

from typing import Any

import msgspec
from litestar import Response, get, post, put

from jishi import web
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import ShopId
from jishi.kit.text import mark as _
from jishi.modules import aftersale
from jishi.modules.aftersale import ReturnAddress
from jishi.web.answer import json, redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

KEPT = _("Kept. Buyers see it when you agree to a return.")


class AddressBody(msgspec.Struct, kw_only=True):
    receiver: str = ""
    phone: str = ""
    address: str = ""


@get("/merchant/{shop_id:str}/aftersale/address")
async def get_address(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/aftersale/address: the form; 200."""
    found = await _find(request)
    return _form(request, found or AddressBody(), {})


@post("/merchant/{shop_id:str}/aftersale/address")
async def post_address(request: web.AnyRequest) -> Response[Any]:
    """POST /merchant/{shop_id}/aftersale/address (receiver, phone, address): 303; 422 the form."""
    body = await web.read_form(request, AddressBody)
    try:
        await _set(request, body)
    except (Refusal, Refusals) as problem:
        return _form(request, body, web.field_errors(request, problem), web.status_of(problem))
    said = translator(locale_of(request))(KEPT)
    return flash(redirect(f"/merchant/{_shop(request)}/aftersale"), "ok", said)


@get("/api/v1/shops/{shop_id:str}/return-address")
async def api_get_address(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/shops/{shop_id}/return-address: 200 {"receiver", "phone", "address"}, null before set."""
    found = await _find(request)
    names = ("receiver", "phone", "address")
    return json({name: getattr(found, name) if found else None for name in names})


@put("/api/v1/shops/{shop_id:str}/return-address")
async def api_put_address(request: web.AnyRequest) -> Response[bytes]:
    """PUT /api/v1/shops/{shop_id}/return-address {"receiver", "phone", "address"}: 200; 422."""
    body = await web.read_json(request, AddressBody)
    await _set(request, body)
    return json(msgspec.structs.asdict(body))


async def _find(request: web.AnyRequest) -> ReturnAddress | None:
    async with web.read(request) as tx:
        return await aftersale.return_address(tx, _shop(request))


async def _set(request: web.AnyRequest, body: AddressBody) -> None:
    address = ReturnAddress(**msgspec.structs.asdict(body))
    me, now = web.signed_in(request).account_id, web.now(request)
    async with web.transaction(request) as tx:
        await aftersale.set_return_address(tx, _shop(request), address, by=me, now=now)


def _form(
    request: web.AnyRequest,
    given: ReturnAddress | AddressBody,
    errors: dict[str, str],
    status: int = 200,
) -> Response[Any]:
    return web.page(
        request,
        "answer_aftersale/address.html",
        status=status,
        shop_id=_shop(request),
        given=given,
        errors=errors,
    )


def _shop(request: web.AnyRequest) -> ShopId:
    return ShopId(web.path_id(request, "shop_id"))


routes = [get_address, post_address, api_get_address, api_put_address]
