"""The JSON API for reading reviews."""

from typing import Any, Final

from litestar import Response, get

from jishi import web
from jishi.kit.errors import NotFound
from jishi.kit.ids import ProductId, ShopId
from jishi.kit.paging import Page
from jishi.reads.reviews import queries
from jishi.reads.reviews.asked import asked_of
from jishi.reads.reviews.types import SHOP_VIEWS, Reviewed, Shown, Summary
from jishi.reads.storefront.queries import image_url
from jishi.web.answer import json
from jishi.web.pages import locale_of

ANY: Final = "all"


@get("/api/v1/products/{product_id:str}/reviews")
async def api_product_reviews(request: web.AnyRequest) -> Response[bytes]:
    """GET …/products/{product_id}/reviews (sort, filter, sku, cursor): 200; 404; 422 for a cursor."""
    product_id, me = ProductId(web.path_id(request, "product_id")), web.identity(request)
    reader_id, cursor = me.account_id if me else None, request.query_params.get("cursor")
    async with web.read(request) as tx:
        if await queries.find_product(tx, locale_of(request), product_id) is None:
            raise NotFound
        summary = await queries.summary_of(tx, product_id)
        found = await queries.list_reviews(
            tx, product_id, asked_of(request), cursor, reader_id=reader_id
        )
    items = [review_json(it) for it in found.items]
    body = {"summary": summary_json(summary), "items": items, "next_cursor": found.next_cursor}
    return json(body)


@get("/api/v1/me/reviews")
async def api_mine(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/me/reviews (cursor): 200 one's own, hidden ones with the reason; 422."""
    me, cursor = web.signed_in(request).account_id, request.query_params.get("cursor")
    async with web.read(request) as tx:
        found = await queries.list_mine(tx, locale_of(request), me, cursor, now=web.now(request))
    return json(_many(found))


@get("/api/v1/me/reviews/waiting")
async def api_waiting(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/me/reviews/waiting (cursor): 200 order lines that may be reviewed; 422."""
    me, cursor = web.signed_in(request).account_id, request.query_params.get("cursor")
    async with web.read(request) as tx:
        locale, now = locale_of(request), web.now(request)
        found = await queries.list_waiting(tx, locale, me, cursor, now=now)
    items = [
        {
            "order_id": str(it.order_id),
            "line": it.line,
            "product_id": str(it.product_id),
            "name": it.name,
            "picture_url": image_url(it.image),
        }
        for it in found.items
    ]
    return json({"items": items, "next_cursor": found.next_cursor})


@get("/api/v1/shops/{shop_id:str}/reviews")
async def api_shop_reviews(request: web.AnyRequest) -> Response[bytes]:
    """GET …/shops/{shop_id}/reviews (view: all, unanswered, poor; cursor): 200; 422 for a cursor."""
    shop_id, cursor = ShopId(web.path_id(request, "shop_id")), request.query_params.get("cursor")
    view = request.query_params.get("view", ANY)
    async with web.read(request) as tx:
        summary = await queries.shop_summary_of(tx, shop_id)
        found = await queries.list_of_shop(
            tx,
            locale_of(request),
            shop_id,
            view if view in SHOP_VIEWS else ANY,
            cursor,
            now=web.now(request),
        )
    rating = {
        "reviews": summary.bought,
        "rating_tenths": summary.rating_tenths,
        "dispatch_tenths": summary.dispatch_tenths,
        "service_tenths": summary.service_tenths,
    }
    return json({"summary": rating, **_many(found)})


def review_json(it: Shown) -> dict[str, Any]:
    """A review as strangers' programs read it. ``name`` is null when nobody is named."""
    return {
        "id": str(it.id),
        "product_id": str(it.product_id),
        "name": it.name or None,
        "verified_purchase": not it.is_imported,
        "imported": it.is_imported,
        "options": it.spec,
        "stars": it.stars,
        "text": it.text,
        "picture_urls": [large for _, large in it.pictures],
        "follow_up": it.follow_up,
        "follow_up_picture_urls": [large for _, large in it.follow_up_pictures],
        "followed_up_at": it.followed_up_at.isoformat() if it.followed_up_at else None,
        "answer": it.answer,
        "helpful_count": it.helpful,
        "unhelpful_count": it.unhelpful,
        "my_vote": it.mine,
        "created_at": it.created_at.isoformat(),
        "edited_at": it.edited_at.isoformat() if it.edited_at else None,
    }


def summary_json(it: Summary) -> dict[str, Any]:
    return {
        "rating_tenths": it.rating_tenths,
        "verified_count": it.bought,
        "imported_count": it.imported,
        "by_stars": {str(stars): count for stars, count in enumerate(it.by_stars, start=1)},
        "by_filter": dict(it.counts),
    }


def _many(found: Page[Reviewed]) -> dict[str, Any]:
    return {"items": [_whole(it) for it in found.items], "next_cursor": found.next_cursor}


def _whole(it: Reviewed) -> dict[str, Any]:
    return {
        **review_json(it.review),
        "product_name": it.product_name,
        "order_id": str(it.order_id) if it.order_id else None,
        "line": it.line,
        "dispatch_stars": it.dispatch_stars,
        "service_stars": it.service_stars,
        "held": it.is_held,
        "hidden_why": it.hidden_why,
        "hidden_note": it.hidden_note,
        "may_edit": it.may_edit,
        "may_follow_up": it.may_follow_up,
        "may_answer": it.may_answer,
    }


routes = [api_product_reviews, api_mine, api_waiting, api_shop_reviews]
