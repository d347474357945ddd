"""Labels and pick lists over HTTP, with a carrier that answers as told."""

import base64
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio

from jishi.db import Pool, transaction
from jishi.db.context import Context
from jishi.db.outbox import Event
from jishi.flows.dispatch import jobs
from jishi.flows.dispatch.label_pdf import LabelShown, LabelWords, labels_pdf
from jishi.flows.dispatch.listeners import keep_labels
from jishi.flows.refund_orders import RefundAsked, refund
from jishi.kit.ids import IdMaker, OrderId, cell_of
from jishi.modules.fulfilment import CarrierRefused, CarrierUnreachable
from jishi.modules.fulfilment.types_tracking import WaybillAsk, WaybillMade
from jishi.settings import Settings
from tests.support.console import Stall, a_stall, read, send
from tests.support.makers import an_order, state_of

ORDERS = "/merchant/{shop}/orders"
WORDS = LabelWords(title="Labels", to="To", sender="From", order="Order", signature="Signature")
_WAYBILLS = "SELECT * FROM waybill WHERE cell = $1 AND order_id = $2 ORDER BY id"


@dataclass
class Carrier:
    """A carrier as the market sees it; ``problem`` is raised instead of an answer."""

    name: str = "told"
    problem: Exception | None = None
    asked: list[WaybillAsk] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)

    def serves(self, carrier: str) -> bool:
        return carrier != "self"

    async def create_waybill(self, ask: WaybillAsk) -> WaybillMade:
        if self.problem:
            raise self.problem
        self.asked.append(ask)
        return WaybillMade(number=f"TT{ask.id}", route="1234-05")

    async def cancel_waybill(self, carrier: str, number: str) -> None:
        del carrier
        if self.problem:
            raise self.problem
        self.cancelled.append(number)


@pytest.fixture
def carrier(app: Any) -> Iterator[Carrier]:
    kept, told = app.state.carriers, Carrier()
    app.state.carriers = {"told": told}
    yield told
    app.state.carriers = kept


@pytest_asyncio.fixture(loop_scope="session")
async def stall(pool: Pool, ids: IdMaker) -> Stall:
    made = await a_stall(pool, ids)
    await pool.execute(
        "UPDATE warehouse SET region_code = 3301, contact = '发货部', phone = '057188886666',"
        " street = '文一西路 1 号' WHERE cell = $1 AND shop_id = $2",
        cell_of(made.shop_id),
        made.shop_id,
    )
    return made


async def waybills(pool: Pool, order_id: OrderId) -> list[Any]:
    return list(await pool.fetch(_WAYBILLS, cell_of(order_id), order_id))


async def make(client: httpx.AsyncClient, stall: Stall, *orders: OrderId) -> httpx.Response:
    return await send(
        client, stall, "warehouse", f"{ORDERS}/labels", order_id=list(orders), carrier="shunfeng"
    )


def pages(raw: bytes) -> list[tuple[float, float]]:
    boxes = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", raw)
    return [(float(width), float(height)) for width, height in boxes]


def texts(raw: bytes) -> str:
    """What the pages say: streams inflated, Chinese from UTF-16, escapes undone."""
    said = b""
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", raw, re.DOTALL):
        packed = stream.strip()
        said += zlib.decompress(base64.a85decode(packed[: packed.rindex(b"~>")]))
    found = [
        re.sub(
            rb"\\([0-7]{3}|[()\\])",
            lambda m: bytes([int(m[1], 8)]) if len(m[1]) > 1 else m[1],
            part,
        )
        for part in re.findall(rb"\(((?:\\.|[^()\\])*)\) Tj", said, re.DOTALL)
    ]
    return "\n".join(
        each.decode(how, "replace") for each in found for how in ("latin-1", "utf-16-be")
    )


async def test_a_label_is_made_printed_and_shipped_from(
    client: httpx.AsyncClient, pool: Pool, stall: Stall, carrier: Carrier
) -> None:
    order, late = stall.orders["to_ship"], stall.orders["late"]
    answer = await make(client, stall, order, late)
    assert answer.status_code == 200
    (row,), (other,) = await waybills(pool, order), await waybills(pool, late)
    assert (row["state"], row["pieces"], row["route"]) == ("made", 3, "1234-05")
    assert carrier.asked[0].sender.phone == "057188886666"
    assert row["number"] in answer.text

    file = await read(
        client,
        stall,
        "warehouse",
        f"{ORDERS}/labels.pdf?waybill_id={row['id']}&waybill_id={other['id']}",
    )
    assert file.headers["content-type"] == "application/pdf"
    assert [(round(w), round(h)) for w, h in pages(file.content)] == [(283, 510)] * 2
    assert row["number"] in texts(file.content)

    done = await send(
        client, stall, "warehouse", f"{ORDERS}/labels/ship", waybill_id=[row["id"], other["id"]]
    )
    assert done.status_code == 303
    assert await state_of(pool, order) == 30
    assert (await waybills(pool, order))[0]["state"] == "used"
    parcel = await pool.fetchrow(
        "SELECT carrier, waybill FROM parcel WHERE cell = $1 AND order_id = $2",
        cell_of(order),
        order,
    )
    assert tuple(parcel) == ("shunfeng", row["number"])


async def test_the_same_order_gets_one_label_at_a_time(
    client: httpx.AsyncClient, pool: Pool, stall: Stall, carrier: Carrier
) -> None:
    order = stall.orders["to_ship"]
    await make(client, stall, order)
    again = await make(client, stall, order)
    assert "has a label already" in again.text
    assert len(await waybills(pool, order)) == 1
    assert len(carrier.asked) == 1


