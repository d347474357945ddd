"""Shipping, waybills, refunds and cancellations from the shop's pages, over ASGI."""

import re
from html import unescape

import httpx
import pytest
import pytest_asyncio

from jishi.db import Pool
from jishi.kit.ids import IdMaker, OrderId, cell_of
from tests.support.console import Stall, a_stall, read, send
from tests.support.makers import refunds_of, state_of

ORDERS = "/merchant/{shop}/orders"
PARCELS = "SELECT carrier, waybill FROM parcel WHERE cell = $1 AND order_id = $2 ORDER BY id"


@pytest_asyncio.fixture(loop_scope="session")
async def stall(pool: Pool, ids: IdMaker) -> Stall:
    return await a_stall(pool, ids)


async def parcels(pool: Pool, order_id: OrderId) -> list[tuple[str, str]]:
    return [tuple(row) for row in await pool.fetch(PARCELS, cell_of(order_id), order_id)]


async def test_an_order_is_shipped(client: httpx.AsyncClient, pool: Pool, stall: Stall) -> None:
    order = stall.orders["to_ship"]
    answer = await send(
        client,
        stall,
        "warehouse",
        f"{ORDERS}/{order}/ship",
        carrier="shunfeng",
        waybill=" sf 12345 ",
    )
    assert answer.status_code == 303
    assert answer.headers["location"].endswith(f"/orders/{order}")
    assert await state_of(pool, order) == 30
    assert await parcels(pool, order) == [("shunfeng", "SF12345")]


async def test_a_part_is_shipped_and_then_the_rest(
    client: httpx.AsyncClient, pool: Pool, stall: Stall
) -> None:
    order, path = stall.orders["to_ship"], f"{ORDERS}/{stall.orders['to_ship']}/ship"
    await send(client, stall, "owner", path, carrier="SF", waybill="SF00001", q_1="2")
    assert await state_of(pool, order) == 21
    again = await send(client, stall, "owner", path, carrier="SF", waybill="SF00001", q_1="1")
    assert again.status_code == 409  # the form was sent twice
    await send(
        client, stall, "owner", path, carrier_other="中通", carrier="", waybill="ZT00002", q_1="1"
    )
    assert await state_of(pool, order) == 30
    assert await parcels(pool, order) == [("shunfeng", "SF00001"), ("zhongtong", "ZT00002")]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ({"carrier": "", "waybill": "SF12345"}, "Choose the carrier"),
        ({"carrier": "nobody", "waybill": "SF12345"}, "No carrier has this name"),
        ({"carrier": "SF", "waybill": "#"}, "4 to 40 letters"),
        ({"carrier": "SF", "waybill": "SF12345", "q_1": "4"}, "0 to 3"),
        ({"carrier": "SF", "waybill": "SF12345", "q_1": "-1"}, "0 to 3"),
        ({"carrier": "SF", "waybill": "SF12345", "q_1": "x"}, "0 to 3"),
        ({"carrier": "SF", "waybill": "SF12345", "q_1": "0"}, "The parcel is empty"),
    ],
)
async def test_a_wrong_form_comes_back_with_what_to_mend(
    client: httpx.AsyncClient, pool: Pool, stall: Stall, form: dict[str, str], text: str
) -> None:
    order = stall.orders["to_ship"]
    answer = await send(client, stall, "owner", f"{ORDERS}/{order}/ship", **form)
    assert answer.status_code == 422
    assert text in answer.text
    assert form["waybill"] in answer.text
    assert await state_of(pool, order) == 20


@pytest.mark.parametrize(
    ("kind", "status"), [("unpaid", 409), ("shipped", 409), ("completed", 409), ("cancelled", 409)]
)
async def test_only_what_waits_is_shipped(
    client: httpx.AsyncClient, stall: Stall, kind: str, status: int
) -> None:
    path = f"{ORDERS}/{stall.orders[kind]}/ship"
    answer = await send(client, stall, "owner", path, carrier="SF", waybill="SF99999")
    assert answer.status_code == status


async def test_many_are_shipped_and_the_others_keep_their_reason(
    client: httpx.AsyncClient, pool: Pool, stall: Stall
) -> None:
    chosen = [stall.orders[kind] for kind in ("to_ship", "late", "completed")]
    form = await read(
        client, stall, "owner", f"{ORDERS}/ship?" + "&".join(f"order_id={it}" for it in chosen)
    )
    assert all(str(each) in form.text for each in chosen)
    answer = await send(
        client,
        stall,
        "owner",
        f"{ORDERS}/ship",
        order_id=[str(each) for each in chosen],
        carrier=["", "yunda", "yunda"],
        waybill=["AA11111", "#", "CC33333"],
        carrier_all="shentong",
    )
    assert answer.status_code == 422
    assert "1 order is shipped" in answer.text
    assert "4 to 40 letters" in answer.text
    assert "in another state by now" in answer.text
    assert [await state_of(pool, each) for each in chosen] == [30, 20, 100]
    assert await parcels(pool, chosen[0]) == [("shentong", "AA11111")]


