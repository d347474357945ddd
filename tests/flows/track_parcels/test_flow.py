"""Promises, scans and measured lanes against PostgreSQL."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from jishi.db import Pool, Tx, transaction
from jishi.flows.ship_orders import ship
from jishi.flows.track_parcels import NewsVerdict, record_scans, storage
from jishi.flows.track_parcels import flow as tracking
from jishi.kit.ids import IdMaker, OrderId, cell_of
from jishi.modules.fulfilment import Progress, Scan, ScanNews
from jishi.modules.fulfilment.signing import signed_headers
from jishi.settings import Settings, read_key
from tests.support.makers import (
    CONFIRM_AFTER,
    NOON,
    Town,
    a_shipment,
    a_town,
    an_order,
    events_of,
    shop_of,
)

ZONE = "Asia/Shanghai"
_PARCEL = "SELECT * FROM parcel WHERE cell = $1 AND order_id = $2"
_DAY = "SELECT * FROM parcel_day WHERE cell = $1 AND shop_id = $2"


async def a_parcel(
    tx: Tx, ids: IdMaker, *, at: datetime = NOON, region: int = 3301, to: int = 440106
) -> tuple[Town, OrderId, Any]:
    """A shipped order that is followed, with a waybill of its own."""
    town = await a_town(tx, ids, shops=1, skus=1, buyers=1, now=at)
    order_id = await an_order(tx, ids, town, until="to_ship", at=at)
    where = {"country": "CN", "region_code": to, "regions": ["广东省"]}
    await tx.execute(
        "UPDATE sale_order SET address = address || $3 WHERE cell = $1 AND id = $2",
        cell_of(order_id),
        order_id,
        where,
    )
    await tx.execute(
        "UPDATE warehouse SET region_code = $3 WHERE cell = $1 AND shop_id = $2",
        cell_of(order_id),
        town.shops[0],
        region,
    )
    await tracking.promise(tx, [order_id])
    shipment = a_shipment(
        order_id, await shop_of(tx, order_id), carrier="shunfeng", waybill=f"T{ids.make(0)}", at=at
    )
    await ship(tx, [shipment], ids, confirm_after=CONFIRM_AFTER)
    row = await tx.fetchrow(_PARCEL, cell_of(order_id), order_id)
    await tracking.follow(tx, [row["id"]], can_ask=lambda _: True, now=at, zone=ZONE)
    return town, order_id, await tx.fetchrow(_PARCEL, cell_of(order_id), order_id)


def news_of(parcel: Any, *steps: tuple[Progress, int]) -> ScanNews:
    """``steps``: progress and hours after shipping."""
    return ScanNews(
        carrier=parcel["carrier"],
        number=parcel["waybill"],
        scans=tuple(
            Scan(
                id=f"{progress}-{hours}",
                progress=progress,
                place="Guangzhou",
                detail="",
                occurred_at=parcel["shipped_at"] + timedelta(hours=hours),
            )
            for progress, hours in steps
        ),
    )


async def test_a_promise_is_made_from_deadline_and_lane(tx: Tx, ids: IdMaker) -> None:
    town, order_id, parcel = await a_parcel(tx, ids)
    promise = await tx.fetchrow(
        "SELECT * FROM order_promise WHERE cell = $1 AND order_id = $2", cell_of(order_id), order_id
    )
    assert (promise["lane_from"], promise["lane_to"]) == (33, 44)
    assert promise["ship_by"] == NOON + timedelta(hours=48)
    assert promise["arrive_by"] == promise["ship_by"] + timedelta(days=3)
    assert parcel["promised_ship_at"] == promise["ship_by"]
    assert parcel["promised_arrival_at"] == NOON + timedelta(days=3)
    assert parcel["query_at"] == NOON
    (day,) = await tx.fetch(_DAY, cell_of(order_id), town.shops[0])
    assert (day["day"], day["parcels"], day["shipped_late"]) == (date(2025, 11, 22), 1, 0)


async def test_hearing_it_twice_changes_nothing(tx: Tx, ids: IdMaker) -> None:
    town, order_id, parcel = await a_parcel(tx, ids)
    await tracking.promise(tx, [order_id])
    await tracking.follow(tx, [parcel["id"]], can_ask=lambda _: True, now=NOON, zone=ZONE)
    (day,) = await tx.fetch(_DAY, cell_of(order_id), town.shops[0])
    assert day["parcels"] == 1


async def test_scans_move_a_parcel_on_until_it_is_delivered_late(tx: Tx, ids: IdMaker) -> None:
    town, order_id, parcel = await a_parcel(tx, ids)
    later = NOON + timedelta(days=9)
    first = news_of(parcel, (Progress.ACCEPTED, 2), (Progress.IN_TRANSIT, 9))
    assert await record_scans(tx, [first], now=later, zone=ZONE) == [NewsVerdict.TAKEN]
    assert await record_scans(tx, [first], now=later, zone=ZONE) == [NewsVerdict.REPEAT]
    last = news_of(parcel, (Progress.IN_TRANSIT, 9), (Progress.DELIVERED, 100))
    assert await record_scans(tx, [last], now=later, zone=ZONE) == [NewsVerdict.TAKEN]
    row = await tx.fetchrow(_PARCEL, cell_of(order_id), order_id)
    assert (row["progress"], row["query_at"]) == ("delivered", None)
    assert row["arrived_at"] == NOON + timedelta(hours=100)
    (day,) = await tx.fetch(_DAY, cell_of(order_id), town.shops[0])
    assert (day["arrived"], day["arrived_late"], day["hours"]) == (1, 1, 100)
    assert (await events_of(tx, order_id)).count("parcels.delivered") == 1
    scans = "SELECT count(*) FROM parcel_scan WHERE cell = $1 AND parcel_id = $2"
    assert await tx.fetchval(scans, cell_of(order_id), parcel["id"]) == 3


async def test_an_unknown_waybill_is_told_apart_and_stops_nobody(tx: Tx, ids: IdMaker) -> None:
    _, _, parcel = await a_parcel(tx, ids)
    nobody = ScanNews(carrier="shunfeng", number="NOBODY1", scans=())
    good = news_of(parcel, (Progress.LOST, 9))
    answers = await record_scans(tx, [nobody, good], now=NOON + timedelta(days=1), zone=ZONE)
    assert answers == [NewsVerdict.UNKNOWN, NewsVerdict.TAKEN]


async def test_two_callbacks_at_once_deliver_once(pool: Pool, ids: IdMaker) -> None:
    async with transaction(pool) as tx:
        town, order_id, parcel = await a_parcel(tx, ids)
    news = news_of(parcel, (Progress.ACCEPTED, 1), (Progress.DELIVERED, 40))

    async def one() -> None:
        async with transaction(pool) as tx:
            await record_scans(tx, [news], now=NOON + timedelta(days=3), zone=ZONE)

    await asyncio.gather(*(one() for _ in range(4)))
    (day,) = await pool.fetch(_DAY, cell_of(order_id), town.shops[0])
    assert (day["parcels"], day["arrived"], day["arrived_late"]) == (1, 1, 0)
    assert (await events_of(pool, order_id)).count("parcels.delivered") == 1


async def test_measured_days_are_what_eighty_of_a_hundred_kept(tx: Tx, ids: IdMaker) -> None:
    hours = [20] * 16 + [70] * 3 + [200]
    for each in hours:
        _, _, parcel = await a_parcel(tx, ids, region=6501, to=460105)
        await record_scans(
            tx,
            [news_of(parcel, (Progress.DELIVERED, each))],
            now=NOON + timedelta(days=20),
            zone=ZONE,
        )
    assert await storage.measure(tx, since=NOON, now=NOON + timedelta(days=20), least=20) >= 2
    found = await storage.lane_days(tx, {("shunfeng", 65, 46), ("", 65, 46), ("nobody", 65, 46)})
    assert found == {("shunfeng", 65, 46): 1, ("", 65, 46): 1}
    _, _, parcel = await a_parcel(tx, ids, region=6501, to=460105)
    assert parcel["promised_arrival_at"] == NOON + timedelta(days=1)  # by distance it would be six


async def test_a_lost_parcel_that_turns_up_is_lost_no_more(tx: Tx, ids: IdMaker) -> None:
    town, order_id, parcel = await a_parcel(tx, ids)
    for step in ((Progress.LOST, 20), (Progress.DELIVERED, 50)):
        later = NOON + timedelta(hours=60)
        await record_scans(tx, [news_of(parcel, step)], now=later, zone=ZONE)
    (day,) = await tx.fetch(_DAY, cell_of(order_id), town.shops[0])
    assert (day["parcels"], day["lost"], day["arrived"]) == (1, 0, 1)


async def test_a_question_is_asked_once_at_a_time_and_set_anew(tx: Tx, ids: IdMaker) -> None:
    _, order_id, parcel = await a_parcel(tx, ids, at=NOON - timedelta(days=300))
    now = NOON - timedelta(days=299)
    rows = await storage.claim_queries(tx, now=now, limit=50, again_in=timedelta(minutes=5))
    (mine,) = [row for row in rows if row["id"] == parcel["id"]]
    assert (mine["waybill"], mine["query_tries"]) == (parcel["waybill"], 1)
    assert not await storage.claim_queries(tx, now=now, limit=50, again_in=timedelta(minutes=5))
    await storage.ask_again(tx, parcel["id"], tries=1, at=None)
    row = await tx.fetchrow(_PARCEL, cell_of(order_id), order_id)
    assert row["query_at"] is None


@pytest.fixture
def key(market_settings: Settings) -> bytes:
    return read_key(market_settings.sandbox_key_file)


async def post(
    client: httpx.AsyncClient,
    key: bytes,
    body: Any,
    *,
    carrier: str = "standin",
    forge: bool = False,
) -> httpx.Response:
    path, raw = f"/api/v1/carriers/callbacks/{carrier}", json.dumps(body).encode()
    headers = signed_headers(key, "POST", path, raw, nonce="n" * 16, now=datetime.now(UTC))
    return await client.post(path, content=raw + (b" " if forge else b""), headers=headers)


async def test_the_callback_takes_what_is_signed_and_names_what_is_wrong(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker, key: bytes
) -> None:
    async with transaction(pool) as tx:
        _, order_id, parcel = await a_parcel(tx, ids, at=datetime.now(UTC) - timedelta(days=1))
    scan = {
        "id": "1",
        "progress": "accepted",
        "occurred_at": datetime.now(UTC).isoformat(),
        "place": "Hangzhou",
    }
    body = {"carrier": "shunfeng", "number": parcel["waybill"], "scans": [scan]}
    assert (await post(client, key, body)).json() == {"verdict": "taken"}
    assert (await post(client, key, body)).json() == {"verdict": "repeat"}
    assert (await post(client, key, body, forge=True)).status_code == 401
    assert (await post(client, key, body, carrier="nobody")).status_code == 404
    assert (await post(client, key, {**body, "number": "NOBODY1"})).status_code == 404
    wrong = {**body, "scans": [{**scan, "progress": "eaten"}]}
    assert (await post(client, key, wrong)).status_code == 422
    row = await pool.fetchrow(_PARCEL, cell_of(order_id), order_id)
    assert row["progress"] == "accepted"
