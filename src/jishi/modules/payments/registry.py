"""Which providers this market has, by name, and which of them buyers may choose.

A provider's library is loaded when the market has configured it: each costs a tenth of a second and more.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jishi.exits import Exit, Stop
from jishi.kit.text import mark as _
from jishi.modules.payments import sandbox
from jishi.modules.payments.provider import Provider, Providers
from jishi.modules.payments.types import ALIPAY, SANDBOX, STRIPE, WECHATPAY
from jishi.settings import PREFIX, PROVIDER_NEEDS, Settings, reachable, read_key

PROVIDER_WORDS: Final = {
    SANDBOX: _("Sandbox (nothing is charged)"),
    WECHATPAY: _("WeChat Pay"),
    ALIPAY: _("Alipay"),
    STRIPE: _("Card (Stripe)"),
}
YUAN_ONLY: Final = frozenset({WECHATPAY, ALIPAY})
APIV3_KEY_BYTES: Final = 32


def callback_path(name: str) -> str:
    """Where the provider called ``name`` sends its news."""
    return f"/api/v1/payments/callbacks/{name}"


def offered_providers(settings: Settings) -> tuple[str, ...]:
    """The providers a buyer may choose, the market's first choice first; never empty.

    The sandbox is a choice while nothing else is, or outside production: where goods cost money,
    nobody may pay with none.
    """
    real = tuple(name for name in PROVIDER_NEEDS if _is_configured(settings, name))
    return real if real and settings.is_production else (*real, SANDBOX)


def open_providers(settings: Settings, *, clock: Callable[[], datetime]) -> Providers:
    """The providers, by name; ``close_providers`` gives their connections back.

    The sandbox runs beside the web server, so its news takes the near way, not the public one. It is
    open even where it is no choice any more: what was paid there can still go back. Raises
    Stop(USAGE) for a key that is none, or a currency a provider does not take.
    """
    near = f"http://{reachable(settings.host)}:{settings.port}"
    made: list[Provider] = [
        sandbox.open_sandbox(
            base_url=settings.sandbox_url,
            key=read_key(settings.sandbox_key_file),
            notify_url=near + callback_path(SANDBOX),
            clock=clock,
        )
    ]
    for name in offered_providers(settings):
        if name in YUAN_ONLY and settings.currency != "CNY":
            sentence = f"{_first(name)} is set, but {name} takes CNY only; see JISHI_CURRENCY."
            raise Stop(Exit.USAGE, sentence)
        if name in _OPENERS:
            made.append(_OPENERS[name](settings, clock))
    return {provider.name: provider for provider in made}


async def close_providers(providers: Providers) -> None:
    for provider in providers.values():
        await provider.close()


def _is_configured(settings: Settings, name: str) -> bool:
    return all(getattr(settings, needed) for needed in PROVIDER_NEEDS[name])


def _open_wechatpay(settings: Settings, clock: Callable[[], datetime]) -> Provider:
    from jishi.modules.payments import wechatpay

    del clock
    public_key = settings.wechatpay_public_key_file
    terms = wechatpay.Terms(
        mchid=settings.wechatpay_mchid,
        appid=settings.wechatpay_appid,
        cert_serial=settings.wechatpay_cert_serial,
        private_key=_secret(settings, "wechatpay_key_file"),
        apiv3_key=_secret(settings, "wechatpay_apiv3_key_file"),
        notify_url=settings.base_url + callback_path(WECHATPAY),
        base_url=settings.wechatpay_base_url,
        public_key=_secret(settings, "wechatpay_public_key_file") if public_key else None,
        public_key_id=settings.wechatpay_public_key_id or None,
    )
    if len(terms.apiv3_key.encode()) != APIV3_KEY_BYTES:
        raise Stop(Exit.USAGE, f"{PREFIX}WECHATPAY_APIV3_KEY_FILE must hold 32 signs.")
    _require_key(settings, "wechatpay_key_file", is_private=True)
    if public_key:
        _require_key(settings, "wechatpay_public_key_file", is_private=False)
    return wechatpay.open_wechatpay(terms)


def _open_alipay(settings: Settings, clock: Callable[[], datetime]) -> Provider:
    from jishi.modules.payments import alipay

    _require_key(settings, "alipay_key_file", is_private=True)
    _require_key(settings, "alipay_public_key_file", is_private=False)
    terms = alipay.Terms(
        app_id=settings.alipay_app_id,
        seller_id=settings.alipay_seller_id,
        private_key=_secret(settings, "alipay_key_file"),
        public_key=_secret(settings, "alipay_public_key_file"),
        notify_url=settings.base_url + callback_path(ALIPAY),
        base_url=settings.alipay_base_url,
    )
    return alipay.open_alipay(terms, clock=clock)


def _open_stripe(settings: Settings, clock: Callable[[], datetime]) -> Provider:
    from jishi.modules.payments import stripe_pay

    return stripe_pay.open_stripe(
        key=_secret(settings, "stripe_key_file"),
        webhook_secret=_secret(settings, "stripe_webhook_secret_file"),
        base_url=settings.stripe_base_url,
        zone=ZoneInfo(settings.zone),
        clock=clock,
    )


_OPENERS: Final[dict[str, Callable[[Settings, Callable[[], datetime]], Provider]]] = {
    WECHATPAY: _open_wechatpay,
    ALIPAY: _open_alipay,
    STRIPE: _open_stripe,
}


def _first(name: str) -> str:
    return PREFIX + PROVIDER_NEEDS[name][0].upper()


def _secret(settings: Settings, field: str) -> str:
    """What a key file holds; never logged. Raises Stop(USAGE) when it cannot be read or is empty."""
    path: Path = getattr(settings, field)
    try:
        found = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        found = ""
    if not found:
        raise Stop(Exit.USAGE, f"{PREFIX}{field.upper()} names a file that cannot be read.")
    return found


def _require_key(settings: Settings, field: str, *, is_private: bool) -> None:
    """Raises Stop(USAGE) when the file holds no RSA key of 2048 bits or more in PEM."""
    from cryptography.hazmat.primitives import serialization as pem
    from cryptography.hazmat.primitives.asymmetric import rsa

    raw = _secret(settings, field).encode()
    key: Any = None
    with suppress(ValueError, TypeError):
        key = pem.load_pem_private_key(raw, None) if is_private else pem.load_pem_public_key(raw)
    kind = rsa.RSAPrivateKey if is_private else rsa.RSAPublicKey
    if not isinstance(key, kind) or key.key_size < 2048:  # noqa: PLR2004
        said = "private" if is_private else "public"
        sentence = f"{PREFIX}{field.upper()} must hold a {said} RSA key in PEM, 2048 bits or more."
        raise Stop(Exit.USAGE, sentence)
