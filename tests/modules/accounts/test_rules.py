"""Names, passwords, codes and sessions, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import AccountId
from jishi.modules.accounts import rules
from jishi.modules.accounts.types import (
    FRESH,
    IDLE,
    LIFE,
    LoginInvalid,
    LoginKind,
    LoginName,
    NameInvalid,
    OwnsShops,
    PasswordGuessable,
    PasswordIsName,
    PasswordLong,
    PasswordShort,
    PhoneLength,
    Purpose,
    Session,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PHONE = LoginName(LoginKind.PHONE, "+8613800138000")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800138000", "+8613800138000"),
        (" 138 0013 8000 ", "+8613800138000"),
        ("138-0013-8000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("+8613800138000", "+8613800138000"),
        ("008613800138000", "+8613800138000"),
        ("+44 (20) 7946 0958", "+442079460958"),
        ("Ann@Example.COM", "ann@example.com"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann+shop@例子.中国", "ann+shop@xn--fsqu00a.xn--fiqs8s"),
    ],
)
def test_a_sign_in_name_has_one_spelling(typed: str, kept: str) -> None:
    assert rules.parse_login(typed).value == kept


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("", LoginInvalid),
        ("ann", LoginInvalid),
        ("ann@", LoginInvalid),
        ("@example.com", LoginInvalid),
        ("ann@localhost", LoginInvalid),
        ("ann@@example.com", LoginInvalid),
        ("a b@example.com", LoginInvalid),
        ("ann@exa_mple.com", LoginInvalid),
        ("ann@10.0.0.1", LoginInvalid),
        ("ann@" + "a" * 250 + ".com", LoginInvalid),
        ("1380013", PhoneLength),
        ("138001380001", PhoneLength),
        ("12800138000", LoginInvalid),
        ("+86 1380013800", LoginInvalid),
        ("+12", LoginInvalid),
        ("' OR 1=1", LoginInvalid),
    ],
)
def test_what_is_no_sign_in_name_is_refused(typed: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as told:
        rules.parse_login(typed)
    assert told.value.field == "login"


def test_a_short_number_is_told_by_how_much() -> None:
    with pytest.raises(PhoneLength) as told:
        rules.parse_login("1380013")
    assert told.value.facts == {"need": 11, "has": 7}


@given(some.text(max_size=300))
def test_any_text_is_a_name_or_refused(typed: str) -> None:
    try:
        once = rules.parse_login(typed)
    except Refusal:
        return
    assert rules.parse_login(once.value) == once


def test_a_masked_name_does_not_give_itself_away() -> None:
    assert rules.masked(PHONE) == "138****8000"
    assert rules.masked(LoginName(LoginKind.MAIL, "lin@example.com")) == "li***@example.com"
    assert rules.masked(LoginName(LoginKind.MAIL, "l@example.com")) == "l***@example.com"


@pytest.mark.parametrize(
    ("_case", "password", "refusal"),
    [
        ("seven", "x7!kq2z", PasswordShort),
        ("too long", "x7!k" * 40, PasswordLong),
        ("the name", "Lin Zhixia", PasswordIsName),
        ("the number as typed", "13800138000", PasswordIsName),
        ("first part of the mail", "lin.zhixia", PasswordIsName),
        ("common", "Password1", PasswordGuessable),
        ("one character", "aaaaaaaaaa", PasswordGuessable),
        ("a run", "12345678", PasswordGuessable),
        ("a run backwards", "87654321", PasswordGuessable),
        ("the keyboard", "qwertyuiop", PasswordGuessable),
    ],
)
def test_a_weak_password_is_refused(_case: str, password: str, refusal: type[Refusal]) -> None:
    known = ["Lin Zhixia", "+8613800138000", "lin.zhixia@example.com"]
    with pytest.raises(refusal):
        rules.check_password(password, known=known)


def test_a_phrase_is_a_good_password() -> None:
    rules.check_password("four plain old words", known=["Lin"])
    rules.check_password("一二三四五六七八九", known=[])


def test_a_draft_names_every_wrong_field_at_once() -> None:
    with pytest.raises(Refusals) as told:
        rules.draft_account("", ["nobody"], "short")
    assert [it.field for it in told.value.items] == ["name", "login", "password"]


def test_a_name_is_cleaned_and_bounded() -> None:
    assert rules.parse_name("  林\u200b知夏\n ") == "林 知夏"
    with pytest.raises(NameInvalid):
        rules.parse_name("x" * 41)


def test_the_same_code_is_kept_differently_for_each_name_and_purpose() -> None:
    kept = {
        rules.code_digest(secret, purpose, name, "123456")
        for secret in (b"one", b"two")
        for purpose in Purpose
        for name in (PHONE, LoginName(LoginKind.PHONE, "+8613800138001"))
    }
    assert len(kept) == 8


def test_a_code_may_be_typed_with_spaces_and_wide_digits() -> None:
    assert rules.parse_code(" 123 ４５６ ") == "123456"
    assert rules.parse_code("12345678") == "1234567"


def a_session(**changed: object) -> Session:
    plain = Session(
        id=1,
        account_id=AccountId(1),
        device="",
        is_api=False,
        by_code=True,
        opened_at=NOON,
        used_at=NOON,
        expires_at=NOON + LIFE,
    )
    return replace(plain, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("_case", "session", "later", "live"),
    [
        ("at once", a_session(), timedelta(0), True),
        ("just in time", a_session(), IDLE - timedelta(seconds=1), True),
        ("idle to the instant", a_session(), IDLE, False),
        ("used, but too old", a_session(used_at=NOON + LIFE), LIFE, False),
    ],
)
def test_a_session_ends_by_idling_and_by_age(
    _case: str, session: Session, later: timedelta, live: object
) -> None:
    assert rules.is_live(session, now=NOON + later) is live


def test_a_fresh_code_stands_for_the_old_password() -> None:
    assert rules.may_set_password_freely(a_session(), now=NOON + FRESH - timedelta(seconds=1))
    assert not rules.may_set_password_freely(a_session(), now=NOON + FRESH)
    assert not rules.may_set_password_freely(a_session(by_code=False), now=NOON)


def test_an_owner_of_a_shop_cannot_close_the_account() -> None:
    with pytest.raises(OwnsShops):
        rules.check_closing(owns_shops=True)
    rules.check_closing(owns_shops=False)


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari · iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/130.0 Safari/537.36 Edg/130.0",
            "Edge · Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) Chrome/130.0 Mobile MicroMessenger/8.0",
            "WeChat · Android",
        ),
        ("", ""),
    ],
)
def test_a_device_is_told_in_a_few_words(agent: str, device: str) -> None:
    assert rules.device_of(agent) == device
