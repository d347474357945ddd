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
    def told(*, is_operator: bool, changed: bool) -> dict[str, object]:
        return {"name": phone, "is_operator": is_operator, "changed": changed}

    ask = operator._run
    assert await ask(database_dsn, "add", phone) == told(is_operator=True, changed=True)
    assert await ask(database_dsn, "add", phone) == told(is_operator=True, changed=False)
    listed = await ask(database_dsn, "list", None)
    assert "Op" in [it["name"] for it in listed["operators"]]
    assert await ask(database_dsn, "remove", phone) == told(is_operator=False, changed=True)


async def test_a_name_nobody_has_is_told_in_a_sentence(database_dsn: str) -> None:
    with pytest.raises(Stop, match="Nobody signs in as"):
        await operator._run(database_dsn, "add", a_phone())


@pytest.mark.parametrize("words", [["operator", "add"], ["operator", "list", "ann@example.com"]])
def test_a_name_too_many_or_too_few_is_wrong_use(words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    operator.add_parser(parser.add_subparsers())
    with pytest.raises(Stop, match="jishi operator add NAME"):
        operator.run(parser.parse_args(words))
