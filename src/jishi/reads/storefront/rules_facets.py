"""What a list can be narrowed by: counts from the best matches, made into choices. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from jishi.modules.search.rules import PRICE_EDGES, facet_code
from jishi.modules.search.types import FREE_FREIGHT, IN_STOCK, ON_OFFER, RATED_3, RATED_4
from jishi.reads.storefront.types import Choice, Facet, Facets, Filters, Span

VALUES_SHOWN: Final = 10
ATTRIBUTES_SHOWN: Final = 5
SPANS_SHOWN: Final = 5
Counted = Sequence[Mapping[str, Any]]


def facets_of(rows: Counted, filters: Filters, locale: str, *, window: int) -> Facets:
    """Rows of ``survey``. Counts are exact while all matches fitted into the window."""
    by_kind: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_kind[row["kind"]].append(row)
    total = by_kind["total"][0]["found"] if by_kind["total"] else 0
    signs = {row["code"]: row["found"] for row in by_kind["sign"]}
    brands, attributes = _choices(by_kind["choice"], filters)
    name = "one" if locale == "zh-CN" else "two"
    return Facets(
        total=total,
        is_more=total >= window,
        categories=[
            Choice(str(row["code"]), row[name], row["found"], is_on=False)
            for row in sorted(by_kind["category"], key=lambda it: (-it["found"], it["code"]))
            if row["code"] != filters.category_id
        ][:VALUES_SHOWN],
        spans=spans_of({row["code"]: row["found"] for row in by_kind["price"]}),
        brands=brands,
        attributes=attributes,
        in_stock=signs.get(IN_STOCK, 0),
        free_freight=signs.get(FREE_FREIGHT, 0),
        on_offer=signs.get(ON_OFFER, 0),
        rated_3=signs.get(RATED_3, 0),
        rated_4=signs.get(RATED_4, 0),
    )


def _choices(rows: Counted, filters: Filters) -> tuple[list[Choice], list[Facet]]:
    by_name: dict[str, list[Choice]] = defaultdict(list)
    chosen = {facet_code("", it) for it in filters.brands}
    chosen |= {facet_code(name, value) for name, value in filters.values}
    for row in sorted(rows, key=lambda it: (-it["found"], it["two"])):
        is_on = row["code"] in chosen
        by_name[row["one"]].append(Choice(row["two"], row["two"], row["found"], is_on=is_on))
    brands = by_name.pop("", [])[:VALUES_SHOWN]
    named = sorted(by_name.items(), key=lambda it: -sum(each.found for each in it[1]))
    return brands, [Facet(name, values[:VALUES_SHOWN]) for name, values in named[:ATTRIBUTES_SHOWN]]


def spans_of(bands: Mapping[int, int]) -> list[Span]:
    """At most five price spans that hold about the same number each; from and to in minor units."""
    total = sum(bands.values())
    found: list[Span] = []
    held, start = 0, 0
    for band in sorted(bands):
        if not held:
            start = PRICE_EDGES[band - 1] if band else 0
        held += bands[band]
        is_last = band == max(bands)
        if held * SPANS_SHOWN >= total or is_last:
            end = PRICE_EDGES[band] - 1 if band < len(PRICE_EDGES) and not is_last else None
            found.append(Span(start, end, held))
            held = 0
    return found if len(found) > 1 else []


def widened(filters: Filters) -> list[tuple[str, Filters]]:
    """(facet, the filters without it) of each facet in use whose other choices stay open."""
    found: list[tuple[str, Filters]] = []
    if filters.brands:
        found.append(("brands", replace(filters, brands=())))
    for name in dict.fromkeys(name for name, _ in filters.values):
        rest = tuple(it for it in filters.values if it[0] != name)
        found.append((name, replace(filters, values=rest)))
    if filters.price_from_minor is not None or filters.price_to_minor is not None:
        found.append(("spans", replace(filters, price_from_minor=None, price_to_minor=None)))
    return found


def merged(facets: Facets, wider: Facets, kind: str) -> Facets:
    """``facets`` with the choices of one facet as ``wider`` counted them."""
    if kind == "brands":
        return replace(facets, brands=wider.brands)
    if kind == "spans":
        return replace(facets, spans=wider.spans)
    others = [it for it in facets.attributes if it.name != kind]
    return replace(facets, attributes=[it for it in wider.attributes if it.name == kind] + others)
