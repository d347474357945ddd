"""Reviews in PostgreSQL. With sql/ and functions/ the only files that write the review tables."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import AccountId, ReviewId, ShopId, cell_of
from jishi.modules.reviews.types import Pictures, Review, Why, Words

_COLUMNS: Final = (
    *("id", "shop_id", "product_id", "sku_id", "order_id", "line", "writer_id", "writer_name"),
    *("is_anonymous", "options", "stars", "dispatch_stars", "service_stars", "text", "pictures"),
    *("follow_up", "follow_up_pictures", "followed_up_at", "answer", "answered_at", "hidden_at"),
    *(
        "hidden_why",
        "hidden_note",
        "held_words",
        "helpful",
        "unhelpful",
        "open_reports",
        "text_digest",
    ),
    *("created_at", "edited_at"),
)
_OPEN_SHOP: Final = """
INSERT INTO review_shop_summary (cell, shop_id) VALUES ($1, $2) ON CONFLICT DO NOTHING
"""
_LOCK_SHOP: Final = """
SELECT FROM review_shop_summary WHERE cell = $1 AND shop_id = $2 FOR UPDATE
"""
_FIND: Final = "SELECT * FROM review WHERE cell = $1 AND id = $2"
_LOCK: Final = "SELECT * FROM review WHERE cell = $1 AND id = $2 FOR NO KEY UPDATE"
_INSERT: Final = load_sql(__package__, "insert_reviews")
_OPEN: Final = load_sql(__package__, "open_summaries")
_COUNT: Final = load_sql(__package__, "count")
_CLEAR: Final = load_sql(__package__, "clear_counts")
_ALIKE: Final = load_sql(__package__, "alike")
_RANK: Final = "SELECT rank_reviews($1, ARRAY[$1]::smallint[], $2)"
_RANK_CELLS: Final = "SELECT rank_reviews($1, $2, $3)"
_OF_SHOP: Final = """
SELECT id FROM review WHERE cell = $1 AND shop_id = $2 AND id > $3 ORDER BY id LIMIT $4
"""
_DUE: Final = "SELECT id FROM review WHERE is_rank_due ORDER BY id LIMIT $1"
_MARK_DUE: Final = """
UPDATE review r SET is_rank_due = true
FROM unnest($1::smallint[], $2::bigint[]) a (in_cell, of_id) WHERE r.cell = a.in_cell AND r.id = a.of_id
"""
_EDIT: Final = """
UPDATE review SET stars = $3, dispatch_stars = $4, service_stars = $5, text = $6, pictures = $7,
    is_anonymous = $8, writer_name = $9, detail = $10, text_digest = $11, edited_at = $12,
    version = version + 1
WHERE cell = $1 AND id = $2
"""
_FOLLOW_UP: Final = """
UPDATE review SET follow_up = $3, follow_up_pictures = $4, followed_up_at = $5, detail = $6,
    version = version + 1
WHERE cell = $1 AND id = $2 AND follow_up IS NULL
"""
_ANSWER: Final = """
UPDATE review SET answer = $3, answered_by = $4, answered_at = coalesce(answered_at, $5),
    version = version + 1
WHERE cell = $1 AND id = $2
"""
_HIDE: Final = """
UPDATE review SET hidden_at = $3, hidden_by = $4, hidden_why = $5, hidden_note = $6, held_words = '{}',
    version = version + 1
WHERE cell = $1 AND id = $2 AND hidden_by IS NULL
"""
_HOLD: Final = """
UPDATE review SET hidden_at = $3, hidden_why = 'held', held_words = $4, version = version + 1
WHERE cell = $1 AND id = $2 AND hidden_by IS NULL
"""
_SHOW: Final = """
UPDATE review SET hidden_at = NULL, hidden_by = NULL, hidden_why = NULL, hidden_note = '', held_words = '{}',
    version = version + 1