@pytest.mark.parametrize(
    ("which", "text"),
    [
        ("cancelled", "was cancelled. There is no label"),
        ("refunded", "was refunded. There is no label"),
        ("unpaid", "is not paid. There is no label"),
        ("completed", "nothing is left to send"),
    ],
)
async def test_an_order_that_gets_no_label_is_named_with_its_reason(
    client: httpx.AsyncClient, pool: Pool, stall: Stall, carrier: Carrier, which: str, text: str
) -> None:
    answer = await make(client, stall, stall.orders[which])
    assert text in answer.text
    assert not await waybills(pool, stall.orders[which])
    assert not carrier.asked


async def test_a_label_of_an_order_refunded_meanwhile_is_not_printed_and_is_given_back(
    client: httpx.AsyncClient, pool: Pool, stall: Stall, ids: IdMaker, carrier: Carrier
) -> None:
    async with transaction(pool) as tx:
        order = await an_order(tx, ids, stall.town, until="to_ship", at=datetime.now(UTC))
    await make(client, stall, order)
    (row,) = await waybills(pool, order)
    async with transaction(pool) as tx:
        now = datetime.now(UTC)
        await refund(tx, [RefundAsked(order_id=order, actor="shop", at=now, why="other")], ids)
        event = Event(1, "orders.refunded", order, {"order_id": str(order)}, now)
        await keep_labels(tx, [event], now)
    refused = await read(client, stall, "warehouse", f"{ORDERS}/labels.pdf?waybill_id={row['id']}")
    assert refused.status_code == 409
    assert "was refunded. There is no label" in refused.text
    context = Context(
        pool=pool, maker=ids, settings=Settings(), services={"carriers": {"told": carrier}}
    )
    (job,) = jobs.make_jobs(context)
    await job.run(datetime.now(UTC))
    assert row["number"] in carrier.cancelled
    assert (await waybills(pool, order))[0]["state"] == "cancelled"


async def test_a_silent_carrier_is_asked_again_and_a_refusal_ends_it(
    client: httpx.AsyncClient, pool: Pool, stall: Stall, ids: IdMaker, carrier: Carrier
) -> None:
    order = stall.orders["late"]
    carrier.problem = CarrierUnreachable("silence")
    await make(client, stall, order)
    (row,) = await waybills(pool, order)
    assert (row["state"], row["attempts"]) == ("asked", 1)
    none = await read(client, stall, "warehouse", f"{ORDERS}/labels.pdf?waybill_id={row['id']}")
    assert none.status_code == 409
    carrier.problem = CarrierRefused("blocked", "no")
    context = Context(
        pool=pool, maker=ids, settings=Settings(), services={"carriers": {"told": carrier}}
    )
    (job,) = jobs.make_jobs(context)
    await pool.execute(
        "UPDATE waybill SET retry_at = now() WHERE cell = $1 AND id = $2", row["cell"], row["id"]
    )
    await job.run(datetime.now(UTC))
    (row,) = await waybills(pool, order)
    assert (row["state"], row["last_error"]) == ("failed", "blocked")


async def test_labels_without_a_sender_too_many_or_of_another_shop_are_refused(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker, stall: Stall, carrier: Carrier
) -> None:
    del carrier
    bare = await a_stall(pool, ids)
    answer = await make(client, bare, bare.orders["to_ship"])
    assert "Write contact, phone and address" in answer.text
    many = await make(client, stall, *(OrderId(each) for each in range(1, 202)))
    assert many.status_code == 413
    await make(client, stall, stall.orders["to_ship"])
    (row,) = await waybills(pool, stall.orders["to_ship"])
    theirs = await read(client, bare, "warehouse", f"{ORDERS}/labels.pdf?waybill_id={row['id']}")
    assert theirs.status_code == 404
    unconnected = await send(
        client,
        stall,
        "warehouse",
        f"{ORDERS}/labels",
        order_id=[stall.orders["late"]],
        carrier="self",
    )
    assert unconnected.status_code == 422


async def test_pick_lists_go_by_warehouse_and_shelf(
    client: httpx.AsyncClient, pool: Pool, stall: Stall
) -> None:
    await pool.execute(
        "UPDATE stock SET location = 'A-03-2' WHERE cell = $1 AND shop_id = $2",
        cell_of(stall.shop_id),
        stall.shop_id,
    )
    page = await read(client, stall, "warehouse", f"{ORDERS}/pick")
    assert "A-03-2" in page.text
    one = await read(
        client, stall, "warehouse", f"{ORDERS}/pick?order_id={stall.orders['to_ship']}"
    )
    assert "1 orders, 3 pieces" in one.text
    file = await read(client, stall, "warehouse", f"{ORDERS}/pick.pdf")
    assert [(round(w), round(h)) for w, h in pages(file.content)] == [(595, 842)]


def test_two_hundred_labels_in_chinese_are_two_hundred_pages() -> None:
    one = LabelShown(
        carrier="顺丰速运",
        number="SF000000000018",
        route="571-12",
        order="1234567890",
        receiver=("收件人", "13800138000", "浙江省杭州市西湖区文一西路 969 号 " * 5),
        sender=("发货部", "057188886666", "广东省深圳市南山区"),
        goods="山里来信 红 ×2; " * 30,
        note="请放前台",
        pieces="3 件",
        made_on="2025-11-22",
    )
    raw = labels_pdf([one] * 200, WORDS)
    assert len(pages(raw)) == 200
    assert b"STSong-Light" in raw
    assert "SF000000000018" in texts(labels_pdf([one], WORDS))
