"""Settings come from the environment; a bad one is refused by name."""

from pathlib import Path

import pytest

from jishi import settings
from jishi.exits import Exit, Stop
from jishi.keys import KeyUnreadable, read_key


def test_without_variables_everything_has_its_default() -> None:
    chosen = settings.load({})
    assert (chosen.port, chosen.currency, chosen.unpaid_minutes) == (8000, "CNY", 30)
    assert chosen.base_url == "http://127.0.0.1:8000"
    assert chosen.home.is_absolute()
    assert not chosen.is_production


def test_variables_are_read() -> None:
    chosen = settings.load(
        {
            "JISHI_HOST": "0.0.0.0",
            "JISHI_PORT": "9000",
            "JISHI_ENV": "production",
            "JISHI_DATABASE_URL": "postgres://u:p@db/market",
            "JISHI_PUBLIC_URL": "https://market.example/",
            "JISHI_FEE_BP": " ",
        }
    )
    assert chosen.database_url == "postgresql://u:p@db/market"
    assert chosen.base_url == "https://market.example"
    assert chosen.is_production
    assert chosen.fee_bp == 60  # blank is unset


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("JISHI_PORT", "0"),
        ("JISHI_PORT", "65536"),
        ("JISHI_PORT", "８０００"),
        ("JISHI_WORKERS", "-1"),
        ("JISHI_FEE_BP", "10001"),
        ("JISHI_CONFIRM_DAYS", "1.5"),
        ("JISHI_CURRENCY", "yuan"),
        ("JISHI_ENV", "test"),
        ("JISHI_LOG_LEVEL", "loud"),
        ("JISHI_HOST", "127.0.0.1/x"),
        ("JISHI_DATABASE_URL", "sqlite:///x"),
        ("JISHI_PUBLIC_URL", "market.example"),
    ],
)
def test_a_bad_value_is_refused_by_name(variable: str, value: str) -> None:
    with pytest.raises(Stop, match=f"^{variable} is .* it must be ") as stop:
        settings.load({variable: value})
    assert stop.value.code == Exit.USAGE


def test_secrets_are_masked_where_settings_are_shown() -> None:
    url = "postgresql://u:geheim@db/market?password=geheim"
    shown = list(settings.rows(settings.load({"JISHI_DATABASE_URL": url})))
    assert "geheim" not in " ".join(row.value for row in shown)
    assert [row.variable for row in shown if not row.is_default] == ["JISHI_DATABASE_URL"]
    with pytest.raises(Stop) as stop:
        settings.load({"JISHI_DATABASE_URL": "mysql://u:geheim@db/market"})
    assert "geheim" not in stop.value.sentence


def test_every_setting_says_what_it_means() -> None:
    assert all(len(row.meaning) > 10 for row in settings.rows(settings.load({})))


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "home" / "secret.key"
    key = read_key(path)
    assert len(key) == 32
    assert read_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert [it.name for it in path.parent.iterdir()] == ["secret.key"]


@pytest.mark.parametrize("held", ["", "00", "no key", "é" * 64])
def test_a_file_that_holds_no_key_is_refused_by_name(tmp_path: Path, held: str) -> None:
    path = tmp_path / "short.key"
    path.write_text(held)
    with pytest.raises(KeyUnreadable, match="must hold 32 bytes") as stop:
        read_key(path)
    assert stop.value.code == Exit.USAGE
