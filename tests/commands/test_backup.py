"""A market goes into one file and comes out of it the same, elsewhere."""

import json
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from jishi import cli, settings
from jishi.db.embedded import open_database
from jishi.db.migrate import migrate
from jishi.exits import Exit
from tests.support.folders import market_home

BOOKS = ("bank", "carrier", "sandbox")


@contextmanager
def _sandbox_at(home: Path) -> Iterator[None]:
    """Its books as the sandbox keeps them: open, their newest lines still in the log beside."""
    folder = home / "sandbox"
    folder.mkdir(parents=True)
    with ExitStack() as open_books:
        for name in BOOKS:
            path = folder / f"{name}.sqlite3"
            book = open_books.enter_context(closing(sqlite3.connect(path, isolation_level=None)))
            book.executescript("PRAGMA journal_mode = WAL; CREATE TABLE kept (name TEXT)")
            book.execute("INSERT INTO kept VALUES (?)", [name])
            assert path.with_name(f"{path.name}-wal").stat().st_size
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a market with a row, a picture, keys, and a sandbox that is at work meanwhile."""
    target = tmp_path_factory.mktemp("backup") / "market.tar"
    with market_home() as home, pytest.MonkeyPatch.context() as patch, _sandbox_at(home):
        patch.setenv("JISHI_HOME", str(home))
        chosen = settings.load()
        settings.read_key(chosen.secret_file)
        (chosen.media_folder / "a").mkdir(parents=True)
        (chosen.media_folder / "a" / "b.webp").write_bytes(b"picture")
        with open_database(chosen) as dsn:
            migrate(dsn)
            with psycopg.connect(dsn) as link:
                link.execute("CREATE TABLE kept AS SELECT 42 AS n")
        assert cli.main(["backup", str(target)]) == Exit.OK
    return target


def _restore(home: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("JISHI_HOME", str(home))
    return cli.main(["restore", str(file)])


def test_what_was_backed_up_is_there_again(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with market_home() as home:
        assert _restore(home, made, monkeypatch) == Exit.OK
        assert (home / "media" / "a" / "b.webp").read_bytes() == b"picture"
        assert (home / "secret.key").stat().st_mode & 0o077 == 0
        assert (home / "sandbox").stat().st_mode & 0o077 == 0
        for name in BOOKS:
            with closing(sqlite3.connect(home / "sandbox" / f"{name}.sqlite3")) as book:
                assert book.execute("SELECT name FROM kept").fetchall() == [(name,)]
        with open_database(settings.load()) as dsn, psycopg.connect(dsn) as link:
            row = link.execute("SELECT n FROM kept").fetchone()
        assert row == (42,)
        assert _restore(home, made, monkeypatch) == Exit.USAGE  # no longer empty


def test_a_backup_is_for_its_owner_and_never_overwritten(made: Path) -> None:
    assert made.stat().st_mode & 0o077 == 0
    assert cli.main(["backup", str(made)]) == Exit.USAGE


def test_a_file_that_is_no_backup_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.tar").write_text("no tar")
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        tar.add(tmp_path / "text.tar", "x")
    for name in ("text.tar", "other.tar", "missing.tar"):
        assert _restore(tmp_path / "home", tmp_path / name, monkeypatch) == Exit.USAGE
        assert name in capsys.readouterr().err
    assert not (tmp_path / "home").exists()


def test_a_market_whose_sandbox_is_in_use_is_not_written_over(
    made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with market_home() as home, _sandbox_at(home):
        before = (home / "sandbox" / "bank.sqlite3").read_bytes()
        assert _restore(home, made, monkeypatch) == Exit.USAGE
        assert "is not empty" in capsys.readouterr().err
        assert (home / "sandbox" / "bank.sqlite3").read_bytes() == before


def test_a_program_reads_what_was_done(
    made: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["backup", "-", "--json"]) == Exit.USAGE
    with market_home() as home:
        monkeypatch.setenv("JISHI_HOME", str(home))
        assert cli.main(["restore", str(made), "--json"]) == Exit.OK
        assert json.loads(capsys.readouterr().out)["home"] == str(home)
        again = tmp_path / "again.tar"
        assert cli.main(["backup", str(again), "--json"]) == Exit.OK
        said = json.loads(capsys.readouterr().out)
        assert said == {"file": str(again), "bytes": again.stat().st_size}
