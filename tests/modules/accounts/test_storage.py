"""Accounts, sessions and codes against PostgreSQL."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from asyncpg import CheckViolationError

from jishi import db
from jishi.kit.errors import NotFound
from jishi.kit.ids import AccountId, IdMaker, cell_of
from jishi.modules import accounts
from jishi.modules.accounts import service, service_codes, service_sessions, storage
from jishi.modules.accounts.types import (
    CODE_LIFE,
    IDLE,
    AccountNotFound,
    CodeGone,
    CodeLength,
    CodeWrong,
    Entered,
    LastLogin,
    LoginKind,
    LoginName,
    LoginTaken,
    Purpose,
    SessionNotFound,
    SignInRefused,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECRET = b"s" * 32
_numbers = count(13_900_000_000)


def a_phone() -> str:
    return f"+86{next(_numbers)}"


class Post:
    """Keeps what would have been sent."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    async def __call__(self, tx: db.Tx, **message: Any) -> None:
        self.sent.append(message)

    @property
    def code(self) -> str:
        return str(self.sent[-1]["facts"]["code"])


async def a_person(
    tx: db.Tx, ids: IdMaker, *, phone: str | None = None, **changed: Any
) -> AccountId:
    given = {"name": "Lin", "logins": [phone or a_phone()], "now": NOON}
    return await accounts.open_account(tx, ids, **{**given, **changed})


async def enter(
    tx: db.Tx, ids: IdMaker, name: LoginName, code: str, *, now: datetime = NOON
) -> Any:
    return await service_codes.enter(
        tx, ids, name, code, secret=SECRET, new_name="Guest", locale="en", device="", now=now
    )


async def send(tx: db.Tx, post: Post, name: LoginName, *, now: datetime = NOON) -> None:
    await service_codes.send_code(
        tx, post, Purpose.ENTER, name, secret=SECRET, locale="en", now=now
    )


async def test_an_account_lies_in_the_cell_of_its_id(tx: db.Tx, ids: IdMaker) -> None:
    account_id = await a_person(tx, ids)
    assert await tx.fetchval("SELECT cell FROM account WHERE id = $1", account_id) == cell_of(
        account_id
    )
    assert (await service.get_account(tx, account_id)).name == "Lin"


async def test_a_name_belongs_to_one_account(tx: db.Tx, ids: IdMaker) -> None:
    phone = a_phone()
    first = await a_person(tx, ids, phone=phone)
    with pytest.raises(LoginTaken):
        async with tx.transaction():
            await a_person(tx, ids, phone=phone.removeprefix("+86"))
    assert await accounts.find_by_login(tx, phone) == first


async def test_of_two_who_want_a_name_at_once_one_gets_it(pool: db.Pool, ids: IdMaker) -> None:
    phone = a_phone()

    async def want() -> AccountId | None:
        try:
            async with db.transaction(pool) as tx:
                account_id = await a_person(tx, ids, phone=phone)
                await asyncio.sleep(0.05)  # the other stands at the same row by now
                return account_id
        except LoginTaken:
            return None

    won = [it for it in await asyncio.gather(*[want() for _ in range(6)]) if it]
    assert len(won) == 1
    async with db.reading(pool) as tx:
        assert await accounts.find_by_login(tx, phone) == won[0]


async def test_a_session_opens_only_on_the_password_it_was_checked_against(
    tx: db.Tx, ids: IdMaker
) -> None:
    account_id = await a_person(tx, ids, password_hash="old")
    await accounts.open_session(tx, ids, account_id, password_hash="old", now=NOON)
    await service.change_password(tx, account_id, "new", now=NOON)
    with pytest.raises(SignInRefused):
        await accounts.open_session(tx, ids, account_id, password_hash="old", now=NOON)


async def test_signing_out_everywhere_leaves_no_session(tx: db.Tx, ids: IdMaker) -> None:
    account_id = await a_person(tx, ids)
    for _ in range(3):
        await accounts.open_session(tx, ids, account_id, now=NOON)
    listed = await service_sessions.list_sessions(tx, account_id, now=NOON)
    assert len(listed) == 3
    assert await accounts.end_all_sessions(tx, account_id, but=listed[0].id, now=NOON) == 2
    assert [it.id for it in await service_sessions.list_sessions(tx, account_id, now=NOON)] == [
        listed[0].id
    ]
    assert not await service_sessions.list_sessions(tx, account_id, now=NOON + IDLE)


