"""The list of a shop's goods, as a page and as JSON."""

from typing import Any, Final

from litestar import Response, get

from jishi import web
from jishi.db import Row
from jishi.kit.ids import ShopId
from jishi.kit.paging import PAGE_SIZE, PAGE_SIZE_MAX
from jishi.kit.pictures import picture_src
from jishi.kit.typed import read_whole
from jishi.modules.shops import shop_here
from jishi.reads.goods import queries
from jishi.web.answer import json

STATES: Final = ("listed", "draft", "in_audit", "delisted")


@get("/merchant/{shop_id:str}/goods")
async def get_goods(request: web.AnyRequest) -> Response[Any]:
    """GET …/goods (state, q, after): 200; 422 a broken cursor."""
    here = shop_here(request)
    asked = request.query_params
    word = asked.get("q", "").strip()
    async with web.read(request) as tx:
        counts = await queries.counts_of(tx, here.id)
        state = asked.get("state", "") if asked.get("state") in STATES else _first(counts)
        page = await queries.goods_of(tx, here.id, state, word=word, cursor=asked.get("after"))
    return web.page(
        request,
        "goods/goods.html",
        shop=here,
        state=state,
        counts=counts,
        products=page.items,
        next_cursor=page.next_cursor,
        is_first=not asked.get("after"),
        word=word,
        picture_src=picture_src,
        may_edit=here.role != "warehouse",
    )


@get("/api/v1/shops/{shop_id:str}/products")
async def api_goods(request: web.AnyRequest) -> Response[bytes]:
    """GET …/products (state, q, cursor, limit ≤ 100): 200 {"items", "next_cursor"}."""
    asked = request.query_params
    state = asked.get("state", "") if asked.get("state") in STATES else "listed"
    limit = read_whole(asked.get("limit", "20"))
    size = min(limit, PAGE_SIZE_MAX) if limit > 0 else PAGE_SIZE
    shop_id = ShopId(web.path_id(request, "shop_id"))
    async with web.read(request) as tx:
        page = await queries.goods_of(
            tx, shop_id, state, word=asked.get("q", ""), cursor=asked.get("cursor"), size=size
        )
    return json({"items": [_shown(it) for it in page.items], "next_cursor": page.next_cursor})


def _first(counts: dict[str, int]) -> str:
    """The tab one lands on: what is on sale, or where the goods are."""
    return next((state for state in STATES if counts.get(state)), STATES[0])


def _shown(row: Row) -> dict[str, Any]:
    names = (
        *("title", "title_en", "state", "picture", "price_from_minor", "price_to_minor"),
        *("audit", "version", "updated_at", "skus", "on_hand", "held", "sold", "category_id"),
    )
    return {"id": str(row["id"]), **{name: row[name] for name in names}}


routes = [get_goods, api_goods]
