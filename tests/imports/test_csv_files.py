"""CSV files as people have them."""

import gzip
from pathlib import Path

import pytest

from jishi.imports.csv_files import decode, parse_table, read_table
from jishi.imports.types import Reports, Unreadable

GOOD = "Handle,Title\na,苹果\nb,梨\n"


@pytest.mark.parametrize(
    ("_case", "raw", "encoding"),
    [
        ("UTF-8", GOOD.encode(), "utf-8"),
        ("UTF-8 with a mark", GOOD.encode("utf-8-sig"), "utf-8-sig"),
        ("GBK", GOOD.encode("gbk"), "gb18030"),
        ("GB18030 beyond GBK", (GOOD + "c,𠮷\n").encode("gb18030"), "gb18030"),
        ("UTF-16 as Excel writes it", GOOD.encode("utf-16"), "utf-16"),
    ],
)
def test_every_usual_encoding_is_read(_case: str, raw: bytes, encoding: str) -> None:
    table = parse_table("x.csv", raw, Reports())
    assert (table.encoding, table.columns) == (encoding, ("Handle", "Title"))
    assert [row["Title"] for row in table.rows][:2] == ["苹果", "梨"]


@pytest.mark.parametrize("raw", [b"Handle\n\xff\xff\xff\x81\n", b"\xef\xbb\xbfHandle\n\xff\n"])
def test_bytes_of_no_known_encoding_are_refused(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        decode("x.csv", raw)


def test_line_breaks_inside_quotes_belong_to_the_cell() -> None:
    table = parse_table(
        "x.csv", b'Handle,Title\r\na,"two\r\nlines"\r\nb,"say ""hi"""\r\n', Reports()
    )
    assert [row["Title"] for row in table.rows] == ["two\nlines", 'say "hi"']
    assert [row.number for row in table.rows] == [2, 3]


def test_a_broken_row_costs_only_itself() -> None:
    text = 'Handle,Title\na,ok\nb,"open\nc,ok\nd\ne,ok,extra\nf,ok\ng,nu\x00l\n\nh,ok\n'
    reports = Reports()
    table = parse_table("x.csv", text.encode(), reports)
    assert [row["Handle"] for row in table.rows] == ["a", "c", "f", "h"]
    assert [(it.row, it.code) for it in reports.items] == [
        (3, "row.open_quote"),
        (5, "row.cells"),
        (6, "row.cells"),
        (8, "row.damaged"),
    ]


def test_a_quote_that_closes_far_below_does_not_swallow_the_rows_between() -> None:
    text = 'Handle,Title\na,"open\nb,ok\nc,ok\nd,"open too\ne,ok\n'
    reports = Reports()
    table = parse_table("x.csv", text.encode(), reports)
    assert [row["Handle"] for row in table.rows] == ["b", "c", "e"]
    assert [it.row for it in reports.items] == [2, 5]


def test_gzip_is_unpacked_and_a_damaged_one_refused(tmp_path: Path) -> None:
    good, bad = tmp_path / "a.csv.gz", tmp_path / "b.csv.gz"
    good.write_bytes(gzip.compress(GOOD.encode()))
    bad.write_bytes(gzip.compress(GOOD.encode())[:-9])
    assert len(read_table(good, Reports()).rows) == 2
    with pytest.raises(Unreadable):
        read_table(bad, Reports())


def test_a_missing_file_empty_file_or_column_is_told_in_a_sentence(tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    for path, needed in ((tmp_path / "none.csv", ()), (empty, ())):
        with pytest.raises(Unreadable):
            read_table(path, Reports(), needed=needed)
    with pytest.raises(Unreadable, match="lacks Price"):
        parse_table("x.csv", GOOD.encode(), Reports(), needed=("Handle", "Price"))