WHERE cell = $1 AND id = $2 AND hidden_at IS NOT NULL
"""
_FIND_VOTE: Final = """
SELECT is_helpful, is_trusted FROM review_vote WHERE cell = $1 AND review_id = $2 AND account_id = $3
"""
_SAVE_VOTE: Final = """
INSERT INTO review_vote (cell, review_id, account_id, is_helpful, is_trusted, voted_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (cell, review_id, account_id) DO UPDATE
SET (is_helpful, is_trusted, voted_at) = (excluded.is_helpful, excluded.is_trusted, excluded.voted_at)
"""
_DROP_VOTE: Final = """
DELETE FROM review_vote WHERE cell = $1 AND review_id = $2 AND account_id = $3
"""
_TRUST_VOTES: Final = """
UPDATE review_vote v SET is_trusted = true
FROM unnest($1::bigint[], $2::bigint[]) a (of_review, by_account)
WHERE v.cell = cell_of(a.of_review) AND v.review_id = a.of_review AND v.account_id = a.by_account
    AND NOT v.is_trusted
"""
_ADD_VOTES: Final = load_sql(__package__, "vote")
_REPORT: Final = """
INSERT INTO review_report (cell, review_id, account_id, why, note, reported_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
"""
_REPORTED: Final = """
UPDATE review SET open_reports = open_reports + 1 WHERE cell = $1 AND id = $2
"""
_SETTLE: Final = """
UPDATE review_report SET settled_at = $3 WHERE cell = $1 AND review_id = $2 AND settled_at IS NULL
"""
_SETTLED: Final = "UPDATE review SET open_reports = 0 WHERE cell = $1 AND id = $2"


async def lock_shop(tx: Tx, shop_id: ShopId) -> None:
    """Holds a shop's reviews against every other change of what they count until ``tx`` ends."""
    cell = cell_of(shop_id)
    await tx.execute(_OPEN_SHOP, cell, shop_id)
    await tx.execute(_LOCK_SHOP, cell, shop_id)


async def find_review(tx: Tx, review_id: ReviewId) -> Review | None:
    row = await tx.fetchrow(_FIND, cell_of(review_id), review_id)
    return review_of(row) if row else None


async def lock_review(tx: Tx, review_id: ReviewId) -> Review | None:
    row = await tx.fetchrow(_LOCK, cell_of(review_id), review_id)
    return review_of(row) if row else None


async def insert_reviews(
    tx: Tx, cell: int, rows: Sequence[tuple[Any, ...]], *, now: datetime
) -> list[ReviewId]:
    """Rows in the order of the statement's parameters; ids of those that were not there yet."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    return [row["id"] for row in await tx.fetch(_INSERT, cell, *columns, now)]


async def open_summaries(tx: Tx, cell: int, ids: Sequence[ReviewId]) -> None:
    await tx.execute(_OPEN, cell, ids)


async def count(tx: Tx, cell: int, ids: Sequence[ReviewId], sign: int) -> None:
    """Add the reviews to what is counted (1), or take them out as they stand (-1)."""
    await tx.execute(_COUNT, cell, ids, sign)


async def clear_counts(tx: Tx, shop_id: ShopId) -> None:
    await tx.execute(_CLEAR, cell_of(shop_id), shop_id)


async def ids_of_shop(tx: Tx, shop_id: ShopId, after: int, limit: int) -> list[ReviewId]:
    rows = await tx.fetch(_OF_SHOP, cell_of(shop_id), shop_id, after, limit)
    return [row["id"] for row in rows]


async def rank(
    tx: Tx, cell: int, ids: Sequence[ReviewId], *, before: Sequence[int | None] = ()
) -> None:
    """Rank reviews and all whose weight changes with theirs; ``before``: digests they had."""
    old = list(before) or [None] * len(ids)
    alike = [row["id"] for row in await tx.fetch(_ALIKE, cell, ids, old)]
    await tx.execute(_RANK, cell, alike)


async def rank_due(tx: Tx, limit: int) -> int:
    """Rank those marked, at most ``limit``; how many."""
    ids = [row["id"] for row in await tx.fetch(_DUE, limit)]
    if ids:
        cells = sorted({cell_of(each) for each in ids})
        await tx.execute(_RANK_CELLS, cells[0], cells, ids)
    return len(ids)


async def mark_due(tx: Tx, ids: Sequence[ReviewId]) -> None:
    await tx.execute(_MARK_DUE, [cell_of(each) for each in ids], ids)


async def save_edit(
    tx: Tx,
    review: Review,
    words: Words,
    *,
    name: str,
    detail: int,
    digest: int | None,
    now: datetime,
) -> None:
    stars = (words.stars, words.dispatch_stars, words.service_stars)
    kept = (words.text, [dict(it) for it in words.pictures], words.is_anonymous, name)
    await tx.execute(_EDIT, cell_of(review.id), review.id, *stars, *kept, detail, digest, now)


async def save_follow_up(
    tx: Tx, review: Review, text: str, pictures: Pictures, *, detail: int, now: datetime
) -> None:
    kept = [dict(it) for it in pictures]
    done = await tx.execute(_FOLLOW_UP, cell_of(review.id), review.id, text, kept, now, detail)
    assert done == "UPDATE 1", f"review {review.id} was not held: {done}"


async def save_answer(
    tx: Tx, review_id: ReviewId, text: str, *, by: AccountId, now: datetime
) -> None:
    await tx.execute(_ANSWER, cell_of(review_id), review_id, text, by, now)


async def save_hidden(
    tx: Tx, review_id: ReviewId, why: Why, note: str, *, by: AccountId, now: datetime
) -> None:
    await tx.execute(_HIDE, cell_of(review_id), review_id, now, by, why, note)


async def save_held(tx: Tx, review_id: ReviewId, words: Sequence[str], *, now: datetime) -> None:
    await tx.execute(_HOLD, cell_of(review_id), review_id, now, list(words))


async def save_shown(tx: Tx, review_id: ReviewId) -> None:
    await tx.execute(_SHOW, cell_of(review_id), review_id)


async def find_vote(tx: Tx, review_id: ReviewId, account_id: AccountId) -> tuple[bool, bool] | None:
    """(helpful, trusted) of a vote; None without one."""
    row = await tx.fetchrow(_FIND_VOTE, cell_of(review_id), review_id, account_id)
    return (row["is_helpful"], row["is_trusted"]) if row else None


async def save_vote(
    tx: Tx,
    review_id: ReviewId,
    account_id: AccountId,
    vote: tuple[bool, bool] | None,
    *,
    now: datetime,
) -> None:
    mine = (cell_of(review_id), review_id, account_id)
    if vote is None:
        await tx.execute(_DROP_VOTE, *mine)
    else:
        await tx.execute(_SAVE_VOTE, *mine, *vote, now)


async def trust_votes(tx: Tx, votes: Sequence[tuple[ReviewId, AccountId]]) -> None:
    await tx.execute(_TRUST_VOTES, [it[0] for it in votes], [it[1] for it in votes])


async def add_votes(tx: Tx, review_id: ReviewId, changes: tuple[int, int, int, int]) -> None:
    """Changes of helpful, unhelpful, and of both by trusted accounts."""
    await tx.execute(_ADD_VOTES, cell_of(review_id), review_id, *changes)


async def insert_report(
    tx: Tx, review_id: ReviewId, account_id: AccountId, why: Why, note: str, *, now: datetime
) -> bool:
    """False when this account has reported it before."""
    mine = (cell_of(review_id), review_id, account_id)
    done = await tx.execute(_REPORT, *mine, why, note, now)
    if done != "INSERT 0 1":
        return False
    await tx.execute(_REPORTED, cell_of(review_id), review_id)
    return True


async def settle_reports(tx: Tx, review_id: ReviewId, *, now: datetime) -> None:
    await tx.execute(_SETTLE, cell_of(review_id), review_id, now)
    await tx.execute(_SETTLED, cell_of(review_id), review_id)


def review_of(row: Row) -> Review:
    return Review(**{name: row[name] for name in _COLUMNS})
