"""Labels and pick lists over HTTP, with a carrier that answers as told."""

import asyncio
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


async def printed(
    client: httpx.AsyncClient, stall: Stall, *labels: int, language: str = "en"
) -> httpx.Response:
    return await client.post(
        f"/merchant/{stall.shop_id}/orders/labels/print",
        data={"waybill_id": [str(each) for each in labels]},
        headers={**stall.headers("warehouse"), "cookie": f"lang={language}", "accept": "text/html"},
    )


def pages(raw: bytes) -> list[tuple[float, float]]:
    boxes = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", raw)
    return [(float(width), float(height)) for width, height in boxes]


def texts(raw: bytes) -> str:
    """What the pages say, sign by sign in the order drawn, read back through the fonts' own tables."""
    said: dict[int, bytes] = {}
    for found in re.finditer(rb"\n(\d+) 0 obj\n<<\n(.{,200}?)>>\nstream\r?\n", raw, re.DOTALL):
        length = int(re.findall(rb"/Length (\d+)", found[2])[0])
        packed = raw[found.end() : found.end() + length].strip()
        if b"ASCII85Decode" in found[2]:
            packed = base64.a85decode(packed.removesuffix(b"~>"))
        said[int(found[1])] = zlib.decompress(packed)
    tables = dict(re.findall(rb"/Name /(F\d+\+\d+).*?/ToUnicode (\d+) 0 R", raw, re.DOTALL))
    fonts = {name: _signs(said[int(table)]) for name, table in tables.items()}
    text = ""
    for page in (it for it in said.values() if b" Tf" in it):
        signs: dict[int, str] = {}
        for font, part in re.findall(
            rb"/(F[\d+]+) [\d.]+ Tf|\(((?:\\.|[^()\\])*)\) Tj", page, re.DOTALL
        ):
            if font:
                signs = fonts.get(font, {})
                continue
            plain = re.sub(
                rb"\\([0-7]{3}|.)",
                lambda m: bytes([int(m[1], 8)]) if len(m[1]) > 1 else _ESCAPES.get(m[1], m[1]),
                part,
                flags=re.DOTALL,
            )
            text += "".join(signs.get(code, chr(code)) for code in plain)
        text += "\n"
    return text


_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def _signs(table: bytes) -> dict[int, str]:
    """A font's ToUnicode table: what each of its codes stands for."""
    pairs = re.findall(rb"<(\w\w)> <(\w{4,6})>", table)
    return {int(code, 16): chr(int(sign, 16)) for code, sign in pairs}


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

    file = await printed(client, stall, row["id"], other["id"])
    assert file.status_code == 200
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
    refused = await printed(client, stall, row["id"])
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
    none = await printed(client, stall, row["id"])
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
    theirs = await printed(client, bare, row["id"])
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


async def test_a_second_print_says_that_it_is_one(
    client: httpx.AsyncClient, pool: Pool, stall: Stall, carrier: Carrier
) -> None:
    del carrier
    order = stall.orders["to_ship"]
    await make(client, stall, order)
    (row,) = await waybills(pool, order)
    first = texts((await printed(client, stall, row["id"])).content)
    assert "Signature" in first
    assert "Print " not in first
    assert "Print 2" in texts((await printed(client, stall, row["id"])).content)
    chinese = texts((await printed(client, stall, row["id"], language="zh-CN")).content)
    assert "第 3 次打印" in chinese
    assert "收件" in chinese
    page = await read(client, stall, "warehouse", f"{ORDERS}/labels")
    assert "printed 3 times" in page.text
    (row,) = await waybills(pool, order)
    assert row["prints"] == 3
    assert row["printed_at"] < datetime.now(UTC)


