"""The bank of the sandbox: money it sends back after it had paid, told or not; its part of the bill."""

import csv
import io
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from jishi.sandbox.bank_book import BankBook
from tests.sandbox.harness import Api, Merchant

ZONE, DAY = ZoneInfo("Asia/Shanghai"), timedelta(days=1)  # the sandbox's own zone
OLD = """
CREATE TABLE transfer (
    out_transfer_no TEXT PRIMARY KEY, transfer_no TEXT NOT NULL UNIQUE,
    holder TEXT NOT NULL, bank TEXT NOT NULL, last4 TEXT NOT NULL,
    amount_minor INTEGER NOT NULL, currency TEXT NOT NULL, state TEXT NOT NULL,
    why TEXT NOT NULL DEFAULT '', ends_as TEXT NOT NULL, asks INTEGER NOT NULL DEFAULT 1,
    asked_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, ended_at INTEGER
) WITHOUT ROWID;
INSERT INTO transfer VALUES ('1', 'BT1', 'h', 'b', '1234', 5, 'CNY', 'succeeded', '', 'succeeded', 1, 0, 0, 0);
PRAGMA user_version = 1;
"""


def ask(number: str, notify_url: str, last4: str = "1234") -> dict[str, Any]:
    return {
        "out_transfer_no": number, "amount_minor": 900, "currency": "CNY", "holder": "Harbour Tea",
        "bank": "A Bank", "number": f"622202020000{last4}", "notify_url": notify_url,
    }  # fmt: skip


async def send_back(api: Api, number: str, **headers: str) -> httpx.Response:
    return await api.client.post(f"{api.url}/bank/transfers/{number}/return", headers=headers)


def told_of(merchant: Merchant, number: str) -> list[dict[str, Any]]:
    return [it for it in merchant.heard if it.get("out_transfer_no") == number]


async def test_a_person_sends_a_transfer_back_and_the_merchant_hears(
    api: Api, merchant: Merchant, number: str
) -> None:
    made = await api.call("POST", "/v1/bank/transfers", ask(number, merchant.notify_url))
    assert (made.status_code, made.json()["state"]) == (201, "succeeded")
    assert f"/bank/transfers/{number}/return" in (await api.client.get(f"{api.url}/bank")).text
    assert (await send_back(api, number, origin="https://evil.example")).status_code == 403
    assert (await send_back(api, number)).status_code == 303
    assert (await send_back(api, number)).status_code == 409
    assert (await send_back(api, "nothing")).status_code == 404
    await merchant.hears(lambda: bool(told_of(merchant, number)))
    (news,) = told_of(merchant, number)
    assert (news["event"], news["amount_minor"]) == ("transfer.returned", 900)
    said = (await api.call("GET", f"/v1/bank/transfers/{number}")).json()
    assert (said["state"], said["why"]) == ("returned", "returned")
    again = await api.call("POST", "/v1/bank/transfers", ask(number, merchant.notify_url))
    assert (again.status_code, again.json()["state"]) == (200, "returned")  # and pays nothing twice
    page = await api.client.get(f"{api.url}/bank", headers={"accept-language": "zh-CN"})
    assert "到账后退回" in page.text


async def test_a_return_by_itself_is_told_once(api: Api, merchant: Merchant, number: str) -> None:
    await api.call("POST", "/v1/bank/transfers", ask(number, merchant.notify_url, "0007"))
    await merchant.hears(lambda: bool(told_of(merchant, number)))
    assert len(told_of(merchant, number)) == 1


async def test_news_go_to_this_machine_only(api: Api, number: str) -> None:
    said = await api.call("POST", "/v1/bank/transfers", ask(number, "https://evil.example/"))
    assert (said.status_code, said.json()["code"]) == (422, "sandbox.address_not_allowed")
    assert (await api.call("GET", f"/v1/bank/transfers/{number}")).status_code == 404


async def test_the_bill_has_what_went_out_and_what_came_back(api: Api, number: str) -> None:
    await api.call("POST", "/v1/bank/transfers", ask(number, ""))
    await send_back(api, number)
    rows = []
    for day in sorted({str(datetime.now(ZONE).date()), str((datetime.now(ZONE) - DAY).date())}):
        bill = (await api.call("GET", f"/v1/bills/{day}")).text
        rows += [it for it in csv.DictReader(io.StringIO(bill)) if it["out_trade_no"] == number]
    assert [(it["kind"], it["amount_minor"]) for it in rows] == [
        ("payout", "-900"), ("payout_return", "900"),
    ]  # fmt: skip


def test_a_book_of_the_version_before_is_brought_up(tmp_path: Path) -> None:
    path = tmp_path / "bank.sqlite3"
    with sqlite3.connect(path) as old:
        old.executescript(OLD)
    old.close()
    for _ in range(2):
        book = BankBook(path)
        found = book.find_transfer("1")
        assert found is not None
        assert (found.shown_state, found.notify_url, found.returned_at) == ("succeeded", "", None)
        book.close()


def test_a_book_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "bank.sqlite3"
    with sqlite3.connect(path) as later:
        later.executescript("PRAGMA user_version = 99;")
    later.close()
    with pytest.raises(sqlite3.DatabaseError):
        BankBook(path)
