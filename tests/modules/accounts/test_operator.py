"""``jishi operator``: who may use the operator console."""

import argparse

import pytest

from jishi import db
from jishi.commands import operator
from jishi.exits import Stop
from jishi.kit.ids import IdMaker
from jishi.modules import accounts
from tests.support.forms import a_phone


@pytest.fixture
async def phone(pool: db.Pool, ids: IdMaker) -> str:
    number = a_phone()
    async with db.transaction(pool) as tx:
        now = await tx.fetchval("SELECT now()")
        await accounts.open_account(tx, ids, name="Op", logins=[number], now=now)
    return number


async def test_an_operator_is_added_listed_and_removed(database_dsn: str, phone: str) -> None:
    assert await operator._run(database_dsn, "add", phone) == [f"{phone} is an operator now."]
    assert await operator._run(database_dsn, "add", phone) == [f"{phone} is an operator already."]
    assert any(line.endswith("  Op") for line in await operator._run(database_dsn, "list", None))
    assert await operator._run(database_dsn, "remove", phone) == [
        f"{phone} is no operator any more."
    ]


async def test_a_name_nobody_has_is_told_in_a_sentence(database_dsn: str) -> None:
    with pytest.raises(Stop, match="Nobody signs in as"):
        await operator._run(database_dsn, "add", a_phone())


@pytest.mark.parametrize("words", [["operator", "add"], ["operator", "list", "ann@example.com"]])
def test_a_name_too_many_or_too_few_is_wrong_use(words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    operator.add_parser(parser.add_subparsers())
    with pytest.raises(Stop, match="jishi operator add NAME"):
        operator.run(parser.parse_args(words))
