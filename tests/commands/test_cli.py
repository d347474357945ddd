"""The command line: help, exit codes, and sentences instead of traces."""

import json
import re
from pathlib import Path

import pytest

from jishi import cli
from jishi.exits import Exit
from tests.support.database import TestServer, worker_name
from tests.support.running import free_port


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


# What they print is meant for people only: they run until they are stopped.
STAY = {"run", "web", "worker", "sandbox"}
SOURCES = ("shopify", "olist", "online-retail", "reviews")


def _help(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        cli.main([*words, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_every_command_explains_itself_by_examples(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = _help(capsys, name)
    examples = said.partition("\nexamples:\n")[2]
    assert re.search(rf"^  (\w.* )?jishi {name}\b", examples, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(set(cli.COMMANDS) - STAY - {"import"}))
def test_what_a_command_answers_can_be_read_by_a_program(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "--json" in _help(capsys, name)


@pytest.mark.parametrize("source", SOURCES)
def test_so_can_what_an_import_answers(source: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--json" in _help(capsys, "import", source)


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


@pytest.mark.parametrize(
    ("words", "environment", "code"),
    [
        (["doctor", "--json"], {}, Exit.OK),
        (["doctor", "--json"], {"JISHI_HOST": "192.0.2.1"}, Exit.CHECK_FAILED),  # nobody's address
        (["operator", "add"], {}, Exit.USAGE),
        (["reconcile"], {}, Exit.USAGE),
        (["reconcile", "nowhere.csv"], {}, Exit.USAGE),
        (["import", "olist", "nowhere", "--check"], {}, Exit.USAGE),
        (["backup", "."], {}, Exit.USAGE),
        (["restore", "nowhere.tar"], {}, Exit.USAGE),
        *(
            ([*words], {"JISHI_DATABASE_URL": "postgresql://u@127.0.0.1:1/x"}, Exit.NO_DATABASE)
            for words in (
                ["migrate"],
                ["migrate", "--check"],
                ["verify"],
                ["reindex"],
                ["operator", "list"],
                ["web"],
                ["worker"],
                ["demo"],
                ["backup", "new.tar"],
            )
        ),
    ],
    ids=lambda it: " ".join(it) if isinstance(it, list) else None,
)
def test_a_command_ends_with_the_code_that_says_why(
    words: list[str],
    environment: dict[str, str],
    code: Exit,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    ports = {name: str(free_port()) for name in ("JISHI_PORT", "JISHI_SANDBOX_PORT")}
    for name, value in {**ports, **environment}.items():
        monkeypatch.setenv(name, value)
    assert cli.main(words) == code
    said = capsys.readouterr()
    if code not in {Exit.OK, Exit.CHECK_FAILED}:
        assert said.err.startswith("jishi: ")
        assert "Traceback" not in said.err
        assert said.out == ""


@pytest.mark.parametrize(
    "words", [["verify"], ["reindex"], ["operator", "list"], ["migrate", "--check"], ["worker"]]
)
def test_a_database_nobody_has_migrated_is_the_wrong_one(
    words: list[str], server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with server.empty(f"cli_{worker_name()}") as dsn:
        monkeypatch.setenv("JISHI_DATABASE_URL", dsn)
        assert cli.main(words) == Exit.WRONG_SCHEMA
