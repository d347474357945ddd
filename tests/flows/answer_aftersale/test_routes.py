import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio
from PIL import Image

from jishi.db import Pool, transaction
from jishi.kit.ids import IdMaker, OrderId
from jishi.modules import accounts
from tests.support.aftersale import case_row, steps_of, takes_returns
from tests.support.console import Stall, a_person, a_stall
from tests.support.makers import Buyer, Town, an_order

pytestmark = pytest.mark.usefixtures("sound")
LANGUAGES = ("en", "zh-CN")


class Side:
    """A stall with a buyer of its own: orders in every state a case needs."""

    def __init__(self, client: httpx.AsyncClient, stall: Stall, tokens: dict[str, str]) -> None:
        self.client, self.stall, self.tokens = client, stall, tokens
        self.shop = stall.shop_id

    async def get(self, who: str, path: str, language: str = "en") -> httpx.Response:
        headers = {**self._bearer(who), "accept-language": language, "accept": "text/html"}
        return await self.client.get(path.replace("{shop}", str(self.shop)), headers=headers)

    async def form(self, who: str, path: str, files: Any = None, **data: object) -> httpx.Response:
        headers = {**self._bearer(who), "accept-language": "en", "accept": "text/html"}
        where = path.replace("{shop}", str(self.shop))
        return await self.client.post(where, data=data, files=files, headers=headers)

    async def api(self, who: str, method: str, path: str, body: Any = None) -> httpx.Response:
        where = "/api/v1" + path.replace("{shop}", str(self.shop))
        return await self.client.request(method, where, json=body, headers=self._bearer(who))

    def _bearer(self, who: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[who]}"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stall(pool: Pool, ids: IdMaker) -> AsyncIterator[tuple[Stall, dict[str, str], Town]]:
    made = await a_stall(pool, ids)
    now = datetime.now(UTC)
    buyer_id, token = await a_person(pool, ids, "Buyer", now=now)
    other_id, other = await a_person(pool, ids, "Second", now=now)
    async with transaction(pool) as tx:
        await accounts.grant_role(tx, other_id, "operator", now=now)
        await takes_returns(tx, made.shop_id)
        address = Buyer(buyer_id, made.town.buyers[0].address_id)
        await tx.execute(
            "INSERT INTO address (cell, id, account_id, country, receiver, phone, detail, city, created_at,"
            " updated_at) SELECT cell_of($1), $2, $1, 'SG', 'A Buyer', '+6560000000', '1 Harbour Road',"
            " 'Singapore', $3, $3",
            buyer_id,
            (new := ids.make(buyer_id >> 14 & 255)),
            now,
        )
    town = Town(made.town.shops, made.town.goods, [Buyer(buyer_id, new)])  # type: ignore[arg-type]
    del address
    yield made, {**made.tokens, "buyer": token, "judge": other}, town


@pytest_asyncio.fixture(loop_scope="session")
async def side(client: httpx.AsyncClient, stall: tuple[Stall, dict[str, str], Town]) -> Side:
    return Side(client, stall[0], stall[1])


@pytest.fixture
def order(pool: Pool, ids: IdMaker, stall: tuple[Stall, dict[str, str], Town]) -> Any:
    async def make(until: str, pieces: int = 2) -> OrderId:
        async with transaction(pool) as tx:
            return await an_order(
                tx, ids, stall[2], until=until, pieces=pieces, at=datetime.now(UTC)
            )

    return make


def a_picture(side_px: int = 400) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side_px, side_px), (200, 30, 30)).save(out, "PNG")
    return out.getvalue()


