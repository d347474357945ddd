"""The words of this module: bounds, events, refusals."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, ProductId, ShopId

FAVOURITES_MAX: Final = 2000  # of one account
SHOPS_MAX: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What every event of this module tells; it is about the account."""

    topic: ClassVar[str]
    account_id: AccountId
    occurred_at: datetime

    @property
    def subject_id(self) -> int:
        return self.account_id


@dataclass(frozen=True, slots=True, kw_only=True)
class FavouriteAdded(Kept):
    topic: ClassVar[str] = "follows.favourite_added"
    product_id: ProductId
    price_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FavouriteRemoved(Kept):
    topic: ClassVar[str] = "follows.favourite_removed"
    product_id: ProductId


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopFollowed(Kept):
    topic: ClassVar[str] = "follows.shop_followed"
    shop_id: ShopId


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopUnfollowed(Kept):
    topic: ClassVar[str] = "follows.shop_unfollowed"
    shop_id: ShopId


class FavouritesFull(Refusal):
    kind, code = Kind.CONFLICT, "follows.favourites_full"
    text = "You have {limit} favourites, which is all there is room for. Remove some first."


class ShopsFull(Refusal):
    kind, code = Kind.CONFLICT, "follows.shops_full"
    text = "You follow {limit} shops, the most there can be. Unfollow some first."


class NothingToKeep(Refusal):
    kind, code = Kind.NOT_FOUND, "follows.nothing_to_keep"
    text = "There is no such product or shop."
