"""A bank that pays merchants out. How it behaves is in the last four digits of an account's number.

0001 closed · 0002 slow, twenty seconds · 0003 sent back after a second · 0004 pays, but its first answer is
lost · 0005 its first call is lost · 0006 never answers · 0007 pays, and three seconds later the money comes
back · 0008 the same, and nobody is told · 0009 belongs to somebody else. All others are paid at once; what
was paid can be sent back by hand on the page ``/bank``. Asked twice for one number, it pays once and
answers as before.
"""

import secrets
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from jishi.kit.errors import Kind, Refusal
from jishi.sandbox import rules
from jishi.sandbox.bank_book import Account, BankBook, Transfer
from jishi.sandbox.desk import Desk
from jishi.sandbox.types import AddressNotAllowed, BankNews, Event, Sending

CLOSED, SLOW, SENT_BACK, ANSWER_LOST, CALL_LOST, SILENT, RETURNED, RETURNED_UNTOLD, FOREIGN = (
    "0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009",
)  # fmt: skip
PAUSES = {SLOW: timedelta(seconds=20), SENT_BACK: timedelta(seconds=1)}
RETURN_PAUSE = timedelta(seconds=3)  # source: none; real banks take days
RETURN_BATCH = 100
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
    notify_url: Annotated[str, Meta(max_length=1024)] = ""


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


class NotPaidOut(Refusal):
    kind, code = Kind.CONFLICT, "bank.not_paid_out"
    text = "Only a transfer that has succeeded can be sent back, once."


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


def ask_transfer(
    book: BankBook, desk: Desk, ask: AskTransfer, *, now: datetime
) -> tuple[Transfer, bool]:
    """The transfer and whether it is new.

    Raises AccountClosed, AddressNotAllowed, OtherTransfer, NoAnswer.
    """
    if ask.notify_url and not rules.may_call(ask.notify_url, desk.allowed):
        raise AddressNotAllowed(field="notify_url")
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
        ends_as="failed" if last4 == SENT_BACK else "succeeded",
        asks=1,
        asked_at=now,
        ends_at=now + PAUSES.get(last4, timedelta()),
        ended_at=None,
        notify_url="" if last4 == RETURNED_UNTOLD else ask.notify_url,
        returns_at=now + RETURN_PAUSE if last4 in (RETURNED, RETURNED_UNTOLD) else None,
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


def send_back(book: BankBook, desk: Desk, number: str, *, now: datetime) -> Transfer:
    """The receiving bank returns money it had taken; the merchant is told.

    Raises TransferNotFound, NotPaidOut.
    """
    found = get_transfer(book, number, now=now)
    if found.shown_state != "succeeded":
        raise NotPaidOut(out_transfer_no=number)
    back = msgspec.structs.replace(found, why="returned", returned_at=now)
    # Two files: told first, so that a crash between tells twice rather than never.
    if back.notify_url:
        with desk.book.transaction():
            sending = Sending(news=_return_news(back, now), notify_url=back.notify_url, due_at=now)
            desk.book.queue([sending])
        desk.told()
    book.save_transfer(back)
    return back


def return_due(book: BankBook, desk: Desk, *, now: datetime) -> int:
    """Send back what is due to come back: how many, one batch."""
    due = book.list_returning(now=now, limit=RETURN_BATCH)
    for transfer in due:
        send_back(book, desk, transfer.out_transfer_no, now=now)
    return len(due)


def _return_news(back: Transfer, now: datetime) -> BankNews:
    return BankNews(
        id=f"{back.transfer_no}-returned",
        event=Event.RETURNED,
        out_transfer_no=back.out_transfer_no,
        transfer_no=back.transfer_no,
        amount_minor=back.amount_minor,
        currency=back.currency,
        occurred_at=now,
    )


def _stand(number: str) -> None:
    if number.endswith(SILENT):
        raise NoAnswer
