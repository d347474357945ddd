"""HTTP for a buyer's conversations."""

from typing import Any

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.flows.chat import edge, queries
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import ShopId, parse_id
from jishi.modules import messages
from jishi.modules.messages import Conversation, Side
from jishi.modules.shops import get_shop
from jishi.web.answer import json, redirect
from jishi.web.limits import spend
from jishi.web.pages import locale_of, query_url


class OpenBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    shop_id: int


@get("/chats")
async def get_chats(request: web.AnyRequest) -> Response[Any]:
    """GET /chats (after): 200 the buyer's conversations, newest first; to htmx the rows only."""
    after = request.query_params.get("after")
    me = web.signed_in(request).account_id
    async with web.read(request) as tx:
        rows = await queries.rows_of_buyer(tx, locale_of(request), me, after)
    return web.page(
        request,
        "chat/chats.html",
        block="rows" if web.is_htmx(request) else None,
        rows=rows.items,
        next_url=query_url("/chats", after=rows.next_cursor) if rows.next_cursor else "",
    )


@post("/s/{shop_id:str}/chat")
async def post_open(request: web.AnyRequest) -> Response[Any]:
    """POST /s/{shop_id}/chat (product_id, order_id): 303 to the conversation; 404, 409 one's own shop."""
    form = await request.form()
    conversation = await _open(request, ShopId(web.path_id(request, "shop_id")))
    about = {
        name: str(parse_id(str(form.get(name, ""))) or "") for name in ("product_id", "order_id")
    }
    return redirect(query_url(f"/chats/{conversation.id}", **about))


@get("/chats/{conversation_id:str}")
async def get_chat(request: web.AnyRequest) -> Response[Any]:
    """GET /chats/{conversation_id} (after, before, product_id, order_id): 200; 404 for others'.

    To htmx with ``after`` only what is new, with ``before`` only what is older.
    """
    return await _page(request)


@post("/chats/{conversation_id:str}")
async def post_chat(request: web.AnyRequest) -> Response[Any]:
    """POST /chats/{conversation_id} (text | order_id | product_id, key): 303, htmx 204; 409, 422."""
    form = await web.read_form(request, edge.SayForm)
    try:
        await edge.say_form(request, Side.BUYER, form)
    except (Refusal, Refusals) as problem:
        return await _page(request, text=form.text, problem=problem)
    return edge.said(request, request.url.path)


@post("/chats/{conversation_id:str}/pictures")
async def post_picture(request: web.AnyRequest) -> Response[Any]:
    """POST /chats/{conversation_id}/pictures (picture, key): 303, htmx 204; 413, 422, 429."""
    try:
        await edge.say_picture(request, Side.BUYER)
    except (Refusal, Refusals) as problem:
        return await _page(request, problem=problem)
    return edge.said(request, f"/chats/{web.path_id(request, 'conversation_id')}")


@get("/chats/{conversation_id:str}/pictures/{paper_id:str}/{file:str}")
async def get_picture(request: web.AnyRequest) -> Response[Any]:
    """GET …/pictures/{paper_id}/{file}: 200 to the buyer of the conversation; else 404."""
    return await edge.picture_answer(request, Side.BUYER)


@get("/api/v1/conversations")
async def api_conversations(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/conversations (cursor): 200 {"items", "next_cursor", "unread"}."""
    me = web.signed_in(request).account_id
    async with web.read(request) as tx:
        cursor = request.query_params.get("cursor")
        rows = await queries.rows_of_buyer(tx, locale_of(request), me, cursor)
        unread = await messages.unread_of_buyer(tx, me)
    items = [queries.conversation_json(it) for it in rows.items]
    return json({"items": items, "next_cursor": rows.next_cursor, "unread": unread})


@post("/api/v1/conversations")
async def api_open(request: web.AnyRequest) -> Response[bytes]:
    """POST /api/v1/conversations {"shop_id"}: 201 {"id"}, the same for the same shop; 404, 409."""
    body = await web.read_json(request, OpenBody)
    conversation = await _open(request, ShopId(body.shop_id))
    return json({"id": str(conversation.id)}, status=201)


@get("/api/v1/conversations/{conversation_id:str}/messages")
async def api_messages(request: web.AnyRequest) -> Response[bytes]:
    """GET …/messages (cursor): 200 {"items", "next_cursor", "read_by_shop"}, newest first; 404."""
    base = f"/chats/{web.path_id(request, 'conversation_id')}"
    return await edge.api_messages(request, Side.BUYER, base)


@post("/api/v1/conversations/{conversation_id:str}/messages")
async def api_say(request: web.AnyRequest) -> Response[bytes]:
    """POST …/messages {"text" | "order_id" | "product_id", "key"}: 201 {"id"}; 404, 409, 422, 429."""
    return await edge.api_say(request, Side.BUYER)


@post("/api/v1/conversations/{conversation_id:str}/read")
async def api_read(request: web.AnyRequest) -> Response[bytes]:
    """POST …/read {"upto"}: 200 {"unread"}; 404."""
    return await edge.api_read(request, Side.BUYER)


async def _open(request: web.AnyRequest, shop_id: ShopId) -> Conversation:
    me = web.signed_in(request)
    await spend(request, (edge.OPENING, str(me.account_id)))
    async with web.transaction(request) as tx:
        await get_shop(tx, shop_id)
        return await messages.open_conversation(
            tx,
            shop_id,
            me.account_id,
            maker=web.ids(request),
            is_staff=shop_id in me.shops,
            now=web.now(request),
        )


async def _page(
    request: web.AnyRequest, *, text: str = "", problem: Refusal | Refusals | None = None
) -> Response[Any]:
    asked = request.query_params
    return await edge.page(
        request,
        Side.BUYER,
        "chat/chat.html",
        base=f"/chats/{web.path_id(request, 'conversation_id')}",
        text=text,
        problem=problem,
        about_product_id=asked.get("product_id", ""),
        about_order_id=asked.get("order_id", ""),
    )


routes = [
    get_chats,
    post_open,
    get_chat,
    post_chat,
    post_picture,
    get_picture,
    api_conversations,
    api_open,
    api_messages,
    api_say,
    api_read,
]