async def test_rows_left_empty_stay(client: httpx.AsyncClient, pool: Pool, stall: Stall) -> None:
    chosen = [stall.orders["to_ship"], stall.orders["late"]]
    rows = {"order_id": [str(it) for it in chosen], "carrier": ["SF", "SF"]}
    nothing = await send(client, stall, "owner", f"{ORDERS}/ship", waybill=["", ""], **rows)
    assert nothing.status_code == 422
    assert "at least one waybill" in nothing.text
    some = await send(client, stall, "owner", f"{ORDERS}/ship", waybill=["", "SF55555"], **rows)
    assert some.status_code == 303
    assert [await state_of(pool, each) for each in chosen] == [20, 30]


async def test_a_sheet_is_shown_first_and_shipped_after(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker, stall: Stall
) -> None:
    other = await a_stall(pool, ids)
    good, late = stall.orders["to_ship"], stall.orders["late"]
    sheet = "\n".join(
        [
            "订单号,快递公司,运单号",
            f"{good},顺丰,SF1111111",
            f"{late},,YT2222222",
            f"{other.orders['to_ship']},顺丰,SF3333333",
            f"{stall.orders['completed']},顺丰,SF4444444",
            "3.82918E+17,顺丰,SF5555555",
            f"{good},顺丰,SF6666666",
        ]
    ).encode("gbk")
    preview = await client.post(
        ORDERS.replace("{shop}", str(stall.shop_id)) + "/waybills",
        data={"carrier": "yuantong"},
        files={"sheet": ("w.csv", sheet, "text/csv")},
        headers=stall.headers("warehouse") | {"accept-language": "en"},
    )
    assert preview.status_code == 200, preview.text[-500:]
    for text in (
        "no such order",
        "not waiting to be shipped",
        "rounded",
        "earlier row",
        "2 rows are right",
    ):
        assert text in preview.text
    assert await state_of(pool, good) == 20  # nothing has happened yet

    found = re.search(r'name="rows" value="([^"]*)"', preview.text)
    assert found is not None
    rows = unescape(found[1])
    done = await send(client, stall, "warehouse", f"{ORDERS}/waybills/commit", rows=rows)
    assert "2 orders shipped" in done.text
    assert [await state_of(pool, each) for each in (good, late)] == [30, 30]
    assert await parcels(pool, late) == [("yuantong", "YT2222222")]
    again = await send(client, stall, "warehouse", f"{ORDERS}/waybills/commit", rows=rows)
    assert "2 rows were not shipped" in again.text
    assert len(await parcels(pool, good)) == 1
    assert await state_of(pool, other.orders["to_ship"]) == 20


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ("", 422, "no row in it"),
        ("x" * 2_100_000, 413, "at most 5000 rows"),
        ("a\x00b", 422, "cannot be read"),
    ],
)
async def test_a_bad_sheet_is_refused(
    client: httpx.AsyncClient, stall: Stall, body: str, status: int, text: str
) -> None:
    answer = await send(client, stall, "owner", f"{ORDERS}/waybills", pasted=body)
    assert answer.status_code == status
    assert text in answer.text.replace(",", "")


async def test_the_template_lists_what_waits(client: httpx.AsyncClient, stall: Stall) -> None:
    text = (await read(client, stall, "owner", f"{ORDERS}/waybills.csv")).text
    assert str(stall.orders["to_ship"]) in text
    assert str(stall.orders["late"]) in text
    assert str(stall.orders["shipped"]) not in text


async def test_an_unshipped_order_is_refunded_once(
    client: httpx.AsyncClient, pool: Pool, stall: Stall
) -> None:
    order = stall.orders["to_ship"]
    path = f"{ORDERS}/{order}/refund"
    assert (await send(client, stall, "clerk", path, why="out_of_stock")).status_code == 303
    assert await state_of(pool, order) == 200
    assert [row["why"] for row in await refunds_of(pool, order)] == ["out_of_stock"]
    assert (await send(client, stall, "clerk", path, why="out_of_stock")).status_code == 409
    assert len(await refunds_of(pool, order)) == 1


