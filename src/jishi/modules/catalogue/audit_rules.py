"""What the automatic rules find in a product before it is sold. Pure; docs/rules/goods.md publishes it.

Each finding has a code that stays. Level ``block`` refuses, ``look`` hands the product to people. What
people let pass once is not asked again: see ``unseen``.
"""

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from jishi.kit.errors import Refusal
from jishi.kit.text import mark as _
from jishi.modules.catalogue.moderation import LIST_VERSION, Matcher, spaced
from jishi.modules.catalogue.versions import Snapshot

RULES_VERSION: Final = f"1/{LIST_VERSION}"
MEDIAN_GOODS_MIN: Final = 50  # fewer goods of a category say nothing about its prices
BP: Final = 10_000

BLOCK, LOOK = "block", "look"
# code → level and words
RULES: Final[Mapping[str, tuple[str, str]]] = {
    "word.block": (BLOCK, _("“{word}” may not stand in goods.")),
    "word.look": (LOOK, _("“{word}” is looked at by a person.")),
    "picture.missing": (BLOCK, _("There is no picture.")),
    "picture.small": (BLOCK, _("Picture {n} is {width} × {height} points; at least {least} each way.")),
    "picture.shared": (LOOK, _("Picture {n} is used by {shops} other shops.")),
    "attributes.unnamed": (BLOCK, _("There are several SKUs but no attribute tells them apart.")),
    "attributes.alike": (BLOCK, _("The values {first} and {second} of {name} are the same word.")),
    "attributes.size": (LOOK, _("Clothes and shoes are sold by size; no attribute names it.")),
    "price.jump": (LOOK, _("The price goes from {old} to {new}.")),
    "price.unusual": (LOOK, _("The price of {new} is far from {old}, which is usual in this category.")),
}  # fmt: skip
# Subtrees of the category list whose goods come in sizes, by code.
SIZED: Final = ("aa-1", "aa-8")  # clothing, shoes
SIZE_NAMES: Final = ("size", "尺码", "尺寸", "码", "身高", "鞋码", "型号", "规格")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is measured by; operators change it."""

    is_on: bool = True
    picture_side_min: int = 300
    picture_shops_max: int = 3
    jump_low_bp: int = 3_000
    jump_high_bp: int = 30_000
    median_low_bp: int = 3_000
    median_high_bp: int = 30_000
    words_version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFacts:
    width: int
    height: int
    other_shops: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known about a product besides itself. ``former``: as it was last on sale."""

    former: Snapshot | None = None
    category_code: str = ""
    median_minor: int | None = None
    pictures: Mapping[str, PictureFacts] = dataclasses.field(default_factory=dict)  # by media id


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """``field`` is the form's; ``facts`` fill the words, amounts in minor units."""

    code: str
    field: str
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def level(self) -> str:
        return RULES[self.code][0]

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "field": self.field, "facts": dict(self.facts)}


class WordBlocked(Refusal):
    code, text = "audit.word_blocked", RULES["word.block"][1]


class PictureTooSmall(Refusal):
    code, text = "audit.picture_small", RULES["picture.small"][1]


class PictureLacking(Refusal):
    code, text = "audit.picture_missing", RULES["picture.missing"][1]


class SkusUnnamed(Refusal):
    code, text = "audit.attributes_unnamed", RULES["attributes.unnamed"][1]


class ValuesAlike(Refusal):
    code, text = "audit.attributes_alike", RULES["attributes.alike"][1]


_REFUSALS: Final[Mapping[str, type[Refusal]]] = {
    "word.block": WordBlocked,
    "picture.small": PictureTooSmall,
    "picture.missing": PictureLacking,
    "attributes.unnamed": SkusUnnamed,
    "attributes.alike": ValuesAlike,
}


def refusals_of(found: Sequence[Finding]) -> tuple[Refusal, ...]:
    """The findings that block, as what the merchant is told."""
    return tuple(
        _REFUSALS[it.code](field=it.field, **it.facts) for it in found if it.level == BLOCK
    )


def findings(
    target: Snapshot, facts: Facts, words: Matcher, policy: Policy, *, only_prices: bool = False
) -> list[Finding]:
    """Everything the rules say to ``target``, blocks first; nothing while the policy is off.

    ``only_prices``: nothing else of it changes.
    """
    if not policy.is_on:
        return []
    found = list(_prices(target, facts, policy))
    if not only_prices:
        found = [
            *_words(target, words),
            *_pictures(target, facts.pictures, policy),
            *_attributes(target, facts.category_code),
            *found,
        ]
    return sorted(found, key=lambda it: it.level != BLOCK)