async def test_another_persons_session_cannot_be_ended(tx: db.Tx, ids: IdMaker) -> None:
    mine, theirs = await a_person(tx, ids), await a_person(tx, ids)
    await accounts.open_session(tx, ids, theirs, now=NOON)
    session = (await service_sessions.list_sessions(tx, theirs, now=NOON))[0]
    with pytest.raises(SessionNotFound):
        await service_sessions.end_session(tx, mine, session.id, now=NOON)


async def test_a_token_stands_in_the_table_as_its_hash_only(tx: db.Tx, ids: IdMaker) -> None:
    account_id = await a_person(tx, ids)
    token = await accounts.open_session(tx, ids, account_id, now=NOON)
    cell, digest = accounts.locate_session(token) or (None, b"")
    assert cell == cell_of(account_id)
    row = await tx.fetchrow(
        "SELECT * FROM session WHERE cell = $1 AND token_hash = $2", cell, digest
    )
    assert row is not None
    assert token not in repr(dict(row))


@pytest.mark.parametrize(
    "token", ["", "zz" + "a" * 43, "00" + "a" * 42, "00" + "é" * 43, "0" * 5000]
)
def test_what_is_no_token_is_nowhere(token: str) -> None:
    assert accounts.locate_session(token) is None


async def test_a_code_opens_an_account_for_a_new_name_and_is_spent(tx: db.Tx, ids: IdMaker) -> None:
    post, name = Post(), LoginName(LoginKind.PHONE, a_phone())
    await send(tx, post, name)
    assert post.sent[0]["channel"] == "sms"
    entered = await enter(tx, ids, name, post.code)
    assert isinstance(entered, Entered)
    assert entered.is_new
    assert isinstance(await enter(tx, ids, name, post.code), CodeGone)


async def test_a_code_of_two_who_know_it_lets_one_in(pool: db.Pool, ids: IdMaker) -> None:
    post, name = Post(), LoginName(LoginKind.PHONE, a_phone())
    async with db.transaction(pool) as tx:
        await send(tx, post, name)

    async def come() -> Any:
        async with db.transaction(pool) as tx:
            return await enter(tx, ids, name, post.code)

    outcomes = await asyncio.gather(*[come() for _ in range(5)])
    assert sum(isinstance(it, Entered) for it in outcomes) == 1
    assert sum(isinstance(it, CodeGone) for it in outcomes) == 4


async def test_five_wrong_tries_void_a_code(tx: db.Tx, ids: IdMaker) -> None:
    post, name = Post(), LoginName(LoginKind.PHONE, a_phone())
    await send(tx, post, name)
    wrong = f"{(int(post.code) + 1) % 10**6:06d}"
    refused = [await enter(tx, ids, name, wrong) for _ in range(5)]
    assert [type(it) for it in refused] == [CodeWrong] * 4 + [CodeGone]
    assert isinstance(await enter(tx, ids, name, post.code), CodeGone)


async def test_a_code_of_wrong_length_costs_no_try(tx: db.Tx, ids: IdMaker) -> None:
    post, name = Post(), LoginName(LoginKind.PHONE, a_phone())
    await send(tx, post, name)
    for _ in range(9):
        assert isinstance(await enter(tx, ids, name, "12"), CodeLength)
    assert isinstance(await enter(tx, ids, name, post.code), Entered)


async def test_a_code_is_too_late_after_five_minutes_and_void_after_the_next(
    tx: db.Tx, ids: IdMaker
) -> None:
    post, name = Post(), LoginName(LoginKind.MAIL, "codes@example.com")
    await send(tx, post, name)
    first = post.code
    assert post.sent[0]["channel"] == "mail"
    assert isinstance(await enter(tx, ids, name, first, now=NOON + CODE_LIFE), CodeGone)
    await send(tx, post, name)
    if first != post.code:
        assert isinstance(await enter(tx, ids, name, first), CodeWrong)
    assert isinstance(await enter(tx, ids, name, post.code), Entered)


async def test_proving_a_name_drops_a_password_set_by_whoever_signed_up_with_it(
    tx: db.Tx, ids: IdMaker
) -> None:
    phone, post = a_phone(), Post()
    squatted = await a_person(tx, ids, phone=phone, password_hash="theirs")
    await accounts.open_session(tx, ids, squatted, now=NOON)
    name = LoginName(LoginKind.PHONE, phone)
    await send(tx, post, name)
    entered = await enter(tx, ids, name, post.code)
    assert entered.account_id == squatted
    assert entered.lost_password
    assert (await service.get_account(tx, squatted)).password_hash is None
    assert len(await service_sessions.list_sessions(tx, squatted, now=NOON)) == 1
    await send(tx, post, name)
    assert not (await enter(tx, ids, name, post.code)).lost_password


