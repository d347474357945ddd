"""What forms and programs send."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from jishi.kit.errors import Kind, Refusal
from jishi.modules.reviews.types import Purchase

FORM_TEXT_MAX: Final = 20_000  # characters read of a text that will be refused for its length
KEPT_MAX: Final = 30  # picture ids read


class ReviewForm(msgspec.Struct, kw_only=True):
    """The form as typed."""

    stars: str = ""
    dispatch_stars: str = ""
    service_stars: str = ""
    text: str = ""
    is_anonymous: str = ""
    kept: list[str] = []


class ReviewBody(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A review as programs write it. ``picture_ids`` were uploaded before, by the same account."""

    stars: int
    text: str = ""
    dispatch_stars: int | None = None
    service_stars: int | None = None
    anonymous: bool = False
    picture_ids: list[str] = []


class FollowUpBody(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    text: str = ""
    picture_ids: list[str] = []


class VoteBody(msgspec.Struct, forbid_unknown_fields=True):
    """``helpful``: true, false, or null to take the vote back."""

    helpful: bool | None


class ReportBody(msgspec.Struct, forbid_unknown_fields=True):
    why: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """A purchase with what its form shows."""

    purchase: Purchase
    title: str
    picture: dict[str, Any] | None
    shop_name: str
    shop_name_en: str


class PictureNotYours(Refusal):
    kind, code = Kind.INVALID, "reviews.picture_not_yours"
    text = "One of these pictures was not uploaded by you for this shop. Add it again."
