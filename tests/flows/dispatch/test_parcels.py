"""A parcel that was given a wrong number, over ASGI."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from jishi.db import Pool, transaction
from jishi.flows.track_parcels import flow as tracking
from jishi.flows.track_parcels import record_scans
from jishi.kit.ids import IdMaker, OrderId, cell_of
from jishi.modules.fulfilment import Progress, Scan, ScanNews
from tests.support.console import Stall, a_stall, read, send
from tests.support.makers import events_of

ZONE = "Asia/Shanghai"
_PARCEL = "SELECT * FROM parcel WHERE cell = $1 AND order_id = $2 ORDER BY id DESC LIMIT 1"
_ONE = "SELECT waybill FROM parcel WHERE cell = $1 AND id = $2"
_DAYS = "SELECT carrier, parcels FROM parcel_day WHERE cell = $1 AND shop_id = $2 AND parcels > 0"
_TOLD = """
SELECT payload FROM outbox WHERE cell = $1 AND subject_id = $2 AND topic = 'parcels.corrected'
"""


@pytest_asyncio.fixture(loop_scope="session")
async def stall(pool: Pool, ids: IdMaker) -> Stall:
    return await a_stall(pool, ids)


async def parcel_of(pool: Pool, order: OrderId) -> Any:
    return await pool.fetchrow(_PARCEL, cell_of(order), order)


async def shipped(client: httpx.AsyncClient, pool: Pool, stall: Stall, **form: str) -> Any:
    """The parcel of the order to ship, sent under a number that is another's, and followed."""
    order = stall.orders["to_ship"]
    path = f"/merchant/{{shop}}/orders/{order}/ship"
    form = {"carrier": "SF", "waybill": f"SF{order}", **form}
    assert (await send(client, stall, "warehouse", path, **form)).status_code == 303
    parcel = await parcel_of(pool, order)
    async with transaction(pool) as tx:
        now = datetime.now(UTC)
        await tracking.follow(tx, [parcel["id"]], can_ask=lambda _: True, now=now, zone=ZONE)
    return await parcel_of(pool, order)


async def told(pool: Pool, parcel: Any, progress: Progress) -> None:
    scan = Scan(
        id=progress.value,
        progress=progress,
        place="",
        detail="",
        occurred_at=parcel["shipped_at"] + timedelta(seconds=1),
    )
    news = ScanNews(carrier=parcel["carrier"], number=parcel["waybill"], scans=(scan,))
    async with transaction(pool) as tx:
        await record_scans(tx, [news], now=datetime.now(UTC), zone=ZONE)


def path_of(parcel: Any) -> str:
    return f"/merchant/{{shop}}/orders/{parcel['order_id']}/parcels/{parcel['id']}"


async def test_a_wrong_number_is_corrected_with_what_was_scanned_under_it(
    client: httpx.AsyncClient, pool: Pool, stall: Stall
) -> None:
    parcel = await shipped(client, pool, stall)
    await told(pool, parcel, Progress.IN_TRANSIT)
    cell, order = parcel["cell"], OrderId(parcel["order_id"])
    course = await read(client, stall, "warehouse", f"/merchant/{{shop}}/orders/{order}/parcels")
    assert "Correct the number" in course.text
    assert parcel["waybill"] in (await read(client, stall, "owner", path_of(parcel))).text
    answer = await send(
        client, stall, "warehouse", path_of(parcel), carrier="中通", waybill=f" zt {order} "
    )
    assert answer.status_code == 303
    after = await parcel_of(pool, order)
    assert (after["carrier"], after["waybill"]) == ("zhongtong", f"ZT{order}")
    assert (after["progress"], after["last_scan_at"]) == ("shipped", None)
    assert after["query_at"] is not None
    scans = "SELECT count(*) FROM parcel_scan WHERE cell = $1 AND parcel_id = $2"
    assert await pool.fetchval(scans, cell, parcel["id"]) == 0
    assert [tuple(row) for row in await pool.fetch(_DAYS, cell, stall.shop_id)] == [
        ("zhongtong", 1)
    ]
    payload = await pool.fetchval(_TOLD, cell, order)
    assert (payload["was_waybill"], payload["waybill"]) == (parcel["waybill"], f"ZT{order}")
    # the same form again: nothing more happens
    await send(
        client, stall, "warehouse", path_of(parcel), carrier="zhongtong", waybill=f"ZT{order}"
    )
    assert (await events_of(pool, order)).count("parcels.corrected") == 1


@pytest.mark.parametrize(
    ("_case", "role", "form", "status"),
    [
        ("no carrier", "warehouse", {"carrier": "", "waybill": "ZT123456"}, 422),
        ("no number", "warehouse", {"carrier": "SF", "waybill": "#"}, 422),
        ("a clerk", "clerk", {"carrier": "SF", "waybill": "ZT123456"}, 403),
        ("a stranger", "stranger", {"carrier": "SF", "waybill": "ZT123456"}, 404),
    ],
)
async def test_what_is_no_correction(
    client: httpx.AsyncClient,
    pool: Pool,
    stall: Stall,
    _case: str,
    role: str,
    form: dict[str, str],
    status: int,
) -> None:
    parcel = await shipped(client, pool, stall)
    assert (await send(client, stall, role, path_of(parcel), **form)).status_code == status
    assert await parcel_of(pool, OrderId(parcel["order_id"])) == parcel


async def test_a_parcel_that_has_arrived_keeps_its_number_and_so_does_another_shops(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker, stall: Stall
) -> None:
    parcel = await shipped(client, pool, stall, q_1="1")
    first = await send(
        client,
        stall,
        "warehouse",
        f"/merchant/{{shop}}/orders/{parcel['order_id']}/ship",
        carrier="SF",
        waybill="SF777777",
    )
    assert first.status_code == 303
    twice = await send(client, stall, "owner", path_of(parcel), carrier="SF", waybill="SF777777")
    assert twice.status_code == 409
    bare = await a_stall(pool, ids)
    theirs = await send(client, bare, "owner", path_of(parcel), carrier="SF", waybill="SF888888")
    assert theirs.status_code == 404
    await told(pool, parcel, Progress.DELIVERED)
    late = await send(client, stall, "owner", path_of(parcel), carrier="SF", waybill="SF888888")
    assert late.status_code == 409
    assert "come to its end" in late.text
    row = await pool.fetchrow(_ONE, parcel["cell"], parcel["id"])
    assert row["waybill"] == parcel["waybill"]
