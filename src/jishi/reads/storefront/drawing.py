"""Cards drawn once: the same goods stand in list after list, and a card is most of what a page costs."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, cast

from markupsafe import Markup

from jishi.reads.storefront.types import Card
from jishi.web.i18n import translator
from jishi.web.pages import environment

KEPT: Final = 10_000  # about a kilobyte each


def drawn(locale: str, goods: Sequence[Card], *, in_shop: bool = False) -> list[Markup]:
    """The cards of a list as they stand on the page, for macros ``grid`` and ``cards``."""
    return [_card(locale, card, in_shop) for card in goods]


@lru_cache(maxsize=KEPT)
def _card(locale: str, card: Card, in_shop: bool) -> Markup:  # noqa: FBT001 - part of the key
    product_card = cast("Callable[..., Markup]", environment(locale).globals["product_card_part"])
    return product_card(
        card.name,
        card.price_minor,
        f"/p/{card.id}",
        image=card.image,
        was=card.was_minor,
        why=_why(locale, card, in_shop=in_shop),
        why_icon="clock" if card.is_on_holiday else "truck",
        sold=card.sold_count or None,
        sold_out=not card.is_in_stock,
        from_=card.is_from,
    )


def _why(locale: str, card: Card, *, in_shop: bool) -> str:
    """Its stars, what its shop promises, and the shop; in the shop itself not the shop."""
    words = translator(locale)
    if card.is_on_holiday:
        return words("On holiday")
    found = []
    if card.rating_tenths is not None:
        found.append(f"★ {card.rating_tenths // 10}.{card.rating_tenths % 10}")
    if card.is_freight_free:
        found.append(words("Free delivery"))
    else:
        found.append(words("Ships within {hours} h", hours=card.ship_within_hours))
    if not in_shop:
        found.append(card.shop_name)
    return " · ".join(found)
