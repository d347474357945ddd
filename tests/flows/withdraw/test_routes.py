"""Withdrawals and bank accounts over HTTP: who may, what is refused, pages in both languages."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from jishi import db
from jishi.db import Pool, transaction
from jishi.flows import withdraw
from jishi.kit.ids import IdMaker, ShopId
from jishi.modules import accounts
from jishi.modules.payouts import BankAccountId, Limits, service
from tests.support.makers import NOON, Town, a_town
from tests.support.payouts import Bank, asked, carry, earned, wish
from tests.support.persons import Person, a_person

pytestmark = pytest.mark.usefixtures("sound")
_TOKEN = re.compile(r'name="_csrf" value="([^"]+)"')


class Stall:
    """A shop with earned money, its owner and manager, a stranger; the bank is the test's."""

    def __init__(self, town: Town, people: dict[str, Person], bank: Bank) -> None:
        self.town, self.people, self.bank = town, people, bank
        self.shop_id: ShopId = town.shops[0]

    async def api(
        self, who: str, method: str, path: str, body: Any = None, **headers: str
    ) -> httpx.Response:
        person = self.people[who]
        headers = {"authorization": f"Bearer {person.token}", **headers}
        return await person.client.request(
            method, f"/api/v1/shops/{self.shop_id}{path}", json=body, headers=headers
        )

    async def get(self, who: str, path: str, lang: str = "en") -> httpx.Response:
        person = self.people[who]
        cookie = f"jishi_session={person.token}; lang={lang}"
        return await person.client.get(path, headers={"cookie": cookie})

    async def post(self, who: str, path: str, **form: object) -> httpx.Response:
        page = await self.get(who, f"/merchant/{self.shop_id}/funds/payouts")
        found = _TOKEN.search(page.text)
        assert found
        cookie = f"jishi_session={self.people[who].token}; lang=en"
        headers = {"cookie": cookie, "x-csrf-token": found[1]}
        path = f"/merchant/{self.shop_id}/funds{path}"
        return await self.people[who].client.post(path, data=form, headers=headers)


@pytest.fixture
async def stall(client: httpx.AsyncClient, app: Any, pool: Pool, ids: IdMaker) -> Any:
    bank = Bank()
    before, app.state.payout_provider = app.state.payout_provider, bank
    town = await a_town(pool, ids, shops=1, fee_bp=0, price_minor=100_000)
    async with transaction(pool) as tx:
        for _ in range(3):
            await earned(tx, ids, town, pieces=30)
    people = {
        "owner": await a_person(client, pool, ids, owner=town.shops[0]),
        "manager": await a_person(client, pool, ids, manager=town.shops[0]),
        "clerk": await a_person(client, pool, ids, clerk=town.shops[0]),
        "stranger": await a_person(client, pool, ids),
    }
    yield Stall(town, people, bank)
    app.state.payout_provider = before


async def proved(stall: Stall, pool: Pool) -> str:
    """An account of the shop, proved over the API."""
    body = {"holder": "Harbour Tea", "bank": "A Bank", "number": "6222 0202 0000 1234"}
    made = await stall.api("owner", "POST", "/bank-accounts", body)
    assert made.status_code == 201, made.text
    assert "62220202" not in made.text.replace(" ", "")
    account_id = str(made.json()["id"])
    async with transaction(pool) as tx:
        await service.save_tests(tx, [(BankAccountId(int(account_id)), "testing", "", None)])
    wrong = await stall.api(
        "owner", "POST", f"/bank-accounts/{account_id}/prove", {"amount_minor": 1}
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "payouts.proof_wrong")
    stall.bank.silent = True
    silent = await stall.api(
        "owner", "POST", f"/bank-accounts/{account_id}/prove", {"amount_minor": 1}
    )
    assert (silent.status_code, silent.json()["code"]) == (503, "payouts.bank_silent")
    stall.bank.silent = False
    right = await stall.api(
        "owner", "POST", f"/bank-accounts/{account_id}/prove", {"amount_minor": 37}
    )
    assert (right.json()["state"], right.json()["tries_left"]) == ("verified", 3)
    return account_id


