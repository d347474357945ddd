"""Spreadsheets over HTTP: pages in both languages, downloads, the API, and who may."""

import io
from typing import Any

import httpx
from openpyxl import load_workbook

from jishi import db
from jishi.flows.edit_by_sheet.working import carry_out
from jishi.kit.ids import IdMaker
from tests.flows.list_products.test_routes import an_owner, kept
from tests.support.goods import COLOURS, NOW
from tests.support.staff import a_member


def a_csv(*rows: tuple[Any, ...], encoding: str = "gbk") -> dict[str, Any]:
    lines = [("SKU 编号", "价格", "标题"), *rows]
    text = "\r\n".join(",".join(map(str, row)) for row in lines)
    return {"file": ("商品.csv", text.encode(encoding), "text/csv")}


async def test_an_upload_is_checked_shown_confirmed_and_undone(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, (product,) = await an_owner(
        client, pool, ids, {"attributes": COLOURS, "state": "listed"}
    )
    base = f"/merchant/{shop.id}/goods/sheets"
    red, blue = (sku.id for sku in product.skus)
    sent = await owner.post(base, files=a_csv((red, "11.00", "新名"), (blue, "much", "")))
    assert sent.status_code == 303, sent.text
    path = sent.headers["location"]
    page = (await owner.get(path)).text
    assert "1 row will be changed" in page
    assert "1 row is wrong" in page
    assert "This is no amount of money." in page
    assert (await kept(pool, shop, product.id)).title == product.title  # nothing changed yet
    assert (await owner.post(f"{path}/confirm")).status_code == 303
    assert "Being applied" in (await owner.get(f"{path}")).text
    sheet_id = int(path.rsplit("/", 1)[1])
    await carry_out(pool, shop.id, sheet_id, ids=ids, now=NOW)
    changed = await kept(pool, shop, product.id)
    assert (changed.title, changed.skus[0].price_minor) == ("新名", 1100)
    report = await owner.get(f"{path}/report?format=csv")
    assert "This is no amount of money." in report.text
    assert "much" in report.text
    listing = (await owner.get(base)).text
    assert "商品.csv" in listing
    assert "Applied" in listing
    chinese = await client.get(path, headers={"cookie": owner._cookie["cookie"][:-2] + "zh-CN"})
    assert "这不是金额" in chinese.text


async def test_the_download_can_be_uploaded_again_and_changes_nothing(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, _made = await an_owner(client, pool, ids, {"attributes": COLOURS}, {})
    base = f"/merchant/{shop.id}/goods/sheets"
    for kind in ("xlsx", "csv"):
        raw = (await owner.get(f"{base}/download?format={kind}")).content
        if kind == "xlsx":
            sheet = load_workbook(io.BytesIO(raw)).worksheets[0]
            assert sheet.max_row == 4
            assert sheet["A2"].value.isdigit()
        sent = await owner.post(base, files={"file": (f"goods.{kind}", raw, "x")})
        page = (await owner.get(sent.headers["location"])).text
        assert "3 rows change nothing" in page
        assert "0 rows are wrong" in page


async def test_a_bad_file_is_told_on_the_page(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, _made = await an_owner(client, pool, ids)
    base = f"/merchant/{shop.id}/goods/sheets"
    answer = await owner.post(base, files={"file": ("a.csv", b"a,b\n1,2\n", "text/csv")})
    assert answer.status_code == 422
    assert "The first row must name the columns" in answer.text
    assert (await owner.post(base, files={"other": ("a", b"", "x")})).status_code == 422


async def test_rows_go_in_and_verdicts_come_out_as_json(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, (product,) = await an_owner(client, pool, ids, {"attributes": COLOURS})
    red, blue = (str(sku.id) for sku in product.skus)
    rows = [{"sku_id": red, "price": "11.00", "odd": "1"}, {"sku_id": blue, "price": "0"}]
    made = await owner.api("POST", f"/shops/{shop.id}/sheets", json={"rows": rows})
    assert made.status_code == 201, made.text
    sheet = made.json()
    assert (sheet["rows"], sheet["strange"]) == ({"good": 1, "wrong": 1}, ["odd"])
    path = f"/shops/{shop.id}/sheets/{sheet['id']}"
    wrong = (await owner.api("GET", f"{path}/rows?state=wrong")).json()["items"]
    assert [it["errors"][0]["code"] for it in wrong] == ["cell.number"]
    whole = await owner.api("POST", f"{path}/confirm", json={"whole": True})
    assert (whole.status_code, whole.json()["code"]) == (409, "sheets.has_wrong_rows")
    assert (await owner.api("POST", f"{path}/confirm", json={})).status_code == 202
    await carry_out(pool, shop.id, int(sheet["id"]), ids=ids, now=NOW)
    assert (await owner.api("GET", path)).json()["state"] == "applied"
    assert (await owner.api("POST", f"{path}/undo")).status_code == 409  # long ago, by the clock
    listed = (await owner.api("GET", f"/shops/{shop.id}/sheets")).json()["items"]
    assert [it["id"] for it in listed] == [sheet["id"]]


async def test_the_warehouse_may_not_and_another_shop_sees_nothing(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, (product,) = await an_owner(client, pool, ids, {})
    other, elsewhere, _ = await an_owner(client, pool, ids)
    porter = await a_member(client, pool, ids, shop, "warehouse")
    base = f"/merchant/{shop.id}/goods/sheets"
    assert (await porter.get(base)).status_code == 403
    sent = await owner.post(base, files=a_csv((product.skus[0].id, "11.00", "")))
    sheet_id = sent.headers["location"].rsplit("/", 1)[1]
    theirs = f"/merchant/{elsewhere.id}/goods/sheets/{sheet_id}"
    assert (await other.get(theirs)).status_code == 404
    assert (await other.post(f"{theirs}/confirm")).status_code == 404
