"""What the rest of Jishi may ask of reviews. Each call runs inside the caller's transaction.

Lock order: the shop's row of ``review_shop_summary``, then reviews by id.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from jishi.db import Tx, outbox
from jishi.kit.ids import AccountId, Cell, IdMaker, ProductId, ReviewId, ShopId, cell_of
from jishi.kit.text import clean
from jishi.modules.reviews import rules, storage
from jishi.modules.reviews.types import (
    HELD_WORDS_MAX,
    NOTE_MAX,
    AlreadyReviewed,
    Imported,
    Pictures,
    Purchase,
    Review,
    ReviewAnswered,
    ReviewChanged,
    ReviewFollowedUp,
    ReviewHeld,
    ReviewHidden,
    ReviewNotFound,
    ReviewShownAgain,
    ReviewWritten,
    Why,
    Words,
)

COUNT_BATCH: Final = 5_000  # reviews counted anew by one statement


async def get_review(tx: Tx, review_id: ReviewId) -> Review:
    """Raises ReviewNotFound."""
    return _there(await storage.find_review(tx, review_id))


async def get_own(tx: Tx, review_id: ReviewId, writer_id: AccountId) -> Review:
    """Raises ReviewNotFound, also for someone else's."""
    review = await get_review(tx, review_id)
    if review.writer_id != writer_id:
        raise ReviewNotFound
    return review


async def write(
    tx: Tx,
    purchase: Purchase,
    words: Words,
    ids: IdMaker,
    *,
    writer_id: AccountId,
    held_for: Sequence[str] = (),
    now: datetime,
) -> Review:
    """Review an order line, once: of two at the same moment the second meets AlreadyReviewed.

    ``held_for``: the market's words found in it; with any nobody sees it until an operator has looked.
    Raises Refusals by field, NotBought, NotDelivered, AllRefunded, TooLate.
    """
    ready = rules.checked(words)
    rules.check_purchase(purchase, writer_id, now=now)
    await storage.lock_shop(tx, purchase.shop_id)
    cell = cell_of(purchase.shop_id)
    row = _row_of(ReviewId(ids.make(cell)), purchase, ready)
    written = await storage.insert_reviews(tx, cell, [row], now=now)
    if not written:
        raise AlreadyReviewed
    await _hold_back(tx, written[0], held_for, now)
    await _take_in(tx, cell, written)
    review = await get_review(tx, written[0])
    await _announce(tx, ReviewHeld if held_for else ReviewWritten, review, now)
    return review


async def edit(
    tx: Tx,
    review_id: ReviewId,
    words: Words,
    *,
    writer_id: AccountId,
    name: str,
    held_for: Sequence[str] = (),
    now: datetime,
) -> Review:
    """Rewrite one's own young review; one that was held is shown when the words are gone.

    Raises as ``rules.checked`` and ``rules.check_edit``.
    """
    ready = rules.checked(words)
    review = await _lock(tx, review_id)
    rules.check_edit(review, writer_id, now=now)
    cell = cell_of(review_id)
    await storage.count(tx, cell, [review_id], -1)
    await storage.save_edit(
        tx,
        review,
        ready,
        name="" if ready.is_anonymous else rules.shown_name(name),
        detail=rules.detail_points(ready.text, len(ready.pictures), review.follow_up),
        digest=rules.text_digest(ready.text),
        now=now,
    )
    if review.is_held:
        await storage.save_shown(tx, review_id)
    await _hold_back(tx, review_id, held_for, now)
    await storage.count(tx, cell, [review_id], 1)
    await storage.rank(tx, cell, [review_id], before=[review.text_digest])
    if bool(held_for) != review.is_held:
        await _announce(tx, ReviewHeld if held_for else ReviewWritten, review, now)
    return await get_review(tx, review_id)


async def follow_up(
    tx: Tx,
    review_id: ReviewId,
    text: str,
    pictures: Pictures,
    *,
    writer_id: AccountId,
    held_for: Sequence[str] = (),
    now: datetime,
) -> Review:
    """Add what one knows later, once; ``held_for`` holds the whole review, as in ``write``.

    Raises as ``checked_follow_up`` and ``check_follow_up``.
    """
    ready = rules.checked_follow_up(text, pictures)
    review = await _lock(tx, review_id)
    rules.check_follow_up(review, writer_id, now=now)
    cell, shown = cell_of(review_id), len(review.pictures) + len(pictures)
    await storage.count(tx, cell, [review_id], -1)
    detail = rules.detail_points(review.text, shown, ready)
    await storage.save_follow_up(tx, review, ready, pictures, detail=detail, now=now)
    await _hold_back(tx, review_id, held_for, now)
    await storage.count(tx, cell, [review_id], 1)
    await storage.rank(tx, cell, [review_id])
    await _announce(tx, ReviewHeld if held_for else ReviewFollowedUp, review, now)
    return await get_review(tx, review_id)


