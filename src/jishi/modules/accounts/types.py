"""The words of this module: people, sign-in names, sessions, codes, refusals."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId
from jishi.kit.text import mark as _

NAME_MAX: Final = 40
PASSWORD_MIN: Final = 8
PASSWORD_MAX: Final = 128
LOGINS_MAX: Final = 5  # of one account
SESSIONS_SHOWN: Final = 50

IDLE: Final = timedelta(days=30)  # a session unused for so long is over
LIFE: Final = timedelta(days=90)  # and after so long in any case
USE_NOTED_EVERY: Final = timedelta(minutes=5)
FRESH: Final = timedelta(
    minutes=15
)  # so soon after a code, a password may be set without the old one

CODE_LIFE: Final = timedelta(minutes=5)
CODE_TRIES: Final = 5
CODE_DIGITS: Final = 6


class LoginKind(StrEnum):
    PHONE = "phone"
    MAIL = "mail"


class Purpose(StrEnum):
    ENTER = "enter"
    ADD_LOGIN = "add_login"


class Role(StrEnum):
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class LoginName:
    """A sign-in name in its one spelling: E.164, or an e-mail address in lower case."""

    kind: LoginKind
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    name: LoginName
    account_id: AccountId
    added_at: datetime
    verified_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    id: AccountId
    name: str
    locale: str | None
    password_hash: str | None
    password_changed_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a sign-in with a password is checked against."""

    account_id: AccountId
    password_hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    id: int
    account_id: AccountId
    device: str
    is_api: bool
    by_code: bool
    opened_at: datetime
    used_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A sign-in that worked. ``token`` is shown once; ``is_new``: the account was just opened."""

    account_id: AccountId
    token: str
    is_new: bool = False
    lost_password: bool = False  # a password set before the name was proved was dropped


class LoginInvalid(Refusal):
    kind, code = Kind.INVALID, "accounts.login_invalid"
    text = "Give a phone number or an e-mail address."


class PhoneLength(Refusal):
    kind, code = Kind.INVALID, "accounts.phone_length"
    text = "The number needs {need} digits; it has {has}."


class LoginTaken(Refusal):
    kind, code = Kind.CONFLICT, "accounts.login_taken"
    text = "This phone or e-mail has an account already. Sign in, or use a one-time code."


class LoginsFull(Refusal):
    kind, code = Kind.CONFLICT, "accounts.logins_full"
    text = "An account has at most {most} phones and e-mails. Remove one first."


class LastLogin(Refusal):
    kind, code = Kind.CONFLICT, "accounts.last_login"
    text = "This is the only way into your account. Add another phone or e-mail first."


class NameInvalid(Refusal):
    kind, code = Kind.INVALID, "accounts.name_invalid"
    text = "A name has 1 to {most} characters; this one has {has}."


class PasswordShort(Refusal):
    kind, code = Kind.INVALID, "accounts.password_short"
    text = "A password needs at least {least} characters; this one has {has}."


class PasswordLong(Refusal):
    kind, code = Kind.INVALID, "accounts.password_long"
    text = "A password has at most {most} characters; this one has {has}."


class PasswordGuessable(Refusal):
    kind, code = Kind.INVALID, "accounts.password_guessable"
    text = "This password is among the first that anyone would try. Choose another one."


class PasswordIsName(Refusal):
    kind, code = Kind.INVALID, "accounts.password_is_name"
    text = "The password must not be your name, phone or e-mail."


class SignInRefused(Refusal):
    """Says the same for an unknown name, a wrong password and a closed account."""

    kind, code = Kind.UNAUTHORISED, "accounts.sign_in_refused"
    text = "Name and password do not fit together."


class PasswordWrong(Refusal):
    kind, code = Kind.INVALID, "accounts.password_wrong"
    text = "This is not your present password."


class CodeWrong(Refusal):
    kind, code = Kind.INVALID, "accounts.code_wrong"
    text = "This is not the code we sent. Tries left: {left}."


class CodeLength(Refusal):
    """Costs no try."""

    kind, code = Kind.INVALID, "accounts.code_length"
    text = "The code has {need} digits; this one has {has}."


class CodeGone(Refusal):
    kind, code = Kind.INVALID, "accounts.code_gone"
    text = "This code is used up or too old. Ask for a new one."


class CodeUnsendable(Refusal):
    kind, code = Kind.UNAVAILABLE, "accounts.code_unsendable"
    text = "This market cannot send codes at present. Sign in with your password."


class SessionNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "accounts.session_not_found"
    text = "This sign-in has ended already."


class LoginNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "accounts.login_not_found"
    text = "This phone or e-mail is not part of your account."


class AccountNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "accounts.not_found"
    text = "There is no account with this name."


class OwnsShops(Refusal):
    kind, code = Kind.CONFLICT, "accounts.owns_shops"
    text = "You own a shop. Close it or hand it over first, then close your account."


NEW_PERSON: Final = _("Guest {tail}")  # the name of an account opened by a code, until changed
