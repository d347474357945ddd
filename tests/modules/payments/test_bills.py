import io
import zipfile
from datetime import UTC, date, datetime

import pytest

from jishi.modules.payments.bills import read_bill
from jishi.modules.payments.types import Bill, BillKind, BillUnreadable
from tests.modules.payments.bill_files import (
    alipay_bill,
    alipay_row,
    sandbox_bill,
    sandbox_row,
    wechat_bill,
    wechat_row,
)
from tests.modules.payments.makers import ids

DAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)
AT = "2026-11-21 12:00:00"
ENDS = datetime(2026, 11, 21, 16, tzinfo=UTC)
PAID, BACK = ids.make(7), ids.make(9)


def read(raw: bytes, *, provider: str | None = None, day: date | None = None) -> Bill:
    return read_bill(raw, provider=provider, day=day, currency="CNY", zone="Asia/Shanghai")


BILLS = {
    "wechatpay": wechat_bill(
        [
            wechat_row(AT, PAID, 12_345_67, fee="74.07000"),
            wechat_row(AT, PAID, 100, refund=BACK, status="SUCCESS", fee="-0.01000"),
        ],
        count=2,
        paid=12_345_67,
        back=100,
    ),
    "alipay": alipay_bill(
        NOON,
        [
            alipay_row(AT, PAID, 12_345_67, fee="-74.07"),
            alipay_row(AT, PAID, 100, refund=BACK, fee="0.01"),
        ],
    ),
    "stripe": (
        "balance_transaction_id,created_utc,reporting_category,source_id,currency,gross,fee,net,"
        "payment_metadata[payment_id],refund_metadata[refund_id]\n"
        f"txn_1,2026-11-21 04:00:00,charge,ch_1,cny,12345.67,74.07,12271.60,{PAID},\n"
        f"txn_2,2026-11-21 04:00:00,refund,re_1,cny,-1.00,-0.01,-0.99,{PAID},{BACK}\n"
        "txn_3,2026-11-21 04:00:00,payout,po_1,cny,-500.00,0.00,-500.00,,\n"
    ).encode(),
    "sandbox": sandbox_bill(
        [sandbox_row(NOON, PAID, 12_345_67), sandbox_row(NOON, PAID, 100, refund=BACK)],
        net=12_345_67 - 100,
        ends_at=ENDS,
    ),
}


@pytest.mark.parametrize("provider", BILLS)
def test_a_bill_reads_the_same_whoever_wrote_it(provider: str) -> None:
    bill = read(BILLS[provider])
    assert (bill.provider, bill.day, bill.zone) == (provider, DAY, "Asia/Shanghai")
    paid, back = bill.rows
    assert (paid.kind, paid.payment_id, paid.amount_minor) == (BillKind.PAYMENT, PAID, 12_345_67)
    assert (back.kind, back.refund_id, back.amount_minor) == (BillKind.REFUND, BACK, 100)
    assert (paid.is_done, back.is_done) == (True, True)
    assert paid.at == NOON
    fees = (0, 0) if provider == "sandbox" else (74_07, -1)
    assert (paid.fee_minor, back.fee_minor) == fees
    assert bill.others == ((("payout", -500_00),) if provider == "stripe" else ())
    assert read(BILLS[provider], provider=provider, day=DAY) == bill


@pytest.mark.parametrize("provider", BILLS)
def test_a_bill_of_another_day_is_refused_by_name(provider: str) -> None:
    with pytest.raises(BillUnreadable) as refused:
        read(BILLS[provider], day=date(2026, 11, 20))
    assert refused.value.facts["detail"] == "it is the bill of 2026-11-21, not of 2026-11-20"


def test_a_bill_of_another_provider_is_refused_by_name() -> None:
    with pytest.raises(BillUnreadable) as refused:
        read(BILLS["alipay"], provider="wechatpay")
    assert refused.value.facts["detail"] == "it is a bill of alipay, not of wechatpay"


def test_rows_of_two_days_are_refused() -> None:
    rows = [wechat_row(AT, PAID, 1), wechat_row("2026-11-22 00:00:00", PAID, 1)]
    with pytest.raises(BillUnreadable, match="2026-11-21 to 2026-11-22"):
        read(wechat_bill(rows, count=2, paid=2, back=0))


def test_a_day_is_one_of_the_providers_zone() -> None:
    late = datetime(2026, 11, 20, 16, tzinfo=UTC)  # midnight in Shanghai
    raw = sandbox_bill([sandbox_row(late, PAID, 5)], net=5, ends_at=ENDS)
    assert read(raw).day == DAY
    early = datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)
    with pytest.raises(BillUnreadable, match="several days"):
        read(sandbox_bill([sandbox_row(early, PAID, 5)], net=5, ends_at=ENDS))


def test_refunds_under_way_are_not_done() -> None:
    rows = [wechat_row(AT, PAID, 100, refund=BACK, status="PROCESSING")]
    (row,) = read(wechat_bill(rows, count=1, paid=0, back=100)).rows
    assert not row.is_done


def test_an_empty_bill_needs_a_day() -> None:
    empty = wechat_bill([], count=0, paid=0, back=0)
    with pytest.raises(BillUnreadable, match="names no day"):
        read(empty)
    assert read(empty, day=DAY).rows == ()
    assert read(alipay_bill(NOON, [])).day == DAY
    assert read(sandbox_bill([], net=0, ends_at=ENDS)).day == DAY


def test_numbers_that_are_not_ours_are_kept_as_they_stand() -> None:
    (row,) = read(wechat_bill([wechat_row(AT, "OLD-77", 5)], count=1, paid=5, back=0)).rows
    assert (row.payment_id, row.number) == (None, "OLD-77")


def _zip(raw: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x.csv", raw)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("_case", "raw"),
    [
        ("nothing", b""),
        ("some text", b"hello"),
        ("a picture", b"\x89PNG\r\n\x1a\n\xff\xfe"),
        ("a broken archive", b"PK\x03\x04broken"),
        ("an archive of something else", _zip(b"hello")),
        ("a column too few", BILLS["wechatpay"].replace(b",`0.60%", b"")),
        ("a column of another name", BILLS["wechatpay"].replace("手续费,".encode(), b"x,")),
        ("an amount in words", BILLS["sandbox"].replace(b"1234567", b"many")),
        ("an amount of more digits", BILLS["stripe"].replace(b"12345.67", b"12345.678")),
        ("a time that is none", BILLS["stripe"].replace(b"2026-11-21 04:00:00", b"soon")),
        ("another currency", BILLS["stripe"].replace(b",cny,", b",usd,")),
        ("another currency, sandbox", BILLS["sandbox"].replace(b",CNY,", b",USD,")),
        ("an open quote", BILLS["sandbox"].replace(b"payment,", b'"payment,')),
    ],
)
def test_what_is_no_bill_is_refused(_case: str, raw: bytes) -> None:
    with pytest.raises(BillUnreadable):
        read(raw)
