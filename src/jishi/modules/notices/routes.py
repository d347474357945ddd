"""HTTP for messages: the inbox, and in development what would have left the market."""

from dataclasses import asdict
from typing import Any, Final

from litestar import Response, get, post

from jishi import web
from jishi.kit.errors import NotFound
from jishi.kit.ids import ShopId, parse_id
from jishi.kit.paging import PAGE_SIZE
from jishi.modules.notices import service, words
from jishi.modules.notices.types import Notice
from jishi.web.answer import json, redirect
from jishi.web.pages import locale_of
from jishi.web.shown import Market

INBOX: Final = "notices/messages.html"
DEV_INBOX: Final = "notices/dev_inbox.html"


@get("/messages", include_in_schema=False)
async def get_messages(request: web.AnyRequest) -> Response[Any]:
    """GET /messages?shop=&after=: 200 my messages or a shop's; 404 not my shop."""
    me = web.signed_in(request)
    shop_id = _shop(request)
    async with web.read(request) as tx:
        found = await service.list_inbox(
            tx,
            me.account_id,
            shop_id=shop_id,
            cursor=request.query_params.get("after"),
            size=PAGE_SIZE,
        )
    shown = [(it, _words(request, it.kind, it.facts)) for it in found.items]
    return web.page(request, INBOX, notices=shown, next=found.next_cursor, shop_id=shop_id)


@get("/api/v1/messages")
async def get_messages_json(request: web.AnyRequest) -> Response[Any]:
    """GET /api/v1/messages (shop, cursor): 200 {"items", "next_cursor"}; 404, 422 bad cursor."""
    me = web.signed_in(request)
    async with web.read(request) as tx:
        found = await service.list_inbox(
            tx,
            me.account_id,
            shop_id=_shop(request),
            cursor=request.query_params.get("cursor"),
            size=PAGE_SIZE,
        )
    items = [_as_json(request, it) for it in found.items]
    return json({"items": items, "next_cursor": found.next_cursor})


@post("/messages/read", include_in_schema=False)
async def post_read(request: web.AnyRequest) -> Response[Any]:
    """POST /messages/read?shop=: 303 back, all marked as read by me; 404 not my shop."""
    me = web.signed_in(request)
    shop_id = _shop(request)
    async with web.transaction(request) as tx:
        await service.read_all(tx, me.account_id, shop_id=shop_id, now=web.now(request))
    return redirect(f"/messages?shop={shop_id}" if shop_id else "/messages")


@post("/messages/{position:str}/open", include_in_schema=False)
async def post_open(request: web.AnyRequest) -> Response[Any]:
    """POST /messages/{position}/open: 303 to what it is about, read from now on; 404 not mine."""
    me = web.signed_in(request)
    position = web.path_id(request, "position")
    async with web.transaction(request) as tx:
        opened = await service.open_notice(tx, me.account_id, position, now=web.now(request))
    return redirect(_words(request, opened.kind, opened.facts).href or "/messages")


@get("/dev/inbox", include_in_schema=False)
async def get_dev_inbox(request: web.AnyRequest) -> Response[Any]:
    """GET /dev/inbox?to=: 200 what would have left, newest first; 404 except in development."""
    if web.settings(request).is_production:
        raise NotFound
    to = request.query_params.get("to") or None
    async with web.read(request) as tx:
        messages = await service.newest_outgoing(tx, address=to)
    shown = [(it, _words(request, it.kind, it.facts, locale=it.locale)) for it in messages]
    return web.page(request, DEV_INBOX, messages=shown, to=to)


def _shop(request: web.AnyRequest) -> ShopId | None:
    """The shop whose messages are asked for. Raises NotFound when one does not work there."""
    asked = request.query_params.get("shop")
    if not asked:
        return None
    shop_id = parse_id(asked)
    if shop_id is None or shop_id not in web.signed_in(request).shops:
        raise NotFound
    return ShopId(shop_id)


def _words(
    request: web.AnyRequest, kind: str, facts: Any, *, locale: str | None = None
) -> words.Shown:
    market = Market(currency=web.settings(request).currency)
    return words.shown(kind, facts, locale or locale_of(request), market)


def _as_json(request: web.AnyRequest, notice: Notice) -> dict[str, Any]:
    said = asdict(_words(request, notice.kind, notice.facts))
    return {
        "position": str(notice.position),
        "kind": notice.kind,
        "at": notice.at,
        "is_read": notice.is_read,
        "facts": dict(notice.facts),
        **said,
    }


routes = [get_messages, get_messages_json, post_read, post_open, get_dev_inbox]