def newcomer_findings(target: Snapshot, words: Matcher) -> list[Finding]:
    """What is asked of goods that come on sale in bulk from elsewhere: their words and attributes.

    Pictures and prices are not: they were sold with them before, and the market has none to compare.
    """
    return [*_words(target, words), *_attributes(target, "")]


def unseen(found: Sequence[Finding], approved: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Without what people let pass in this product before, word for word."""
    known = {json.dumps(it, sort_keys=True, ensure_ascii=False) for it in approved}
    return [
        it
        for it in found
        if it.level == BLOCK
        or json.dumps(it.as_json(), sort_keys=True, ensure_ascii=False) not in known
    ]


def _words(target: Snapshot, words: Matcher) -> Iterable[Finding]:
    texts = [(name, target[name]) for name in ("title", "title_en", "brand", "description")]
    for at, it in enumerate(target["attributes"]):
        texts.append((f"attributes[{at}].name", it["name"]))
        texts.append((f"attributes[{at}].values", " / ".join(it["values"])))
    for name, text in texts:
        for word in words.found_in(text):
            yield Finding(code=f"word.{word.level}", field=name, facts={"word": word.word})


def _pictures(
    target: Snapshot, known: Mapping[str, PictureFacts], policy: Policy
) -> Iterable[Finding]:
    if not target["pictures"]:
        yield Finding(code="picture.missing", field="pictures")
    least = policy.picture_side_min
    for at, picture in enumerate(target["pictures"], 1):
        its = known.get(str(picture.get("media_id", "")))
        if its is None:
            continue  # demo artwork
        if min(its.width, its.height) < least:
            size = {"n": at, "width": its.width, "height": its.height, "least": least}
            yield Finding(code="picture.small", field="pictures", facts=size)
        if its.other_shops >= policy.picture_shops_max:
            shops = {"n": at, "shops": its.other_shops}
            yield Finding(code="picture.shared", field="pictures", facts=shops)


def _attributes(target: Snapshot, category_code: str) -> Iterable[Finding]:
    attributes = target["attributes"]
    if len(target["skus"]) > 1 and not attributes:
        yield Finding(code="attributes.unnamed", field="attributes")
    for at, it in enumerate(attributes):
        seen: dict[str, str] = {}
        for value in it["values"]:
            first = seen.setdefault(spaced(value) or value, value)
            if first != value:
                alike = {"name": it["name"], "first": first, "second": value}
                yield Finding(
                    code="attributes.alike", field=f"attributes[{at}].values", facts=alike
                )
    is_sized = any(category_code == it or category_code.startswith(it + "-") for it in SIZED)
    names = " ".join(spaced(it["name"]) for it in attributes)
    if is_sized and len(target["skus"]) > 1 and not any(it in names for it in SIZE_NAMES):
        yield Finding(code="attributes.size", field="attributes")


def _prices(target: Snapshot, facts: Facts, policy: Policy) -> Iterable[Finding]:
    former = facts.former["skus"] if facts.former else {}
    on = {key: it for key, it in target["skus"].items() if it["enabled"]}
    for key, sku in on.items():
        before = former.get(key)
        new = sku["price_minor"]
        if before is None:
            continue
        old = before["price_minor"]
        if is_jump(old, new, policy.jump_low_bp, policy.jump_high_bp):
            moved = {"old": old, "new": new, "sku": " · ".join(json.loads(key))}
            yield Finding(code="price.jump", field="skus", facts=moved)
    if facts.median_minor is None or former or not on:
        return
    lowest = min(it["price_minor"] for it in on.values())
    if is_jump(facts.median_minor, lowest, policy.median_low_bp, policy.median_high_bp):
        far = {"old": facts.median_minor, "new": lowest}
        yield Finding(code="price.unusual", field="skus", facts=far)


def is_jump(old_minor: int, new_minor: int, low_bp: int, high_bp: int) -> bool:
    """Whether a price leaves the band around the other, whose ends still belong to it."""
    return not low_bp * old_minor <= new_minor * BP <= high_bp * old_minor
