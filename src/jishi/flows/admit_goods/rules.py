"""What stands against listing a product. Pure: the caller brings the facts."""

from collections.abc import Sequence

from jishi.flows.admit_goods.types import (
    ConditionMissing,
    ListingLimited,
    ShopClosed,
    ShopNotApproved,
    TakenOff,
)
from jishi.kit.errors import Refusal
from jishi.modules.qualifications.types import QualificationKind, QualificationMissing


def problems(
    *,
    shop_kind: str,
    shop_state: str,
    condition: str | None,
    is_taken_off: bool,
    missing: Sequence[QualificationKind],
) -> list[Refusal]:
    """Every reason, by field; empty: it may be listed."""
    found: list[Refusal] = []
    if shop_state == "preparing":
        found.append(ShopNotApproved())
    if shop_state == "closed":
        found.append(ShopClosed())
    if is_taken_off:
        found.append(TakenOff())
    if shop_kind == "second_hand" and condition is None:
        found.append(ConditionMissing(field="condition"))
    if shop_kind != "plain":
        found += [
            QualificationMissing(
                field="category", name=f"{it.name_zh} · {it.name_en}", permit=it.code
            )
            for it in missing
        ]
    return found


def beyond_limit(asked: Sequence[int], *, listed: int, limit: int | None) -> dict[int, Refusal]:
    """Which of the products asked for, in order, no longer fit under a limit of goods on sale."""
    if limit is None:
        return {}
    room = max(limit - listed, 0)
    return {product_id: ListingLimited(limit=limit) for product_id in asked[room:]}
