"""``jishi demo``: what it refuses, and how it says so."""

import argparse
from pathlib import Path

import pytest

from jishi.cli import main
from jishi.demo import command
from jishi.demo.town.tally import Placed, Tally
from jishi.exits import Exit
from tests.support.running import free_port


def test_the_town_needs_an_open_market(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JISHI_HOME", str(tmp_path))
    url = f"http://127.0.0.1:{free_port()}"
    assert main(["demo", "--live", "--url", url]) == Exit.USAGE
    assert f"No market answers at {url}" in capsys.readouterr().err


def test_production_is_filled_only_when_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JISHI_HOME", str(tmp_path))
    monkeypatch.setenv("JISHI_ENV", "production")
    assert main(["demo"]) == Exit.USAGE
    assert "--yes" in capsys.readouterr().err
    assert not list(tmp_path.iterdir()), "nothing was begun"


@pytest.mark.parametrize(
    ("_case", "words"),
    [
        ("no rate", ["--rate", "0"]),
        ("a rate that is none", ["--rate", "many"]),
        ("not a number", ["--rate", "nan"]),
        ("time that runs back", ["--minutes", "-1"]),
        ("no address", ["--url", "ftp://127.0.0.1"]),
        ("half an address", ["--url", "127.0.0.1:8000"]),
    ],
)
def test_bad_words_are_refused(_case: str, words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["demo", "--live", *words])
    assert ended.value.code == Exit.USAGE


def test_a_tally_counts_what_was_acknowledged() -> None:
    tally = Tally()
    placed = Placed(
        key="k",
        checkout_id="1",
        payment_id="2",
        order_ids=("3", "4"),
        shops={"5": "山里来信"},
        amount_minor=100,
    )
    tally.placed.append(placed)
    tally.paid.add("2")
    for _ in range(60):
        tally.fail("pay 2: 500")
    said = tally.summary(30)
    assert (said["placed"], said["orders"], said["paid"]) == (1, 2, 1)
    assert said["errors"] == 60
    assert len(said["error_samples"]) == 50
    assert said["checkouts_per_minute"] == 2
    assert "errors 60" in tally.line(61)
