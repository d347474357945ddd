import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from jishi.kit.errors import FieldInvalid, FieldMissing, Refusals
from jishi.modules.invoices import files, rules
from jishi.modules.invoices.receipt import Receipt, write_receipt
from jishi.modules.invoices.types import (
    AmountOver,
    AmountUnder,
    EmailInvalid,
    InvoiceFileUnknown,
    NothingToInvoice,
    OrderNotPaid,
    TaxNumberInvalid,
    TaxNumberMissing,
    TaxNumberMistyped,
    TitleKind,
)

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
CODE = "91350100M000100Y43"  # source: GB 32100-2015, the standard's example
NINE_DIGITS = "914403001922038216"


def test_known_credit_codes_hold() -> None:
    for code in (CODE, NINE_DIGITS, "91440300708461136T"):
        assert rules.is_uscc(code)


@given(at=st.integers(0, 17), sign=st.sampled_from(rules.USCC_SIGNS))
def test_one_wrong_sign_is_always_noticed(at: int, sign: str) -> None:
    typed = CODE[:at] + sign + CODE[at + 1 :]
    assert rules.is_uscc(typed) == (typed == CODE)


@given(st.integers(0, 16))
def test_two_neighbours_swapped_are_noticed(at: int) -> None:
    typed = CODE[:at] + CODE[at + 1] + CODE[at] + CODE[at + 2 :]
    assert rules.is_uscc(typed) == (typed == CODE)


@pytest.mark.parametrize(
    ("kind", "name", "number", "email", "refusals"),
    [
        ("company", "Harbour Tea", "", "", [TaxNumberMissing]),
        ("company", "Harbour Tea", "1234567890123456", "", [TaxNumberInvalid]),
        ("company", "Harbour Tea", "9135 0100 M000 100Y 44", "", [TaxNumberMistyped]),
        ("company", "Harbour Tea", "91350100I000100Y43", "", [TaxNumberMistyped]),
        ("company", "Harbour Tea", "税350100M000100Y43", "", [TaxNumberInvalid]),
        ("person", "", "", "", [FieldMissing]),
        ("person", "x" * 101, "", "", [FieldInvalid]),
        ("person", "A Buyer", "", "nobody", [EmailInvalid]),
        ("firm", "A Buyer", "", "", [FieldInvalid]),
        ("company", "", "1", "a@b", [FieldMissing, EmailInvalid, TaxNumberInvalid]),
    ],
)
def test_what_a_title_is_refused_for(
    kind: str, name: str, number: str, email: str, refusals: list[type[Exception]]
) -> None:
    with pytest.raises(Refusals) as said:
        rules.read_title(kind, name, number, email)
    assert [type(it) for it in said.value.items] == refusals


@pytest.mark.parametrize(
    "number", ["91350100m000100y43", "9135 0100 M000 100Y 43", "1" * 15, "A1" * 10]
)
def test_good_titles(number: str) -> None:
    given_title = rules.read_title("company", " 海港  茶行 ", number, "till@harbour.example")
    assert given_title.name == "海港 茶行"
    assert given_title.tax_number in {CODE, "1" * 15, "A1" * 10}


def test_a_person_has_no_tax_number() -> None:
    it = rules.read_title("person", "A Buyer", "not looked at")
    assert (it.kind, it.tax_number) == (TitleKind.PERSON, "")


@pytest.mark.parametrize("state", [10, 250])
def test_unpaid_orders_have_no_invoice(state: int) -> None:
    with pytest.raises(OrderNotPaid):
        rules.check_order(state, paid_minor=100, refunded_minor=0)


@pytest.mark.parametrize("state", [20, 21, 30, 100])
def test_an_invoice_is_for_what_was_not_given_back(state: int) -> None:
    assert rules.check_order(state, paid_minor=100, refunded_minor=30) == 70
    for refunded_state in (state, 200):
        with pytest.raises(NothingToInvoice):
            rules.check_order(refunded_state, paid_minor=100, refunded_minor=100)


def test_the_amount_on_the_paper_is_the_one_it_must_be() -> None:
    rules.check_amount(70, 70)
    with pytest.raises(AmountOver):
        rules.check_amount(71, 70)
    with pytest.raises(AmountUnder):
        rules.check_amount(69, 70)


@given(st.integers(1, 10**9), st.lists(st.integers(1, 10**6), max_size=8), st.data())
def test_corrections_end_exactly_at_what_is_left(
    paid: int, refunds: list[int], data: st.DataObject
) -> None:
    left, invoiced = paid, paid
    for refund in refunds:
        left -= min(refund, left)
        if data.draw(st.booleans()):  # some news come together
            invoiced -= rules.correction(invoiced, left)
            assert invoiced == left
            assert rules.correction(invoiced, left) == 0
    invoiced -= rules.correction(invoiced, left)
    assert invoiced == left


def test_a_shop_is_reminded_a_day_before_and_at_the_end() -> None:
    due = rules.due_at(NOON)
    first = rules.next_reminder(due, NOON)
    assert first == NOON + timedelta(days=2)
    assert rules.next_reminder(due, first) == due
    assert rules.next_reminder(due, due) is None


def a_zip(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name in names:
            package.writestr(name, "<x/>")
    return out.getvalue()


def a_picture(form: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, form)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%PDF-1.7\n...\n%%EOF\n", files.PDF),
        (a_zip("OFD.xml", "Doc_0/Document.xml"), files.OFD),
        (a_picture("PNG"), files.PNG),
        (a_picture("JPEG"), files.JPEG),
    ],
)
def test_files_are_told_by_their_content(content: bytes, media_type: str) -> None:
    assert files.type_of(content) == media_type


@pytest.mark.parametrize(
    "content",
    [
        b"", b"%PDF-1.7 cut off", b"<html>%PDF-1.7 %%EOF", a_zip("word/document.xml"), a_zip(),
        b"PK\x03\x04broken", a_picture("GIF"), a_picture("PNG")[:30], b"MZ\x90", b"<svg/>",
    ],
)  # fmt: skip
def test_other_files_are_refused(content: bytes) -> None:
    with pytest.raises(InvoiceFileUnknown):
        files.type_of(content)


def test_a_receipt_is_a_pdf_that_says_it_is_no_invoice() -> None:
    it = Receipt(
        shop="海港茶行", number="1", order="2", title="A Buyer", tax_number="", day="2026-03-05",
        lines=["茶 × 1"] * 20, amount="CNY 12.00", is_red=False,
    )  # fmt: skip
    content = write_receipt(it)
    assert files.type_of(content) == files.PDF
    assert content == write_receipt(it)
