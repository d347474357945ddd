"""What a title must be, and what an invoice may be for. Pure."""

import re
from datetime import datetime
from typing import Final

from jishi.kit.errors import FieldInvalid, FieldMissing, Refusal, Refusals
from jishi.kit.text import clean
from jishi.modules.invoices.types import (
    DUE_AFTER,
    EMAIL_MAX,
    INVOICEABLE,
    NAME_MAX,
    REMIND_BEFORE,
    AmountOver,
    AmountUnder,
    EmailInvalid,
    NothingToInvoice,
    OrderNotPaid,
    TaxNumberInvalid,
    TaxNumberMissing,
    TaxNumberMistyped,
    TitleGiven,
    TitleKind,
)

# Unified social credit code. Source: GB 32100-2015, 5 and appendix A: no I, O, S, V, Z.
USCC_SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_LENGTH: Final = 18
USCC_WEIGHTS: Final = tuple(pow(3, at, 31) for at in range(USCC_LENGTH - 1))
TAX_LENGTHS: Final = frozenset({15, USCC_LENGTH, 20})  # older registrations have 15 or 20
EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
REFUNDED: Final = 200


def read_title(kind: str, name: str, tax_number: str = "", email: str = "") -> TitleGiven:
    """A title as typed, checked and cleaned. Raises Refusals, one per wrong field."""
    problems: list[Refusal] = []
    if kind not in set(TitleKind):
        problems.append(FieldInvalid(field="kind", detail=", ".join(TitleKind)))
    name, email = clean(name), clean(email)
    if not name:
        problems.append(FieldMissing(field="name"))
    elif len(name) > NAME_MAX:
        problems.append(FieldInvalid(field="name", detail=f"≤ {NAME_MAX}"))
    if email and (len(email) > EMAIL_MAX or not EMAIL.fullmatch(email)):
        problems.append(EmailInvalid(field="email"))
    number = re.sub(r"\s", "", tax_number).upper() if kind == TitleKind.COMPANY else ""
    problem = tax_number_problem(number) if kind == TitleKind.COMPANY else None
    if problem:
        problems.append(problem)
    if problems:
        raise Refusals(problems)
    return TitleGiven(kind=TitleKind(kind), name=name, tax_number=number, email=email)


def tax_number_problem(number: str) -> Refusal | None:
    """What is wrong with a company's tax number, if anything."""
    if not number:
        return TaxNumberMissing(field="tax_number")
    if len(number) not in TAX_LENGTHS or not re.fullmatch(r"[0-9A-Z]+", number):
        return TaxNumberInvalid(field="tax_number")
    if len(number) == USCC_LENGTH and not is_uscc(number):
        return TaxNumberMistyped(field="tax_number")
    return None


def is_uscc(code: str) -> bool:
    """Whether the last of eighteen signs is the check digit of the others."""
    values = [USCC_SIGNS.find(sign) for sign in code]
    if len(values) != USCC_LENGTH or min(values) < 0:
        return False
    total = sum(value * weight for value, weight in zip(values[:-1], USCC_WEIGHTS, strict=True))
    return values[-1] == -total % 31


def check_order(state: int, *, paid_minor: int, refunded_minor: int) -> int:
    """What an invoice of the order is for. Raises NothingToInvoice, OrderNotPaid."""
    if state == REFUNDED or (state in INVOICEABLE and refunded_minor >= paid_minor):
        raise NothingToInvoice
    if state not in INVOICEABLE:
        raise OrderNotPaid
    return paid_minor - refunded_minor


def check_amount(typed_minor: int | None, due_minor: int) -> None:
    """Whether the amount on the shop's paper is the one it must be. Raises AmountOver, AmountUnder."""
    if typed_minor is None or typed_minor == due_minor:
        return
    refusal = AmountOver if typed_minor > due_minor else AmountUnder
    raise refusal(field="amount", paid_minor=due_minor)


def correction(invoiced_minor: int, left_minor: int) -> int:
    """How much is invoiced beyond what the buyer did not get back: a red invoice's amount, positive."""
    return max(0, invoiced_minor - left_minor)


def due_at(asked_at: datetime) -> datetime:
    return asked_at + DUE_AFTER


def next_reminder(due: datetime, now: datetime) -> datetime | None:
    """When the shop is next reminded: a day before it is due, and when it is. None: it was told twice."""
    return next((at for at in (due - REMIND_BEFORE, due) if at > now), None)
