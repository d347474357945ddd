"""The operator's pages, in both languages, and the command."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from jishi import db
from jishi.db import Pool
from jishi.kit.ids import IdMaker
from jishi.modules import accounts
from tests.modules.payments.bill_files import sandbox_bill, sandbox_row
from tests.support.goods import an_account
from tests.support.staff import Person, a_person

NOON = datetime(2033, 5, 5, 4, tzinfo=UTC)
ENDS = datetime(2033, 5, 5, 16, tzinfo=UTC)
HOME = "/operator/reconcile"


async def an_operator(client: httpx.AsyncClient, pool: Pool, ids: IdMaker) -> Person:
    async with db.transaction(pool) as tx:
        account_id = await an_account(tx, ids)
        await accounts.grant_role(tx, account_id, accounts.Role.OPERATOR, now=datetime.now(UTC))
    return await a_person(client, pool, ids, account_id)


def a_bill(ids: IdMaker, count: int = 1) -> bytes:
    rows = [sandbox_row(NOON, ids.make(7), 500) for _ in range(count)]
    return sandbox_bill(rows, net=500 * count, ends_at=ENDS)


async def uploaded(operator: Person, raw: bytes, **data: Any) -> httpx.Response:
    files = {"file": ("bill.csv", raw, "text/csv")}
    return await operator.post(HOME, page=HOME, data=data, files=files)


async def test_a_bill_is_uploaded_looked_at_and_explained(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker
) -> None:
    operator = await an_operator(client, pool, ids)
    assert "Bills of providers" in (await operator.get(HOME)).text
    answer = await uploaded(operator, a_bill(ids), day="2033-05-05")
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"]
    page = (await operator.get(path)).text
    assert "Missing in our books" in page
    (position,) = re.findall(r"differences/(\d+)/explain", page)
    explain = f"{path}/differences/{position}/explain"
    again = await operator.post(explain, page=path, data={"note": " "})
    assert again.status_code == 422
    done = await operator.post(explain, page=path, data={"note": "test money"})
    assert done.status_code == 303
    assert (await operator.post(explain, page=path, data={"note": "x"})).status_code == 409
    page = (await operator.get(f"{path}?state=explained")).text
    assert "test money" in page
    assert "bill.csv" in (await operator.get(HOME)).text


async def test_what_is_no_bill_of_that_day_is_refused_on_the_page(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker
) -> None:
    operator = await an_operator(client, pool, ids)
    other = await uploaded(operator, a_bill(ids), day="2033-05-06")
    assert other.status_code == 422
    assert "it is the bill of 2033-05-05, not of 2033-05-06" in other.text
    assert (await uploaded(operator, b"hello")).status_code == 422
    assert (await uploaded(operator, a_bill(ids), day="soon")).status_code == 422
    assert (await operator.post(HOME, page=HOME, data={"day": ""})).status_code == 422
    assert (await operator.get(f"{HOME}/1")).status_code == 404
    assert (await operator.get(f"{HOME}?after=x")).status_code == 422
    strange = {"provider": "nobody", "day": "2033-05-05"}
    assert (await operator.post(f"{HOME}/fetch", page=HOME, data=strange)).status_code == 404


async def test_pages_read_in_chinese(client: httpx.AsyncClient, pool: Pool, ids: IdMaker) -> None:
    operator = await an_operator(client, pool, ids)
    path = (await uploaded(operator, a_bill(ids))).headers["location"]
    cookie = {"cookie": operator._cookie["cookie"].replace("lang=en", "lang=zh-CN")}
    assert "支付机构账单" in (await client.get(HOME, headers=cookie)).text
    assert "我方账上没有" in (await client.get(path, headers=cookie)).text


async def test_nobody_else_may_look(client: httpx.AsyncClient, pool: Pool, ids: IdMaker) -> None:
    async with db.transaction(pool) as tx:
        account_id = await an_account(tx, ids)
    stranger = await a_person(client, pool, ids, account_id)
    assert (await stranger.get(HOME)).status_code in (403, 404)


def _command(dsn: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "JISHI_DATABASE_URL": dsn, "JISHI_HOME": str(home)}
    command = [sys.executable, "-m", "jishi.cli", "reconcile", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.usefixtures("pool")
def test_the_command_tells_by_its_exit_code(
    database_dsn: str, ids: IdMaker, tmp_path: Path
) -> None:
    bill = tmp_path / "b.csv"
    bill.write_bytes(a_bill(ids, 2))
    said = _command(database_dsn, tmp_path, str(bill), "--json")
    assert said.returncode == 1, said.stderr
    facts = json.loads(said.stdout)
    assert (facts["is_new"], facts["states"]) == (True, {"open": 2})
    assert facts["totals"]["their_paid_minor"] == 1000
    again = _command(database_dsn, tmp_path, str(bill))
    assert "this bill was known" in again.stdout
    other = _command(database_dsn, tmp_path, str(bill), "--day", "2033-05-04")
    assert (other.returncode, "2033-05-05, not of 2033-05-04" in other.stderr) == (2, True)
    bill.write_bytes(sandbox_bill([], net=0, ends_at=datetime(2034, 1, 1, 16, tzinfo=UTC)))
    assert _command(database_dsn, tmp_path, str(bill)).returncode == 0
    for wrong in ([], ["none.csv"], [str(bill), "--day", "soon"], [str(bill), "--provider", "x"]):
        assert _command(database_dsn, tmp_path, *wrong).returncode == 2
