"""Which providers a market has, and what is said of a configuration that is not whole."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jishi import settings
from jishi.exits import Exit, Stop
from jishi.modules.payments import close_providers, offered_providers, open_providers
from jishi.settings import Env
from tests.modules.payments.desks import KEY
from tests.support.providers import alipay as alipay_server
from tests.support.providers import wechat as wechat_server
from tests.support.providers.http import private_pem, public_pem


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    files = {
        "key.pem": private_pem(KEY),
        "public.pem": public_pem(KEY),
        "apiv3.txt": wechat_server.APIV3_KEY,
        "stripe.key": "sk_test_1",
        "stripe.secret": "whsec_1",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text + "\n")
    return {
        "JISHI_HOME": str(tmp_path / "home"),
        "JISHI_WECHATPAY_MCHID": wechat_server.MCHID,
        "JISHI_WECHATPAY_APPID": wechat_server.APPID,
        "JISHI_WECHATPAY_CERT_SERIAL": wechat_server.MERCHANT_SERIAL,
        "JISHI_WECHATPAY_KEY_FILE": str(tmp_path / "key.pem"),
        "JISHI_WECHATPAY_APIV3_KEY_FILE": str(tmp_path / "apiv3.txt"),
        "JISHI_WECHATPAY_PUBLIC_KEY_FILE": str(tmp_path / "public.pem"),
        "JISHI_WECHATPAY_PUBLIC_KEY_ID": wechat_server.PUBLIC_KEY_ID,
        "JISHI_ALIPAY_APP_ID": alipay_server.APP_ID,
        "JISHI_ALIPAY_SELLER_ID": alipay_server.SELLER_ID,
        "JISHI_ALIPAY_KEY_FILE": str(tmp_path / "key.pem"),
        "JISHI_ALIPAY_PUBLIC_KEY_FILE": str(tmp_path / "public.pem"),
        "JISHI_STRIPE_KEY_FILE": str(tmp_path / "stripe.key"),
        "JISHI_STRIPE_WEBHOOK_SECRET_FILE": str(tmp_path / "stripe.secret"),
    }


def clock() -> datetime:
    return datetime.now(UTC)


async def test_what_is_configured_is_on_offer(environment: dict[str, str]) -> None:
    chosen = settings.load(environment)
    real = ("wechatpay", "alipay", "stripe")
    assert offered_providers(chosen) == (*real, "sandbox")
    in_earnest = replace(chosen, env=Env.PRODUCTION)
    assert offered_providers(in_earnest) == real, "where goods cost money nobody pays with none"
    providers = open_providers(in_earnest, clock=clock)
    assert set(providers) == {*real, "sandbox"}, "what was paid there can still go back"
    secrets = (wechat_server.APIV3_KEY, "PRIVATE KEY", "whsec_1", "sk_test_1")
    shown = "".join(repr(it) for name, it in providers.items() if name != "sandbox")
    assert not any(secret in shown for secret in secrets)
    await close_providers(providers)
    assert offered_providers(settings.Settings(env=Env.PRODUCTION)) == ("sandbox",)


@pytest.mark.parametrize(
    "missing",
    [
        "JISHI_WECHATPAY_APPID",
        "JISHI_WECHATPAY_APIV3_KEY_FILE",
        "JISHI_WECHATPAY_PUBLIC_KEY_ID",
        "JISHI_ALIPAY_SELLER_ID",
        "JISHI_STRIPE_WEBHOOK_SECRET_FILE",
    ],
)
def test_a_half_configured_provider_stops_the_start(
    environment: dict[str, str], missing: str
) -> None:
    del environment[missing]
    with pytest.raises(Stop, match=missing) as stop:
        settings.load(environment)
    assert stop.value.code is Exit.USAGE


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("key.pem", "no key", "WECHATPAY_KEY_FILE must hold a private RSA key"),
        ("public.pem", "no key", "PUBLIC_KEY_FILE must hold a public RSA key"),
        ("apiv3.txt", "short", "APIV3_KEY_FILE must hold 32"),
        ("stripe.key", "", "STRIPE_KEY_FILE names a file that cannot be read"),
    ],
)
def test_a_key_that_is_none_stops_the_start(
    environment: dict[str, str], tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(Stop, match=said):
        open_providers(settings.load(environment), clock=clock)


def test_yuan_only_providers_need_a_market_of_yuan(environment: dict[str, str]) -> None:
    environment["JISHI_CURRENCY"] = "EUR"
    with pytest.raises(Stop, match="CNY only"):
        open_providers(settings.load(environment), clock=clock)
