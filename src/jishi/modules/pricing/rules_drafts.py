"""What an offer may be. Pure."""

from datetime import datetime

from jishi.kit.errors import FieldMissing, Refusal
from jishi.kit.text import clean
from jishi.modules.pricing.types import OfferKind
from jishi.modules.pricing.types_coupons import (
    TITLE_MAX,
    AmountInvalid,
    NumberInvalid,
    WindowInvalid,
)
from jishi.modules.pricing.types_offers import (
    ITEMS_MAX,
    LONGEST,
    PIECES_MAX,
    Item,
    ItemsMissing,
    OfferDraft,
    PriceNotLower,
    QuotaInvalid,
)

BIGINT_SAFE = 1_000_000_000  # units of a quota


def check_offer(draft: OfferDraft, *, now: datetime) -> list[Refusal]:
    """Every field of an offer that cannot be made so."""
    refusals: list[Refusal] = []
    if not clean(draft.title) or len(draft.title) > TITLE_MAX:
        refusals.append(FieldMissing(field="title"))
    if not 1 <= len(draft.items) <= ITEMS_MAX:
        refusals.append(ItemsMissing(field="items", most=ITEMS_MAX))
    if draft.ends_at <= max(now, draft.starts_at) or (
        draft.kind is not OfferKind.MEMBER and draft.ends_at - draft.starts_at > LONGEST
    ):
        refusals.append(WindowInvalid(field="ends_at"))
    if draft.announced_at > draft.starts_at:
        refusals.append(WindowInvalid(field="announced_at"))
    if draft.kind is OfferKind.N_FOR:
        if draft.pieces is None or not 2 <= draft.pieces <= PIECES_MAX:  # noqa: PLR2004
            refusals.append(NumberInvalid(field="pieces", least=2, most=PIECES_MAX))
        if draft.price_minor is None or draft.price_minor <= 0:
            refusals.append(AmountInvalid(field="price_minor"))
        return refusals
    for item in draft.items:
        refusals += _check_item(draft.kind, item)
    return refusals


def _check_item(kind: OfferKind, item: Item) -> list[Refusal]:
    refusals: list[Refusal] = []
    if item.price_minor is None or not 0 < item.price_minor < item.list_minor:
        refusals.append(PriceNotLower(field=f"price.{item.sku_id}"))
    if kind is OfferKind.FLASH and item.quota is None:
        refusals.append(QuotaInvalid(field=f"quota.{item.sku_id}"))
    for name, number in (("quota", item.quota), ("per_buyer", item.per_buyer)):
        if number is not None and not 0 < number <= BIGINT_SAFE:
            refusals.append(QuotaInvalid(field=f"{name}.{item.sku_id}"))
    return refusals