async def test_an_unpaid_order_is_cancelled(
    client: httpx.AsyncClient, pool: Pool, stall: Stall
) -> None:
    order = stall.orders["unpaid"]
    path = f"{ORDERS}/{order}/cancel"
    assert (await send(client, stall, "owner", path, why="lapsed")).status_code == 422
    assert (await send(client, stall, "owner", path)).status_code == 422
    assert (await send(client, stall, "owner", path, why="other")).status_code == 303
    assert await state_of(pool, order) == 250
    refused = await send(
        client, stall, "owner", f"{ORDERS}/{stall.orders['shipped']}/cancel", why="other"
    )
    assert refused.status_code == 409


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("clerk", "{order}/ship", 403),
        ("stranger", "{order}/ship", 404),
        ("", "{order}/ship", 303),
        ("warehouse", "{order}/refund", 403),
        ("warehouse", "{order}/cancel", 403),
        ("clerk", "waybills", 403),
        ("clerk", "waybills/commit", 403),
        ("clerk", "ship", 403),
        ("operator", "{order}/refund", 404),
    ],
)
async def test_who_may_not(
    client: httpx.AsyncClient, pool: Pool, stall: Stall, role: str, path: str, status: int
) -> None:
    order = stall.orders["to_ship"]
    form = {"carrier": "SF", "waybill": "SF12345", "why": "other"}
    where = f"{ORDERS}/{path.replace('{order}', str(order))}"
    answer = await send(client, stall, role, where, **form)
    assert answer.status_code in ({status} if role else {303, 403})
    assert await state_of(pool, order) == 20


async def test_another_shops_order_is_not_found(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker, stall: Stall
) -> None:
    other = await a_stall(pool, ids)
    order = other.orders["to_ship"]
    form = {"carrier": "SF", "waybill": "SF12345", "why": "other"}
    for deed in ("ship", "refund", "cancel"):
        answer = await send(client, stall, "owner", f"{ORDERS}/{order}/{deed}", **form)
        assert answer.status_code == 404, deed
    assert (
        await read(client, stall, "owner", f"{ORDERS}/ship?order_id={order}")
    ).status_code == 404
    assert await state_of(pool, order) == 20


async def test_the_form_needs_an_order(client: httpx.AsyncClient, stall: Stall) -> None:
    assert (await read(client, stall, "owner", f"{ORDERS}/ship")).status_code == 422
    assert (await send(client, stall, "owner", f"{ORDERS}/ship")).status_code == 422


async def test_carriers_are_open_to_all(client: httpx.AsyncClient) -> None:
    body = (await client.get("/api/v1/carriers", params={"q": "顺丰"})).json()
    assert body["items"][0] == {"code": "shunfeng", "name": "顺丰速运", "name_en": "SF Express"}


async def test_odd_digits_are_no_server_fault(
    client: httpx.AsyncClient, pool: Pool, stall: Stall
) -> None:
    order = stall.orders["to_ship"]
    form = {"carrier": "SF", "waybill": "SF55555", "q_²": "1", "q_" + "9" * 5000: "1"}
    whole = await send(client, stall, "owner", f"{ORDERS}/{order}/ship", **form)
    assert whole.status_code == 303
    assert await state_of(pool, order) == 30
    rows = f"²\t{order}\tshunfeng\tSF1234\n{'9' * 5000}\t{order}\tshunfeng\tSF1234"
    nothing = await send(client, stall, "owner", f"{ORDERS}/waybills/commit", rows=rows)
    assert nothing.status_code == 422


async def test_more_orders_than_a_page_takes_are_refused_and_not_cut_off(
    client: httpx.AsyncClient, stall: Stall
) -> None:
    ids = "&".join(f"order_id={each}" for each in range(1, 102))
    assert (await read(client, stall, "owner", f"{ORDERS}/ship?{ids}")).status_code == 413
    many = await send(
        client,
        stall,
        "owner",
        f"{ORDERS}/ship",
        order_id=list(range(1, 102)),
        carrier=["SF"] * 101,
        waybill=["SF12345"] * 101,
    )
    assert many.status_code == 413


async def test_orders_to_one_door_are_named_and_may_share_a_parcel(
    client: httpx.AsyncClient, pool: Pool, stall: Stall
) -> None:
    one, other = stall.orders["to_ship"], stall.orders["late"]
    path = f"{ORDERS}/ship?order_id={one}&order_id={other}"
    for order, door in ((one, "1"), (other, "2")):
        await pool.execute(
            "UPDATE sale_order SET address = address || $3 WHERE cell = $1 AND id = $2",
            cell_of(order),
            order,
            {"receiver": "A", "phone": "13800138000", "detail": door},
        )
    assert "Same receiver" not in (await read(client, stall, "owner", path)).text
    await pool.execute(
        "UPDATE sale_order SET address = address || $3 WHERE cell = $1 AND id = $2",
        cell_of(other),
        other,
        {"detail": "1"},
    )
    assert (await read(client, stall, "owner", path)).text.count("Same receiver 1") == 2
    done = await send(
        client,
        stall,
        "owner",
        f"{ORDERS}/ship",
        order_id=[one, other],
        carrier=["SF", "SF"],
        waybill=["SF24680", "SF24680"],
    )
    assert done.status_code == 303
    assert await parcels(pool, one) == await parcels(pool, other) == [("shunfeng", "SF24680")]
