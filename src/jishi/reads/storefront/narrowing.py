"""What the lists of the storefront share over HTTP: what a process knows, filters, and their panel."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from litestar import Response

from jishi import web
from jishi.db import Tx
from jishi.modules import search
from jishi.reads.storefront import addresses, finding
from jishi.reads.storefront.cities import Cities
from jishi.reads.storefront.panel import Panel
from jishi.reads.storefront.tree import CategoryTree
from jishi.reads.storefront.types import Facets, Filters, Found
from jishi.web.i18n import translator
from jishi.web.pages import environment, locale_of


def tree_of(request: web.AnyRequest) -> CategoryTree:
    """The process's category tree."""
    state = request.app.state
    if not hasattr(state, "category_tree"):
        state.category_tree = CategoryTree()
    found: CategoryTree = state.category_tree
    return found


def understanding_of(request: web.AnyRequest) -> search.Understanding:
    """What this process knows of words."""
    state = request.app.state
    if not hasattr(state, "understanding"):
        state.understanding = search.Understanding()
    found: search.Understanding = state.understanding
    return found


def recorder_of(request: web.AnyRequest) -> search.Recorder:
    """Where this process notes searches."""
    state = request.app.state
    if not hasattr(state, "search_recorder"):
        state.search_recorder = search.Recorder(web.pool(request))
    found: search.Recorder = state.search_recorder
    return found


def finder_of(request: web.AnyRequest) -> finding.Finder:
    """What this process found a moment ago."""
    state = request.app.state
    if not hasattr(state, "finder"):
        state.finder = finding.Finder()
    found: finding.Finder = state.finder
    return found


def cities_of(request: web.AnyRequest) -> Cities:
    state = request.app.state
    if not hasattr(state, "cities"):
        state.cities = Cities()
    found: Cities = state.cities
    return found


def money_of(locale: str) -> Callable[..., str]:
    """How amounts are written in a language."""
    found: Callable[..., str] = environment(locale).globals["money"]  # type: ignore[assignment]
    return found


def visitor_of(request: web.AnyRequest) -> str:
    """Whom a search is counted for: the account, else where the request came from."""
    me = web.identity(request)
    return str(me.account_id) if me else str(request.client.host if request.client else "")


async def fewer_words(
    tx: Tx, request: web.AnyRequest, asked: search.Asked, filters: Filters
) -> Found | None:
    """What has one of the words, when nothing has all of them; None for a single word, or filters."""
    if len(asked.groups) <= 1 or filters.is_narrow:
        return None
    ways = [way for group in asked.groups for way in group]
    wider = replace(asked, groups=[ways], typed=())
    found = await finder_of(request).find(tx, locale_of(request), wider, filters, None)
    return found if found.items else None


async def placed(tx: Tx, request: web.AnyRequest, filters: Filters) -> Filters:
    """With the city nearness counts from: the one chosen, else of the person's default address."""
    if filters.sort != "near" or filters.city:
        return filters
    me = web.identity(request)
    city = await finding.home_city(tx, me.account_id) if me else None
    return replace(filters, city=city)


async def leveled(tx: Tx, request: web.AnyRequest, filters: Filters) -> Filters:
    """With the level of the category a search is narrowed to; without one that is none."""
    if filters.category_id is None:
        return filters
    found = await tree_of(request).level_of(tx, filters.category_id)
    return replace(filters, category_level=found) if found else replace(filters, category_id=None)


def is_panel(request: web.AnyRequest) -> bool:
    """Whether only the filters are asked for: someone opened them."""
    return web.is_htmx(request) and request.query_params.get("panel") == "1"


async def panel_page(
    request: web.AnyRequest, tx: Tx, path: str, asked: search.Asked | None, filters: Filters
) -> Response[Any]:
    """The rows of the filter panel alone."""
    facets = await finder_of(request).facets(tx, locale_of(request), asked, filters)
    panel = _panel_of(request, path)
    return web.page(
        request,
        "storefront/panel.html",
        path=path,
        pairs=panel.pairs,
        rows=panel.rows(facets, filters),
        spans=panel.spans(facets, filters),
        said=_said(request),
    )


def is_open(request: web.AnyRequest, filters: Filters) -> bool:
    """Whether the panel stands open on a first page: something is chosen, or it is asked for."""
    asked = request.query_params
    return not asked.get("after") and (filters.is_narrow or asked.get("panel") == "1")


async def narrowed(
    request: web.AnyRequest, tx: Tx, path: str, filters: Filters, facets: Facets | None
) -> dict[str, Any]:
    """What the parts of a page need that narrow a list; rows only when the panel stands open."""
    locale, panel = locale_of(request), _panel_of(request, path)
    rows, spans, root = [], [], None
    if facets is not None:
        rows, spans = panel.rows(facets, filters), panel.spans(facets, filters)
    if path == "/search" and filters.category_id is not None:
        place = await tree_of(request).find_page(tx, locale, filters.category_id)
        root = place.above[-1] if place and place.above else None
    return {
        "path": path,
        "pairs": panel.pairs,
        "rows": rows,
        "spans": spans,
        "panel_href": addresses.address(path, [*panel.pairs, ("panel", "1")]),
        "chosen": panel.chosen(filters),
        "chosen_root": root,
        "root_href": addresses.without(path, panel.pairs, "c"),
        "clear_href": addresses.without(path, panel.pairs, *addresses.NARROWING),
        "filters": filters,
        "cities": await cities_of(request).all(tx) if filters.sort == "near" else [],
        "said": _said(request),
    }


def _panel_of(request: web.AnyRequest, path: str) -> Panel:
    locale = locale_of(request)
    count: Callable[..., str] = environment(locale).globals["count"]  # type: ignore[assignment]
    return Panel(
        path,
        list(request.query_params.multi_items()),
        currency=web.settings(request).currency,
        words=translator(locale).gettext,
        money=money_of(locale),
        number=count,
    )


def _said(request: web.AnyRequest) -> dict[str, str]:
    return {key: request.query_params.get(key, "")[:100] for key in ("low", "high")}
