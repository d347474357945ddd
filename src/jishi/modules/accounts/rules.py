"""What counts as a sign-in name, a name, a password, a code. Pure."""

import hmac
import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Final

from jishi.kit.errors import Refusal, Refusals
from jishi.kit.text import clean
from jishi.modules.accounts.common_passwords import COMMON
from jishi.modules.accounts.types import (
    CODE_DIGITS,
    FRESH,
    IDLE,
    NAME_MAX,
    PASSWORD_MAX,
    PASSWORD_MIN,
    LoginInvalid,
    LoginKind,
    LoginName,
    NameInvalid,
    OwnsShops,
    PasswordGuessable,
    PasswordIsName,
    PasswordLong,
    PasswordShort,
    PhoneLength,
    Purpose,
    Session,
)

HOME_CODE: Final = "+86"
HOME_DIGITS: Final = 11
MAIL_MAX: Final = 254  # source: RFC 5321, 4.5.3.1.3 less the brackets
LOCAL_MAX: Final = 64
LABEL_MAX: Final = 63
KEYBOARD: Final = ("01234567890", "qwertyuiopasdfghjklzxcvbnm", "abcdefghijklmnopqrstuvwxyz")

_HOME = re.compile(r"\+861[3-9]\d{9}")
_E164 = re.compile(r"\+[1-9]\d{6,14}")  # source: ITU-T E.164, 6.1
_LOCAL = re.compile(r"[^\s@<>()\[\]\\,;:\"]+")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_PHONE_LIKE = re.compile(r"[+\d][\d\s().·-]*")


def parse_login(text: str, *, field: str = "login") -> LoginName:
    """The one spelling of a phone number or an e-mail address.

    A number without a country code is Chinese. Raises LoginInvalid, PhoneLength.
    """
    typed = unicodedata.normalize("NFKC", text).strip()
    if "@" in typed:
        return LoginName(LoginKind.MAIL, _mail(typed, field))
    if not _PHONE_LIKE.fullmatch(typed):
        raise LoginInvalid(field=field)
    return LoginName(LoginKind.PHONE, _phone(typed, field))


def _phone(typed: str, field: str) -> str:
    digits = re.sub(r"\D", "", typed)
    if typed.startswith("+"):
        number = "+" + digits
    elif digits.startswith("00"):
        number = "+" + digits[2:]
    else:
        if len(digits) != HOME_DIGITS:
            raise PhoneLength(field=field, need=HOME_DIGITS, has=len(digits))
        number = HOME_CODE + digits
    fits = _HOME if number.startswith(HOME_CODE) else _E164
    if not fits.fullmatch(number):
        raise LoginInvalid(field=field)
    return number


def _mail(typed: str, field: str) -> str:
    local, _, domain = typed.rpartition("@")
    try:
        host = domain.rstrip(".").lower().encode("idna").decode("ascii")
    except UnicodeError:
        raise LoginInvalid(field=field) from None
    labels = host.split(".")
    address = f"{local.lower()}@{host}"
    fits = (
        _LOCAL.fullmatch(local)
        and len(local) <= LOCAL_MAX
        and len(address) <= MAIL_MAX
        and len(labels) > 1
        and all(_LABEL.fullmatch(label) and len(label) <= LABEL_MAX for label in labels)
        and not labels[-1].isdigit()
    )
    if not fits:
        raise LoginInvalid(field=field)
    return address


def masked(name: LoginName) -> str:
    """Fit for showing to someone who knows it: ``186****2207``, ``li***@example.com``."""
    if name.kind is LoginKind.PHONE:
        shown = name.value.removeprefix(HOME_CODE)
        return f"{shown[:3]}****{shown[-4:]}"
    local, _, domain = name.value.rpartition("@")
    return f"{local[:2] if len(local) > 2 else local[:1]}***@{domain}"  # noqa: PLR2004


def parse_name(text: str, *, field: str = "name") -> str:
    """A person's name as they meant it. Raises NameInvalid."""
    name = clean(text)
    if not 1 <= len(name) <= NAME_MAX:
        raise NameInvalid(field=field, most=NAME_MAX, has=len(name))
    return name


def check_password(password: str, *, known: Iterable[str], field: str = "password") -> None:
    """Raises what is wrong with a new password. ``known``: name and sign-in names of the person."""
    length = len(password)
    if length < PASSWORD_MIN:
        raise PasswordShort(field=field, least=PASSWORD_MIN, has=length)
    if length > PASSWORD_MAX:
        raise PasswordLong(field=field, most=PASSWORD_MAX, has=length)
    folded = password.casefold()
    if folded in _spellings(known):
        raise PasswordIsName(field=field)
    if folded in COMMON or is_monotonous(folded):
        raise PasswordGuessable(field=field)


def _spellings(known: Iterable[str]) -> set[str]:
    shown = {text.casefold() for text in known}
    return (
        shown
        | {it.removeprefix(HOME_CODE) for it in shown}
        | {it.partition("@")[0] for it in shown}
    )


def is_monotonous(text: str) -> bool:
    """One or two characters over and over, or a walk along the keyboard or the alphabet."""
    if len(set(text)) <= 2:  # noqa: PLR2004
        return True
    return any(text in run * 2 or text[::-1] in run * 2 for run in KEYBOARD)


def draft_account(
    name: str, logins: Iterable[str], password: str | None
) -> tuple[str, list[LoginName]]:
    """A new account's name and sign-in names. Raises Refusals naming every wrong field."""
    wrong: list[Refusal] = []
    kept, parsed = "", []
    try:
        kept = parse_name(name)
    except Refusal as refusal:
        wrong.append(refusal)
    for login in logins:
        try:
            parsed.append(parse_login(login))
        except Refusal as refusal:
            wrong.append(refusal)
    if password is not None:
        try:
            check_password(password, known=[kept, *(it.value for it in parsed)])
        except Refusal as refusal:
            wrong.append(refusal)
    if wrong:
        raise Refusals(wrong)
    return kept, parsed


def code_digest(secret: bytes, purpose: Purpose, name: LoginName, code: str) -> bytes:
    """What is kept of a one-time code: without the market's secret six digits are no secret."""
    message = f"code\0{purpose}\0{name.kind}\0{name.value}\0{code}"
    return hmac.digest(secret, message.encode(), sha256)


def parse_code(text: str) -> str:
    """The digits of a code as typed, spaces and full-width digits allowed; may be too few."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(c for c in plain if c.isascii() and c.isdigit())[: CODE_DIGITS + 1]


def is_live(session: Session, *, now: datetime) -> bool:
    """Whether a session still signs in. Both instants themselves are too late."""
    return now < session.used_at + IDLE and now < session.expires_at


def may_set_password_freely(session: Session, *, now: datetime) -> bool:
    """Whether the person just proved themselves by a code, as after a forgotten password."""
    return session.by_code and now < session.opened_at + FRESH


def check_closing(*, owns_shops: bool) -> None:
    """Raises OwnsShops."""
    if owns_shops:
        raise OwnsShops


def device_of(user_agent: str) -> str:
    """A browser and system in a few words; empty when the header says neither."""
    browsers = (
        ("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"),
        ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
        ("python-httpx", "httpx"), ("curl/", "curl"),
    )  # fmt: skip
    systems = (
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("HarmonyOS", "HarmonyOS"), ("Android", "Android"),
        ("Windows", "Windows"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
    )  # fmt: skip
    found = [
        next((name for sign, name in table if sign in user_agent), "")
        for table in (browsers, systems)
    ]
    return " · ".join(filter(None, found))[:80]
