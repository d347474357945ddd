"""The words of this module: titles, invoices, their states, refusals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, OrderId, ShopId
from jishi.kit.text import mark as _

InvoiceId = NewType("InvoiceId", int)
TitleId = NewType("TitleId", int)

DUE_AFTER: Final = timedelta(days=3)
REMIND_BEFORE: Final = timedelta(days=1)
NAME_MAX: Final = 100
EMAIL_MAX: Final = 254
NUMBER_MAX: Final = 40
WHY_MAX: Final = 200
TITLES_MAX: Final = 20  # saved per person
FILE_BYTES_MAX: Final = 5 * 1024 * 1024
# Orders a buyer may ask an invoice for: paid, and not wholly given back.
INVOICEABLE: Final = frozenset({20, 21, 30, 100})


class TitleKind(StrEnum):
    PERSON = "person"
    COMPANY = "company"

    @property
    def words(self) -> str:
        return {"person": _("A person"), "company": _("A company")}[self.value]


class InvoiceState(StrEnum):
    ASKED = "asked"
    ISSUED = "issued"
    REFUSED = "refused"
    CANCELLED = "cancelled"

    @property
    def words(self) -> str:
        return STATE_WORDS[self]


STATE_WORDS: Final[Mapping[str, str]] = {
    InvoiceState.ASKED: _("To be issued"),
    InvoiceState.ISSUED: _("Issued"),
    InvoiceState.REFUSED: _("Not issued"),
    InvoiceState.CANCELLED: _("Withdrawn"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleGiven:
    """Whom an invoice is made out to, checked. ``tax_number`` is empty for a person."""

    kind: TitleKind
    name: str
    tax_number: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A saved title of a buyer."""

    id: TitleId
    kind: TitleKind
    name: str
    tax_number: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """``amount_minor``: None until a blue one is issued; negative for a red one."""

    id: InvoiceId
    order_id: OrderId
    shop_id: ShopId
    buyer_id: AccountId
    kind: str
    corrects_id: InvoiceId | None
    state: InvoiceState
    title_kind: TitleKind
    title: str
    tax_number: str
    email: str
    amount_minor: int | None
    form: str  # tax: an uploaded tax invoice · receipt: a plain receipt made here
    number: str
    why: str
    file_sha256: bytes | None
    file_type: str | None
    file_bytes: int | None
    asked_at: datetime
    due_at: datetime
    ended_at: datetime | None

    @property
    def is_red(self) -> bool:
        return self.kind == "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A plain receipt, everything as it is printed."""

    shop: str
    number: str
    order: str
    title: str
    tax_number: str
    day: str
    lines: Sequence[str]
    amount: str
    is_red: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file in the store: hash of its content, media type, length."""

    sha256: bytes
    media_type: str
    length: int


class InvoiceNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "invoices.not_found"
    text = "There is no such invoice."


class TitleNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "invoices.title_not_found"
    text = "There is no such invoice title."


class TitlesTooMany(Refusal):
    kind, code = Kind.LIMITED, "invoices.titles_too_many"
    text = "You keep {most} titles already. Delete one first."


class TaxNumberMissing(Refusal):
    code = "invoices.tax_number_missing"
    text = "An invoice to a company needs its tax number."


class TaxNumberInvalid(Refusal):
    code = "invoices.tax_number_invalid"
    text = "A tax number has 15, 18 or 20 digits and capital letters."


class TaxNumberMistyped(Refusal):
    code = "invoices.tax_number_mistyped"
    text = "The check digit does not fit: this tax number is mistyped."


class EmailInvalid(Refusal):
    code = "invoices.email_invalid"
    text = "This is no e-mail address."


class OrderNotPaid(Refusal):
    kind, code = Kind.CONFLICT, "invoices.order_not_paid"
    text = "An invoice can be asked for once the order is paid."


class NothingToInvoice(Refusal):
    kind, code = Kind.CONFLICT, "invoices.nothing_to_invoice"
    text = "All of this order's money went back; there is nothing to invoice."


class InvoiceTwice(Refusal):
    kind, code = Kind.CONFLICT, "invoices.twice"
    text = "An invoice for this order was asked for already."


class InvoiceMoved(Refusal):
    kind, code = Kind.CONFLICT, "invoices.moved"
    text = "This invoice has moved on meanwhile. Look at where it stands."


class RedStays(Refusal):
    kind, code = Kind.CONFLICT, "invoices.red_stays"
    text = "A correction cannot be refused: the money has gone back."


class AmountOver(Refusal):
    kind, code = Kind.CONFLICT, "invoices.amount_over"
    text = "The buyer paid {paid}; an invoice cannot be for more."


class AmountUnder(Refusal):
    kind, code = Kind.CONFLICT, "invoices.amount_under"
    text = "The invoice must be for {paid}, what the buyer paid and did not get back."


class InvoiceFileMissing(Refusal):
    code = "invoices.file_missing"
    text = "Choose the invoice's file."


class InvoiceFileUnknown(Refusal):
    code = "invoices.file_unknown"
    text = "An invoice is a PDF, OFD, PNG or JPEG file. This is none of them, or it is damaged."


class InvoiceFileTooLarge(Refusal):
    kind, code = Kind.TOO_LARGE, "invoices.file_too_large"
    text = "The file is larger than 5 MB."
