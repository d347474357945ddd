"""How ``jishi sandbox`` starts the payment sandbox of a market."""

from pathlib import Path

import pytest

from jishi.commands.sandbox import arguments
from jishi.sandbox import cli, rules
from jishi.settings import Settings


@pytest.mark.parametrize(
    ("public_url", "host"),
    [
        ("https://market.example", "127.0.0.1"),
        ("http://market.example:8080", "127.0.0.1"),
        ("", "10.0.0.5"),
    ],
)
def test_payers_may_come_back_to_the_market_and_bills_keep_its_days(
    tmp_path: Path, public_url: str, host: str
) -> None:
    settings = Settings(home=tmp_path, public_url=public_url, host=host, zone="Europe/Berlin")
    asked = cli._parser().parse_args(arguments(settings))
    assert str(asked.zone) == "Europe/Berlin"
    assert rules.may_call(f"{settings.base_url}/pay/1/result", asked.allow)
    assert rules.may_call(f"http://{host}:{settings.port}/api/v1/payments", asked.allow)
    assert not rules.may_call("https://evil.example/", asked.allow)
