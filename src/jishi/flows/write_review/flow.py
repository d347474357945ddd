"""The steps of writing about a purchase. The caller's transaction throughout.

What buyers write is held for an operator when the market's words are in it; an answer of a shop with one
is refused by name. docs/rules/talk.md.
"""

from collections.abc import Sequence
from datetime import datetime

from jishi.db import Tx
from jishi.flows.write_review import rules, storage
from jishi.flows.write_review.types import Bought, PictureNotYours
from jishi.kit.ids import AccountId, IdMaker, MediaId, OrderId, ReviewId, ShopId
from jishi.modules import catalogue, reviews
from jishi.modules.reviews.types import NotBought, Pictures, Review, WordRefused, Words

TRUSTED_AT_ONCE = 200


async def get_bought(tx: Tx, order_id: OrderId, line: int, buyer_id: AccountId) -> Bought:
    """One's own order line. Raises NotBought."""
    found = await storage.find_bought(tx, order_id, line)
    if found is None or found.purchase.buyer_id != buyer_id:
        raise NotBought
    return found


async def write(
    tx: Tx,
    order_id: OrderId,
    line: int,
    words: Words,
    ids: IdMaker,
    *,
    writer_id: AccountId,
    now: datetime,
) -> Review:
    """Raises NotBought, NotDelivered, AllRefunded, TooLate, AlreadyReviewed, Refusals by field."""
    bought = await get_bought(tx, order_id, line, writer_id)
    return await reviews.write(
        tx,
        bought.purchase,
        words,
        ids,
        writer_id=writer_id,
        held_for=await _words_in(tx, words.text),
        now=now,
    )


async def edit(
    tx: Tx, review_id: ReviewId, words: Words, *, writer_id: AccountId, now: datetime
) -> Review:
    """Raises ReviewNotFound, IsHidden, AnsweredMeanwhile, AlreadyFollowedUp, TooLate, Refusals."""
    return await reviews.edit(
        tx,
        review_id,
        words,
        writer_id=writer_id,
        name=await storage.name_of(tx, writer_id),
        held_for=await _words_in(tx, words.text),
        now=now,
    )


async def follow_up(
    tx: Tx,
    review_id: ReviewId,
    text: str,
    pictures: Pictures,
    *,
    writer_id: AccountId,
    now: datetime,
) -> Review:
    """Raises ReviewNotFound, IsHidden, AlreadyFollowedUp, TooLate, Refusals by field."""
    return await reviews.follow_up(
        tx,
        review_id,
        text,
        pictures,
        writer_id=writer_id,
        held_for=await _words_in(tx, text),
        now=now,
    )


async def answer(
    tx: Tx, review_id: ReviewId, text: str, *, shop_id: ShopId, by: AccountId, now: datetime
) -> Review:
    """The shop's. Raises WordRefused and what ``reviews.answer`` raises."""
    found = await _words_in(tx, text)
    if found:
        raise WordRefused(field="answer", word=found[0])
    return await reviews.answer(tx, review_id, text, shop_id=shop_id, by=by, now=now)


async def vote(
    tx: Tx,
    review_id: ReviewId,
    account_id: AccountId,
    *,
    is_helpful: bool | None,
    staff_of: Sequence[ShopId],
    now: datetime,
) -> Review:
    """Raises ReviewNotFound, OwnReview (writer, or staff of the shop), IsHidden."""
    review = await reviews.get_review(tx, review_id)
    has_completed = await storage.has_completed(tx, account_id)
    return await reviews.vote(
        tx,
        review_id,
        account_id,
        is_helpful=is_helpful,
        is_trusted=rules.has_history(account_id, has_completed=has_completed, now=now),
        is_staff=review.shop_id in staff_of,
        now=now,
    )


async def trust_votes(tx: Tx, *, now: datetime) -> int:
    """Let doubted votes count whose accounts have a history by now, at most 200; how many."""
    votes = await storage.doubted_votes(
        tx,
        since=now - rules.DOUBTED_FOR,
        opened_before=rules.opened_before(now),
        limit=TRUSTED_AT_ONCE,
    )
    if votes:
        await reviews.trust_votes(tx, votes)
    return len(votes)


async def check_pictures(
    tx: Tx,
    shop_id: ShopId,
    account_id: AccountId,
    ids: Sequence[MediaId],
    *,
    known: Sequence[MediaId] = (),
) -> None:
    """``known`` stand on the review already. Raises PictureNotYours for any other's."""
    asked = [each for each in ids if each not in known]
    if asked and set(asked) - await storage.own_pictures(tx, shop_id, account_id, asked):
        raise PictureNotYours(field="pictures")


async def _words_in(tx: Tx, text: str) -> list[str]:
    """Words of the market's list for what people say to each other."""
    return [it.word for it in (await catalogue.talk_words(tx)).found_in(text)] if text else []
