import csv
import io
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from jishi.sandbox import signing
from tests.sandbox.harness import KEY, Api, Merchant, SandboxProcess


async def test_a_payment_is_created_once_per_number(
    api: Api, merchant: Merchant, number: str
) -> None:
    first = await api.create(number, merchant)
    again = await api.create(number, merchant)
    other = await api.create(number, merchant, amount_minor=1)
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.json()["trade_no"] == again.json()["trade_no"]
    assert first.json()["pay_url"] == f"{api.url}/pay/{first.json()['trade_no']}"
    assert other.json()["code"] == "sandbox.number_taken"
    assert "notify_url" not in first.json()


@pytest.mark.parametrize(
    ("_case", "changes"),
    [
        ("no money", {"amount_minor": 0}),
        ("negative", {"amount_minor": -1}),
        ("a fraction", {"amount_minor": 1.5}),
        ("money as text", {"amount_minor": "100"}),
        ("too much", {"amount_minor": 10**13}),
        ("currency", {"currency": "yuan"}),
        ("no subject", {"subject": ""}),
        ("long subject", {"subject": "x" * 129}),
        ("a number with a slash", {"out_trade_no": "../1"}),
        ("a long number", {"out_trade_no": "1" * 65}),
        ("a window without a zone", {"expires_at": "2027-01-01T00:00:00"}),
        ("a window that is past", {"expires_at": "2020-01-01T00:00:00Z"}),
        ("an unknown field", {"colour": "red"}),
        ("news to another machine", {"notify_url": "http://169.254.169.254/latest"}),
        ("payers to another machine", {"return_url": "https://evil.example/"}),
        ("payers into a script", {"return_url": "javascript:alert(1)"}),
    ],
)
async def test_a_payment_that_does_not_read_is_refused(
    api: Api, merchant: Merchant, number: str, _case: str, changes: dict[str, Any]
) -> None:
    answer = await api.create(number, merchant, **changes)
    assert answer.status_code == 422
    assert (await api.call("GET", f"/v1/payments/{number}")).status_code == 404


async def test_bodies_that_are_no_json_or_too_large_are_refused(api: Api) -> None:
    assert (await api.call("POST", "/v1/payments")).status_code == 422
    assert (await api.call("POST", "/v1/payments", "x" * 70_000)).status_code == 413


async def test_unsigned_and_replayed_requests_are_refused(
    sandbox: SandboxProcess, api: Api, merchant: Merchant, number: str
) -> None:
    await api.create(number, merchant)
    path = f"/v1/payments/{number}"
    signed = signing.headers_for(
        KEY, method="GET", path=path, body=b"", nonce=secrets.token_hex(16), now=datetime.now(UTC)
    )
    async with httpx.AsyncClient(base_url=sandbox.url, trust_env=False) as client:
        assert (await client.get(path)).status_code == 401
        assert (await client.get(path, headers=signed)).status_code == 200
        assert (await client.get(path, headers=signed)).status_code == 401
        assert (await client.get(f"{path}?x=1", headers=signed)).status_code == 401
    assert (await Api(sandbox.url, key=b"x" * 32).call("GET", path)).status_code == 401


async def test_a_payment_is_paid_told_and_shown(api: Api, merchant: Merchant, number: str) -> None:
    await api.create(number, merchant)
    paid = await api.pay(number)
    assert paid.json()["state"] == "paid"
    await merchant.hears(lambda: merchant.events(number) == ["payment.paid"])
    shown = (await api.call("GET", f"/v1/payments/{number}")).json()
    assert (shown["state"], shown["paid_at"]) == ("paid", paid.json()["paid_at"])
    assert (await api.pay(number)).json()["code"] == "sandbox.already_paid"
    assert (await api.call("POST", f"/v1/payments/{number}/close")).status_code == 409

    line, headers, body = next(one for one in merchant.raw if number.encode() in one[2])
    assert line.split()[:2] == ["POST", "/callbacks/sandbox?m=1"]
    signing.check(
        KEY,
        headers,
        method="POST",
        path="/callbacks/sandbox?m=1",
        body=body,
        now=datetime.now(UTC),
    )
    news = merchant.heard[0]
    assert (news["amount_minor"], news["currency"]) == (25_000, "CNY")
    assert news["trade_no"] == shown["trade_no"]


async def test_closing_is_told_once_and_ends_paying(
    api: Api, merchant: Merchant, number: str
) -> None:
    await api.create(number, merchant)
    for _ in range(2):
        assert (await api.call("POST", f"/v1/payments/{number}/close")).json()["state"] == "closed"
    await merchant.hears(lambda: merchant.events(number) == ["payment.closed"])
    assert (await api.pay(number)).json()["code"] == "sandbox.payment_closed"


async def test_a_window_that_passes_closes_the_payment_by_itself(
    api: Api, merchant: Merchant, number: str
) -> None:
    await api.create(number, merchant, expires_at=datetime.now(UTC) + timedelta(seconds=1))
    await merchant.hears(lambda: merchant.events(number) == ["payment.closed"])
    assert (await api.call("GET", f"/v1/payments/{number}")).json()["state"] == "closed"


