"""Overdue and ended parcels of a shop: paged, in both languages, only what someone can still act on."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import httpx
import pytest
import pytest_asyncio

from jishi.db import Pool
from jishi.kit.ids import IdMaker, OrderId, cell_of
from tests.support.console import Stall, a_stall, read

LATE, ENDED = "/merchant/{shop}/deliveries/late", "/merchant/{shop}/deliveries/ended"
_PARCELS = """
INSERT INTO parcel (cell, id, order_id, shop_id, carrier, waybill, shipped_at, progress, promised_arrival_at)
SELECT $1, id, $2, $3, 'shunfeng', $6 || n, $4::timestamptz - interval '2 days', $5, $4
FROM unnest($7::bigint[]) WITH ORDINALITY p(id, n)
"""


@pytest_asyncio.fixture(loop_scope="session")
async def stall(pool: Pool, ids: IdMaker) -> Stall:
    return await a_stall(pool, ids)


async def parcels(
    pool: Pool, ids: IdMaker, stall: Stall, which: str, count: int, *, days: int, name: str
) -> None:
    """``count`` parcels of an order that were promised for ``days`` ago, called ``name`` 1, 2 …"""
    order: OrderId = stall.orders[which]
    cell, at = cell_of(order), datetime.now(UTC) - timedelta(days=days)
    progress = "lost" if name == "LOST" else "shipped"
    made = [ids.make(cell) for _ in range(count)]
    await pool.execute(_PARCELS, cell, order, stall.shop_id, at, progress, name, made)


def waybills(page: str) -> list[str]:
    return re.findall(r'class="mono">([A-Z]+\d+)<', page)


def next_of(page: str) -> str:
    (found,) = re.findall(r'href="([^"]*[?&]after=[^"]*)"', page)
    return unescape(found)


@pytest.mark.parametrize(("path", "name"), [(LATE, "LATE"), (ENDED, "LOST")])
async def test_a_long_list_is_paged(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker, stall: Stall, path: str, name: str
) -> None:
    await parcels(pool, ids, stall, "shipped", 25, days=3, name=name)
    first = await read(client, stall, "clerk", path)
    assert len(waybills(first.text)) == 20
    second = await read(client, stall, "clerk", next_of(first.text))
    assert len(waybills(second.text)) == 5
    assert {*waybills(first.text), *waybills(second.text)} == {f"{name}{n}" for n in range(1, 26)}
    report = await read(client, stall, "clerk", "/merchant/{shop}/deliveries")
    assert len(waybills(report.text)) == 10
    assert path.replace("{shop}", str(stall.shop_id)) in report.text
    assert (await read(client, stall, "clerk", f"{path}?after=nonsense")).status_code == 422
    assert (await read(client, stall, "stranger", path)).status_code == 404


async def test_only_parcels_that_somebody_waits_for_are_overdue(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker, stall: Stall
) -> None:
    await parcels(pool, ids, stall, "shipped", 1, days=1, name="DUE")
    await parcels(pool, ids, stall, "shipped", 1, days=-1, name="SOON")
    await parcels(pool, ids, stall, "shipped", 1, days=40, name="FORGOTTEN")
    await parcels(pool, ids, stall, "completed", 1, days=1, name="THERE")
    assert waybills((await read(client, stall, "owner", LATE)).text) == ["DUE1"]


@pytest.mark.parametrize(
    ("language", "late", "ended"),
    [("en", "Should have arrived", "Came back or lost"), ("zh-CN", "该到未到", "退回或丢失")],
)
async def test_the_lists_stand_in_both_languages_with_labels_for_phones(
    client: httpx.AsyncClient,
    pool: Pool,
    ids: IdMaker,
    stall: Stall,
    language: str,
    late: str,
    ended: str,
) -> None:
    for path, text in ((LATE, late), (ENDED, ended)):
        empty = await client.get(
            path.replace("{shop}", str(stall.shop_id)),
            headers={**stall.headers("owner"), "cookie": f"lang={language}"},
        )
        assert empty.status_code == 200
        assert text in empty.text
    await parcels(pool, ids, stall, "shipped", 1, days=1, name="DUE")
    assert 'data-label="Promised for"' in (await read(client, stall, "owner", LATE)).text
