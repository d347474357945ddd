"""What may be written when, and what puts one review before another. Pure; docs/reviews.md says it."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from math import isqrt
from typing import Final

from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import AccountId, made_at_ms
from jishi.kit.text import clean_lines
from jishi.modules.reviews.types import (
    ANSWER_EDIT_WITHIN,
    ANSWER_MAX,
    EDIT_WITHIN,
    FOLLOW_UP_WITHIN,
    PICTURES_MAX,
    REVIEW_WITHIN,
    STARS,
    TEXT_MAX,
    AllRefunded,
    AlreadyAnswered,
    AlreadyFollowedUp,
    AnsweredMeanwhile,
    IsHidden,
    NotAnswerable,
    NotBought,
    NotDelivered,
    OwnReview,
    Pictures,
    Purchase,
    Review,
    ReviewNotFound,
    StarsMissing,
    TooLate,
    TooManyPictures,
    Weighed,
    Why,
    WhyMissing,
    Words,
    WordsMissing,
    WordsTooLong,
)

BOUGHT_POINTS: Final = 300
LETTERS_MAX: Final = 200
PICTURE_POINTS, PICTURES_COUNTED = 40, 3
FOLLOW_UP_POINTS, FOLLOW_UP_LETTERS = 80, 10
VOTE_POINTS: Final = 400
PAIR_PERCENT: Final = (100, 70, 50, 30)  # the fourth and all further ones weigh the last
TELLING: Final = 6  # letters; shorter texts are alike without anyone copying
SATURATED: Final = 8  # of twins and pairs: more of them change nothing
DAYS_A_POINT: Final = 2
DAY_MS: Final = 86_400_000
EPOCH_DAY: Final = 19_723  # 2024-01-01, where ids begin
MASK: Final = "**"


def rating_tenths(stars: int, reviews: int) -> int | None:
    """The average of ``reviews`` in tenths of a star, rounded half up; None of nothing."""
    return (20 * stars + reviews) // (2 * reviews) if reviews else None


def shown_name(name: str) -> str:
    """A writer's name as strangers see it: the first letter."""
    return name.strip()[:1] + MASK if name.strip() else ""