async def test_a_withdrawal_over_the_api(stall: Stall, pool: Pool) -> None:
    account_id = await proved(stall, pool)
    assert (await stall.api("manager", "POST", "/bank-accounts", {})).status_code == 403
    figures = (await stall.api("manager", "GET", "/withdrawable")).json()
    assert figures["withdrawable_minor"] == 9_000_000
    funds = (await stall.api("manager", "GET", "/funds")).json()
    assert funds["withdrawable_minor"] == 9_000_000
    body = {"amount_minor": 6_000_000, "account_id": account_id}
    assert (await stall.api("owner", "POST", "/withdrawals", body)).status_code == 422  # no key
    first = await stall.api("owner", "POST", "/withdrawals", body, **{"idempotency-key": "k1"})
    assert (first.status_code, first.json()["state"]) == (201, "asked")
    again = await stall.api("owner", "POST", "/withdrawals", body, **{"idempotency-key": "k1"})
    assert again.json()["id"] == first.json()["id"]
    one = f"/withdrawals/{first.json()['id']}"
    same = await stall.api("owner", "POST", f"{one}/approve")
    assert (same.status_code, same.json()["code"]) == (403, "payouts.same_person")
    assert (await stall.api("clerk", "POST", f"{one}/approve")).status_code == 403
    assert (await stall.api("stranger", "GET", one)).status_code == 404
    assert (await stall.api("manager", "POST", f"{one}/approve")).json()["state"] == "approved"
    more = await stall.api(
        "owner",
        "POST",
        "/withdrawals",
        {**body, "amount_minor": 3_000_001},
        **{"idempotency-key": "k2"},
    )
    assert (more.status_code, more.json()["code"]) == (409, "payouts.beyond_withdrawable")
    assert "¥" in more.json()["detail"] or "CN¥" in more.json()["detail"]
    off = await stall.api("manager", "POST", f"{one}/refuse")
    assert (off.json()["state"], off.json()["why"]) == ("refused", "withdrawn")
    steps = (await stall.api("owner", "GET", one)).json()["steps"]
    assert [it["step"] for it in steps] == ["prepared", "asked", "seconded", "approved", "refused"]
    listed = (await stall.api("manager", "GET", "/withdrawals?limit=1")).json()
    assert len(listed["items"]) == 1


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
async def test_pages_in_both_languages(stall: Stall, pool: Pool, ids: IdMaker, lang: str) -> None:
    home = f"/merchant/{stall.shop_id}/funds"
    empty = await stall.get("owner", f"{home}/payouts", lang)
    assert empty.status_code == 200
    await proved(stall, pool)
    made = await stall.post(
        "manager", "/payouts", amount="123.45", account_id=(await first_account(stall))
    )
    assert made.status_code == 303, made.text
    one = made.headers["location"]
    for who, path in [
        ("owner", home), ("owner", f"{home}/payouts"), ("manager", f"{home}/payouts"), ("owner", one),
        ("manager", one), ("owner", f"{home}/statements"), ("owner", f"{home}/statements?month=2025-11"),
        ("owner", f"{home}/statements/2025-11-22"),
    ]:  # fmt: skip
        page = await stall.get(who, path, lang)
        assert page.status_code == 200, (path, page.text[:500])
    assert "2025-11-22" in (await stall.get("owner", f"{home}/statements?month=2025-11", lang)).text
    assert (await stall.get("clerk", f"{home}/payouts")).status_code == 403
    assert (await stall.get("owner", f"{home}/statements/2025-11")).status_code == 404
    csv = await stall.get("owner", f"{home}/statements.csv?period=2025-11")
    assert csv.text.count("\r\n") == 3 + 3
    pdf = await stall.get("owner", f"{home}/statements.pdf?period=2025-11", lang)
    assert pdf.content.startswith(b"%PDF")


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
async def test_what_came_back_is_asked_for_again_on_its_page(
    stall: Stall, pool: Pool, lang: str
) -> None:
    account_id = await proved(stall, pool)
    made = await stall.post("owner", "/payouts", amount="100.00", account_id=account_id)
    one = made.headers["location"]
    withdrawal_id = int(one.rpartition("/")[2])
    waiting = await stall.get("owner", one, lang)
    assert ("It leaves within minutes." if lang == "en" else "几分钟内转出。") in waiting.text
    # sealed with the market's key, which is not the test's: nothing is sent
    await carry(pool, stall.bank, now=datetime.now(UTC))
    page = await stall.get("owner", one, lang)
    assert f'name="key" value="again-{withdrawal_id}"' in page.text
    assert 'value="100.00"' in page.text
    form = {"amount": "100.00", "account_id": account_id, "key": f"again-{withdrawal_id}"}
    again = await stall.post("owner", "/payouts", **form)
    assert again.status_code == 303
    assert again.headers["location"] != one
    assert (await stall.post("owner", "/payouts", **form)).headers["location"] == again.headers[
        "location"
    ]
    page = await stall.get("owner", one, lang)
    assert again.headers["location"] in page.text
    assert 'name="key"' not in page.text
    listed = await stall.get("owner", f"/merchant/{stall.shop_id}/funds/payouts", lang)
    assert ("It leaves within minutes." if lang == "en" else "几分钟内转出。") in listed.text


async def test_news_of_the_bank_wakes_the_question(stall: Stall, pool: Pool, ids: IdMaker) -> None:
    account_id = int(await proved(stall, pool))
    now = datetime.now(UTC)
    async with transaction(pool) as tx:
        it = await asked(tx, ids, wish(ids, stall.shop_id, account_id, 500, now=now))
    await pool.execute(
        "UPDATE withdrawal SET state = 'sent', retry_at = $2 WHERE id = $1",
        it.id, now + timedelta(hours=1),
    )  # fmt: skip
    await pool.execute(
        "INSERT INTO withdrawal_step (cell, withdrawal_id, step, actor, occurred_at)"
        " VALUES (cell_of($1), $1, 'sent', 'clock', $2)",
        it.id, now,
    )  # fmt: skip
    client, path = stall.people["owner"].client, "/api/v1/payouts/callbacks/sandbox"
    ours = {"x-test-bank": "ours"}

    async def tell(number: int, headers: dict[str, str], where: str = path) -> int:
        said = await client.post(where, content=str(number), headers=headers)
        return said.status_code

    assert await tell(it.id, {}) == 401
    assert await tell(it.id, ours, "/api/v1/payouts/callbacks/elsewhere") == 404
    assert await tell(ids.make(0), ours) == 404
    due = "SELECT retry_at FROM withdrawal WHERE id = $1"
    assert await pool.fetchval(due, it.id) > now + timedelta(minutes=30)
    assert [await tell(it.id, ours), await tell(it.id, ours)] == [200, 200]
    assert await pool.fetchval(due, it.id) < now + timedelta(minutes=30)


