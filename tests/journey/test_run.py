"""``jishi run``: opens, repairs and closes a market; says in a sentence why it cannot."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from jishi.exits import Exit
from tests.support.folders import market_home
from tests.support.running import RunningMarket, eventually, free_port, running_market

pytestmark = pytest.mark.journey

BACK_SECONDS = 10  # 0.5 to 1.5 measured on two busy cores
_WORK = "SELECT max(ran_at) FROM timed_job"
_TASK_WORKERS = """
SELECT 1 FROM procrastinate_workers WHERE last_heartbeat > clock_timestamp() - interval '6 seconds'
"""


@pytest.fixture(scope="module")
def market() -> Iterator[RunningMarket]:
    with market_home() as home, running_market(home) as market:
        market.wait_open()
        yield market


@pytest.fixture
def home() -> Iterator[Path]:
    with market_home() as home:
        yield home


def _refused(home: Path, **environment: str) -> tuple[int, str]:
    with running_market(home, environment=environment) as other:
        return other.wait_exit(), other.output


def test_it_opens_and_answers(market: RunningMarket) -> None:
    assert market.answers()
    assert set(market.children()) == {"web", "worker", "sandbox"}
    assert market.base_url in market.output


def test_keys_are_for_their_owner_only(market: RunningMarket) -> None:
    for name in ("secret.key", "sandbox.key"):
        assert (market.home / name).stat().st_mode & 0o077 == 0


def test_a_second_start_on_the_same_home_is_refused(market: RunningMarket) -> None:
    code, said = _refused(market.home)
    assert code == Exit.HOME_IN_USE
    assert f"already running (process {market.process.pid})" in said
    assert market.answers()


@pytest.mark.parametrize("variable", ["JISHI_PORT", "JISHI_SANDBOX_PORT"])
def test_a_taken_port_is_told_before_anything_starts(
    market: RunningMarket, home: Path, variable: str
) -> None:
    code, said = _refused(home, **{variable: str(market.port)})
    assert code == Exit.PORT_TAKEN
    assert f"Port {market.port} on 127.0.0.1 is taken" in said
    assert variable in said
    assert not (home / "postgres").exists()


@pytest.mark.parametrize(
    ("_case", "environment", "code", "said"),
    [
        ("no number", {"JISHI_PORT": "eighty"}, Exit.USAGE, "JISHI_PORT is 'eighty'"),
        ("no such database", {"JISHI_DATABASE_URL": "mysql://x"}, Exit.USAGE, "JISHI_DATABASE_URL"),
        (
            "nobody answers",
            {"JISHI_DATABASE_URL": f"postgresql://a:b@127.0.0.1:{free_port()}/x"},
            Exit.NO_DATABASE,
            "cannot be reached",
        ),
        ("not our address", {"JISHI_HOST": "192.0.2.1"}, Exit.USAGE, "not an address of this"),
    ],
)
def test_what_cannot_work_is_told_in_a_sentence(
    home: Path, _case: str, environment: dict[str, str], code: Exit, said: str
) -> None:
    ended, output = _refused(home, **environment)
    assert ended == code, output
    assert said in output
    assert "Traceback" not in output


@pytest.mark.parametrize("name", ["web", "worker", "sandbox"])
def test_what_is_killed_comes_back(market: RunningMarket, name: str) -> None:
    before = market.children()[name]
    os.kill(before, signal.SIGKILL)
    eventually(lambda: market.children().get(name, before) != before)
    eventually(market.answers)
    assert f"The {name} process ended (signal SIGKILL)" in market.output


def test_a_killed_database_comes_back(market: RunningMarket) -> None:
    _wait_for_work(market)  # what is still starting would have to start again
    children = market.children()
    pid = int((market.server.data / "postmaster.pid").read_text().split("\n")[0])
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: "PostgreSQL is gone; starting it again." in market.output)
    eventually(market.server.is_running)
    eventually(lambda: market.answers("/"), BACK_SECONDS)
    _wait_for_work(market)
    assert {name: market.children()[name] for name in children} == children, "nobody had to start"


def test_killed_and_closed_it_leaves_nothing_behind_and_opens_again(home: Path) -> None:
    with running_market(home) as market:
        market.wait_open()
        family = [it.pid for it in psutil.Process(market.process.pid).children(recursive=True)]
        os.kill(market.process.pid, signal.SIGKILL)
        market.wait_exit()
        eventually(lambda: not any(_lives(pid) for pid in family))

        market.start()  # on the database the killed one left running
        market.wait_open()
        family = [it.pid for it in psutil.Process(market.process.pid).children(recursive=True)]
        assert market.close(signal.SIGTERM) == Exit.OK
        assert not any(_lives(pid) for pid in family)
        assert not market.server.is_running()
        assert market.output.rstrip().endswith("Closed.")


def test_a_database_newer_than_the_code_is_refused(home: Path) -> None:
    with running_market(home) as market:
        market.wait_open()
        with psycopg.connect(market.server.dsn()) as link:
            link.execute(
                "INSERT INTO _yoyo_migration (migration_hash, migration_id, applied_at_utc)"
                " VALUES ('x', '9999_from_tomorrow', now())"
            )
        market.close()
        market.start()
        assert market.wait_exit() == Exit.WRONG_SCHEMA
        assert "newer than this Jishi: it has 9999_from_tomorrow" in market.output
        assert not market.server.is_running()


def _wait_for_work(market: RunningMarket) -> None:
    """Until the worker runs timed jobs and tasks."""
    with psycopg.connect(market.server.dsn(), autocommit=True) as link:
        before = link.execute(_WORK).fetchone()
        eventually(lambda: link.execute(_WORK).fetchone() != before)
        eventually(lambda: link.execute(_TASK_WORKERS).fetchone())


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_web_server_that_lives_but_does_not_answer_is_started_again(home: Path) -> None:
    with running_market(home, environment={"JISHI_SILENT_SECONDS": "8"}) as market:
        market.wait_open()
        web = psutil.Process(market.children()["web"])
        for each in (*web.children(recursive=True), web):
            each.suspend()
        eventually(lambda: "has not answered for 8 s" in market.output, 40)
        eventually(market.answers, 60)
        assert market.children()["web"] != web.pid
