"""Every setting once: its variable, default, unit and meaning. Read from the environment only.

The variable of a field is ``JISHI_`` and the field's name in capitals. ``load`` refuses a bad value
with a sentence that names the variable; ``rows`` lists all of them for ``jishi doctor``.
"""

# ruff: noqa: RUF009 - _setting is dataclasses.field with a meaning

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from jishi.exits import Exit, Stop
from jishi.keys import read_key as read_key  # noqa: PLC0414 - offered here, too

PREFIX = "JISHI_"
MASK = "•••"


class Env(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", text) or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return read


def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError("one of " + ", ".join(allowed))
        return text

    return read


def _like(pattern: str, wish: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(wish)
        return text

    return read


_word = _like(r"[A-Za-z0-9_.-]{1,128}", "letters, digits, dots, dashes and underscores")
_host = _like(r"[A-Za-z0-9.:_-]{1,253}", "a host name or an address, such as 127.0.0.1 or 0.0.0.0")
_currency = _like(r"[A-Z]{3}", "three capital letters of ISO 4217, such as CNY")


def _environment(text: str) -> Env:
    return Env(_one_of(*Env)(text))


def _folder(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ValueError("a folder, not a file")
    return path


def _file(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if not path.is_file():
        raise ValueError("a file that exists")
    return path


def _database_url(text: str) -> str:
    if urlsplit(text).scheme not in {"postgresql", "postgres"}:
        raise ValueError("a URL such as postgresql://user:password@host:5432/jishi")
    return re.sub(r"^postgres:", "postgresql:", text)


def _public_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("an address such as https://market.example")
    return text.rstrip("/")


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError("a time zone such as Asia/Shanghai or UTC")
    return text


def _smtp_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("a URL such as smtps://name:password@mail.example:465")
    return text


def _workers() -> int:
    return min(2, os.cpu_count() or 1)


def _home() -> Path:
    return _folder("./market")


def _setting(
    default: Any, read: Callable[[str], Any], meaning: str, *, unit: str = "", secret: bool = False
) -> Any:
    """A field with its meaning; ``default`` may be a function when it depends on the machine."""
    about = {"read": read, "meaning": meaning, "unit": unit, "secret": secret}
    if callable(default):
        return field(default_factory=default, metadata=about)
    return field(default=default, metadata=about)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a market can be told from outside. Immutable; one per process."""

    home: Path = _setting(_home, _folder, "data, files, keys and logs of this market", unit="path")
    database_url: str | None = _setting(
        None,
        _database_url,
        "PostgreSQL 16 or later; unset: the embedded server under the home",
        unit="url",
        secret=True,
    )
    host: str = _setting("127.0.0.1", _host, "address the web server listens on")
    port: int = _setting(8000, _whole(1, 65535), "port of the web server")
    public_url: str = _setting("", _public_url, "address people use; unset: http://host:port")
    sandbox_port: int = _setting(8010, _whole(1, 65535), "port of the payment sandbox")
    workers: int = _setting(_workers, _whole(1, 64), "web server processes", unit="processes")
    env: Env = _setting(
        Env.DEVELOPMENT, _environment, "development shows /dev/inbox and demo sign-ins"
    )
    currency: str = _setting("CNY", _currency, "the one currency of the market", unit="ISO 4217")
    zone: str = _setting(
        "Asia/Shanghai", _zone, "the market's days and hours are those of", unit="IANA time zone"
    )
    unpaid_minutes: int = _setting(
        30, _whole(1, 10_080), "an unpaid order lapses after", unit="minutes"
    )
    confirm_days: int = _setting(
        10, _whole(0, 90), "receipt is confirmed by the clock after; 0: at once", unit="days"
    )
    fee_bp: int = _setting(
        60, _whole(0, 10_000), "platform fee on what the buyer paid", unit="basis points"
    )
    shop_review: str = _setting(
        "auto",
        _one_of("auto", "people"),
        "auto: a shop opens at once, without papers; people: once its application is approved",
    )
    limit_factor: int = _setting(
        1, _whole(0, 1_000_000), "how many times the usual rate limits; 0 switches them off"
    )
    trusted_proxies: int = _setting(
        0, _whole(0, 10), "proxies in front that write X-Forwarded-For", unit="proxies"
    )
    smtp_url: str | None = _setting(
        None, _smtp_url, "where mails are sent; unset: shown at /dev/inbox", unit="url", secret=True
    )
    sms_url: str | None = _setting(
        None, _public_url, "gateway for text messages; unset: /dev/inbox", unit="url", secret=True
    )
    silent_seconds: int = _setting(
        30, _whole(2, 3600), "a web server silent for so long is started again", unit="seconds"
    )
    log_level: str = _setting(
        "info", _one_of("debug", "info", "warning", "error"), "least level written to the log"
    )

    late_bp: int = _setting(
        -1,
        _whole(-1, 3_000),
        "paid to the buyer of an order that left late, of what they paid; 0: nothing; -1: 500"
        " outside production, nothing there",
        unit="basis points",
    )
    late_after_hours: int = _setting(
        24, _whole(0, 720), "an order left late when it is so much past its deadline", unit="hours"
    )
    late_cap_minor: int = _setting(
        3_000,
        _whole(1, 10_000_000),
        "at most so much for an order that left late",
        unit="minor units",
    )

    # payment providers; each is used when all it needs is given (PROVIDER_NEEDS)
    wechatpay_mchid: str = _setting("", _word, "WeChat Pay: merchant number")
    wechatpay_appid: str = _setting("", _word, "WeChat Pay: app the merchant is bound to")
    wechatpay_cert_serial: str = _setting(
        "", _word, "WeChat Pay: serial number of the merchant's certificate"
    )
    wechatpay_key_file: Path | None = _setting(
        None, _file, "WeChat Pay: the merchant's private key", unit="PEM file"
    )
    wechatpay_apiv3_key_file: Path | None = _setting(
        None, _file, "WeChat Pay: the APIv3 key, 32 letters and digits", unit="file"
    )
    wechatpay_public_key_file: Path | None = _setting(
        None,
        _file,
        "WeChat Pay: its public key; unset: platform certificates are fetched",
        unit="PEM file",
    )
    wechatpay_public_key_id: str = _setting("", _word, "WeChat Pay: PUB_KEY_ID_… of that key")
    wechatpay_base_url: str = _setting(
        "https://api.mch.weixin.qq.com", _public_url, "WeChat Pay: where it answers", unit="url"
    )
    alipay_app_id: str = _setting("", _word, "Alipay: app id")
    alipay_seller_id: str = _setting("", _word, "Alipay: seller's number, 2088…")
    alipay_key_file: Path | None = _setting(
        None, _file, "Alipay: the app's private key (RSA2)", unit="PEM file"
    )
    alipay_public_key_file: Path | None = _setting(
        None, _file, "Alipay: Alipay's public key", unit="PEM file"
    )
    alipay_base_url: str = _setting(
        "https://openapi.alipay.com/gateway.do", _public_url, "Alipay: its gateway", unit="url"
    )
    stripe_key_file: Path | None = _setting(None, _file, "Stripe: the secret key", unit="file")
    stripe_webhook_secret_file: Path | None = _setting(
        None, _file, "Stripe: the signing secret of the webhook endpoint", unit="file"
    )
    stripe_base_url: str = _setting(
        "https://api.stripe.com", _public_url, "Stripe: where it answers", unit="url"
    )

    @property
    def base_url(self) -> str:
        """``http://host:port`` or what ``public_url`` says, without a closing slash."""
        return self.public_url or f"http://{reachable(self.host)}:{self.port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://{reachable(self.host)}:{self.sandbox_port}"

    @property
    def is_production(self) -> bool:
        return self.env is Env.PRODUCTION

    @property
    def media_folder(self) -> Path:
        return self.home / "media"

    @property
    def secret_file(self) -> Path:
        """Signs cookies and tokens. Whoever reads it can sign in as anyone."""
        return self.home / "secret.key"

    @property
    def sandbox_key_file(self) -> Path:
        """Shared by the market and its payment sandbox; signs requests and callbacks."""
        return self.home / "sandbox.key"


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises Stop(USAGE) naming the first bad variable."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for about in fields(Settings):
        text = environ.get(PREFIX + about.name.upper(), "").strip()
        if not text:
            continue
        try:
            values[about.name] = about.metadata["read"](text)
        except ValueError as wish:
            raise Stop(Exit.USAGE, _refusal(about.name, text, wish, about.metadata)) from None
    _require_whole(values)
    return Settings(**values)


# What a payment provider needs before it can be used; a part of it is a mistake, not a wish.
PROVIDER_NEEDS: Mapping[str, tuple[str, ...]] = {
    "wechatpay": (
        "wechatpay_mchid",
        "wechatpay_appid",
        "wechatpay_cert_serial",
        "wechatpay_key_file",
        "wechatpay_apiv3_key_file",
    ),
    "alipay": ("alipay_app_id", "alipay_seller_id", "alipay_key_file", "alipay_public_key_file"),
    "stripe": ("stripe_key_file", "stripe_webhook_secret_file"),
}
_PUBLIC_KEY = ("wechatpay_public_key_file", "wechatpay_public_key_id")


def _require_whole(values: Mapping[str, Any]) -> None:
    """Raises Stop(USAGE) for a provider of which only a part is configured."""
    for needed in (*PROVIDER_NEEDS.values(), _PUBLIC_KEY):
        missing = [PREFIX + name.upper() for name in needed if name not in values]
        given = [PREFIX + name.upper() for name in needed if name in values]
        if given and missing:
            sentence = f"{given[0]} is set, so {', '.join(missing)} must be set, too."
            raise Stop(Exit.USAGE, sentence)
    if _PUBLIC_KEY[0] in values and PROVIDER_NEEDS["wechatpay"][0] not in values:
        sentence = "JISHI_WECHATPAY_PUBLIC_KEY_FILE is set, so JISHI_WECHATPAY_MCHID must be, too."
        raise Stop(Exit.USAGE, sentence)


def _refusal(name: str, text: str, wish: ValueError, about: Mapping[str, Any]) -> str:
    given = MASK if about["secret"] else text
    return f"{PREFIX}{name.upper()} is {given!r}; it must be {wish}."


@dataclass(frozen=True, slots=True)
class Row:
    """One line of ``jishi doctor``: the setting as it is now, secrets masked."""

    variable: str
    value: str
    unit: str
    meaning: str
    is_default: bool


def rows(settings: Settings) -> Iterator[Row]:
    plain = Settings()
    for about in fields(Settings):
        value = getattr(settings, about.name)
        shown = masked(value) if about.metadata["secret"] and value else value
        yield Row(
            PREFIX + about.name.upper(),
            "" if shown is None else str(shown),
            about.metadata["unit"],
            about.metadata["meaning"],
            value == getattr(plain, about.name),
        )


def masked(url: str) -> str:
    """``url`` without its password, fit for a log or an error."""
    cleaned = re.sub(r"(?<=://)([^:@/]*):[^@/]*@", rf"\1:{MASK}@", url)
    return re.sub(r"(?<=[?&]password=)[^&]*", MASK, cleaned)


def reachable(host: str) -> str:
    """An address a browser on this machine can use for what listens on ``host``."""
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
