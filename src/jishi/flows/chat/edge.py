"""What the chat's handlers share: who may see a conversation, saying something in it, its pages."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from secrets import token_urlsafe
from typing import Any, Final

import msgspec
from litestar import Response
from litestar.datastructures import UploadFile

from jishi import web
from jishi.db import Tx
from jishi.flows.chat import flow, queries
from jishi.flows.chat.types import Thread
from jishi.kit.errors import FieldInvalid, NotFound, Refusal, Refusals
from jishi.kit.ids import ConversationId, ShopId, parse_id
from jishi.modules import media, messages
from jishi.modules.messages import Conversation, Draft, MessageKind, Side
from jishi.web.answer import json, redirect
from jishi.web.limits import Limit, spend
from jishi.web.pages import locale_of

SAYING: Final = Limit("chat.say", 30, timedelta(minutes=1))
SHOWING: Final = Limit("chat.show", 60, timedelta(hours=1))
OPENING: Final = Limit("chat.open", 20, timedelta(hours=1))
Beside = Callable[[Tx], Awaitable[dict[str, Any]]]


class SayForm(msgspec.Struct, kw_only=True):
    """One of text, order and product; ``key`` is the page's own, so that a second tap says nothing."""

    text: str = ""
    order_id: str = ""
    product_id: str = ""
    key: str = ""


class SayBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    text: str = ""
    order_id: int | None = None
    product_id: int | None = None
    key: str = ""


class ReadBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``upto``: a message; absent: all of them."""

    upto: int | None = None


async def conversation_of(request: web.AnyRequest, side: Side) -> Conversation:
    """The conversation in the path, if the asker is its buyer or staff of its shop.

    Raises ConversationNotFound.
    """
    conversation_id = ConversationId(web.path_id(request, "conversation_id"))
    async with web.read(request) as tx:
        if side is Side.BUYER:
            me = web.signed_in(request).account_id
            return await messages.get_for_buyer(tx, conversation_id, me)
        shop_id = ShopId(web.path_id(request, "shop_id"))
        return await messages.get_for_shop(tx, conversation_id, shop_id)


async def say_form(request: web.AnyRequest, side: Side, form: SayForm) -> None:
    """Raises FieldInvalid for an id that is none, and what ``_say`` raises."""
    numbers = {}
    for name in ("order_id", "product_id"):
        text = getattr(form, name)
        numbers[name] = parse_id(text) if text else None
        if text and numbers[name] is None:
            raise FieldInvalid(field=name, detail=text)
    draft = queries.draft_of(form.text, key=form.key, **numbers)
    await _say(request, side, await conversation_of(request, side), draft)


async def say_picture(request: web.AnyRequest, side: Side) -> None:
    """Keep the form's picture and say it. Raises Limited, what ``keep_paper`` and ``_say`` raise."""
    conversation = await conversation_of(request, side)
    await spend(request, (SHOWING, str(web.signed_in(request).account_id)))
    form = await request.form()
    file = form.get("picture")
    upload = file if isinstance(file, UploadFile) and file.filename else None
    paper_id = await media.keep_paper(request, conversation.shop_id, upload, field="picture")
    key = str(form.get("key", "")) or None
    draft = Draft(kind=MessageKind.PICTURE, subject_id=paper_id, key=key)
    await _say(request, side, conversation, draft)


async def _say(
    request: web.AnyRequest, side: Side, conversation: Conversation, draft: Draft
) -> int:
    """The message's id. Raises Limited and what ``flow.say`` raises."""
    me = web.signed_in(request).account_id
    await spend(request, (SAYING, str(me)))
    async with web.transaction(request) as tx:
        return await flow.say(
            tx,
            conversation,
            draft,
            side=side,
            person_id=me,
            maker=web.ids(request),
            now=web.now(request),
        )


def said(request: web.AnyRequest, path: str) -> Response[Any]:
    """After something was said: 303 to the conversation; to htmx 204, its page asks for what is new."""
    if web.is_htmx(request):
        return Response(content=b"", status_code=204)
    return redirect(path)


async def page(
    request: web.AnyRequest,
    side: Side,
    name: str,
    *,
    base: str,
    text: str = "",
    problem: Refusal | Refusals | None = None,
    beside: Beside | None = None,
    **more: Any,
) -> Response[Any]:
    """A conversation's page; read by ``side`` as far as it shows. ``beside``: what only the whole page needs.

    To htmx only what was wrong, what came ``after`` a message, or what is older than ``before``.
    """
    asked, conversation = request.query_params, await conversation_of(request, side)
    after, before = parse_id(asked.get("after", "")), asked.get("before")
    parts = {"problems": problem is not None, "news": after is not None, "older": bool(before)}
    part = next((it for it, is_meant in parts.items() if is_meant), None)
    block = part if web.is_htmx(request) else None
    async with web.transaction(request) as tx:
        if after is not None:
            thread = await queries.newer(tx, locale_of(request), conversation, side, after)
        else:
            thread = await queries.thread(tx, locale_of(request), conversation, side, before)
        if not before:
            await messages.mark_read(tx, conversation, side, upto=thread.last_id)
        if beside and block is None:
            more |= await beside(tx)
    return web.page(
        request,
        name,
        status=web.status_of(problem) if problem else 200,
        block=block,
        thread=thread,
        base=base,
        mine=side,
        read_id=conversation.shop_read_id if side is Side.BUYER else conversation.buyer_read_id,
        last_id=thread.last_id or after or 0,
        text=text,
        key=token_urlsafe(12),
        errors=web.field_errors(request, problem) if problem else {},
        **more,
    )


async def picture_answer(request: web.AnyRequest, side: Side) -> Response[Any]:
    """A picture of the path's conversation, for its two sides only. Raises NotFound."""
    conversation = await conversation_of(request, side)
    async with web.read(request) as tx:
        if not await queries.is_shown_in(tx, conversation.id, web.path_id(request, "paper_id")):
            raise NotFound
    return await media.paper_answer(request, conversation.shop_id)


async def api_messages(request: web.AnyRequest, side: Side, base: str) -> Response[bytes]:
    """200 {"items", "next_cursor", "read_by_…"}, newest first; pictures lie below ``base``."""
    thread = await _thread(request, side)
    read = (
        {"read_by_shop": str(thread.conversation.shop_read_id)}
        if side is Side.BUYER
        else {"read_by_buyer": str(thread.conversation.buyer_read_id)}
    )
    items = [queries.message_json(it, base) for it in reversed(thread.bubbles)]
    return json({"items": items, "next_cursor": thread.older, **read})


async def _thread(request: web.AnyRequest, side: Side) -> Thread:
    conversation, cursor = await conversation_of(request, side), request.query_params.get("cursor")
    async with web.read(request) as tx:
        return await queries.thread(tx, locale_of(request), conversation, side, cursor)


async def api_say(request: web.AnyRequest, side: Side) -> Response[bytes]:
    """201 {"id"}, the same for the same message under the same key."""
    body = await web.read_json(request, SayBody)
    draft = queries.draft_of(
        body.text, order_id=body.order_id, product_id=body.product_id, key=body.key
    )
    message_id = await _say(request, side, await conversation_of(request, side), draft)
    return json({"id": str(message_id)}, status=201)


async def api_read(request: web.AnyRequest, side: Side) -> Response[bytes]:
    """200 {"unread"}: what is left."""
    body = await web.read_json(request, ReadBody)
    conversation = await conversation_of(request, side)
    async with web.transaction(request) as tx:
        after = await messages.mark_read(tx, conversation, side, upto=body.upto)
    return json({"unread": after.buyer_unread if side is Side.BUYER else after.shop_unread})
