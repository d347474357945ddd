"""What the chat's handlers share: drafts from forms, saying, pictures."""

from datetime import timedelta
from typing import Any, Final

import msgspec
from litestar import Response
from litestar.datastructures import UploadFile

from jishi import web
from jishi.flows.chat import queries
from jishi.kit.errors import FieldInvalid, NotFound
from jishi.kit.ids import ConversationId, ShopId, parse_id
from jishi.modules import media, messages
from jishi.modules.messages import Conversation, Draft, MessageKind, Side
from jishi.web.limits import Limit, spend

SAYING: Final = Limit("chat.say", 30, timedelta(minutes=1))
OPENING: Final = Limit("chat.open", 20, timedelta(hours=1))
_SHOWN_HERE: Final = """
SELECT EXISTS (SELECT FROM message WHERE cell = cell_of($1) AND conversation_id = $1
    AND kind = 'picture' AND subject_id = $2)
"""


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


def draft_from(form: SayForm) -> Draft:
    """Raises FieldInvalid for an id that is none."""
    numbers = {}
    for name in ("order_id", "product_id"):
        text = getattr(form, name)
        numbers[name] = parse_id(text) if text else None
        if text and numbers[name] is None:
            raise FieldInvalid(field=name, detail=text)
    return queries.draft_of(form.text, key=form.key, **numbers)


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


async def say(request: web.AnyRequest, side: Side, draft: Draft) -> tuple[Conversation, int]:
    """Say it in the path's conversation; the message's id.

    Raises ConversationNotFound, CardUnknown, MessageEmpty, MessageTooLong, Limited.
    """
    me = web.signed_in(request).account_id
    conversation = await conversation_of(request, side)
    await spend(request, (SAYING, str(me)))
    async with web.transaction(request) as tx:
        await queries.check_card(tx, conversation, draft)
        message_id = await messages.say(
            tx,
            conversation.id,
            draft,
            side=side,
            person_id=me,
            maker=web.ids(request),
            now=web.now(request),
        )
    return conversation, message_id


async def show_picture(request: web.AnyRequest, side: Side) -> None:
    """Keep the form's picture and say it. Raises what ``keep_paper`` and ``say`` raise."""
    conversation = await conversation_of(request, side)
    form = await request.form()
    file = form.get("picture")
    upload = file if isinstance(file, UploadFile) and file.filename else None
    paper_id = await media.keep_paper(request, conversation.shop_id, upload, field="picture")
    key = str(form.get("key", ""))
    await say(request, side, Draft(kind=MessageKind.PICTURE, subject_id=paper_id, key=key or None))


async def picture_answer(request: web.AnyRequest, side: Side) -> Response[Any]:
    """A picture of the path's conversation, for its two sides only. Raises NotFound."""
    conversation = await conversation_of(request, side)
    paper_id = web.path_id(request, "paper_id")
    async with web.read(request) as tx:
        if not await tx.fetchval(_SHOWN_HERE, conversation.id, paper_id):
            raise NotFound
    return await media.paper_answer(request, conversation.shop_id)