async def test_late_twice_out_of_order_never_and_failed(
    api: Api, merchant: Merchant, number: str
) -> None:
    numbers = {kind: f"{number}-{kind}" for kind in ("late", "twice", "order", "silent", "fail")}
    for one in numbers.values():
        await api.create(one, merchant)
    await api.pay(numbers["silent"], behaviour="silent")
    assert (await api.pay(numbers["fail"], behaviour="fail")).json()["state"] == "open"
    await api.pay(numbers["twice"], behaviour="twice")
    await api.pay(numbers["order"], behaviour="out_of_order", seconds=1)
    await api.pay(numbers["late"], behaviour="late", seconds=2)
    await merchant.hears(lambda: len(merchant.events(numbers["twice"])) == 2)
    assert merchant.events(numbers["late"]) == []
    await merchant.hears(lambda: merchant.events(numbers["late"]) == ["payment.paid"])
    assert merchant.events(numbers["order"]) == ["payment.closed", "payment.paid"]
    twice = [one["id"] for one in merchant.heard if one["out_trade_no"] == numbers["twice"]]
    assert len(set(twice)) == 1
    assert merchant.events(numbers["silent"]) == merchant.events(numbers["fail"]) == []
    asked = await api.call("GET", f"/v1/payments/{numbers['silent']}")
    assert asked.json()["state"] == "paid"
    assert (await api.pay(numbers["fail"])).json()["state"] == "paid"


async def test_news_is_repeated_until_the_merchant_says_yes(
    api: Api, merchant: Merchant, number: str
) -> None:
    merchant.answers = [500, 302]
    await api.create(number, merchant)
    await api.pay(number)
    await merchant.hears(lambda: len(merchant.events(number)) == 3)
    nonces = {headers[signing.NONCE] for _, headers, body in merchant.raw}
    assert (len(nonces), len({one["id"] for one in merchant.heard})) == (3, 1)


async def test_refunds_are_bounded_repeatable_and_told(
    api: Api, merchant: Merchant, number: str
) -> None:
    await api.create(number, merchant)
    early = await api.refund(f"{number}-r0", number, 1)
    assert (early.status_code, early.json()["code"]) == (409, "sandbox.not_paid")
    await api.pay(number)
    first = await api.refund(f"{number}-r1", number, 20_000)
    again = await api.refund(f"{number}-r1", number, 20_000)
    assert (first.status_code, first.json()["state"], again.status_code) == (201, "pending", 200)
    assert (await api.refund(f"{number}-r1", number, 19_999)).json()["code"] == (
        "sandbox.number_taken"
    )
    over = await api.refund(f"{number}-r2", number, 5_001)
    assert over.json()["code"] == "sandbox.refund_too_large"
    assert (await api.refund(f"{number}-r3", number, 5_000)).status_code == 201
    await merchant.hears(lambda: merchant.events(number).count("refund.succeeded") == 2)
    ended = await api.call("GET", f"/v1/refunds/{number}-r1")
    assert ended.json()["state"] == "succeeded"
    assert (await api.call("GET", "/v1/refunds/none")).status_code == 404
    assert (await api.refund("x", "none", 1)).json()["code"] == "sandbox.payment_not_found"


async def test_a_refund_that_failed_may_be_asked_for_again(
    api: Api, merchant: Merchant, number: str
) -> None:
    await api.create(number, merchant)
    await api.pay(number, refunds="fail")
    await api.refund(f"{number}-r", number, 25_000)
    await merchant.hears(lambda: "refund.failed" in merchant.events(number))
    await api.refund(f"{number}-r", number, 25_000)
    await merchant.hears(lambda: "refund.succeeded" in merchant.events(number))
    assert len({one["id"] for one in merchant.heard}) == 3


async def test_a_refund_may_overtake_the_news_of_its_payment(
    api: Api, merchant: Merchant, number: str
) -> None:
    await api.create(number, merchant)
    await api.pay(number, behaviour="late", seconds=3)
    await api.refund(f"{number}-r", number, 100)
    await merchant.hears(lambda: len(merchant.events(number)) == 2)
    assert merchant.events(number) == ["refund.succeeded", "payment.paid"]


async def test_the_bill_of_a_day_lists_what_moved(
    api: Api, merchant: Merchant, number: str
) -> None:
    await api.create(number, merchant)
    await api.pay(number)
    await api.refund(f"{number}-r", number, 300)
    await merchant.hears(lambda: "refund.succeeded" in merchant.events(number))
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    bill = await api.call("GET", f"/v1/bills/{today}")
    rows = list(csv.DictReader(io.StringIO(bill.text)))
    ours = [(r["kind"], r["amount_minor"]) for r in rows if r["out_trade_no"] == number]
    assert ours == [("payment", "25000"), ("refund", "-300")]
    assert rows[-1]["kind"] == "total"
    assert int(rows[-1]["amount_minor"]) == sum(int(r["amount_minor"]) for r in rows[:-1])
    assert (await api.call("GET", "/v1/bills/today")).status_code == 422
    empty = await api.call("GET", "/v1/bills/2020-01-01")
    assert [row["kind"] for row in csv.DictReader(io.StringIO(empty.text))] == ["total"]


async def test_the_merchant_may_move(api: Api, merchant: Merchant, number: str) -> None:
    moved = Merchant()
    await moved.open()
    await api.create(number, merchant)
    assert (await api.create(number, moved)).status_code == 200
    await api.pay(number)
    await moved.hears(lambda: moved.events(number) == ["payment.paid"])
    assert merchant.events(number) == []
    await moved.close()