async def test_a_buyer_asks_on_the_page_and_the_shop_agrees(
    side: Side, order: Any, pool: Pool
) -> None:
    order_id = await order("shipped")
    for language in LANGUAGES:
        page = await side.get("buyer", f"/orders/{order_id}/aftersale", language)
        assert page.status_code == 200, page.text[:2000]
    asked = await side.form(
        "buyer",
        f"/orders/{order_id}/aftersale",
        files=[("pictures", ("a.png", a_picture(), "image/png"))],
        q_1="2",
        kind="return",
        reason="damaged",
        text="The lid is broken.",
    )
    assert asked.status_code == 303, asked.text[:3000]
    where = asked.headers["location"]
    case_id = int(where.rsplit("/", 1)[1])
    for language in LANGUAGES:
        for who, path in (
            ("buyer", "/aftersale"),
            ("buyer", where),
            ("buyer", f"/orders/{order_id}"),
            ("buyer", "/orders"),
            ("clerk", "/merchant/{shop}/aftersale"),
            ("warehouse", "/merchant/{shop}/aftersale"),
            ("clerk", f"/merchant/{{shop}}/aftersale/{case_id}"),
            ("operator", "/operator/disputes"),
            ("operator", f"/operator/disputes/{case_id}"),
            ("clerk", "/merchant/{shop}/aftersale/address"),
            ("buyer", "/rules/aftersale"),
        ):
            page = await side.get(who, path, language)
            assert page.status_code == 200, (path, page.text[:3000])
    picture = await side.get("clerk", where)
    assert picture.status_code == 404
    found = await side.get("buyer", where)
    source = found.text.split('src="/aftersale/')[1].split('"')[0]
    assert (await side.get("buyer", "/aftersale/" + source)).status_code == 200
    assert (await side.get("clerk", "/aftersale/" + source)).status_code == 200
    assert (await side.get("stranger", "/aftersale/" + source)).status_code == 404
    act = f"/merchant/{{shop}}/aftersale/{case_id}/"
    refused = await side.form("warehouse", act + "agree")
    assert refused.status_code == 303
    assert (await case_row(pool, case_id))["state"] == "asked"
    assert (await side.form("clerk", act + "agree", version="1")).status_code == 303
    assert (await case_row(pool, case_id))["state"] == "returning"
    assert "1 Dock Road" in (await side.get("buyer", where)).text
    bad = await side.form("buyer", f"{where}/send-back", carrier="SF", waybill="x")
    assert bad.status_code == 303
    assert (await case_row(pool, case_id))["state"] == "returning"
    sent = {"carrier": "SF", "waybill": "SF123456", "amount": "12.50"}
    await side.form("buyer", f"{where}/send-back", **sent)  # no receipt
    assert (await case_row(pool, case_id))["state"] == "returning"
    receipt = [("pictures", ("receipt.png", a_picture(), "image/png"))]
    await side.form("buyer", f"{where}/send-back", files=receipt, **sent)
    row = await case_row(pool, case_id)
    assert (row["state"], row["freight_minor"]) == ("returned", 1_250)
    for language in LANGUAGES:
        page = await side.get("warehouse", act.removesuffix("/"), language)
        assert (page.status_code, "12.50" in page.text) == (200, True)
    await side.form("warehouse", act + "receive", condition="sellable")
    row = await case_row(pool, case_id)
    assert (row["state"], row["freight_owed_minor"]) == ("settled", 1_250)  # nothing else was left
    assert "is owed to the buyer" in (await side.get("buyer", where)).text
    assert await steps_of(pool, case_id) == ["asked", "agreed", "sent_back", "received_sellable"]


