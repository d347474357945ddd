"""The embedded server: real starts, real crashes, odd places."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import asyncpg
import psycopg
import pytest

from jishi import settings
from jishi.db.embedded import (
    SOCKET_NAME,
    EmbeddedPostgres,
    claim_home,
    main,
    open_database,
)
from jishi.exits import Exit, Stop
from tests.support.folders import market_home

OURS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "200",
    "jit": "off",
    "wal_compression": "pglz",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "track_io_timing": "on",
    "listen_addresses": "",
    "TimeZone": "UTC",
    "data_checksums": "on",
    "server_encoding": "UTF8",
}


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    with market_home() as home:
        server = EmbeddedPostgres(home)
        server.start()
        yield server


@pytest.fixture
def home() -> Iterator[Path]:
    with market_home() as home:
        yield home


def _pid(server: EmbeddedPostgres) -> int:
    return int((server.data / "postmaster.pid").read_text().split("\n")[0])


def _value(dsn: str, query: str) -> object:
    with psycopg.connect(dsn) as link:
        row = link.execute(query.encode()).fetchone()
        return row[0] if row else None


@pytest.mark.parametrize("name", OURS)
def test_it_runs_with_our_settings(server: EmbeddedPostgres, name: str) -> None:
    assert _value(server.dsn(), f"SHOW {name}") == OURS[name]


async def test_both_drivers_understand_the_dsn(server: EmbeddedPostgres) -> None:
    link = await asyncpg.connect(server.dsn())
    assert await link.fetchval("SELECT current_database()") == "jishi"
    await link.close()
    assert _value(server.dsn(), "SELECT current_database()") == "jishi"


def test_a_second_start_finds_it_running(server: EmbeddedPostgres) -> None:
    before = _pid(server)
    assert EmbeddedPostgres(server.home).start() == server.dsn()
    assert _pid(server) == before


def test_only_its_owner_may_pass_to_the_socket(server: EmbeddedPostgres) -> None:
    assert server.socket_folder().stat().st_mode & 0o077 == 0
    assert server.data.stat().st_mode & 0o077 == 0


def test_what_was_committed_survives_a_kill(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.dsn(), autocommit=True) as link:
        link.execute("CREATE TABLE kept (n int)")
        link.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
    before = _pid(server)
    os.kill(before, signal.SIGKILL)
    assert server.start() == server.dsn()
    assert _pid(server) != before
    assert _value(server.dsn(), "SELECT count(*) FROM kept") == 1000


def test_a_lock_file_with_a_number_now_someone_elses_does_not_stop_it(
    server: EmbeddedPostgres,
) -> None:
    server.stop()
    lines = [str(os.getpid()), str(server.data), "1", "5432", "", "", "1 1", "ready"]
    (server.data / "postmaster.pid").write_text("\n".join(lines) + "\n")
    (server.socket_folder() / f"{SOCKET_NAME}.lock").write_text("\n".join(lines[:5]) + "\n")
    assert not server.is_running()
    assert _value(server.start(), "SELECT 1") == 1


def test_stopping_twice_is_fine(server: EmbeddedPostgres) -> None:
    server.stop()
    server.stop()
    assert not server.is_running()
    server.start()


@pytest.mark.parametrize(
    ("_case", "name"),
    [("too long for a socket", "a" * 120), ("odd signs", "集市 100%, 'x'")],
)
async def test_it_lives_in_any_folder(_case: str, name: str, home: Path) -> None:
    server = EmbeddedPostgres(home / name)
    try:
        dsn = server.start()
        path = str(server.socket_folder() / SOCKET_NAME)
        assert len(path.encode()) <= 107
        link = await asyncpg.connect(dsn)
        await link.close()
        assert _value(dsn, "SELECT 1") == 1
    finally:
        server.stop()
        shutil.rmtree(server.socket_folder(), ignore_errors=True)


def test_a_cluster_half_made_is_made_again(home: Path) -> None:
    server = EmbeddedPostgres(home)
    (server.root / "data.new").mkdir(parents=True)
    (server.root / "data.new" / "PG_VERSION").write_text("18")
    assert _value(server.start(), "SELECT 1") == 1
    assert not (server.root / "data.new").exists()


def test_data_of_another_version_are_refused_by_name(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(Stop, match="were written by PostgreSQL 17") as stop:
        server.start()
    assert stop.value.code == Exit.NO_DATABASE


def test_a_disk_nearly_full_is_told_before_anything_is_written(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=5 << 20))
    server = EmbeddedPostgres(home)
    with pytest.raises(Stop, match="has 5 MB left") as stop:
        server.start()
    assert stop.value.code == Exit.DISK_FULL
    assert not server.data.exists()


def test_a_home_that_cannot_be_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Stop, match="a folder, not a file"):
        settings.load({"JISHI_HOME": str(tmp_path / "file")})


def test_a_bad_setting_of_the_server_is_told_with_its_reason(home: Path) -> None:
    server = EmbeddedPostgres(home, extra={"max_connections": "many"})
    with pytest.raises(Stop, match=r"PostgreSQL did not start: .*max_connections"):
        server.start()


def test_a_home_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    with claim_home(tmp_path):
        with pytest.raises(Stop, match=f"already running .process {os.getpid()}") as stop:
            claim_home(tmp_path).__enter__()
        assert stop.value.code == Exit.HOME_IN_USE
    with claim_home(tmp_path):
        pass


def test_a_command_starts_the_server_for_its_time_only(home: Path) -> None:
    chosen = settings.load({"JISHI_HOME": str(home)})
    with open_database(chosen) as dsn:
        assert _value(dsn, "SELECT 1") == 1
        with open_database(chosen) as again:  # a second command beside the first
            assert again == dsn
        assert EmbeddedPostgres(home).is_running()
    assert not EmbeddedPostgres(home).is_running()


def test_from_the_shell(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", str(home)]) == Exit.CHECK_FAILED
    assert main(["start", str(home)]) == Exit.OK
    dsn = capsys.readouterr().out.strip().splitlines()[-1]
    assert _value(dsn, "SELECT 1") == 1
    assert main(["stop", str(home)]) == Exit.OK
    assert main(["sing", str(home)]) == Exit.USAGE


def test_it_does_not_listen_on_the_network(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.dsn()) as link:
        assert link.info.host.startswith("/")
        row = link.execute("SELECT inet_server_addr()").fetchone()
        assert row == (None,)
