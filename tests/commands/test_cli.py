"""The command line: help, exit codes, and sentences instead of traces."""

import json
import re
from pathlib import Path

import pytest

from jishi import cli
from jishi.exits import Exit


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JISHI_HOME", str(tmp_path / "market"))
    monkeypatch.delenv("JISHI_DATABASE_URL", raising=False)


def test_help_lists_every_command_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(re.search(rf"^    {name}\s", said, re.MULTILINE) for name in cli.COMMANDS)
    assert all(f"  {int(code)}  " in said for code in Exit)


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])
    assert ended.value.code == 0
    assert len(capsys.readouterr().out.splitlines()) > 3


def test_without_a_command_it_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == Exit.USAGE
    assert "examples:" in capsys.readouterr().out


def test_an_unknown_command_is_wrong_use() -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["sing"])
    assert ended.value.code == Exit.USAGE


def test_a_bad_setting_ends_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JISHI_PORT", "x")
    assert cli.main(["doctor"]) == Exit.USAGE
    assert capsys.readouterr().err.startswith("jishi: JISHI_PORT is 'x'; it must be")


def test_the_doctor_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["doctor", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert {row["variable"] for row in told["settings"]} >= {"JISHI_HOME", "JISHI_PORT"}
    assert [it["ok"] for it in told["checks"] if it["name"] == "database"] == [True]
    assert list(tmp_path.iterdir()) == []
