"""The merchant's console over ASGI: what each role sees, what a page costs, what files hold."""

import csv
import io

import httpx
import pytest
import pytest_asyncio

from jishi.db import Pool
from jishi.kit.ids import IdMaker
from tests.support.console import Stall, a_stall, read
from tests.support.counting import counted


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stall(pool: Pool, ids: IdMaker) -> Stall:
    return await a_stall(pool, ids)


ORDERS, FUNDS = "/merchant/{shop}/orders", "/merchant/{shop}/funds"
BUDGETS = [  # path, statements at most
    ("/merchant/{shop}", 6),
    (ORDERS, 3),
    (f"{ORDERS}?state=to_ship", 3),
    (f"{ORDERS}?late=1", 3),
    (f"{ORDERS}?state=completed", 3),
    (f"{ORDERS}?q=Thing", 5),
    (f"{ORDERS}?q=nothing+like+this", 5),
    (f"{ORDERS}?from=2020-01-01&to=2020-01-02", 3),
    (f"{ORDERS}?state=nonsense&from=yesterday", 3),
    (FUNDS, 3),
    (f"{FUNDS}?view=lines", 3),
    (f"{FUNDS}?view=lines&account=payable", 3),
    (f"{FUNDS}/month", 1),
    (f"{FUNDS}/check", 1),
    (f"{ORDERS}/waybills", 0),
]


@pytest.mark.parametrize(("path", "budget"), BUDGETS)
async def test_a_page_opens_within_its_budget(
    app: object, client: httpx.AsyncClient, stall: Stall, path: str, budget: int
) -> None:
    await read(client, stall, "owner", path)  # who is asking is known from now on
    with counted(app) as pool:
        answer = await read(client, stall, "owner", path)
    assert answer.status_code == 200, answer.text[-2000:]
    assert len(pool.statements) <= budget, "\n\n".join(pool.statements)


KINDS = ["unpaid", "cancelled", "to_ship", "late", "shipped", "completed", "refunded", "failed"]


@pytest.mark.parametrize("kind", KINDS)
async def test_an_order_opens_in_every_state(
    app: object, client: httpx.AsyncClient, stall: Stall, kind: str
) -> None:
    path = f"{ORDERS}/{stall.orders[kind]}"
    await read(client, stall, "owner", path)
    with counted(app) as pool:
        answer = await read(client, stall, "owner", path)
    assert answer.status_code == 200, answer.text[-2000:]
    assert len(pool.statements) <= 1
    assert str(stall.orders[kind]) in answer.text


@pytest.mark.parametrize(
    ("path", "role", "status"),
    [
        ("/merchant/{shop}", "", 303),
        ("/merchant/{shop}", "stranger", 404),
        ("/merchant/{shop}", "operator", 404),
        ("/merchant/{shop}", "warehouse", 200),
        (ORDERS, "warehouse", 200),
        (ORDERS, "clerk", 200),
        (ORDERS, "stranger", 404),
        (f"{ORDERS}.csv", "stranger", 404),
        (FUNDS, "manager", 200),
        (FUNDS, "clerk", 403),
        (FUNDS, "warehouse", 403),
        (f"{FUNDS}.csv", "clerk", 403),
        (f"{FUNDS}/month", "warehouse", 403),
        (f"{FUNDS}/check", "clerk", 403),
        ("/api/v1/shops/{shop}/orders", "warehouse", 200),
        ("/api/v1/shops/{shop}/orders", "stranger", 404),
        ("/api/v1/shops/{shop}/funds", "clerk", 403),
        ("/api/v1/shops/{shop}/funds", "owner", 200),
        ("/merchant/12/orders", "owner", 404),
        ("/merchant/x/orders", "owner", 404),
        (f"{ORDERS}/123", "owner", 404),
        (f"{ORDERS}/x", "owner", 404),
    ],
)
async def test_who_may_see_what(
    client: httpx.AsyncClient, stall: Stall, path: str, role: str, status: int
) -> None:
    answer = await read(client, stall, role, path)
    assert answer.status_code == status


async def test_an_order_of_another_shop_is_not_found(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker, stall: Stall
) -> None:
    other = await a_stall(pool, ids)
    answer = await read(client, stall, "owner", f"{ORDERS}/{other.orders['to_ship']}")
    assert answer.status_code == 404


async def test_sales_are_not_shown_to_the_warehouse(
    client: httpx.AsyncClient, stall: Stall
) -> None:
    assert "Average basket" in (await read(client, stall, "clerk", "/merchant/{shop}")).text
    page = (await read(client, stall, "warehouse", "/merchant/{shop}")).text
    assert "Average basket" not in page
    assert "Yours to withdraw" not in page


