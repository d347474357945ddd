"""The words of this module: reviews, drafts, reasons, events, refusals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, OrderId, ProductId, ReviewId, ShopId, SkuId
from jishi.kit.text import mark as _

STARS: Final = (1, 2, 3, 4, 5)
TEXT_MAX: Final = 2000
ANSWER_MAX: Final = 1000
NOTE_MAX: Final = 500
PICTURES_MAX: Final = 9
REVIEW_WITHIN: Final = timedelta(days=180)  # of the end of the order, else of its dispatch
FOLLOW_UP_WITHIN: Final = timedelta(days=180)  # of the review
EDIT_WITHIN: Final = timedelta(days=7)
ANSWER_EDIT_WITHIN: Final = timedelta(days=1)
HELD: Final = "held"  # hidden for this until an operator has looked: the market's words were found
HELD_WORDS_MAX: Final = 20

Pictures = Sequence[Mapping[str, str]]  # {"media_id": "…"}


class Why(StrEnum):
    """Why a review is reported or hidden."""

    ABUSE = "abuse"
    ADVERTISING = "advertising"
    PRIVATE = "private"
    OFF_TOPIC = "off_topic"
    FAKE = "fake"
    ILLEGAL = "illegal"
    OTHER = "other"


WHY_WORDS: Final[Mapping[str, str]] = {
    Why.ABUSE: _("Insults or threats"),
    Why.ADVERTISING: _("Advertising"),
    Why.PRIVATE: _("Someone's private data"),
    Why.OFF_TOPIC: _("Not about these goods"),
    Why.FAKE: _("Not an honest review"),
    Why.ILLEGAL: _("Against the law"),
    Why.OTHER: _("Another reason"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a buyer wrote, as typed; ``rules.checked`` makes it fit to be kept."""

    stars: int
    text: str = ""
    pictures: Pictures = ()
    dispatch_stars: int | None = None
    service_stars: int | None = None
    is_anonymous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """The order line a review is about, as it stands, with the writer's name."""

    order_id: OrderId
    line: int
    shop_id: ShopId
    product_id: ProductId
    sku_id: SkuId
    options: Sequence[str]
    buyer_id: AccountId
    buyer_name: str
    is_delivered: bool  # shipped or completed, and something of this line was shipped
    is_refunded: bool  # all of the line's money went back
    since: datetime | None  # when the time for writing began; None: it has not


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A review from elsewhere: nobody's here, never a verified purchase."""

    external_id: str
    stars: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    id: ReviewId
    shop_id: ShopId
    product_id: ProductId
    sku_id: SkuId | None
    order_id: OrderId | None
    line: int | None
    writer_id: AccountId | None
    writer_name: str
    is_anonymous: bool
    options: Sequence[str]
    stars: int
    dispatch_stars: int | None
    service_stars: int | None
    text: str
    pictures: Pictures
    follow_up: str | None
    follow_up_pictures: Pictures
    followed_up_at: datetime | None
    answer: str | None
    answered_at: datetime | None
    hidden_at: datetime | None
    hidden_why: str | None
    hidden_note: str
    held_words: Sequence[str]
    helpful: int
    unhelpful: int
    open_reports: int
    text_digest: int | None
    created_at: datetime
    edited_at: datetime | None

    @property
    def is_imported(self) -> bool:
        return self.order_id is None

    @property
    def is_held(self) -> bool:
        """Out of sight until an operator has looked at its words; nobody has decided yet."""
        return self.hidden_why == HELD


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What the order of lists is made of, besides the day: docs/reviews.md."""

    is_bought: bool
    detail: int  # points for text, pictures and follow-up, 0 to 400
    helpful: int  # votes by accounts with a history
    unhelpful: int
    pair: int  # earlier reviews of this buyer at this shop within 90 days, 0 to 8
    twins: int  # other reviews of this shop in the same words, 0 to 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewChanged:
    """What every event of this module tells."""

    topic: ClassVar[str]
    review_id: ReviewId
    shop_id: ShopId
    product_id: ProductId
    order_id: OrderId | None
    writer_id: AccountId | None
    stars: int
    occurred_at: datetime

    @property
    def subject_id(self) -> int:
        return self.review_id


class ReviewWritten(ReviewChanged):
    topic: ClassVar[str] = "reviews.written"


class ReviewHeld(ReviewChanged):
    topic: ClassVar[str] = "reviews.held"


class ReviewFollowedUp(ReviewChanged):
    topic: ClassVar[str] = "reviews.followed_up"


class ReviewAnswered(ReviewChanged):
    topic: ClassVar[str] = "reviews.answered"


class ReviewHidden(ReviewChanged):
    topic: ClassVar[str] = "reviews.hidden"


class ReviewShownAgain(ReviewChanged):
    topic: ClassVar[str] = "reviews.shown_again"


class ReviewNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "reviews.not_found"
    text = "There is no such review, or it is not yours."


class NotBought(Refusal):
    kind, code = Kind.NOT_FOUND, "reviews.not_bought"
    text = "Only what you bought can be reviewed, from your own order."


class NotDelivered(Refusal):
    kind, code = Kind.CONFLICT, "reviews.not_delivered"
    text = "You can review this once it has been shipped."


class AllRefunded(Refusal):
    kind, code = Kind.CONFLICT, "reviews.all_refunded"
    text = "All of the money for this went back to you, so it cannot be reviewed."


class TooLate(Refusal):
    kind, code = Kind.CONFLICT, "reviews.too_late"
    text = "The time for this is over: it was {days} days."


class AlreadyReviewed(Refusal):
    kind, code = Kind.CONFLICT, "reviews.already_written"
    text = "You have reviewed this already. Each thing bought takes one review."


class AlreadyFollowedUp(Refusal):
    kind, code = Kind.CONFLICT, "reviews.already_followed_up"
    text = "You have written a follow-up already. Each review takes one."


class AlreadyAnswered(Refusal):
    kind, code = Kind.CONFLICT, "reviews.already_answered"
    text = "This review is answered. An answer can be changed for one day."


class AnsweredMeanwhile(Refusal):
    kind, code = Kind.CONFLICT, "reviews.answered_meanwhile"
    text = "The shop has answered, so the review stays as it is. You can write a follow-up."


class IsHidden(Refusal):
    kind, code = Kind.CONFLICT, "reviews.hidden"
    text = "This review is hidden."


class NotAnswerable(Refusal):
    kind, code = Kind.CONFLICT, "reviews.imported"
    text = "This review was imported; nobody would read an answer."


class OwnReview(Refusal):
    kind, code = Kind.FORBIDDEN, "reviews.own"
    text = "Only others can say whether a review is helpful: neither its writer nor the shop."


class WordRefused(Refusal):
    code, text = (
        "reviews.word_refused",
        "“{word}” may not stand in an answer. Say it without that word.",
    )


class StarsMissing(Refusal):
    code, text = "reviews.stars_missing", "Choose one to five stars."


class WordsMissing(Refusal):
    code, text = "reviews.words_missing", "Write something or add a picture."


class WordsTooLong(Refusal):
    code, text = "reviews.words_too_long", "At most {limit} characters, please; these are {count}."


class TooManyPictures(Refusal):
    code, text = "reviews.too_many_pictures", "At most {limit} pictures, please."


class WhyMissing(Refusal):
    code, text = "reviews.why_missing", "Choose a reason."
