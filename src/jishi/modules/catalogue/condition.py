"""In which condition goods are. Each call runs inside the caller's transaction."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from jishi.db import Tx
from jishi.kit.errors import Refusal
from jishi.kit.ids import ProductId, ShopId, cell_of
from jishi.kit.text import mark as _

_SET: Final = """
UPDATE product SET condition = $4 WHERE cell = $1 AND id = $2 AND shop_id = $3
    AND condition IS DISTINCT FROM $4
"""


class Condition(StrEnum):
    NEW = "new"
    LIKE_NEW = "like_new"
    GOOD = "good"
    FAIR = "fair"
    FOR_PARTS = "for_parts"


CONDITION_WORDS: Final[Mapping[str, str]] = {
    Condition.NEW: _("New, unused"),
    Condition.LIKE_NEW: _("Like new"),
    Condition.GOOD: _("Good, small traces of use"),
    Condition.FAIR: _("Fair, clear traces of use"),
    Condition.FOR_PARTS: _("For parts, does not work"),
}


class ConditionUnknown(Refusal):
    code, text = "catalogue.condition_unknown", "Choose one of the conditions."


async def set_condition(
    tx: Tx, shop_id: ShopId, product_id: ProductId, condition: str | None
) -> None:
    """Write it; None: not said, which means new. Raises ConditionUnknown."""
    if condition is not None and condition not in CONDITION_WORDS:
        raise ConditionUnknown(field="condition")
    await tx.execute(_SET, cell_of(product_id), product_id, shop_id, condition)
