"""Sheets of waybills and what their rows mean; no database."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jishi.modules.fulfilment import (
    CARRIERS,
    RowFault,
    SheetRow,
    SheetTooLong,
    SheetUnreadable,
    check_rows,
    clean_waybill,
    common_carriers,
    find_carrier,
    is_waybill,
    list_carriers,
    read_sheet,
)
from jishi.modules.fulfilment.sheets import ROWS_MAX
from jishi.modules.fulfilment.types import SheetEmpty

ORDER = "382918002441067011"


def checked(text: str | bytes, carrier: str = "") -> list[RowFault | None]:
    raw = text.encode() if isinstance(text, str) else text
    return [row.fault for row in check_rows(read_sheet(raw), find_carrier, default_carrier=carrier)]


@pytest.mark.parametrize(
    ("_case", "raw"),
    [
        ("plain UTF-8", f"订单号,快递公司,运单号\n{ORDER},顺丰,SF1234567890\n".encode()),
        ("with a BOM", f"订单号,快递公司,运单号\n{ORDER},顺丰,SF1234567890\n".encode("utf-8-sig")),
        ("GBK", f"订单号,快递公司,运单号\n{ORDER},顺丰速运,SF1234567890\n".encode("gbk")),
        ("UTF-16", f"订单号\t快递公司\t运单号\r\n{ORDER}\t顺丰\tSF1234567890\r\n".encode("utf-16")),
        ("pasted cells", f"{ORDER}\tSF\tSF1234567890".encode()),
        ("semicolons", f"{ORDER};shunfeng;SF1234567890".encode()),
        (
            "other order of columns",
            f"waybill,order number,carrier\nSF1234567890,{ORDER},SF\n".encode(),
        ),
        ("kept text by the sheet", f'="{ORDER}",顺丰,"\'SF1234567890"\n'.encode()),
        (
            "our own template",
            f"\ufeff订单号,快递公司,运单号,收件人,商品\r\n{ORDER}\t,顺丰,SF1234567890,苏**,x\r\n".encode(),
        ),
        ("full width", f"{ORDER},ＳＦ,ＳＦ１２３４５６７８９０\n".encode()),
        ("lower case and blanks", f"{ORDER}, sf ,sf 1234 567890\n".encode()),
    ],
)
def test_a_right_row_is_understood_however_it_is_written(_case: str, raw: bytes) -> None:
    (row,) = check_rows(read_sheet(raw), find_carrier)
    assert row.fault is None
    assert (row.order_id, row.carrier, row.waybill) == (int(ORDER), "shunfeng", "SF1234567890")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (",顺丰,SF1234567890", RowFault.ORDER_MISSING),
        ("3.82918E+17,顺丰,SF1234567890", RowFault.ORDER_ROUNDED),
        ("abc,顺丰,SF1234567890", RowFault.ORDER_INVALID),
        ("-5,顺丰,SF1234567890", RowFault.ORDER_INVALID),
        (f"{ORDER},,SF1234567890", RowFault.CARRIER_MISSING),
        (f"{ORDER},飞毛腿,SF1234567890", RowFault.CARRIER_UNKNOWN),
        (f"{ORDER},顺丰,", RowFault.WAYBILL_MISSING),
        (f"{ORDER},顺丰,7.73E+13", RowFault.WAYBILL_ROUNDED),
        (f"{ORDER},顺丰,SF#1", RowFault.WAYBILL_INVALID),
        (f"{ORDER}", RowFault.CARRIER_MISSING),
    ],
)
def test_a_wrong_row_is_refused_by_name(line: str, fault: RowFault) -> None:
    assert checked(line + "\n") == [fault]


def test_thirty_broken_rows_in_a_hundred_leave_the_other_seventy_alone() -> None:
    rows = [f"{int(ORDER) + n},顺丰,SF{n:010}" for n in range(100)]
    for n in range(30):
        rows[n * 3] = [f',顺丰,"SF{n}', "x,顺丰,SF1", f"{ORDER},,", '"unclosed'][n % 4]
    faults = checked("订单号,快递公司,运单号\n" + "\n".join(rows))
    assert faults.count(None) == 70


def test_the_row_number_is_that_of_the_file() -> None:
    rows = read_sheet(f"order,carrier,waybill\n\n{ORDER},SF,SF12345\n".encode())
    assert [row.number for row in rows] == [3]


def test_only_the_first_row_of_an_order_stands() -> None:
    text = f"{ORDER},SF,SF12345\n{ORDER},SF,SF12346\n"
    assert checked(text) == [None, RowFault.TWICE]


def test_a_wrong_row_does_not_take_the_place_of_a_right_one() -> None:
    text = f"{ORDER},nobody,SF12345\n{ORDER},SF,SF12346\n"
    assert checked(text) == [RowFault.CARRIER_UNKNOWN, None]


def test_rows_without_a_carrier_take_the_default() -> None:
    assert checked(f"{ORDER},,SF12345\n", carrier="zhongtong") == [None]


@pytest.mark.parametrize("raw", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0", b"\x81", b"a\x00b,c"])
def test_what_is_no_text_is_refused(raw: bytes) -> None:
    with pytest.raises(SheetUnreadable):
        read_sheet(raw)


@pytest.mark.parametrize("raw", [b"", b"\n\n", "订单号,快递公司,运单号\n".encode()])
def test_an_empty_sheet_is_refused(raw: bytes) -> None:
    with pytest.raises(SheetEmpty):
        read_sheet(raw)


def test_a_sheet_that_is_too_long_is_refused() -> None:
    with pytest.raises(SheetTooLong):
        read_sheet(b"1,SF,SF12345\n" * (ROWS_MAX + 1))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_rows_or_a_refusal(raw: bytes) -> None:
    try:
        rows = read_sheet(raw)
    except (SheetUnreadable, SheetEmpty, SheetTooLong):
        return
    found = check_rows(rows, find_carrier)
    assert [row.row for row in found] == rows
    assert all(
        (row.fault is None) <= (row.order_id is not None and bool(row.carrier)) for row in found
    )


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(max_size=30), st.text(max_size=20), st.text(max_size=50)), max_size=20
    )
)
def test_rows_keep_their_count_and_order(cells: list[tuple[str, str, str]]) -> None:
    rows = [
        SheetRow(number=n, order=a, carrier=b, waybill=c) for n, (a, b, c) in enumerate(cells, 1)
    ]
    found = check_rows(rows, find_carrier)
    assert [row.row.number for row in found] == [row.number for row in rows]
    right = [row.order_id for row in found if row.fault is None]
    assert len(right) == len(set(right))
    assert all(is_waybill(row.waybill) for row in found if row.fault is None)


@settings(max_examples=100, deadline=None)
@given(st.from_regex(r"[0-9A-Z-]{4,40}", fullmatch=True).filter(lambda it: it.strip("-") != ""))
def test_a_waybill_survives_a_spreadsheet(waybill: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerow([ORDER, "顺丰", f" {waybill.lower()}\t"])
    row = read_sheet(out.getvalue().encode())[0]
    assert clean_waybill(row.waybill) == waybill


def test_carriers_are_found_by_code_name_and_short_name() -> None:
    for typed in ("shunfeng", "顺丰速运", "SF Express", "sf", "ＳＦ", " 顺 丰 "):
        found = find_carrier(typed)
        assert found is not None, typed
        assert found.code == "shunfeng"
    assert find_carrier("") is None


def test_the_shipped_list_is_whole() -> None:
    assert len(CARRIERS) > 1_000
    assert common_carriers()[1].code == "shunfeng"
    assert [it.code for it in list_carriers("顺丰", limit=1)] == ["shunfeng"]
