"""What stands beside a product or a shop: its rating, first reviews, hearts and followers."""

from typing import Any, Final

from jishi import web
from jishi.db import Tx
from jishi.kit.ids import ProductId, ShopId
from jishi.modules import follows
from jishi.reads.reviews import queries
from jishi.reads.reviews.types import Asked

FIRST: Final = 3  # reviews on a product's own page


async def beside_product(
    tx: Tx, request: web.AnyRequest, product_id: ProductId, shop_id: ShopId
) -> dict[str, Any]:
    me = web.identity(request)
    reader_id = me.account_id if me else None
    summary = await queries.summary_of(tx, product_id)
    first = []
    if summary.total:
        page = await queries.list_reviews(
            tx, product_id, Asked(), None, reader_id=reader_id, size=FIRST
        )
        first = page.items
    is_favourite = reader_id is not None and await follows.has_favourite(tx, reader_id, product_id)
    rated = await queries.shop_summary_of(tx, shop_id)
    return {"summary": summary, "reviews": first, "is_favourite": is_favourite, "rated": rated}


async def beside_shop(tx: Tx, request: web.AnyRequest, shop_id: ShopId) -> dict[str, Any]:
    me = web.identity(request)
    is_followed = me is not None and await follows.follows_shop(tx, me.account_id, shop_id)
    return {
        "rated": await queries.shop_summary_of(tx, shop_id),
        "followers": await follows.followers_of(tx, shop_id),
        "is_followed": is_followed,
    }
