"""Files as people have them: encodings, spreadsheets, damage, bombs, formulas."""

import io
import zipfile

import pytest
from openpyxl import Workbook

from jishi.flows.edit_by_sheet import edge, files
from jishi.flows.edit_by_sheet.reading import read_file
from jishi.flows.edit_by_sheet.types import (
    FORMULA,
    QUOTE,
    ColumnsMissing,
    ColumnTwice,
    FileTooLarge,
    FileUnreadable,
    NoRows,
    Read,
    TooManySheetRows,
)

HEADINGS = edge.headings()


def read(raw: bytes) -> Read:
    return read_file(raw, HEADINGS)


def a_book(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_csv_is_read_in_the_usual_encodings(encoding: str) -> None:
    text = "SKU 编号,标题,价格,备注\r\n382965845585821760,徐香猕猴桃,12.00,随便\r\n"
    found = read(text.encode(encoding))
    cells = {"sku_id": "382965845585821760", "title": "徐香猕猴桃", "price": "12.00"}
    assert found == Read([(2, cells)], ["备注"], 4)


def test_cells_between_tabs_may_hold_commas() -> None:
    (row,) = read(b'SKU number\tTitle\tPrice\n1\tred, small\t"1,234.50"\n').rows
    assert row[1] == {"sku_id": "1", "title": "red, small", "price": "1,234.50"}


def test_rows_far_down_are_not_lost_in_silence() -> None:
    rows = [["SKU number", "Price"], *([None, None] for _ in range(20_000)), ["1", "2"]]
    with pytest.raises(TooManySheetRows):
        read(a_book(*rows))


def test_headings_may_be_english_chinese_or_keys() -> None:
    assert HEADINGS["sku number"] == HEADINGS["sku id"] == HEADINGS["sku 编号"] == "sku_id"


def test_xlsx_is_read_with_numbers_dates_and_formulas() -> None:
    raw = a_book(
        ["SKU number", "Price", "On the shelf", "Title"],
        ["382965845585821760", 12.5, 7.0, "=1+1"],
        [None, None, None, None],
        ["'5", 3, True, "x"],
    )
    first, second = read(raw).rows
    cells = {"sku_id": "382965845585821760", "price": "12.5", "stock": "7"}
    assert first == (2, {**cells, "title": f"{FORMULA}=1+1"})
    assert second[0] == 4
    assert second[1]["sku_id"] == "5"


def test_what_we_write_we_read_again() -> None:
    table = [["SKU number", "Title", "Price"], ["382965845585821760", "=HYPERLINK(1)", "1.00"]]
    (row,) = read(files.as_csv(table)).rows
    assert row[1]["sku_id"] == "382965845585821760"
    assert row[1]["title"] == "=HYPERLINK(1)"
    (row,) = read(files.as_xlsx(table)).rows
    assert row[1] == {"sku_id": "382965845585821760", "title": "=HYPERLINK(1)", "price": "1.00"}


def test_a_broken_row_costs_that_row_only() -> None:
    text = 'SKU number,Price\n1,"2.00\n3,4.00\n5,6,7\n'
    rows = read(text.encode()).rows
    assert QUOTE in rows[0][1]
    assert rows[1][1] == {"sku_id": "3", "price": "4.00"}
    assert list(rows[2][1].values()) == ["3"]


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", ColumnsMissing),
        (b"SKU number,Price\n", NoRows),
        (b"a,b\n1,2\n", ColumnsMissing),
        (b"SKU number\n1\n", ColumnsMissing),
        (b"SKU number,Price,Price\n1,2,3\n", ColumnTwice),
        (b"\x89PNG\r\n\x1a\n\xff\xff\xff", FileUnreadable),
        (b"PK\x03\x04 not a package", FileUnreadable),
        (b"x" * (10 * 2**20 + 1), FileTooLarge),
        (b"SKU number,Price\n" + b"1,2\n" * 10_001, TooManySheetRows),
    ],
)
def test_a_bad_file_is_refused_by_name(raw: bytes, problem: type[Exception]) -> None:
    with pytest.raises(problem):
        read(raw)


def test_a_package_that_unpacks_to_too_much_is_not_opened() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for at in range(3):
            package.writestr(f"xl/{at}.xml", b"\0" * (30 * 2**20))
    assert len(out.getvalue()) < 2**20
    with pytest.raises(FileTooLarge):
        read(out.getvalue())


def test_a_package_that_declares_entities_is_not_opened() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("xl/workbook.xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>')
    with pytest.raises(FileUnreadable):
        read(out.getvalue())


def test_a_wide_or_long_spreadsheet_is_bounded() -> None:
    wide = a_book(["SKU number", "Price", *(f"c{at}" for at in range(200))], ["1", "2"])
    assert len(read(wide).rows) == 1
    with pytest.raises(TooManySheetRows):
        read(a_book(["SKU number", "Price"], *(["1", "2"] for _ in range(10_001))))
