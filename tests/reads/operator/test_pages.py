"""The operator's console over ASGI: what it shows, what it costs, what is done by hand."""

from datetime import UTC, datetime

import httpx
import pytest
import pytest_asyncio

from jishi.db import Pool
from jishi.kit.ids import IdMaker, cell_of
from jishi.reads.operator.routes_health import size_words
from tests.support.console import Stall, a_stall, read, send
from tests.support.counting import counted
from tests.support.makers import order_row, refunds_of

_PARK = """
INSERT INTO outbox_parked (cell, listener, position, topic, subject_id, payload, occurred_at, attempts,
    last_error, retry_at, parked_at)
VALUES (7, 'tests.listener', $1, 'tests.happened', 5, '{"a": "<b>"}', $2, 5, 'KeyError: x', NULL, $2)
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stall(pool: Pool, ids: IdMaker) -> Stall:
    return await a_stall(pool, ids)


def pages(stall: Stall, payment_id: int) -> list[tuple[str, int]]:
    """Addresses and how many statements each may cost."""
    cell, shop = cell_of(stall.shop_id), stall.shop_id
    account = f"/operator/ledger/accounts/escrow/{cell}/{shop}"
    return [
        ("/operator", 3),
        ("/operator/shops", 1),
        ("/operator/shops?state=open&q=shop", 1),
        (f"/operator/shops?q={shop}", 1),
        (f"/operator/shops/{shop}", 3),
        ("/operator/orders", 2),
        (f"/operator/orders?q={stall.orders['shipped']}", 2),
        ("/operator/orders?q=SF0000001", 2),
        ("/operator/orders?q=nothing", 2),
        *((f"/operator/orders/{order}", 2) for order in stall.orders.values()),
        (f"/operator/payments/{payment_id}", 1),
        ("/operator/callbacks", 1),
        ("/operator/callbacks?odd=1", 1),
        ("/operator/refunds", 1),
        ("/operator/refunds?state=failed", 1),
        ("/operator/ledger", 1),
        ("/operator/ledger/accounts/escrow", 1),
        ("/operator/ledger/accounts/nothing", 1),
        (account, 2),
        (f"{account}/check", 1),
        ("/operator/health", 8),
        ("/operator/parked", 1),
        ("/operator/audit", 2),
    ]


async def test_pages_open_within_their_budget(
    app: object, client: httpx.AsyncClient, pool: Pool, stall: Stall
) -> None:
    order = await order_row(pool, stall.orders["shipped"])
    for path, budget in pages(stall, order["payment_id"]):
        await read(client, stall, "operator", path)  # who is asking is known from now on
        with counted(app) as counting:
            answer = await read(client, stall, "operator", path)
        assert answer.status_code == 200, (path, answer.text[-2000:])
        assert len(counting.statements) <= budget, (path, counting.statements)


@pytest.mark.parametrize("role", ["owner", "warehouse", "stranger"])
async def test_nobody_else_gets_in(
    client: httpx.AsyncClient, pool: Pool, stall: Stall, role: str
) -> None:
    order = await order_row(pool, stall.orders["shipped"])
    for path, _ in pages(stall, order["payment_id"]):
        assert (await read(client, stall, role, path)).status_code == 403, path
    refund = (await refunds_of(pool, stall.orders["failed"]))[0]
    for path in (f"/operator/refunds/{refund['id']}/send", "/operator/parked/replay"):
        assert (await send(client, stall, role, path)).status_code == 403
    assert (await refunds_of(pool, stall.orders["failed"]))[0]["state"] == "failed"


@pytest.mark.parametrize(
    "path",
    [
        "/operator/shops/123",
        "/operator/orders/123",
        "/operator/orders/x",
        "/operator/payments/99999999999999999999",
        "/operator/ledger/accounts/escrow/0/5",
        "/operator/ledger/accounts/escrow/99999/5",
        "/operator/ledger/accounts/escrow/0/99999999999999999999",
        "/operator/ledger/transfers/0/0",
    ],
)
async def test_what_is_not_there(client: httpx.AsyncClient, stall: Stall, path: str) -> None:
    assert (await read(client, stall, "operator", path)).status_code == 404


async def test_every_number_leads_to_its_order(
    client: httpx.AsyncClient, pool: Pool, stall: Stall
) -> None:
    order = await order_row(pool, stall.orders["failed"])
    refund = (await refunds_of(pool, order["id"]))[0]
    for number in (order["id"], order["payment_id"], order["checkout_id"], refund["id"]):
        page = (await read(client, stall, "operator", f"/operator/orders?q={number}")).text
        assert f"/operator/orders/{order['id']}" in page


async def test_a_failed_refund_is_sent_again_once_and_audited(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker
) -> None:
    stall = await a_stall(pool, ids)
    refund = (await refunds_of(pool, stall.orders["failed"]))[0]
    path = f"/operator/refunds/{refund['id']}/send"
    answer = await send(client, stall, "operator", path, next="//evil.example/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await refunds_of(pool, stall.orders["failed"]))[0]["state"] == "asked"
    assert (await send(client, stall, "operator", path)).status_code == 409
    lines = await pool.fetch(
        "SELECT action, account_id, facts FROM audit WHERE subject = $1", str(refund["id"])
    )
    assert [(row["action"], row["account_id"]) for row in lines] == [
        ("refund.sent_again", stall.people["operator"])
    ]
    assert str(refund["id"]) in (await read(client, stall, "operator", "/operator/audit")).text
    assert (await send(client, stall, "operator", "/operator/refunds/12/send")).status_code == 404


async def test_parked_events_are_replayed_or_put_away(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker, stall: Stall
) -> None:
    now = datetime.now(UTC)
    first, second = ids.make(0), ids.make(0)
    await pool.execute(_PARK, first, now)
    await pool.execute(_PARK, second, now)
    page = (await read(client, stall, "operator", "/operator/parked")).text
    assert "KeyError: x" in page
    assert '"<b>"' not in page
    event = {"cell": 7, "listener": "tests.listener"}
    replay = await send(
        client, stall, "operator", "/operator/parked/replay", position=first, **event
    )
    discard = await send(
        client, stall, "operator", "/operator/parked/discard", position=second, **event
    )
    assert (replay.status_code, discard.status_code) == (303, 303)
    rows = {
        row["position"]: row
        for row in await pool.fetch("SELECT * FROM outbox_parked WHERE listener = 'tests.listener'")
    }
    assert rows[first]["retry_at"] is not None
    assert rows[first]["done_at"] is None
    assert rows[second]["done_at"] is not None
    gone = await send(
        client, stall, "operator", "/operator/parked/discard", position=second, **event
    )
    assert gone.status_code == 409
    bad = await send(
        client, stall, "operator", "/operator/parked/discard", cell="x", listener="y", position=1
    )
    assert bad.status_code == 422
    far = await send(
        client, stall, "operator", "/operator/parked/replay", cell=99999, listener="y", position=1
    )
    assert far.status_code == 409
    assert (
        await pool.fetchval("SELECT count(*) FROM audit WHERE subject LIKE 'tests.listener/%'") == 2
    )


async def test_the_ledger_page_says_that_it_adds_up(
    client: httpx.AsyncClient, stall: Stall
) -> None:
    assert (
        "It adds up, to the last digit."
        in (await read(client, stall, "operator", "/operator/ledger")).text
    )


async def test_accounts_are_paged_once_each(
    client: httpx.AsyncClient, pool: Pool, stall: Stall
) -> None:
    known = await pool.fetchval("SELECT count(*) FROM ledger_account WHERE kind = 'escrow'")
    seen, path = 0, "/operator/ledger/accounts/escrow"
    while path:
        page = (await read(client, stall, "operator", path)).text
        seen += page.count('<a class="num" href="/operator/ledger/accounts/escrow/')
        _, _, rest = page.partition('rel="next" href="')
        path = rest.split('"')[0].replace("&amp;", "&") if rest else ""
    assert seen == known


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KB"), (5 << 20, "5.0 MB")]
)
def test_sizes(count: int, words: str) -> None:
    assert size_words(count) == words
