"""Standing over HTTP: the whole journey in forms, every page in both languages, and who may not."""

import io
import re
from datetime import UTC, datetime

import httpx
import pytest
import pytest_asyncio
from PIL import Image

from jishi.db import Pool, transaction
from jishi.flows.score_shops import score_next
from jishi.kit.ids import IdMaker, cell_of
from jishi.modules import accounts
from jishi.modules.shops.rules_papers import registration_check
from tests.support.console import Stall, a_person, a_stall, read, send
from tests.support.standing import balances, be_kind, shop_state


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stall(pool: Pool, ids: IdMaker) -> Stall:
    made = await a_stall(pool, ids)
    made.people["judge"], made.tokens["judge"] = await a_person(
        pool, ids, "Judge", now=datetime.now(UTC)
    )
    async with transaction(pool) as tx:
        await accounts.grant_role(tx, made.people["judge"], "operator", now=datetime.now(UTC))
        while await score_next(tx, zone="Asia/Shanghai", now=datetime.now(UTC)):
            pass
    return made


def a_picture() -> dict[str, tuple[str, bytes, str]]:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "#c8a").save(out, "PNG")
    return {"picture": ("paper.png", out.getvalue(), "image/png")}


async def upload(
    client: httpx.AsyncClient, stall: Stall, role: str, path: str, field: str, **form: str
) -> httpx.Response:
    headers = {**stall.headers(role), "accept-language": "en", "accept": "text/html"}
    where = path.replace("{shop}", str(stall.shop_id))
    return await client.post(
        where, data=form, files={field: a_picture()["picture"]}, headers=headers
    )


async def shown(client: httpx.AsyncClient, stall: Stall, role: str, path: str) -> str:
    """The page in English; it must be there in Chinese too."""
    answer = await read(client, stall, role, path)
    assert answer.status_code == 200, (path, answer.status_code, answer.text[-1500:])
    headers = {**stall.headers(role), "accept-language": "zh-CN", "accept": "text/html"}
    zh = await client.get(path.replace("{shop}", str(stall.shop_id)), headers=headers)
    assert zh.status_code == 200, path
    assert 'lang="zh-CN"' in zh.text
    return answer.text