def letters_of(text: str) -> str:
    """Letters and digits only, without case and width: what two copies of a text share."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LN")


def text_digest(text: str) -> int | None:
    """A signed 64-bit number equal for texts in the same words; None when too short to tell."""
    letters = letters_of(text)
    if len(letters) < TELLING:
        return None
    digest = blake2b(letters.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def effective_length(text: str) -> int:
    """Letters, of which each different one counts four times at most."""
    letters = letters_of(text)
    return min(len(letters), 4 * len(set(letters)))


def detail_points(text: str, pictures: int, follow_up: str | None) -> int:
    """Points for what a review tells and shows: 0 to 400."""
    more = FOLLOW_UP_POINTS if effective_length(follow_up or "") >= FOLLOW_UP_LETTERS else 0
    shown = PICTURE_POINTS * min(pictures, PICTURES_COUNTED)
    return min(effective_length(text), LETTERS_MAX) + shown + more


def wilson_per_mille(helpful: int, votes: int) -> int:
    """The lower end of the 95 % Wilson interval of ``helpful`` out of ``votes``, in 1/1000.

    z = 1.96, whole numbers only; SQL function ``review_rank`` repeats it digit by digit.
    """
    if not votes:
        return 0
    spread = isqrt(helpful * (votes - helpful) * 10**8 // votes + 96_040_000)
    low = max(0, helpful * 10**4 + 19_208 - 196 * spread // 100)
    return low * 1000 // (votes * 10**4 + 38_416)


def rank(review_id: int, it: Weighed) -> int:
    """What a list is put in order by, the highest first. The review's day is in its id.

    A day's age costs half a point for ever, so ranks never have to be lowered by the clock.
    """
    votes = wilson_per_mille(it.helpful, it.helpful + it.unhelpful) * VOTE_POINTS // 1000
    quality = (BOUGHT_POINTS if it.is_bought else 0) + it.detail + votes
    quality = quality * PAIR_PERCENT[min(it.pair, len(PAIR_PERCENT) - 1)] // 100
    day = made_at_ms(review_id) // DAY_MS - EPOCH_DAY
    return quality // (1 + it.twins) + day // DAYS_A_POINT


def checked(words: Words) -> Words:
    """What is kept of what was typed. Raises Refusals naming every wrong field."""
    text = clean_lines(words.text)
    problems: list[Refusal] = []
    if words.stars not in STARS:
        problems.append(StarsMissing(field="stars"))
    further = {"dispatch_stars": words.dispatch_stars, "service_stars": words.service_stars}
    problems += [StarsMissing(field=it) for it, n in further.items() if n not in (None, *STARS)]
    problems += _text_problems(text, words.pictures, needs_words=False)
    if problems:
        raise Refusals(problems)
    return replace(words, text=text)


def checked_follow_up(text: str, pictures: Pictures) -> str:
    """Raises Refusals: nothing said, too long, too many pictures."""
    cleaned = clean_lines(text)
    problems = _text_problems(cleaned, pictures, needs_words=True)
    if problems:
        raise Refusals(problems)
    return cleaned


def checked_answer(text: str) -> str:
    """Raises WordsMissing, WordsTooLong."""
    cleaned = clean_lines(text)
    if not cleaned:
        raise WordsMissing(field="answer")
    if len(cleaned) > ANSWER_MAX:
        raise WordsTooLong(field="answer", limit=ANSWER_MAX, count=len(cleaned))
    return cleaned


def _text_problems(text: str, pictures: Pictures, *, needs_words: bool) -> Sequence[Refusal]:
    problems: list[Refusal] = []
    if needs_words and not text and not pictures:
        problems.append(WordsMissing(field="text"))
    if len(text) > TEXT_MAX:
        problems.append(WordsTooLong(field="text", limit=TEXT_MAX, count=len(text)))
    if len(pictures) > PICTURES_MAX:
        problems.append(TooManyPictures(field="pictures", limit=PICTURES_MAX))
    return problems


def check_purchase(purchase: Purchase, writer_id: AccountId, *, now: datetime) -> None:
    """Raises NotBought, NotDelivered, AllRefunded, TooLate (the last instant itself is too late)."""
    if purchase.buyer_id != writer_id:
        raise NotBought
    if not purchase.is_delivered:
        raise NotDelivered
    if purchase.is_refunded:
        raise AllRefunded
    if purchase.since is not None and now >= purchase.since + REVIEW_WITHIN:
        raise TooLate(days=REVIEW_WITHIN.days)


def may_edit(review: Review, *, now: datetime) -> bool:
    """Also while it is held: without the words it is shown at once."""
    return (
        (review.hidden_at is None or review.is_held)
        and review.answer is None
        and review.follow_up is None
        and now < review.created_at + EDIT_WITHIN
    )


def check_edit(review: Review, writer_id: AccountId, *, now: datetime) -> None:
    """Raises ReviewNotFound, IsHidden, AnsweredMeanwhile, AlreadyFollowedUp, TooLate."""
    _check_own(review, writer_id)
    if review.hidden_at is not None and not review.is_held:
        raise IsHidden
    if review.answer is not None:
        raise AnsweredMeanwhile
    if review.follow_up is not None:
        raise AlreadyFollowedUp
    if not may_edit(review, now=now):
        raise TooLate(days=EDIT_WITHIN.days)


def may_follow_up(review: Review, *, now: datetime) -> bool:
    is_young = now < review.created_at + FOLLOW_UP_WITHIN
    return review.hidden_at is None and review.follow_up is None and is_young


def check_follow_up(review: Review, writer_id: AccountId, *, now: datetime) -> None:
    """Raises ReviewNotFound, IsHidden, AlreadyFollowedUp, TooLate."""
    _check_own(review, writer_id)
    if review.hidden_at is not None:
        raise IsHidden
    if review.follow_up is not None:
        raise AlreadyFollowedUp
    if not may_follow_up(review, now=now):
        raise TooLate(days=FOLLOW_UP_WITHIN.days)


def may_answer(review: Review, *, now: datetime) -> bool:
    if review.is_imported or review.hidden_at is not None:
        return False
    return review.answered_at is None or now < review.answered_at + ANSWER_EDIT_WITHIN


def check_answer(review: Review, *, now: datetime) -> None:
    """Raises NotAnswerable, IsHidden, AlreadyAnswered."""
    if review.is_imported:
        raise NotAnswerable
    if review.hidden_at is not None:
        raise IsHidden
    if not may_answer(review, now=now):
        raise AlreadyAnswered


def why_of(text: str) -> Why:
    """Raises WhyMissing."""
    known = next((why for why in Why if why == text), None)
    if known is None:
        raise WhyMissing(field="why")
    return known


def check_vote(review: Review, account_id: AccountId, *, is_staff: bool) -> None:
    """Raises OwnReview, IsHidden."""
    if is_staff or review.writer_id == account_id:
        raise OwnReview
    if review.hidden_at is not None:
        raise IsHidden


def _check_own(review: Review, writer_id: AccountId) -> None:
    if review.writer_id != writer_id:
        raise ReviewNotFound
