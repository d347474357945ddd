"""Saying something in a conversation: cards that are between the two, the market's words, who answers."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from jishi.db import Tx
from jishi.flows.chat import queries
from jishi.kit.ids import AccountId, IdMaker
from jishi.modules import catalogue, messages
from jishi.modules.messages import Conversation, Draft, Side, WordRefused

REFUSED: Final = "block"  # of catalogue.Word.level; anything else goes with a word of caution


async def say(
    tx: Tx,
    conversation: Conversation,
    draft: Draft,
    *,
    side: Side,
    person_id: AccountId,
    maker: IdMaker,
    now: datetime,
) -> int:
    """The message's id; the same for the same message under the same key. docs/rules/talk.md.

    Raises CardUnknown, WordRefused, MessageEmpty, MessageTooLong, KeyReused.
    """
    await queries.check_card(tx, conversation, draft)
    is_free = conversation.seat_id is None and side is Side.BUYER
    seats = await queries.seats_of(tx, conversation.shop_id) if is_free else []
    return await messages.say(
        tx,
        conversation.id,
        await _looked_at(tx, draft),
        side=side,
        person_id=person_id,
        on_duty={it.id: it.open for it in seats if it.on_duty},
        maker=maker,
        now=now,
    )


async def _looked_at(tx: Tx, draft: Draft) -> Draft:
    """The draft, with a caution where it names a way around the market. Raises WordRefused."""
    if not draft.text:
        return draft
    found = (await catalogue.talk_words(tx)).found_in(draft.text)
    refused = next((it.word for it in found if it.level == REFUSED), None)
    if refused is not None:
        raise WordRefused(field="text", word=refused)
    return replace(draft, is_cautioned=bool(found))