async def first_account(stall: Stall) -> str:
    found = (await stall.api("owner", "GET", "/bank-accounts")).json()["items"]
    return str(found[0]["id"])


async def test_forms_say_what_is_wrong_and_keep_what_was_typed(stall: Stall, pool: Pool) -> None:
    bad = await stall.post("owner", "/accounts", holder="Harbour Tea", bank="", number="12")
    assert bad.status_code == 422
    assert 'value="Harbour Tea"' in bad.text
    assert 'value="12"' not in bad.text
    account_id = await proved(stall, pool)
    for amount, status in [("", 422), ("x", 422), ("0.50", 422), ("90000.01", 409)]:
        said = await stall.post("owner", "/payouts", amount=amount, account_id=account_id)
        assert said.status_code == status, amount
    prepared = await stall.post("manager", "/payouts", amount="10", account_id=account_id)
    one = prepared.headers["location"].removeprefix(f"/merchant/{stall.shop_id}/funds")
    assert (await stall.post("manager", f"{one}/ask")).status_code == 403
    assert (await stall.post("owner", f"{one}/ask")).status_code == 303
    assert (await stall.post("owner", f"{one}/refuse")).status_code == 303
    assert (await stall.post("owner", f"/accounts/{account_id}/remove")).status_code == 303
    assert (await stall.post("owner", f"/accounts/{account_id}/default")).status_code == 404


async def test_the_operators_queue(stall: Stall, pool: Pool, ids: IdMaker) -> None:
    account_id = int(await proved(stall, pool))
    operator = stall.people["stranger"]
    async with transaction(pool) as tx:
        await accounts.grant_role(tx, operator.account_id, "operator", now=NOON)
    limits = Limits(least_minor=1, second_from_minor=10**9, operator_from_minor=10)
    later = datetime.now(UTC)
    async with transaction(pool) as tx:
        first, second = [
            await asked(
                tx, ids, wish(ids, stall.shop_id, account_id, 500, now=later), limits=limits
            )
            for _ in range(2)
        ]
    cookie = {"cookie": f"jishi_session={operator.token}; lang=en"}
    client = operator.client
    for view in ("waiting", "way", "failed", "all"):
        page = await client.get(f"/operator/payouts?view={view}", headers=cookie)
        assert page.status_code == 200, page.text[:800]
        assert (f"/operator/payouts/{first.id}/pass" in page.text) == (view in {"waiting", "all"})
    found = _TOKEN.search((await client.get("/operator/payouts", headers=cookie)).text)
    assert found
    headers = {**cookie, "x-csrf-token": found[1]}
    done = await client.post(f"/operator/payouts/{first.id}/pass", headers=headers)
    assert done.status_code == 303
    assert (
        await client.post(f"/operator/payouts/{first.id}/pass", headers=headers)
    ).status_code == 409
    no = f"/operator/payouts/{second.id}/refuse"
    assert (await client.post(no, headers=headers, data={"why": " "})).status_code == 422
    assert (await client.post(no, headers=headers, data={"why": "Odd"})).status_code == 303
    async with db.transaction(pool) as tx:
        assert (await service.get_withdrawal(tx, None, second.id)).why == "Odd"
        await withdraw.refuse(tx, None, first.id, actor_id=operator.account_id, why="x", now=later)


async def test_who_has_no_account_left_reads_what_to_do(stall: Stall, pool: Pool) -> None:
    account_id = await proved(stall, pool)
    made = await stall.post("owner", "/payouts", amount="100.00", account_id=account_id)
    one = made.headers["location"]
    path = one.removeprefix(f"/merchant/{stall.shop_id}/funds")
    assert (await stall.post("owner", f"{path}/refuse")).status_code == 303
    assert (await stall.post("owner", f"/accounts/{account_id}/remove")).status_code == 303
    assert "Add one and prove it is yours." in (await stall.get("owner", one)).text
    await stall.post("owner", "/accounts", holder="Tea", bank="B", number="6222020200004321")
    other = int(await first_account(stall))
    async with transaction(pool) as tx:
        await service.save_tests(tx, [(BankAccountId(other), "testing", "", None)])
        await service.accept_proof(tx, stall.shop_id, other, now=datetime.now(UTC))
    assert "a new account waits a day" in (await stall.get("owner", one)).text
