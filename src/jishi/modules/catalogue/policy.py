"""What goods and talk are measured by: figures and words that operators set. Inside the caller's transaction.

Keeps ``goods_policy`` and ``goods_word``.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from jishi.db import Row, Tx
from jishi.kit.errors import Refusal
from jishi.kit.ids import AccountId
from jishi.modules.catalogue import moderation
from jishi.modules.catalogue.audit_rules import Policy
from jishi.modules.catalogue.moderation import Matcher, OwnWord

LEVELS: Final = ("block", "look", "off")
PLACES: Final = (moderation.GOODS, moderation.TALK, "both")
# Figure → least and most.
LIMITS: Final[Mapping[str, tuple[int, int]]] = {
    "picture_side_min": (0, 4_000),
    "picture_shops_max": (1, 1_000),
    "jump_low_bp": (0, 10_000),
    "jump_high_bp": (10_000, 10_000_000),
    "median_low_bp": (0, 10_000),
    "median_high_bp": (10_000, 10_000_000),
}

_POLICY: Final = "SELECT * FROM goods_policy"
_SET_POLICY: Final = """
UPDATE goods_policy SET (is_on, picture_side_min, picture_shops_max, jump_low_bp, jump_high_bp, median_low_bp,
    median_high_bp) = ($1, $2, $3, $4, $5, $6, $7)
"""
_VERSION: Final = "SELECT words_version FROM goods_policy"
_WORDS: Final = "SELECT word, level, place, added_at FROM goods_word ORDER BY word"
_SET_WORD: Final = """
INSERT INTO goods_word (word, level, place, added_by, added_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (word) DO UPDATE SET (level, place, added_by, added_at)
    = (excluded.level, excluded.place, excluded.added_by, excluded.added_at)
"""
_DROP_WORD: Final = "DELETE FROM goods_word WHERE word = $1"
_COUNT: Final = "SELECT count(*) FROM goods_word WHERE word <> $1"
# Another number every time, also after a change that was taken back: matchers are kept by it.
_WORDS_CHANGED: Final = "UPDATE goods_policy SET words_version = (random() * 2000000000)::int"
OWN_MAX: Final = 2_000


class WordInvalid(Refusal):
    code, text = "catalogue.word_invalid", "Write a word of {least} to {limit} characters."


class TooManyWords(Refusal):
    code, text = "catalogue.too_many_words", "At most {limit} words of your own."


class PolicyInvalid(Refusal):
    code, text = "catalogue.policy_invalid", "Write a number from {least} to {limit}."


_matchers: dict[str, tuple[int, Matcher]] = {}  # by place, with the version of the words


async def policy(tx: Tx) -> Policy:
    row = dict(await tx.fetchrow(_POLICY) or {})
    row.pop("one", None)
    return Policy(**row)


async def set_policy(tx: Tx, wanted: Policy) -> None:
    """Raises PolicyInvalid by field."""
    for name, (least, limit) in LIMITS.items():
        if not least <= getattr(wanted, name) <= limit:
            raise PolicyInvalid(field=name, least=least, limit=limit)
    await tx.execute(_SET_POLICY, wanted.is_on, *(getattr(wanted, name) for name in LIMITS))


async def goods_words(tx: Tx, version: int) -> Matcher:
    """What goods may not carry; ``version``: of the policy read in this transaction."""
    return await _matcher(tx, moderation.GOODS, version)


async def talk_words(tx: Tx) -> Matcher:
    """What reviews and chat may not carry, or only after a look; also while the audit of goods is off."""
    return await _matcher(tx, moderation.TALK, await tx.fetchval(_VERSION))


async def _matcher(tx: Tx, place: str, version: int) -> Matcher:
    """Made once per process, place and version of the words."""
    kept = _matchers.get(place)
    if kept is None or kept[0] != version:
        own = [OwnWord(it["word"], it["level"], it["place"]) for it in await tx.fetch(_WORDS)]
        kept = _matchers[place] = (version, moderation.matcher_of(own, place))
    return kept[1]


async def list_words(tx: Tx) -> list[Row]:
    """The market's own words: word, level, place, added_at; at most ``OWN_MAX``."""
    return list(await tx.fetch(_WORDS))


async def set_word(
    tx: Tx, word: str, level: str, place: str, *, operator_id: AccountId, now: datetime
) -> str:
    """Put a word over the shipped ones: it as kept. Raises WordInvalid, TooManyWords."""
    plain = moderation.spaced(word)
    limits = {"least": moderation.WORD_MIN, "limit": moderation.WORD_MAX}
    if not moderation.WORD_MIN <= len(plain) <= moderation.WORD_MAX:
        raise WordInvalid(field="word", **limits)
    if level not in LEVELS or place not in PLACES:
        raise WordInvalid(field="level" if level not in LEVELS else "place", **limits)
    if await tx.fetchval(_COUNT, plain) >= OWN_MAX:
        raise TooManyWords(field="word", limit=OWN_MAX)
    await tx.execute(_SET_WORD, plain, level, place, operator_id, now)
    await tx.execute(_WORDS_CHANGED)
    return plain


async def drop_word(tx: Tx, word: str) -> str:
    """Take one back, so that the shipped one counts again if there is one."""
    plain = moderation.spaced(word)
    await tx.execute(_DROP_WORD, plain)
    await tx.execute(_WORDS_CHANGED)
    return plain
