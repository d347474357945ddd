"""Drafts are cleaned and bounded; the least busy seat answers; reading never goes back."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.kit.ids import AccountId, ConversationId, ShopId
from jishi.modules.messages import Conversation, Draft, Message, MessageKind, Side
from jishi.modules.messages.rules import (
    EXCERPT_MAX,
    checked,
    excerpt,
    is_repeat,
    may_read,
    seat_for,
)
from jishi.modules.messages.types import TEXT_MAX, MessageEmpty, MessageTooLong

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def a_conversation(*, last_id: int, read_id: int) -> Conversation:
    return Conversation(
        id=ConversationId(1),
        shop_id=ShopId(2),
        buyer_id=AccountId(3),
        seat_id=None,
        is_open=True,
        last_id=last_id,
        last_text="",
        last_kind=MessageKind.TEXT,
        last_by=Side.SHOP,
        last_at=NOON,
        buyer_read_id=read_id,
        shop_read_id=0,
        buyer_unread=0,
        shop_unread=0,
        waiting_since=None,
    )


@pytest.mark.parametrize("text", ["", "   ", "\n\t\n"])
def test_nothing_is_no_message(text: str) -> None:
    with pytest.raises(MessageEmpty):
        checked(Draft(kind=MessageKind.TEXT, text=text))


def test_a_message_is_bounded() -> None:
    assert len(checked(Draft(kind=MessageKind.TEXT, text="x" * TEXT_MAX)).text) == TEXT_MAX
    with pytest.raises(MessageTooLong):
        checked(Draft(kind=MessageKind.TEXT, text="x" * (TEXT_MAX + 1)))


def test_a_card_says_nothing_beside() -> None:
    assert checked(Draft(kind=MessageKind.ORDER, subject_id=7, text="hidden")).text == ""


@given(st.text(max_size=500))
def test_an_excerpt_is_one_short_line(text: str) -> None:
    found = excerpt(Draft(kind=MessageKind.TEXT, text=text))
    assert len(found) <= EXCERPT_MAX
    assert "\n" not in found


@given(st.dictionaries(st.integers(1, 99).map(AccountId), st.integers(0, 9), max_size=5))
def test_the_least_busy_seat_answers(seats: dict[AccountId, int]) -> None:
    found = seat_for(seats)
    assert (found is None) == (not seats)
    if found is not None:
        assert seats[found] == min(seats.values())


@given(last=st.integers(0, 99), read=st.integers(0, 99), upto=st.integers(-9, 200))
def test_reading_goes_forward_and_no_further_than_what_was_said(
    last: int, read: int, upto: int
) -> None:
    read = min(read, last)
    after = may_read(a_conversation(last_id=last, read_id=read), Side.BUYER, upto)
    assert read <= after <= last


def a_message(**changes: Any) -> Message:
    made = Message(
        id=1,
        sender=Side.BUYER,
        sender_id=AccountId(3),
        kind=MessageKind.TEXT,
        text="Hello",
        subject_id=None,
        is_cautioned=False,
        sent_at=NOON,
    )
    return replace(made, **changes)


ORDER = {"kind": MessageKind.ORDER, "text": "", "subject_id": 7}
PICTURE = {"kind": MessageKind.PICTURE, "text": "", "subject_id": 7}


def test_a_repeat_says_the_same() -> None:
    words = Draft(kind=MessageKind.TEXT, text="Hello")
    assert is_repeat(a_message(), words, Side.BUYER)
    assert not is_repeat(a_message(), words, Side.SHOP)
    assert not is_repeat(a_message(), replace(words, text="Hi"), Side.BUYER)
    order = Draft(kind=MessageKind.ORDER, subject_id=7)
    assert is_repeat(a_message(**ORDER), order, Side.BUYER)
    assert not is_repeat(a_message(**ORDER), replace(order, subject_id=8), Side.BUYER)


def test_a_picture_sent_again_was_kept_anew() -> None:
    again = Draft(kind=MessageKind.PICTURE, subject_id=8)
    assert is_repeat(a_message(**PICTURE), again, Side.BUYER)
