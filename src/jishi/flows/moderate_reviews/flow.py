"""Deeds of operators on reviews, each with its line in the audit record in the same transaction."""

from datetime import datetime

from jishi.db import Tx
from jishi.kit.ids import AccountId, ReviewId
from jishi.modules import audit, reviews
from jishi.modules.audit.types import REVIEW_HIDDEN, REVIEW_LEFT, REVIEW_SHOWN
from jishi.modules.reviews.types import Review, Why


async def hide(
    tx: Tx, review_id: ReviewId, why: Why, note: str, *, operator_id: AccountId, now: datetime
) -> Review:
    """Raises ReviewNotFound."""
    review = await reviews.hide(tx, review_id, why, note, by=operator_id, now=now)
    facts = {"why": str(why), "product_id": str(review.product_id)}
    await audit.note(tx, operator_id, REVIEW_HIDDEN, str(review_id), now=now, facts=facts)
    return review


async def show_again(
    tx: Tx, review_id: ReviewId, *, operator_id: AccountId, now: datetime
) -> Review:
    """Raises ReviewNotFound."""
    review = await reviews.show_again(tx, review_id, now=now)
    await audit.note(tx, operator_id, REVIEW_SHOWN, str(review_id), now=now)
    return review


async def leave(tx: Tx, review_id: ReviewId, *, operator_id: AccountId, now: datetime) -> None:
    """Settle the reports and change nothing. Raises ReviewNotFound."""
    await reviews.settle_reports(tx, review_id, now=now)
    await audit.note(tx, operator_id, REVIEW_LEFT, str(review_id), now=now)
