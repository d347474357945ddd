"""Cards drawn once: the same goods stand in list after list, and a card is most of what a page costs."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, cast

from markupsafe import Markup

from jishi.reads.storefront.types import Card
from jishi.web.pages import environment

KEPT: Final = 10_000  # about a kilobyte each


def drawn(locale: str, goods: Sequence[Card], *, in_shop: bool = False) -> list[Markup]:
    """The cards of a list as they stand on the page, for macros ``grid`` and ``cards``."""
    return [_card(locale, card, in_shop) for card in goods]


@lru_cache(maxsize=KEPT)
def _card(locale: str, card: Card, in_shop: bool) -> Markup:  # noqa: FBT001 - part of the key
    macros: Any = environment(locale).get_template("storefront/parts.html").module
    return cast("Markup", macros.card(card, in_shop))
