"""The operator's page about search: synonyms, searches kept from suggestions, each with its audit line."""

from datetime import UTC, datetime

import httpx
import pytest
import pytest_asyncio

from jishi.db import Pool, transaction
from jishi.kit.ids import IdMaker
from jishi.modules import accounts, search
from tests.support.console import a_person

HOME = "/operator/search"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def headers(app: object, pool: Pool, ids: IdMaker) -> dict[str, str]:
    del app
    now = datetime.now(UTC)
    account_id, token = await a_person(pool, ids, "Operator", now=now)
    async with transaction(pool) as tx:
        await accounts.grant_role(tx, account_id, "operator", now=now)
    return {"authorization": f"Bearer {token}", "accept-language": "en"}


async def test_synonyms_are_added_found_and_removed(
    client: httpx.AsyncClient, headers: dict[str, str], pool: Pool, ids: IdMaker
) -> None:
    word = f"brillig{ids.make(0)}"
    form = {"terms": f"{word}\r\nslithy\r\n", "one_way": "1"}
    assert (await client.post(f"{HOME}/synonyms", data=form, headers=headers)).status_code == 303
    page = await client.get(f"{HOME}?term={word}", headers=headers)
    assert f"{word} · slithy" in page.text
    made = await pool.fetchval("SELECT id FROM search_synonym WHERE $1 = ANY (terms)", word)
    gone = await client.post(f"{HOME}/synonyms/{made}/delete", headers=headers)
    assert gone.status_code == 303
    assert (await client.post(f"{HOME}/synonyms/{made}/delete", headers=headers)).status_code == 404
    actions = await pool.fetch(
        "SELECT action FROM audit WHERE subject = $1 ORDER BY position", str(made)
    )
    assert [row["action"] for row in actions] == ["search.synonym_added", "search.synonym_removed"]


@pytest.mark.parametrize(
    "terms", ["", "one", "same\nSAME", "x\n" + "y" * 41, "\n".join(map(str, range(20)))]
)
async def test_what_is_no_set_of_synonyms_is_refused(
    client: httpx.AsyncClient, headers: dict[str, str], terms: str
) -> None:
    answer = await client.post(f"{HOME}/synonyms", data={"terms": terms}, headers=headers)
    assert answer.status_code == 422
    assert "Two to twelve" in answer.text or "请填写二到十二个" in answer.text


async def test_a_search_is_hidden_and_shown_again(
    client: httpx.AsyncClient, headers: dict[str, str], pool: Pool, ids: IdMaker
) -> None:
    word = f"mimsy{ids.make(0)}"
    recorder, now = search.Recorder(pool), datetime.now(UTC)
    for visitor in "abc":
        recorder.hear(word, visitor=visitor, account_id=None, has_found=True, now=now)
    await recorder.flush()
    form = {"query": word, "hidden": "1"}
    assert (await client.post(f"{HOME}/queries", data=form, headers=headers)).status_code == 303
    assert word not in (await client.get("/search/suggest")).text
    assert (
        await client.post(f"{HOME}/queries", data={"query": word}, headers=headers)
    ).status_code == 303
    assert (await client.get(f"/search/suggest?q={word[:-1]}")).text.count(word) == 2
    missing = {"query": "never asked at all", "hidden": "1"}
    assert (await client.post(f"{HOME}/queries", data=missing, headers=headers)).status_code == 404


@pytest.mark.parametrize(
    "rest", ["?after=nonsense", "?before=x&term=" + "z" * 500, "/synonyms/x/delete"]
)
async def test_addresses_that_make_no_sense(
    client: httpx.AsyncClient, headers: dict[str, str], rest: str
) -> None:
    send = client.post if rest.startswith("/") else client.get
    assert (await send(HOME + rest, headers=headers)).status_code in {200, 404, 422}
