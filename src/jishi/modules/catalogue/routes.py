"""HTTP for choosing a category; goods themselves are written through flows."""

from typing import Any

from litestar import Response, get

from jishi import web
from jishi.modules.catalogue import choosing
from jishi.web.answer import json, redirect
from jishi.web.pages import locale_of


@get("/categories", include_in_schema=False)
async def get_categories(request: web.AnyRequest) -> Response[Any]:
    """GET /categories (category …, word): to htmx the selects of the product form, 200.

    Opened as a page: 303 to /search, where all categories are.
    """
    if not web.is_htmx(request):
        return redirect("/search")
    asked = request.query_params
    values = [str(value) for value in asked.getall("category", [])]
    word = asked.get("category_word", "")
    async with web.read(request) as tx:
        category_id = await choosing.chosen_category(tx, values)
        levels = await choosing.category_levels(tx, category_id, locale=locale_of(request))
        found = await choosing.find_categories(tx, word, locale=locale_of(request))
    return web.page(
        request, "catalogue/category.html", levels=levels, found=found, word=word, error=""
    )


@get("/api/v1/categories")
async def api_categories(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/categories (parent): 200 {"items": [{id, name_zh, name_en, is_leaf}]}."""
    parent = choosing.read_id(request.query_params.get("parent", ""))
    async with web.read(request) as tx:
        levels = await choosing.children(tx, parent)
    return json({"items": levels})


routes = [get_categories, api_categories]