async def test_one_label_that_may_not_be_printed_keeps_the_whole_file_back(
    client: httpx.AsyncClient, pool: Pool, stall: Stall, ids: IdMaker, carrier: Carrier
) -> None:
    del carrier
    async with transaction(pool) as tx:
        gone = await an_order(tx, ids, stall.town, until="to_ship", at=datetime.now(UTC))
    await make(client, stall, stall.orders["late"], gone)
    (good,), (bad,) = await waybills(pool, stall.orders["late"]), await waybills(pool, gone)
    async with transaction(pool) as tx:
        asked = RefundAsked(order_id=gone, actor="shop", at=datetime.now(UTC), why="other")
        await refund(tx, [asked], ids)
    for language, text in (("en", "There is no label"), ("zh-CN", "不能打印面单")):
        answer = await printed(client, stall, good["id"], bad["id"], language=language)
        assert answer.status_code == 409
        assert text in answer.text
        assert str(gone) in answer.text
    assert (await waybills(pool, stall.orders["late"]))[0]["prints"] == 0
    none = await printed(client, stall)
    assert none.status_code == 422
    many = await printed(client, stall, *range(1, 202))
    assert many.status_code == 413


async def test_a_label_shows_what_is_left_and_a_used_one_all_of_it(
    client: httpx.AsyncClient, pool: Pool, stall: Stall, carrier: Carrier
) -> None:
    del carrier
    order = stall.orders["to_ship"]
    path = f"{ORDERS}/{order}/ship"
    await send(client, stall, "warehouse", path, carrier="SF", waybill="SF00001", q_1="1")
    await make(client, stall, order)
    (row,) = await waybills(pool, order)
    left = texts((await printed(client, stall, row["id"])).content)
    assert "×2" in left
    assert "×3" not in left
    await send(client, stall, "warehouse", f"{ORDERS}/labels/ship", waybill_id=[row["id"]])
    page = await read(client, stall, "warehouse", f"{ORDERS}/labels?order_id={order}")
    assert "Print again" in page.text
    assert "×3" in texts((await printed(client, stall, row["id"])).content)


async def test_the_label_of_an_order_that_left_under_another_number_is_given_back(
    client: httpx.AsyncClient, pool: Pool, stall: Stall, carrier: Carrier
) -> None:
    del carrier
    order = stall.orders["to_ship"]
    await make(client, stall, order)
    path = f"{ORDERS}/{order}/ship"
    await send(client, stall, "warehouse", path, carrier="SF", waybill="SF00009")
    payload = await pool.fetchval(
        "SELECT payload FROM outbox WHERE topic = 'orders.shipped' AND subject_id = $1", order
    )
    async with transaction(pool) as tx:
        now = datetime.now(UTC)
        await keep_labels(tx, [Event(1, "orders.shipped", order, payload, now)], now)
    (row,) = await waybills(pool, order)
    assert row["state"] == "cancelling"


async def ask_for_money_back(pool: Pool, ids: IdMaker, order: OrderId) -> None:
    """The buyer asks before anything was sent; the shop has not answered."""
    row = await pool.fetchrow(
        "SELECT o.shop_id, o.buyer_id, l.sku_id FROM sale_order o JOIN sale_order_line l"
        " ON l.cell = o.cell AND l.order_id = o.id WHERE o.cell = $1 AND o.id = $2",
        cell_of(order),
        order,
    )
    await pool.execute(
        "INSERT INTO aftersale_case (cell, id, shop_id, order_id, buyer_id, line, sku_id, quantity, kind,"
        " stage, reason, state, amount_minor, deadline, asked_at, moved_at)"
        " VALUES ($1, $2, $3, $4, $5, 1, $6, 1, 'refund', 'unshipped', 'other', 'asked', 1,"
        " now() + interval '1 day', now(), now())",
        cell_of(order),
        ids.make(cell_of(order)),
        row["shop_id"],
        order,
        row["buyer_id"],
        row["sku_id"],
    )


