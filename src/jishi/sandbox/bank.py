"""A bank that pays merchants out. How it behaves is in the last four digits of an account's number.

0001 closed · 0002 slow, twenty seconds · 0003 sent back after a second · 0004 pays, but its first answer is
lost · 0005 its first call is lost · 0006 never answers · 0009 belongs to somebody else. All others are paid
at once. Asked twice for one number, it pays once and answers as before.
"""

import secrets
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from jishi.kit.errors import Kind, Refusal
from jishi.sandbox.bank_book import Account, BankBook, Transfer

CLOSED, SLOW, RETURNED, ANSWER_LOST, CALL_LOST, SILENT, FOREIGN = (
    "0001", "0002", "0003", "0004", "0005", "0006", "0009",
)  # fmt: skip
PAUSES = {SLOW: timedelta(seconds=20), RETURNED: timedelta(seconds=1)}
TRIES_MAX = 10
DEPOSIT_MAX = 99  # minor units

Number = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_\-]{1,64}$")]
Digits = Annotated[str, Meta(pattern=r"^[0-9]{8,30}$")]
Line = Annotated[str, Meta(min_length=1, max_length=128)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]


class TestAccount(msgspec.Struct, forbid_unknown_fields=True):
    __test__ = False  # not a test, whatever its name begins with

    out_account_no: Number
    holder: Line
    bank: Line
    number: Digits
    currency: Currency


class Prove(msgspec.Struct, forbid_unknown_fields=True):
    amount_minor: Annotated[int, Meta(ge=0, le=10_000)]


class AskTransfer(msgspec.Struct, forbid_unknown_fields=True):
    out_transfer_no: Number
    amount_minor: Annotated[int, Meta(ge=1, le=10**13)]
    currency: Currency
    holder: Line
    bank: Line
    number: Digits


class AccountUnknown(Refusal):
    kind, code = Kind.NOT_FOUND, "bank.account_unknown"
    text = "No account is being tested under this number."


class AccountClosed(Refusal):
    kind, code = Kind.CONFLICT, "bank.account_closed"
    text = "The account is closed."


class NameMismatch(Refusal):
    kind, code = Kind.CONFLICT, "bank.name_mismatch"
    text = "The holder's name is another."


class TriesOver(Refusal):
    kind, code = Kind.CONFLICT, "bank.tries_over"
    text = "The amount was entered wrongly too often."


class TransferNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "bank.transfer_not_found"
    text = "There is no such transfer."


class OtherTransfer(Refusal):
    kind, code = Kind.CONFLICT, "bank.number_taken"
    text = "This number was used before for another transfer."


class NoAnswer(Refusal):
    kind, code = Kind.UNAVAILABLE, "bank.no_answer"
    text = "The bank does not answer."


def test_account(book: BankBook, ask: TestAccount, *, now: datetime) -> Account:
    """Send a small deposit, once. Raises AccountClosed, NameMismatch, NoAnswer."""
    found = book.find_account(ask.out_account_no)
    if found:
        return found
    _stand(ask.number)
    if ask.number.endswith(FOREIGN):
        raise NameMismatch
    account = Account(
        out_account_no=ask.out_account_no,
        holder=ask.holder,
        bank=ask.bank,
        last4=ask.number[-4:],
        currency=ask.currency,
        deposit_minor=secrets.randbelow(DEPOSIT_MAX) + 1,
        state="testing",
        tries=0,
        tested_at=now,
    )
    book.save_account(account)
    return account


def prove(book: BankBook, number: str, how: Prove) -> Account:
    """Compare the amount of the deposit. Raises AccountUnknown, TriesOver."""
    found = book.find_account(number)
    if found is None:
        raise AccountUnknown
    if found.state == "verified":
        return found
    if found.tries >= TRIES_MAX:
        raise TriesOver
    state = "verified" if how.amount_minor == found.deposit_minor else "testing"
    told = msgspec.structs.replace(found, state=state, tries=found.tries + 1)
    book.save_account(told)
    return told


def ask_transfer(book: BankBook, ask: AskTransfer, *, now: datetime) -> tuple[Transfer, bool]:
    """The transfer and whether it is new. Raises AccountClosed, OtherTransfer, NoAnswer."""
    found = book.find_transfer(ask.out_transfer_no)
    if found:
        same = (found.amount_minor, found.currency, found.last4)
        if same != (ask.amount_minor, ask.currency, ask.number[-4:]):
            raise OtherTransfer
        book.save_transfer(msgspec.structs.replace(found, asks=found.asks + 1))
        return settle(book, found, now=now), False
    _stand(ask.number)
    last4 = ask.number[-4:]
    if last4 == CLOSED:
        raise AccountClosed
    if last4 == CALL_LOST and book.lose_once(ask.out_transfer_no):
        raise NoAnswer
    made = Transfer(
        out_transfer_no=ask.out_transfer_no,
        transfer_no="BT" + secrets.token_hex(10).upper(),
        holder=ask.holder,
        bank=ask.bank,
        last4=last4,
        amount_minor=ask.amount_minor,
        currency=ask.currency,
        state="pending",
        why="",
        ends_as="failed" if last4 == RETURNED else "succeeded",
        asks=1,
        asked_at=now,
        ends_at=now + PAUSES.get(last4, timedelta()),
        ended_at=None,
    )
    book.save_transfer(made)
    if last4 == ANSWER_LOST:
        raise NoAnswer
    return settle(book, made, now=now), True


def get_transfer(book: BankBook, number: str, *, now: datetime) -> Transfer:
    """Raises TransferNotFound."""
    found = book.find_transfer(number)
    if found is None:
        raise TransferNotFound
    return settle(book, found, now=now)


def settle(book: BankBook, found: Transfer, *, now: datetime) -> Transfer:
    """The transfer as it stands at ``now``; what is due ends."""
    if found.state != "pending" or now < found.ends_at:
        return found
    why = "returned" if found.ends_as == "failed" else ""
    ended = msgspec.structs.replace(found, state=found.ends_as, why=why, ended_at=now)
    book.save_transfer(ended)
    return ended


def _stand(number: str) -> None:
    if number.endswith(SILENT):
        raise NoAnswer