async def test_the_receiver_is_in_full_only_for_those_who_pack(
    client: httpx.AsyncClient, stall: Stall
) -> None:
    path = f"{ORDERS}/{stall.orders['to_ship']}"
    assert "1 Harbour Road" in (await read(client, stall, "warehouse", path)).text
    assert "1 Harbour Road" not in (await read(client, stall, "clerk", path)).text
    done = f"{ORDERS}/{stall.orders['completed']}"
    assert "1 Harbour Road" not in (await read(client, stall, "owner", done)).text
    assert "1 Harbour Road" not in (await read(client, stall, "owner", ORDERS)).text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", None),
        ("state=to_ship", {"to_ship", "late"}),
        ("late=1", {"late"}),
        ("state=completed", {"completed"}),
        ("state=refunded", {"refunded", "failed"}),
        ("q=SF0000001", {"shipped", "completed"}),
        ("q=no+such+thing", set()),
        ("q=a+buyer", None),
        ("q=0000", None),
        ("from=2020-01-01&to=2020-01-31", set()),
    ],
)
async def test_filters_find(
    client: httpx.AsyncClient, stall: Stall, query: str, found: set[str] | None
) -> None:
    page = (await read(client, stall, "owner", f"{ORDERS}?{query}")).text
    shown = {kind for kind, order_id in stall.orders.items() if f"/orders/{order_id}" in page}
    assert shown == (set(stall.orders) if found is None else found)


async def test_the_whole_number_and_its_end_find_the_order(
    client: httpx.AsyncClient, stall: Stall
) -> None:
    number = str(stall.orders["shipped"])
    for q in (number, number[-9:], f"…{number[-9:-6]} {number[-6:-3]} {number[-3:]}"):
        answer = await client.get(
            f"/merchant/{stall.shop_id}/orders", params={"q": q}, headers=stall.headers("owner")
        )
        assert f"/orders/{number}" in answer.text, q


async def test_the_api_pages_through_every_order_once(
    client: httpx.AsyncClient, stall: Stall
) -> None:
    for query, kinds in (("", set(stall.orders)), ("state=to_ship&", {"to_ship", "late"})):
        seen: list[str] = []
        cursor = ""
        while True:
            path = f"/api/v1/shops/{stall.shop_id}/orders?{query}limit=1&cursor={cursor}"
            body = (await client.get(path, headers=stall.headers("owner"))).json()
            seen += [item["id"] for item in body["items"]]
            if body["next_cursor"] is None:
                break
            cursor = body["next_cursor"]
        assert sorted(seen) == sorted(str(stall.orders[kind]) for kind in kinds)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "state=gone", "from=today", "cursor=%%%"]
)
async def test_the_api_refuses_bad_filters_by_name(
    client: httpx.AsyncClient, stall: Stall, query: str
) -> None:
    path = f"/api/v1/shops/{stall.shop_id}/orders?{query}"
    answer = await client.get(path, headers=stall.headers("owner"))
    assert answer.status_code == 422
    assert answer.json()["field"] in {"limit", "state", "from", "cursor"}


async def test_the_file_holds_every_line_and_no_formula(
    client: httpx.AsyncClient, pool: Pool, stall: Stall
) -> None:
    await pool.execute(
        "UPDATE sale_order SET note = '=HYPERLINK(\"http://x\")' WHERE id = $1",
        stall.orders["late"],
    )
    answer = await read(client, stall, "owner", f"{ORDERS}.csv")
    text = answer.content.decode("utf-8")
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert {int(row["Order number"]) for row in rows} == set(stall.orders.values())
    late = next(row for row in rows if int(row["Order number"]) == stall.orders["late"])
    assert late["Note"].startswith("'=HYPERLINK")
    assert late["Address"]


async def test_the_statement_adds_up_to_the_accounts(
    client: httpx.AsyncClient, stall: Stall
) -> None:
    text = (await read(client, stall, "owner", f"{FUNDS}.csv")).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    funds = (await read(client, stall, "owner", "/api/v1/shops/{shop}/funds")).json()
    into = sum(round(float(row["In"] or 0) * 100) for row in rows)
    out = sum(round(float(row["Out"] or 0) * 100) for row in rows)
    assert into - out == funds["escrow_minor"] + funds["payable_minor"]
    assert "Totals re-add" in (await read(client, stall, "owner", f"{FUNDS}/check")).text


@pytest.mark.parametrize("part", ["month", "check"])
async def test_a_part_of_the_funds_page_is_a_page_of_its_own_without_script(
    client: httpx.AsyncClient, stall: Stall, part: str
) -> None:
    path = f"{FUNDS}/{part}".replace("{shop}", str(stall.shop_id))
    assert "<h1" in (await read(client, stall, "owner", path)).text
    swapped = await client.get(path, headers={**stall.headers("owner"), "hx-request": "true"})
    assert swapped.status_code == 200
    assert "<h1" not in swapped.text