async def answer(
    tx: Tx, review_id: ReviewId, text: str, *, shop_id: ShopId, by: AccountId, now: datetime
) -> Review:
    """The shop's answer, or its change within a day. Raises ReviewNotFound for another shop's.

    Also WordsMissing, WordsTooLong, NotAnswerable, IsHidden, AlreadyAnswered.
    """
    ready = rules.checked_answer(text)
    review = _there(await storage.lock_review(tx, review_id))
    if review.shop_id != shop_id:
        raise ReviewNotFound
    rules.check_answer(review, now=now)
    await storage.save_answer(tx, review_id, ready, by=by, now=now)
    if review.answer is None:
        await _announce(tx, ReviewAnswered, review, now)
    return await get_review(tx, review_id)


async def vote(
    tx: Tx,
    review_id: ReviewId,
    account_id: AccountId,
    *,
    is_helpful: bool | None,
    is_trusted: bool,
    is_staff: bool,
    now: datetime,
) -> Review:
    """Say whether a review helped; None takes one's vote back. Saying it twice changes nothing.

    Raises ReviewNotFound, OwnReview (also for the shop's people), IsHidden.
    """
    review = _there(await storage.lock_review(tx, review_id))
    rules.check_vote(review, account_id, is_staff=is_staff)
    before = await storage.find_vote(tx, review_id, account_id)
    after = None if is_helpful is None else (is_helpful, is_trusted)
    if before != after:
        await storage.save_vote(tx, review_id, account_id, after, now=now)
        changes = zip(_votes(before), _votes(after), strict=True)
        a, b, c, d = (new - old for old, new in changes)
        await storage.add_votes(tx, review_id, (a, b, c, d))
    return await get_review(tx, review_id)


async def report(
    tx: Tx, review_id: ReviewId, account_id: AccountId, why: Why, note: str, *, now: datetime
) -> None:
    """Ask the operator to look; a second report of the same account changes nothing."""
    review = _there(await storage.lock_review(tx, review_id))
    if review.hidden_at is None:
        kept = clean(note)[:NOTE_MAX]
        await storage.insert_report(tx, review_id, account_id, why, kept, now=now)


async def hide(
    tx: Tx, review_id: ReviewId, why: Why, note: str, *, by: AccountId, now: datetime
) -> Review:
    """Take a review out of every list and count; its writer reads why. Twice changes nothing.

    One that was held stays out, now with a reason and the name of who decided.
    """
    review = await _lock(tx, review_id)
    if review.hidden_at is None or review.is_held:
        cell = cell_of(review_id)
        await storage.count(tx, cell, [review_id], -1)
        await storage.save_hidden(tx, review_id, why, clean(note)[:NOTE_MAX], by=by, now=now)
        await storage.rank(tx, cell, [review_id])
        await _announce(tx, ReviewHidden, review, now)
    await storage.settle_reports(tx, review_id, now=now)
    return await get_review(tx, review_id)


async def show_again(tx: Tx, review_id: ReviewId, *, now: datetime) -> Review:
    """Undo ``hide``, or let a held review be seen."""
    review = await _lock(tx, review_id)
    if review.hidden_at is not None:
        cell = cell_of(review_id)
        await storage.save_shown(tx, review_id)
        await storage.count(tx, cell, [review_id], 1)
        await storage.rank(tx, cell, [review_id])
        await _announce(tx, ReviewShownAgain, review, now)
    return await get_review(tx, review_id)


async def settle_reports(tx: Tx, review_id: ReviewId, *, now: datetime) -> None:
    """The operator has looked and leaves the review as it is."""
    _there(await storage.lock_review(tx, review_id))
    await storage.settle_reports(tx, review_id, now=now)


