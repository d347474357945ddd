"""A market goes into one file and comes out of it the same, elsewhere."""

import tarfile
from pathlib import Path

import psycopg
import pytest

from jishi import cli, settings
from jishi.db.embedded import open_database
from jishi.db.migrate import migrate
from jishi.exits import Exit
from tests.support.folders import market_home


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a market with a row, a picture and keys."""
    target = tmp_path_factory.mktemp("backup") / "market.tar"
    with market_home() as home, pytest.MonkeyPatch.context() as patch:
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
