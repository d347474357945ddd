"""What an offer may be, and what it may become. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from jishi.kit.errors import FieldMissing, Refusal
from jishi.kit.ids import SkuId
from jishi.kit.money import in_words
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
    QUOTA_MAX,
    GoodsStay,
    Item,
    ItemsMissing,
    OfferBegun,
    OfferDraft,
    OfferStands,
    PriceNotLower,
    PriceRaised,
    QuotaBelowSold,
    QuotaInvalid,
)


def check_offer(
    draft: OfferDraft, *, now: datetime, prices: Mapping[SkuId, int | None] | None = None
) -> list[Refusal]:
    """Every field of an offer that cannot be made so.

    ``prices`` of an offer that is changed: those that stay are not held against the list price again.
    """
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
        stood = (prices or {}).get(item.sku_id)
        if item.price_minor is None or not (
            item.price_minor == stood or 0 < item.price_minor < item.list_minor
        ):
            refusals.append(PriceNotLower(field=f"price.{item.sku_id}"))
        refusals += _check_pieces(draft.kind, item)
    return refusals


def check_change(before: OfferStands, draft: OfferDraft, *, now: datetime) -> list[Refusal]:
    """Every field of an offer that cannot become so. Source: docs/money/pricing.md.

    Before it begins everything may change but its kind. Once buyers have seen it prices only fall and
    goods only join. Once it runs its start, for whom it is, what it stacks with, how many pieces make a set
    and whether each buyer is limited stay. No quota falls below what it has sold.
    """
    was = before.draft
    assert draft.kind is was.kind
    refusals = check_offer(
        draft, now=now, prices={item.sku_id: item.price_minor for item in was.items}
    )
    if before.is_seen(now):
        refusals += _taken_back(was, draft)
    if before.has_begun(now):
        names = ("starts_at", "announced_at", "audience", "is_exclusive", "pieces")
        refusals += [
            OfferBegun(field=name) for name in names if getattr(draft, name) != getattr(was, name)
        ]
        limited = {item.sku_id: item.per_buyer is not None for item in was.items}
        if any(
            limited.get(item.sku_id, item.per_buyer is not None) != (item.per_buyer is not None)
            for item in draft.items
        ):
            refusals.append(OfferBegun(field="per_buyer"))
    refusals += [
        QuotaBelowSold(field=f"quota.{item.sku_id}", sold=before.taken[item.sku_id])
        for item in draft.items
        if item.quota is not None and item.quota < before.taken.get(item.sku_id, 0)
    ]
    return refusals


def _taken_back(was: OfferDraft, draft: OfferDraft) -> Iterator[Refusal]:
    """What a buyer has seen and would miss."""
    prices = {item.sku_id: item.price_minor for item in draft.items}
    if any(item.sku_id not in prices for item in was.items):
        yield GoodsStay(field="items")
    if was.price_minor is not None and (draft.price_minor or 0) > was.price_minor:
        yield PriceRaised(field="price_minor", before=in_words(was.price_minor))
    for item in was.items:
        now_minor = prices.get(item.sku_id)
        if now_minor is not None and item.price_minor is not None and now_minor > item.price_minor:
            yield PriceRaised(field=f"price.{item.sku_id}", before=in_words(item.price_minor))


def _check_pieces(kind: OfferKind, item: Item) -> list[Refusal]:
    refusals: list[Refusal] = []
    if kind is OfferKind.FLASH and item.quota is None:
        refusals.append(QuotaInvalid(field=f"quota.{item.sku_id}"))
    for name, number in (("quota", item.quota), ("per_buyer", item.per_buyer)):
        if number is not None and not 0 < number <= QUOTA_MAX:
            refusals.append(QuotaInvalid(field=f"{name}.{item.sku_id}"))
    return refusals
