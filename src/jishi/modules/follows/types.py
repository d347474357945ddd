"""The words of this module: bounds, events, refusals."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, ProductId, ShopId

FAVOURITES_MAX: Final = 2000  # of one account
SHOPS_MAX: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class FavouriteAdded:
    topic: ClassVar[str] = "follows.favourite_added"
    account_id: AccountId
    product_id: ProductId
    price_minor: int
    occurred_at: datetime

    @property
    def subject_id(self) -> int:
        return self.account_id


@dataclass(frozen=True, slots=True, kw_only=True)
class FavouriteRemoved:
    topic: ClassVar[str] = "follows.favourite_removed"
    account_id: AccountId
    product_id: ProductId
    occurred_at: datetime

    @property
    def subject_id(self) -> int:
        return self.account_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopFollowed:
    topic: ClassVar[str] = "follows.shop_followed"
    account_id: AccountId
    shop_id: ShopId
    occurred_at: datetime

    @property
    def subject_id(self) -> int:
        return self.account_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopUnfollowed:
    topic: ClassVar[str] = "follows.shop_unfollowed"
    account_id: AccountId
    shop_id: ShopId
    occurred_at: datetime

    @property
    def subject_id(self) -> int:
        return self.account_id


class FavouritesFull(Refusal):
    kind, code = Kind.CONFLICT, "follows.favourites_full"
    text = "You have {limit} favourites, which is all there is room for. Remove some first."


class ShopsFull(Refusal):
    kind, code = Kind.CONFLICT, "follows.shops_full"
    text = "You follow {limit} shops, which is as many as can be. Unfollow some first."


class NothingToKeep(Refusal):
    kind, code = Kind.NOT_FOUND, "follows.nothing_to_keep"
    text = "There is no such product or shop."
