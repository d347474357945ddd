"""The rules rulings rest on, each with its version. The full text stands in docs/rules/aftersale.md."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from jishi.kit.text import mark as _


@dataclass(frozen=True, slots=True)
class MarketRule:
    code: str
    version: int
    since: date
    title: str  # msgid
    text: str  # msgid


_FIRST: Final = date(2026, 1, 1)
RULES: Final = (
    MarketRule(
        "AS-1",
        1,
        _FIRST,
        _("Goods as described"),
        _("Goods that differ from their page in kind, quality or number are refunded or replaced."),
    ),
    MarketRule(
        "AS-2",
        1,
        _FIRST,
        _("Damage on the way"),
        _("Until the buyer has the goods, damage and loss are the shop's."),
    ),
    MarketRule(
        "AS-3",
        1,
        _FIRST,
        _("Not arrived"),
        _("A shop that cannot prove delivery gives the money back."),
    ),
    MarketRule(
        "AS-4",
        1,
        _FIRST,
        _("Seven days without a reason"),
        _("Unused goods may be returned within the days of their category, freight on the buyer."),
    ),
    MarketRule(
        "AS-5",
        1,
        _FIRST,
        _("Used, worn or made to order"),
        _("What was used beyond trying it, or made for one buyer, is not taken back."),
    ),
    MarketRule(
        "AS-6",
        1,
        _FIRST,
        _("Who says it proves it"),
        _(
            "Who claims a fact shows it by pictures, parcels or messages within the time for evidence."
        ),
    ),
    MarketRule(
        "AS-7",
        1,
        _FIRST,
        _("A part for a part"),
        _("Where goods are kept and are worth less, the part of the price they lack is refunded."),
    ),
    MarketRule(
        "AS-8",
        1,
        _FIRST,
        _("Price protection"),
        _("When the price falls within the promised days, the difference is refunded once."),
    ),
    MarketRule(
        "AS-9",
        1,
        _FIRST,
        _("Silence"),
        _(
            "Who does not answer in time accepts what was asked; the market's silence is the buyer's gain."
        ),
    ),
)
BY_CODE: Final = {rule.code: rule for rule in RULES}
SILENCE: Final = "AS-9"