async def import_reviews(
    tx: Tx,
    shop_id: ShopId,
    product_id: ProductId,
    reviews: Sequence[Imported],
    ids: IdMaker,
    *,
    now: datetime,
) -> int:
    """Take reviews over from elsewhere; how many were not there yet. Order of ids as given."""
    if not reviews:
        return 0
    await storage.lock_shop(tx, shop_id)
    cell = cell_of(shop_id)
    rows = [_imported_row(ReviewId(ids.make(cell)), shop_id, product_id, it) for it in reviews]
    written = await storage.insert_reviews(tx, cell, rows, now=now)
    if written:
        await _take_in(tx, cell, written)
    return len(written)


async def count_anew(tx: Tx, shop_id: ShopId) -> int:
    """Count all of a shop's reviews from nothing; how many there are, hidden ones too."""
    await storage.lock_shop(tx, shop_id)
    await storage.clear_counts(tx, shop_id)
    done, after = 0, 0
    while found := await storage.ids_of_shop(tx, shop_id, after, COUNT_BATCH):
        await storage.open_summaries(tx, cell_of(shop_id), found)
        await storage.count(tx, cell_of(shop_id), found, 1)
        done, after = done + len(found), found[-1]
    return done


async def rank_due(tx: Tx, *, limit: int) -> int:
    """Count and rank anew those reviews that wait for it; how many."""
    return await storage.rank_due(tx, limit)


async def mark_due(tx: Tx, ids: Collection[ReviewId]) -> None:
    """Let the job count and rank these anew."""
    await storage.mark_due(tx, sorted(set(ids)))


async def trust_votes(tx: Tx, votes: Sequence[tuple[ReviewId, AccountId]]) -> None:
    """Let these votes count for the order of lists; the job ranks their reviews anew.

    Holds reviews before votes, as ``vote`` does.
    """
    await mark_due(tx, {review_id for review_id, _ in votes})
    await storage.trust_votes(tx, votes)


async def _hold_back(tx: Tx, review_id: ReviewId, words: Sequence[str], now: datetime) -> None:
    if words:
        await storage.save_held(tx, review_id, words[:HELD_WORDS_MAX], now=now)


async def _take_in(tx: Tx, cell: Cell, written: Sequence[ReviewId]) -> None:
    await storage.open_summaries(tx, cell, written)
    await storage.count(tx, cell, written, 1)
    await storage.rank(tx, cell, written)


async def _lock(tx: Tx, review_id: ReviewId) -> Review:
    """The review with its shop's counts held."""
    found = await get_review(tx, review_id)
    await storage.lock_shop(tx, found.shop_id)
    return _there(await storage.lock_review(tx, review_id))


async def _announce(tx: Tx, kind: type[ReviewChanged], review: Review, now: datetime) -> None:
    event = kind(
        review_id=review.id,
        shop_id=review.shop_id,
        product_id=review.product_id,
        order_id=review.order_id,
        writer_id=review.writer_id,
        stars=review.stars,
        occurred_at=now,
    )
    await outbox.append(tx, [event])


def _there(review: Review | None) -> Review:
    if review is None:
        raise ReviewNotFound
    return review


def _votes(vote: tuple[bool, bool] | None) -> tuple[int, int, int, int]:
    """Helpful, unhelpful, and the same when trusted: what one vote counts for."""
    if vote is None:
        return 0, 0, 0, 0
    is_helpful, is_trusted = vote
    up, down = int(is_helpful), int(not is_helpful)
    return up, down, up * is_trusted, down * is_trusted


def _row_of(review_id: ReviewId, it: Purchase, words: Words) -> tuple[Any, ...]:
    name = "" if words.is_anonymous else rules.shown_name(it.buyer_name)
    return (
        *(review_id, it.shop_id, it.product_id, it.sku_id, it.order_id, it.line, it.buyer_id, name),
        *(words.is_anonymous, None, _json(list(it.options)), words.stars),
        *(words.dispatch_stars, words.service_stars, words.text),
        _json([dict(picture) for picture in words.pictures]),
        rules.detail_points(words.text, len(words.pictures), None),
        rules.text_digest(words.text),
    )


def _json(value: list[Any]) -> str:
    """As text: a list within a list of rows would be taken for one array."""
    return msgspec.json.encode(value).decode()


def _imported_row(
    review_id: ReviewId, shop_id: ShopId, product_id: ProductId, it: Imported
) -> tuple[Any, ...]:
    return (
        *(review_id, shop_id, product_id, None, None, None, None, ""),
        *(False, it.external_id, "[]", it.stars, None, None, it.text, "[]"),
        *(rules.detail_points(it.text, 0, None), rules.text_digest(it.text)),
    )
