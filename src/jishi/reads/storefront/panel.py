"""The panel a list is narrowed in: rows of choices, each a link. Pure."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from jishi.kit.money import format_plain
from jishi.kit.text import mark as _
from jishi.reads.storefront.addresses import Pairs, address, known
from jishi.reads.storefront.types import Chip, Choice, Facets, Filters, Span

Words = Callable[..., str]
SWITCHES: Final = (
    ("stock", "in_stock", _("In stock")),
    ("free", "free_freight", _("Free delivery")),
    ("offer", "on_offer", _("On offer")),
)
CATEGORY, BRAND, ONLY = _("Category"), _("Brand"), _("Only")
FROM, UP_TO = _("{price} and up"), _("up to {price}")
STARS: Final = _("{n} stars and up")
Row = tuple[str, list[Chip]]


class Panel:
    """Rows of (heading, chips) for a list at ``path`` whose address says ``pairs``."""

    def __init__(
        self, path: str, pairs: Pairs, *, currency: str, words: Words, money: Words, number: Words
    ) -> None:
        self.path, self.pairs, self.currency = path, known(pairs), currency
        self.words, self.money, self.number = words, money, number

    def rows(self, facets: Facets, filters: Filters) -> list[Row]:
        """Everything but the price, in the order it is shown."""
        more = "+" if facets.is_more else ""
        found: list[Row] = []
        if len(facets.categories) > 1:
            chips = [self._category(it, more) for it in facets.categories]
            found.append((self.words(CATEGORY), chips))
        if facets.brands:
            found.append((self.words(BRAND), self._several("brand", "", facets.brands, more)))
        for facet in facets.attributes:
            chips = self._several("a", f"{facet.name}:", facet.values, more)
            found.append((facet.name, chips))
        found.append((self.words(ONLY), [*self._switches(facets, filters, more)]))
        return found

    def spans(self, facets: Facets, filters: Filters) -> list[Chip]:
        more = "+" if facets.is_more else ""
        return [self._span(it, filters, more) for it in facets.spans]

    def chosen(self, filters: Filters) -> list[Chip]:
        """Each choice made, its link taking it back; prices as one."""
        found = [self._gone(("brand", it), it) for it in filters.brands]
        for name, value in filters.values:
            found.append(self._gone(("a", f"{name}:{value}"), f"{name}: {value}"))
        if filters.price_from_minor is not None or filters.price_to_minor is not None:
            text = self.span_words(filters.price_from_minor or 0, filters.price_to_minor)
            found.append(Chip(self._without("low", "high"), text, "", is_on=True))
        for key, name, text in SWITCHES:
            if getattr(filters, name):
                found.append(Chip(self._without(key), self.words(text), "", is_on=True))
        if filters.rating:
            found.append(Chip(self._without("rating"), self._stars(filters.rating), "", is_on=True))
        return found

    def span_words(self, low_minor: int, high_minor: int | None) -> str:
        if high_minor is None:
            return self.words(FROM, price=self.money(low_minor))
        if not low_minor:
            return self.words(UP_TO, price=self.money(high_minor))
        return f"{self.money(low_minor)} – {self.money(high_minor)}"

    def _category(self, it: Choice, more: str) -> Chip:
        is_search = self.path == "/search"
        href = self._with("c", it.key) if is_search else f"/c/{it.key}"
        return Chip(href, it.name, self.number(it.found) + more, is_on=False)

    def _several(self, key: str, before: str, values: Sequence[Choice], more: str) -> list[Chip]:
        return [
            Chip(
                self._toggled((key, before + it.key)),
                it.name,
                self.number(it.found) + more,
                it.is_on,
            )
            for it in values
        ]

    def _switches(self, facets: Facets, filters: Filters, more: str) -> Iterable[Chip]:
        for key, name, text in SWITCHES:
            found, is_on = getattr(facets, name), getattr(filters, name)
            if found or is_on or key == "stock":
                href = self._toggled((key, "1"))
                yield Chip(href, self.words(text), self.number(found) + more, is_on)
        for stars, found in ((4, facets.rated_4), (3, facets.rated_3)):
            is_on = filters.rating == stars
            if found or is_on:
                href = self._with("rating", "" if is_on else str(stars))
                yield Chip(href, self._stars(stars), self.number(found) + more, is_on)

    def _stars(self, stars: int) -> str:
        return self.words(STARS, n=stars)

    def _span(self, span: Span, filters: Filters, more: str) -> Chip:
        low = format_plain(span.from_minor, self.currency) if span.from_minor else ""
        high = format_plain(span.to_minor, self.currency) if span.to_minor is not None else ""
        kept = [it for it in self.pairs if it[0] not in {"low", "high"}]
        now = (filters.price_from_minor or 0, filters.price_to_minor)
        return Chip(
            address(self.path, [*kept, ("low", low), ("high", high)]),
            self.span_words(span.from_minor, span.to_minor),
            self.number(span.found) + more,
            is_on=now == (span.from_minor, span.to_minor),
        )

    def _gone(self, pair: tuple[str, str], text: str) -> Chip:
        kept = [it for it in self.pairs if it != pair]
        return Chip(address(self.path, kept), text, "", is_on=True)

    def _toggled(self, pair: tuple[str, str]) -> str:
        kept = [it for it in self.pairs if it != pair]
        return address(self.path, kept if len(kept) < len(self.pairs) else [*kept, pair])

    def _with(self, key: str, value: str) -> str:
        return address(self.path, [*(it for it in self.pairs if it[0] != key), (key, value)])

    def _without(self, *keys: str) -> str:
        return address(self.path, [it for it in self.pairs if it[0] not in keys])
