"""HTTP for a shop's conversations: boxes, threads, handing over, seats, quick replies."""

from typing import Any

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.db import Tx
from jishi.flows.chat import edge, queries
from jishi.kit.errors import FieldInvalid, Refusal, Refusals
from jishi.kit.ids import AccountId, ShopId, parse_id
from jishi.modules import messages
from jishi.modules.messages import Box, Side
from jishi.modules.shops import Errors, shop_here
from jishi.web.answer import json, redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of, query_url


class ReplyForm(msgspec.Struct, kw_only=True):
    title: str = ""
    text: str = ""


@get("/merchant/{shop_id:str}/chats")
async def get_chats(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/chats (box, after): 200 one box of conversations."""
    here, me = shop_here(request), web.signed_in(request).account_id
    box = _box(request)
    async with web.read(request) as tx:
        cursor = request.query_params.get("after")
        rows = await queries.rows_of_shop(tx, locale_of(request), here.id, box, me, cursor)
        seats = await queries.seats_of(tx, here.id)
    base = f"{here.base}/chats"
    return web.page(
        request,
        "chat/shop_chats.html",
        block="rows" if web.is_htmx(request) else None,
        shop=here,
        box=box.value,
        rows=rows.items,
        on_duty=any(it.on_duty for it in seats if it.id == me),
        next_url=query_url(base, box=box.value, after=rows.next_cursor) if rows.next_cursor else "",
    )


@get("/merchant/{shop_id:str}/chats/{conversation_id:str}")
async def get_chat(request: web.AnyRequest) -> Response[Any]:
    """GET …/chats/{conversation_id} (after, before): 200; 404 for another shop's."""
    return await _page(request)


@post("/merchant/{shop_id:str}/chats/{conversation_id:str}")
async def post_chat(request: web.AnyRequest) -> Response[Any]:
    """POST …/chats/{conversation_id} (text | order_id | product_id, key): 303, htmx 204; 409, 422."""
    form = await web.read_form(request, edge.SayForm)
    try:
        await edge.say_form(request, Side.SHOP, form)
    except (Refusal, Refusals) as problem:
        return await _page(request, text=form.text, problem=problem)
    return edge.said(request, _here(request))


@post("/merchant/{shop_id:str}/chats/{conversation_id:str}/pictures")
async def post_picture(request: web.AnyRequest) -> Response[Any]:
    """POST …/pictures (picture, key): 303, htmx 204; 413, 422, 429."""
    try:
        await edge.say_picture(request, Side.SHOP)
    except (Refusal, Refusals) as problem:
        return await _page(request, problem=problem)
    return edge.said(request, _here(request))


@get("/merchant/{shop_id:str}/chats/{conversation_id:str}/pictures/{paper_id:str}/{file:str}")
async def get_picture(request: web.AnyRequest) -> Response[Any]:
    """GET …/pictures/{paper_id}/{file}: 200 to staff of the conversation's shop; else 404."""
    return await edge.picture_answer(request, Side.SHOP)


@post("/merchant/{shop_id:str}/chats/{conversation_id:str}/hand-over")
async def post_hand_over(request: web.AnyRequest) -> Response[Any]:
    """POST …/hand-over (seat_id): 303; 422 for somebody who does not answer here."""
    form = await request.form()
    seat_id = AccountId(parse_id(str(form.get("seat_id", ""))) or 0)
    conversation = await edge.conversation_of(request, Side.SHOP)
    try:
        async with web.transaction(request) as tx:
            staff = {it.id for it in await queries.seats_of(tx, conversation.shop_id)}
            await messages.hand_over(
                tx,
                conversation,
                seat_id,
                staff=staff,
                maker=web.ids(request),
                now=web.now(request),
            )
    except (Refusal, Refusals) as problem:
        return await _page(request, problem=problem)
    return redirect(_here(request))


@post("/merchant/{shop_id:str}/chats/{conversation_id:str}/close")
async def post_close(request: web.AnyRequest) -> Response[Any]:
    """POST …/close: 303 to the open ones, reopened by the next message; 409 before an answer."""
    conversation = await edge.conversation_of(request, Side.SHOP)
    try:
        async with web.transaction(request) as tx:
            await messages.close(tx, conversation)
    except Refusal as problem:
        return await _page(request, problem=problem)
    return redirect(f"{shop_here(request).base}/chats")


@post("/merchant/{shop_id:str}/chats/duty")
async def post_duty(request: web.AnyRequest) -> Response[Any]:
    """POST …/chats/duty (on): 303; conversations nobody has come to those on duty."""
    here, form = shop_here(request), await request.form()
    async with web.transaction(request) as tx:
        me, now = web.signed_in(request).account_id, web.now(request)
        await messages.sit(tx, here.id, me, on_duty=form.get("on") == "1", now=now)
    return redirect(f"{here.base}/chats")


@get("/merchant/{shop_id:str}/chats/replies")
async def get_replies(request: web.AnyRequest) -> Response[Any]:
    """GET …/chats/replies: 200 the shop's quick replies."""
    return await _replies(request, ReplyForm())


@post("/merchant/{shop_id:str}/chats/replies")
async def post_reply(request: web.AnyRequest) -> Response[Any]:
    """POST …/chats/replies (title, text): 303; 409 fifty there already, 422 the page again."""
    here, form = shop_here(request), await web.read_form(request, ReplyForm)
    try:
        async with web.transaction(request) as tx:
            await messages.add_reply(
                tx, here.id, form.title, form.text, maker=web.ids(request), now=web.now(request)
            )
    except (Refusal, Refusals) as problem:
        return await _replies(request, form, problem)
    said = translator(locale_of(request)).gettext("Saved.")
    return flash(redirect(f"{here.base}/chats/replies"), "ok", said)


@post("/merchant/{shop_id:str}/chats/replies/{reply_id:str}/delete")
async def post_drop_reply(request: web.AnyRequest) -> Response[Any]:
    """POST …/chats/replies/{reply_id}/delete: 303."""
    here = shop_here(request)
    async with web.transaction(request) as tx:
        await messages.drop_reply(tx, here.id, web.path_id(request, "reply_id"))
    return redirect(f"{here.base}/chats/replies")


@get("/api/v1/shops/{shop_id:str}/conversations")
async def api_conversations(request: web.AnyRequest) -> Response[bytes]:
    """GET …/conversations (box, cursor): 200 {"items", "next_cursor", "unread"}."""
    shop_id, me = ShopId(web.path_id(request, "shop_id")), web.signed_in(request).account_id
    async with web.read(request) as tx:
        cursor = request.query_params.get("cursor")
        locale, box = locale_of(request), _box(request)
        rows = await queries.rows_of_shop(tx, locale, shop_id, box, me, cursor)
        unread = await messages.unread_of_shop(tx, shop_id)
    items = [queries.conversation_json(it) for it in rows.items]
    return json({"items": items, "next_cursor": rows.next_cursor, "unread": unread})


@get("/api/v1/shops/{shop_id:str}/conversations/{conversation_id:str}/messages")
async def api_messages(request: web.AnyRequest) -> Response[bytes]:
    """GET …/messages (cursor): 200 {"items", "next_cursor", "read_by_buyer"}, newest first; 404."""
    return await edge.api_messages(request, Side.SHOP, _here(request))


@post("/api/v1/shops/{shop_id:str}/conversations/{conversation_id:str}/messages")
async def api_say(request: web.AnyRequest) -> Response[bytes]:
    """POST …/messages {"text" | "order_id" | "product_id", "key"}: 201 {"id"}; 404, 409, 422, 429."""
    return await edge.api_say(request, Side.SHOP)


@post("/api/v1/shops/{shop_id:str}/conversations/{conversation_id:str}/read")
async def api_read(request: web.AnyRequest) -> Response[bytes]:
    """POST …/read {"upto"}: 200 {"unread"}; 404."""
    return await edge.api_read(request, Side.SHOP)


def _box(request: web.AnyRequest) -> Box:
    asked = request.query_params.get("box", Box.OPEN.value)
    if asked not in set(Box):
        raise FieldInvalid(field="box", detail=asked)
    return Box(asked)


def _here(request: web.AnyRequest) -> str:
    return f"{shop_here(request).base}/chats/{web.path_id(request, 'conversation_id')}"


async def _replies(
    request: web.AnyRequest, form: ReplyForm, problem: Refusal | Refusals | None = None
) -> Response[Any]:
    here = shop_here(request)
    async with web.read(request) as tx:
        replies = await messages.list_replies(tx, here.id)
    return web.page(
        request,
        "chat/replies.html",
        status=web.status_of(problem) if problem else 200,
        shop=here,
        replies=replies,
        form=form,
        errors=Errors(web.field_errors(request, problem) if problem else {}),
    )


async def _page(
    request: web.AnyRequest, *, text: str = "", problem: Refusal | Refusals | None = None
) -> Response[Any]:
    here = shop_here(request)

    async def beside(tx: Tx) -> dict[str, Any]:
        return {
            "seats": await queries.seats_of(tx, here.id),
            "replies": await messages.list_replies(tx, here.id),
        }

    return await edge.page(
        request,
        Side.SHOP,
        "chat/shop_chat.html",
        base=_here(request),
        text=text,
        problem=problem,
        beside=beside,
        shop=here,
    )


routes = [
    get_chats,
    get_chat,
    post_chat,
    post_picture,
    get_picture,
    post_hand_over,
    post_close,
    post_duty,
    get_replies,
    post_reply,
    post_drop_reply,
    api_conversations,
    api_messages,
    api_say,
    api_read,
]