def found_path(answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text[-2000:]
    return answer.headers["location"]


PAGES = [
    ("owner", "/merchant/{shop}/standing"),
    ("owner", "/merchant/{shop}/application"),
    ("owner", "/merchant/{shop}/permits"),
    ("owner", "/merchant/{shop}/deposit"),
    ("owner", "/shops/open"),
    ("operator", "/operator/applications"),
    ("operator", "/operator/applications?view=decided"),
    ("operator", "/operator/violations"),
    ("operator", "/operator/violations?view=ended"),
    ("operator", "/operator/violations/new?shop={shop}"),
    ("operator", "/operator/shops/{shop}/deposit"),
    ("", "/s/{shop}/about"),
    ("", "/rules"),
    ("", "/rules/score"),
]


@pytest.mark.parametrize(("role", "path"), PAGES)
async def test_a_page_opens_in_both_languages(
    client: httpx.AsyncClient, stall: Stall, role: str, path: str
) -> None:
    await shown(client, stall, role, path)


async def test_clerks_and_strangers_stay_out(client: httpx.AsyncClient, stall: Stall) -> None:
    for role, path in PAGES:
        if role == "owner" and "{shop}" in path:
            assert (await read(client, stall, "clerk", path)).status_code == 403
            assert (await read(client, stall, "stranger", path)).status_code == 404
        if role == "operator":
            assert (await read(client, stall, "owner", path)).status_code == 403


async def test_a_business_applies_is_sent_back_mends_and_is_approved(
    client: httpx.AsyncClient, pool: Pool, ids: IdMaker, stall: Stall
) -> None:
    base = "/merchant/{shop}/application"
    await send(client, stall, "owner", base + "/start", kind="business")
    text = await shown(client, stall, "owner", base)
    version = re.search(r'name="version" value="(\d+)"', text)
    assert version
    wrong = {"do": "submit", "version": version[1], "registration_number": "91350100M000100Y44"}
    answer = await send(client, stall, "owner", base, **wrong)
    assert answer.status_code == 422
    assert "unified social credit code" in answer.text
    version = re.search(r'name="version" value="(\d+)"', answer.text)
    assert version
    body = "91350100M" + f"{ids.make(0) % 10**8:08d}"
    form = {
        "do": "submit", "version": version[1], "company_name": "Mountain Letters Ltd",
        "registration_number": body + registration_check(body), "legal_person": "L. Zhixia",
    }  # fmt: skip
    found_path(await upload(client, stall, "owner", base, "file_licence_paper_id", **form))
    queue = await shown(client, stall, "operator", "/operator/applications")
    one = re.search(r"/operator/applications/(\d+)", queue)
    assert one
    path = f"/operator/applications/{one[1]}"
    assert "Take it on" in await shown(client, stall, "operator", path)
    refused = await send(client, stall, "operator", path + "/decide", do="approve")
    assert refused.status_code == 409
    await send(client, stall, "operator", path + "/claim")
    page = await shown(client, stall, "operator", path)
    paper = re.search(r"/operator/papers/\d+/480.webp", page)
    assert paper
    assert (await read(client, stall, "operator", paper[0])).status_code == 200
    assert (await read(client, stall, "owner", paper[0])).status_code == 403
    assert (await client.get(paper[0].replace("/operator/papers", "/media"))).status_code == 404
    none = await send(client, stall, "operator", path + "/decide", do="send_back")
    assert none.status_code == 422
    await send(
        client, stall, "operator", path + "/decide", do="send_back", reason="legal_person:differs"
    )
    text = await shown(client, stall, "owner", base)
    assert "It differs from the paper" in text
    version = re.search(r'name="version" value="(\d+)"', text)
    kept = re.search(r'name="licence_paper_id" value="(\d+)"', text)
    assert version
    assert kept
    again = {**form, "version": version[1], "licence_paper_id": kept[1]}
    found_path(await send(client, stall, "owner", base, **again))
    await send(client, stall, "operator", path + "/claim")
    found_path(await send(client, stall, "operator", path + "/decide", do="approve"))
    assert "Mountain Letters Ltd" in await shown(client, stall, "", "/s/{shop}/about")
    await shown(client, stall, "operator", "/operator/audit")
    assert (
        await pool.fetchval(
            "SELECT kind FROM shop WHERE cell = $1 AND id = $2",
            cell_of(stall.shop_id),
            stall.shop_id,
        )
        == "business"
    )


async def test_a_permit_is_handed_in_and_decided(client: httpx.AsyncClient, stall: Stall) -> None:
    base = "/merchant/{shop}/permits"
    wrong = await send(client, stall, "owner", base, kind="food", number="12")
    assert wrong.status_code == 422
    assert "Add a picture of the permit" in wrong.text
    form = {
        "kind": "food",
        "number": "jy11101010001234",
        "valid_from": "2024-01-01",
        "valid_until": "2099-01-01",
    }
    found_path(await upload(client, stall, "owner", base, "paper", **form))
    queue = await shown(client, stall, "operator", "/operator/applications")
    one = re.search(r"/operator/permits/\d+", queue)
    assert one
    await shown(client, stall, "operator", one[0])
    await send(client, stall, "operator", one[0] + "/claim")
    await shown(client, stall, "operator", one[0])
    found_path(await send(client, stall, "operator", one[0] + "/decide", do="approve"))
    assert "JY11101010001234" in await shown(client, stall, "", "/s/{shop}/about")


async def test_a_case_goes_from_announcement_to_an_upheld_appeal(
    client: httpx.AsyncClient, pool: Pool, stall: Stall
) -> None:
    async with transaction(pool) as tx:
        await be_kind(tx, stall.shop_id, "business")
    record = "/operator/shops/{shop}/deposit"
    form = {"amount": "100", "reference": f"R{stall.shop_id}"}
    assert (await send(client, stall, "operator", record, **form)).status_code == 422
    found_path(await upload(client, stall, "operator", record, "paper", **form))
    assert (await upload(client, stall, "operator", record, "paper", **form)).status_code == 409
    case = {
        "shop": str(stall.shop_id),
        "rule_code": "false-goods",
        "statement": "Not wool.",
        "penalty": "deduction",
        "deduction": "30",
    }
    refused = await send(client, stall, "operator", "/operator/violations/new", **case)
    assert refused.status_code == 422
    assert "No penalty without evidence" in refused.text
    case["orders"] = str(stall.orders["completed"])
    path = found_path(await send(client, stall, "operator", "/operator/violations/new", **case))
    mine = "/merchant/{shop}/standing/cases/" + path.rsplit("/", 1)[1]
    await shown(client, stall, "operator", path)
    assert str(stall.orders["completed"]) in await shown(client, stall, "owner", mine)
    await upload(client, stall, "owner", mine + "/answer", "pictures", text="It was wool.")
    await send(client, stall, "operator", path + "/rule", do="uphold", text="It was not.")
    assert (await balances(pool, stall.shop_id))["deposit:shop"] == -7_000  # type: ignore[arg-type]
    await send(client, stall, "owner", mine + "/appeal", text="Look again.")
    assert "Another operator judges" in await shown(client, stall, "operator", path)
    await send(client, stall, "operator", path + "/judge", do="uphold", text="x")
    assert (await balances(pool, stall.shop_id))["deposit:shop"] == -7_000  # type: ignore[arg-type]
    await shown(client, stall, "judge", path)
    await send(client, stall, "judge", path + "/judge", do="uphold", text="Right.")
    assert (await balances(pool, stall.shop_id))["deposit:shop"] == -10_000  # type: ignore[arg-type]
    assert "All of it was taken back" in await shown(client, stall, "owner", mine)
    assert "Deduction taken back" in await shown(client, stall, "owner", "/merchant/{shop}/deposit")
    await shown(client, stall, "owner", "/merchant/{shop}/standing")
    assert (
        await read(client, stall, "owner", "/merchant/{shop}/standing/cases/5")
    ).status_code == 404


@pytest.mark.parametrize("figure", ["dispatch", "on_time", "returns", "disputes", "reviews"])
async def test_figures_drill_down_to_their_orders(
    client: httpx.AsyncClient, stall: Stall, figure: str
) -> None:
    for view in ("", "?view=all"):
        await shown(client, stall, "owner", "/merchant/{shop}/standing/figures/" + figure + view)
    assert (
        await read(client, stall, "owner", "/merchant/{shop}/standing/figures/x")
    ).status_code == 404


async def test_closing_asks_for_the_name_and_for_ended_orders(
    client: httpx.AsyncClient, pool: Pool, stall: Stall
) -> None:
    assert (
        await send(client, stall, "manager", "/merchant/{shop}/close", name="x")
    ).status_code == 403
    assert (
        await send(client, stall, "owner", "/merchant/{shop}/close", name="x")
    ).status_code == 422
    name = await pool.fetchval(
        "SELECT name FROM shop WHERE cell = $1 AND id = $2", cell_of(stall.shop_id), stall.shop_id
    )
    answer = await send(client, stall, "owner", "/merchant/{shop}/close", name=name)
    assert answer.status_code == 409
    async with pool.acquire() as connection:
        assert await shop_state(connection, stall.shop_id) == "open"
