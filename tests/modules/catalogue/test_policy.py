"""Words and figures operators set: what goods and talk are measured by."""

from datetime import timedelta

import pytest

from jishi import db
from jishi.kit.ids import AccountId
from jishi.modules import catalogue
from jishi.modules.catalogue import policy
from jishi.modules.catalogue.policy import PolicyInvalid, TooManyWords, WordInvalid
from tests.support.goods import NOW

OPERATOR = AccountId(101 << 14)


async def put(tx: db.Tx, word: str, level: str = "block", place: str = "both") -> None:
    await policy.set_word(tx, word, level, place, operator_id=OPERATOR, now=NOW)


async def found(tx: db.Tx, text: str) -> list[str]:
    return [it.word for it in (await catalogue.talk_words(tx)).found_in(text)]


async def test_a_word_counts_from_its_setting_to_its_taking_back(tx: db.Tx) -> None:
    assert await found(tx, "天蓝蓝的话") == []
    await put(tx, "天蓝蓝", place="talk")
    assert await found(tx, "天 蓝 蓝 的话") == ["天蓝蓝"]
    measured = await policy.policy(tx)
    assert (await policy.goods_words(tx, measured.words_version)).found_in("天蓝蓝") == []
    await policy.drop_word(tx, "天蓝蓝")
    assert await found(tx, "天蓝蓝的话") == []


async def test_a_shipped_word_can_be_let_pass_in_talk_alone(tx: db.Tx) -> None:
    await put(tx, "加微信", level="off", place="talk")
    assert await found(tx, "加微信") == []
    measured = await policy.policy(tx)
    goods = await policy.goods_words(tx, measured.words_version)
    assert [it.word for it in goods.found_in("加微信")] == ["加微信"]


async def test_talk_is_searched_while_the_audit_of_goods_is_off(tx: db.Tx) -> None:
    await tx.execute("UPDATE goods_policy SET is_on = false")
    assert await found(tx, "代开发票") == ["代开发票"]


@pytest.mark.parametrize(
    ("word", "level", "place", "field"),
    [
        ("字", "block", "both", "word"),
        ("*" * 9, "block", "both", "word"),
        ("x" * 61, "block", "both", "word"),
        ("某词", "never", "both", "level"),
        ("某词", "block", "nowhere", "place"),
    ],
)
async def test_a_word_is_refused_by_field(
    tx: db.Tx, word: str, level: str, place: str, field: str
) -> None:
    with pytest.raises(WordInvalid) as refused:
        await put(tx, word, level, place)
    assert refused.value.field == field


async def test_words_of_the_market_are_bounded(tx: db.Tx) -> None:
    await tx.execute(
        "INSERT INTO goods_word (word, level, added_by, added_at)"
        " SELECT 'word ' || n, 'look', 1, $1 FROM generate_series(1, $2) n",
        NOW - timedelta(days=1),
        policy.OWN_MAX,
    )
    with pytest.raises(TooManyWords):
        await put(tx, "one more")
    await put(tx, "word 7", level="off")


async def test_figures_are_refused_by_field(tx: db.Tx) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        await policy.set_policy(tx, catalogue.Policy(jump_low_bp=20_000))
    assert refused.value.field == "jump_low_bp"