async def test_an_unproved_name_leaves_an_account_that_has_a_proved_one(
    tx: db.Tx, ids: IdMaker
) -> None:
    phone, post = a_phone(), Post()
    other = await a_person(tx, ids, phone=phone, password_hash="theirs")
    mail = LoginName(LoginKind.MAIL, "squatter@example.com")
    assert await storage.add_logins(tx, other, [mail], verified_at=NOON, now=NOON)
    name = LoginName(LoginKind.PHONE, phone)
    await send(tx, post, name)
    entered = await enter(tx, ids, name, post.code)
    assert entered.is_new
    assert entered.account_id != other
    assert [it.name for it in await service.logins_of(tx, other)] == [mail]


async def test_a_second_name_is_added_by_its_code_and_by_its_asker_only(
    tx: db.Tx, ids: IdMaker
) -> None:
    mine, theirs, post = await a_person(tx, ids), await a_person(tx, ids), Post()
    name = LoginName(LoginKind.MAIL, "second@example.com")
    await service_codes.send_code(
        tx, post, Purpose.ADD_LOGIN, name, secret=SECRET, locale="en", account_id=mine, now=NOON
    )
    asked = {"secret": SECRET, "now": NOON}
    assert isinstance(
        await service_codes.confirm_login(tx, theirs, name, post.code, **asked), CodeGone
    )
    assert isinstance(await enter(tx, ids, name, post.code), CodeGone)
    assert await service_codes.confirm_login(tx, mine, name, post.code, **asked) is None
    assert {it.name for it in await service.logins_of(tx, mine)} > {name}
    with pytest.raises(LoginTaken):
        await service_codes.check_new_login(tx, theirs, name)


async def test_the_last_name_cannot_be_removed(tx: db.Tx, ids: IdMaker) -> None:
    phone = a_phone()
    account_id = await a_person(tx, ids, phone=phone)
    with pytest.raises(LastLogin):
        await service.remove_login(tx, account_id, LoginName(LoginKind.PHONE, phone))


async def test_a_closed_account_signs_nobody_in_and_frees_its_names(
    tx: db.Tx, ids: IdMaker
) -> None:
    phone = a_phone()
    account_id = await a_person(tx, ids, phone=phone, password_hash="kept")
    await accounts.grant_role(tx, account_id, "operator", now=NOON)
    await accounts.close_account(tx, account_id, owns_shops=False, now=NOON)
    with pytest.raises(SignInRefused):
        await accounts.open_session(tx, ids, account_id, now=NOON)
    with pytest.raises(NotFound):
        await accounts.close_account(tx, account_id, owns_shops=False, now=NOON)
    with pytest.raises(AccountNotFound):
        await accounts.grant_role(tx, account_id, "operator", now=NOON)
    assert await accounts.find_by_login(tx, phone) is None
    assert account_id not in dict(await accounts.list_role_holders(tx, "operator"))
    assert (await service.get_account(tx, account_id)).name == "Lin"


async def test_the_table_refuses_an_id_of_another_cell(tx: db.Tx, ids: IdMaker) -> None:
    with pytest.raises(CheckViolationError, match="account_cell"):
        await tx.execute(
            "INSERT INTO account (cell, id, name, opened_at) VALUES ($1, $2, 'x', $3)",
            7,
            ids.make(8),
            NOON,
        )


async def test_old_sessions_and_codes_are_forgotten(tx: db.Tx, ids: IdMaker) -> None:
    account_id = await a_person(tx, ids)
    await accounts.open_session(tx, ids, account_id, now=NOON - timedelta(days=200))
    await send(tx, Post(), LoginName(LoginKind.PHONE, a_phone()), now=NOON - timedelta(days=200))
    assert await accounts.forget_old(tx, now=NOON) >= 2
    assert await accounts.forget_old(tx, now=NOON) == 0


async def test_names_come_in_one_query(tx: db.Tx, ids: IdMaker) -> None:
    some = [await a_person(tx, ids, name=name) for name in ("Ann", "Bo")]
    assert await accounts.names_of(tx, [*some, AccountId(1)]) == dict(
        zip(some, ["Ann", "Bo"], strict=True)
    )
