"""The rules in full, by code and version. docs/rules/shops.md says the same, and a test holds them equal."""

from collections.abc import Mapping
from typing import Final

from jishi.kit.text import mark as _

RULE_TEXTS: Final[Mapping[tuple[str, int], str]] = {
    ("late-shipping", 1): _(
        "Paid orders leave within the time the shop promised. An order that is late without the buyer's"
        " consent, or is marked as shipped while no carrier has it, breaks this rule."
    ),
    ("false-goods", 1): _(
        "Goods are what title, pictures and description say: material, size, amount, origin, condition."
        " Used goods are sold as used."
    ),
    ("counterfeit", 1): _(
        "Goods that carry a brand come from who may use it. A shop proves the way they came within the"
        " time to answer."
    ),
    ("missing-permit", 1): _(
        "Goods that need a permit are sold only while the shop holds it. Putting them into another"
        " category to avoid this breaks the rule as well."
    ),
    ("forbidden-goods", 1): _(
        "What the law forbids to sell, or to sell online, is not sold here: weapons, drugs, protected"
        " species, personal data, and whatever else the law names."
    ),
    ("brushed-sales", 1): _(
        "Orders and reviews come from people who bought for themselves. Orders without goods, paid"
        " reviews and rewards for praise break this rule."
    ),
    ("rude-service", 1): _(
        "Buyers are answered civilly. Insults, threats, unwanted calls and pressure to change a review"
        " break this rule."
    ),
    ("false-papers", 1): _("Papers handed in are genuine, valid, and those of who runs the shop."),
}