async def test_while_a_wish_for_money_back_is_unanswered_nothing_leaves_under_a_label(
    client: httpx.AsyncClient, pool: Pool, stall: Stall, ids: IdMaker, carrier: Carrier
) -> None:
    order, other = stall.orders["to_ship"], stall.orders["late"]
    await make(client, stall, order)
    (row,) = await waybills(pool, order)
    for each in (order, other):
        await ask_for_money_back(pool, ids, each)
    refused = await make(client, stall, other)
    assert "asks for money back before it is sent" in refused.text
    assert len(carrier.asked) == 1
    left = await send(client, stall, "warehouse", f"{ORDERS}/labels/ship", waybill_id=[row["id"]])
    assert "asks for money back before it is sent" in left.text
    scanned = await send(client, stall, "warehouse", f"{ORDERS}/scan", number=row["number"])
    assert scanned.status_code == 409
    form = await read(client, stall, "warehouse", f"{ORDERS}/ship?order_id={order}")
    assert "Answer that first" in form.text
    assert await state_of(pool, order) == 20


async def test_a_scanned_label_sends_its_parcel_off_once(
    client: httpx.AsyncClient, pool: Pool, stall: Stall, ids: IdMaker, carrier: Carrier
) -> None:
    del carrier
    order = stall.orders["to_ship"]
    await make(client, stall, order)
    (row,) = await waybills(pool, order)
    bare = await a_stall(pool, ids)
    theirs = await send(client, bare, "warehouse", f"{ORDERS}/scan", number=row["number"])
    assert theirs.status_code == 404
    done = await send(
        client, stall, "warehouse", f"{ORDERS}/scan", number=f" {row['number'].lower()} "
    )
    assert done.status_code == 200
    assert "has left" in done.text
    assert "×3" in done.text
    assert await state_of(pool, order) == 30
    again = await send(client, stall, "warehouse", f"{ORDERS}/scan", number=row["number"])
    assert again.status_code == 409
    assert "has left already" in again.text
    assert (await send(client, stall, "warehouse", f"{ORDERS}/scan", number="")).status_code == 404


async def test_of_two_scans_at_once_one_sends_the_parcel_and_prints_are_all_counted(
    client: httpx.AsyncClient, pool: Pool, stall: Stall, carrier: Carrier
) -> None:
    del carrier
    order = stall.orders["to_ship"]
    await make(client, stall, order)
    (row,) = await waybills(pool, order)
    prints = await asyncio.gather(*(printed(client, stall, row["id"]) for _ in range(4)))
    assert {it.status_code for it in prints} == {200}
    assert (await waybills(pool, order))[0]["prints"] == 4
    scans = await asyncio.gather(
        *(
            send(client, stall, "warehouse", f"{ORDERS}/scan", number=row["number"])
            for _ in range(4)
        )
    )
    assert sorted(it.status_code for it in scans) == [200, 409, 409, 409]
    parcels = "SELECT count(*) FROM parcel WHERE cell = $1 AND order_id = $2"
    assert await pool.fetchval(parcels, cell_of(order), order) == 1


async def test_orders_without_a_label_are_offered_by_deadline(
    client: httpx.AsyncClient, pool: Pool, stall: Stall, carrier: Carrier
) -> None:
    del carrier
    order, late = stall.orders["to_ship"], stall.orders["late"]
    page = (await read(client, stall, "warehouse", f"{ORDERS}/labels?next=1")).text
    assert page.index(str(late)) < page.index(str(order))
    await make(client, stall, late)
    assert len(await waybills(pool, late)) == 1
    page = (await read(client, stall, "warehouse", f"{ORDERS}/labels?next=1")).text
    assert str(late) not in page
    assert str(order) in page


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
    assert b"/FontFile2" in raw, "build the static files: the font is not there"
    alone = labels_pdf([one], WORDS)
    assert len(alone) < 80_000, "only the signs used are embedded"
    said = texts(alone)
    for each in ("顺丰速运", "SF000000000018", "浙江省杭州市西湖区", "请放前台", "3 件"):
        assert each in said
