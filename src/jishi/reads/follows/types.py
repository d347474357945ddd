"""What lists of things kept show."""

from dataclasses import dataclass
from datetime import datetime

from jishi.kit.ids import ProductId, ShopId


@dataclass(frozen=True, slots=True, kw_only=True)
class Favourite:
    product_id: ProductId
    name: str
    image: str | None
    price_minor: int  # the lowest, now
    then_minor: int  # the lowest when it was favoured
    is_for_sale: bool
    shop_name: str
    added_at: datetime

    @property
    def dropped_minor(self) -> int:
        """How much cheaper it has become; 0 when it has not."""
        return max(0, self.then_minor - self.price_minor) if self.is_for_sale else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedShop:
    shop_id: ShopId
    name: str
    image: str | None
    is_open: bool
    followers: int
    rating_tenths: int | None
    newest: int  # goods listed in the last week, counted to 99
    followed_at: datetime
