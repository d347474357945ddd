"""Accounts for programs: session tokens instead of cookies."""

from typing import Any

import msgspec
from litestar import Response, delete, get, post

from jishi import web
from jishi.kit.ids import cell_of
from jishi.modules.accounts import entrance, service_sessions
from jishi.modules.accounts.routes_sign_in import sign_in, sign_up
from jishi.modules.accounts.types import LIFE, Entered
from jishi.web.answer import json


class SessionBody(msgspec.Struct, forbid_unknown_fields=True):
    login: str
    password: str
    device: str = ""


class AccountBody(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    login: str
    password: str
    device: str = ""


@post("/api/v1/session")
async def post_session(request: web.AnyRequest) -> Response[bytes]:
    """POST /api/v1/session {login, password}: 201 {token, …}; 401 refused, 422, 429."""
    body = await web.read_json(request, SessionBody)
    entered = await sign_in(request, body.login, body.password, device=body.device, is_api=True)
    return _opened(request, entered)


@post("/api/v1/accounts")
async def post_account(request: web.AnyRequest) -> Response[bytes]:
    """POST /api/v1/accounts {name, login, password}: 201 as /session; 409 name taken, 422, 429."""
    body = await web.read_json(request, AccountBody)
    entered = await sign_up(
        request, body.name, body.login, body.password, device=body.device, is_api=True
    )
    return _opened(request, entered)


def _opened(request: web.AnyRequest, entered: Entered) -> Response[bytes]:
    expires_at = web.now(request) + LIFE
    account_id = str(entered.account_id)
    body = {"token": entered.token, "account_id": account_id, "expires_at": expires_at}
    return json(body, status=201)


@delete("/api/v1/session", status_code=204)
async def delete_session(request: web.AnyRequest) -> Response[None]:
    """DELETE /api/v1/session: 204, the token sent with it is void."""
    me = web.signed_in(request)
    async with web.transaction(request) as tx:
        await service_sessions.end_if_live(tx, me.account_id, me.session_id, now=web.now(request))
    entrance.forget(request, me.account_id)
    return Response(None, status_code=204)


@get("/api/v1/me")
async def get_me(request: web.AnyRequest) -> Response[Any]:
    """GET /api/v1/me: 200 who I am, my roles and the shops I work in."""
    me = web.signed_in(request)
    shops = [
        {"shop_id": str(shop_id), "name": me.shop_names.get(shop_id, ""), "role": role}
        for shop_id, role in me.shops.items()
    ]
    return json(
        {
            "account_id": str(me.account_id),
            "cell": cell_of(me.account_id),
            "name": me.name,
            "locale": me.locale,
            "platform_roles": sorted(me.platform_roles),
            "shops": shops,
        }
    )


routes = [post_session, post_account, delete_session, get_me]