async def test_programs_ask_answer_and_rule(side: Side, order: Any, pool: Pool) -> None:
    order_id = await order("completed", 2)
    options = (await side.api("buyer", "GET", f"/orders/{order_id}/aftersale")).json()
    assert options["lines"][0]["at_buyer"] == 2
    assert (await side.api("stranger", "GET", f"/orders/{order_id}/aftersale")).status_code == 404
    wish = {"lines": [{"line": 1, "quantity": 2}], "kind": "refund", "reason": "agreed"}
    path = f"/orders/{order_id}/aftersale"
    for change, code in (
        ({"kind": "gift"}, "aftersale.kind_unknown"),
        ({"reason": "not_wanted"}, "aftersale.goods_left"),
        ({"amount_minor": 10**9}, "aftersale.amount_too_much"),
        ({"lines": []}, "aftersale.nothing_chosen"),
        ({"lines": [{"line": 9, "quantity": 1}]}, "aftersale.line_unknown"),
        ({"lines": [{"line": 1, "quantity": 3}]}, "aftersale.units_too_many"),
        ({"reason": "damaged"}, "aftersale.pictures_needed"),
        ({"picture_ids": ["12345"]}, "aftersale.picture_not_yours"),
    ):
        answer = await side.api("buyer", "POST", path, {**wish, **change})
        assert answer.json()["code"] == code, answer.text
    made = await side.api("buyer", "POST", path, wish)
    assert made.status_code == 201, made.text
    case = made.json()["items"][0]
    again = await side.api("buyer", "POST", path, wish)
    assert (again.status_code, again.json()["code"]) == (409, "aftersale.case_open")
    listed = (await side.api("buyer", "GET", "/aftersale")).json()["items"]
    assert case["id"] in {it["id"] for it in listed}
    queue = (await side.api("clerk", "GET", "/shops/{shop}/aftersale")).json()["items"]
    assert case["id"] in {it["id"] for it in queue}
    shop = f"/shops/{{shop}}/aftersale/{case['id']}"
    forbidden = await side.api("warehouse", "POST", f"{shop}/agree", {})
    assert forbidden.status_code == 403
    refused = await side.api("clerk", "POST", f"{shop}/refuse", {"reason": "used", "text": "Worn."})
    assert refused.json()["state"] == "refused", refused.text
    mine = f"/aftersale/{case['id']}"
    assert (
        await side.api("stranger", "POST", f"{mine}/escalate", {"text": "x"})
    ).status_code == 404
    assert (await side.api("buyer", "POST", f"{mine}/nothing", {})).status_code == 404
    silent = await side.api("buyer", "POST", f"{mine}/escalate", {})
    assert silent.json()["code"] == "aftersale.text_missing"
    assert (
        await side.api("buyer", "POST", f"{mine}/escalate", {"text": "Broken."})
    ).status_code == 200
    judge = f"/disputes/{case['id']}"
    said = {"decision": "part", "amount_minor": 100, "rule_code": "AS-7", "reasons": "A scratch."}
    early = await side.api("operator", "POST", f"{judge}/rule", said)
    assert early.json()["code"] == "aftersale.evidence_open"
    assert (
        await side.api("clerk", "POST", f"{shop}/say", {"text": "It was whole."})
    ).status_code == 200
    assert (await side.api("clerk", "POST", f"{judge}/claim", {})).status_code == 403
    assert (await side.api("operator", "POST", f"{judge}/claim", {})).status_code == 200
    other = await side.api("judge", "POST", f"{judge}/rule", said)
    assert other.json()["code"] == "aftersale.claimed_by_other"
    assert (await side.api("operator", "POST", f"{judge}/rule", said)).json()["state"] == "ruled"
    for who, path_ in (("buyer", mine), ("clerk", shop), ("operator", judge)):
        whole = (await side.api(who, "GET", path_)).json()
        assert whole["rulings"][0]["rule_version"] == 1, whole
    for language in LANGUAGES:
        for who, where in (
            ("buyer", f"/aftersale/{case['id']}"),
            ("clerk", f"/merchant/{{shop}}/aftersale/{case['id']}"),
            ("operator", f"/operator/disputes/{case['id']}"),
        ):
            assert "AS-7" in (await side.get(who, where, language)).text
    appealed = await side.api("buyer", "POST", f"{mine}/appeal", {"text": "Not enough."})
    assert appealed.json()["state"] == "appealed"
    same = await side.form(
        "operator", f"/operator/disputes/{case['id']}/rule", **{**said, "amount": "1"}
    )
    assert same.status_code == 303
    assert (await case_row(pool, int(case["id"])))["state"] == "appealed"


async def test_confirming_with_an_open_case_asks_once_more(side: Side, order: Any) -> None:
    order_id = await order("shipped", 1)
    wish = {"lines": [{"line": 1, "quantity": 1}], "kind": "refund", "reason": "not_arrived"}
    made = await side.api("buyer", "POST", f"/orders/{order_id}/aftersale", wish)
    assert made.status_code == 201, made.text
    first = await side.api("buyer", "POST", f"/orders/{order_id}/confirm", {})
    assert (first.status_code, first.json()["code"]) == (409, "orders.case_runs")
    assert (await side.form("buyer", f"/orders/{order_id}/confirm")).status_code == 303
    second = await side.api("buyer", "POST", f"/orders/{order_id}/confirm", {"sure": True})
    assert second.json()["result"] == "completed"
    agreed = await side.api(
        "clerk",
        "POST",
        "/shops/{shop}/aftersale/agree",
        {"case_ids": [made.json()["items"][0]["id"], "77"]},
    )
    results = agreed.json()["results"]
    assert [it["result"] for it in results] == ["settled", "refused"]


async def test_forms_say_what_to_mend(side: Side, order: Any) -> None:
    order_id = await order("to_ship", 2)
    path = f"/orders/{order_id}/aftersale"
    nothing = await side.form("buyer", path, q_1="0", kind="refund", reason="not_wanted")
    assert nothing.status_code == 422
    early = await side.form("buyer", path, q_1="1", kind="return", reason="changed_mind")
    assert early.status_code == 409
    assert "nothing to return" in early.text
    file = [("pictures", ("a.png", b"no picture", "image/png"))]
    broken = await side.form("buyer", path, files=file, q_1="1", kind="refund", reason="not_wanted")
    assert broken.status_code == 422
    where = "/merchant/{shop}/aftersale/address"
    assert (await side.form("clerk", where, receiver="", phone="1", address="")).status_code == 422
    kept = await side.form(
        "clerk", where, receiver="Returns", phone="0571-88888", address="1 Dock Road"
    )
    assert kept.status_code == 303
