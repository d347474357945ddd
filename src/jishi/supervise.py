"""``jishi run``: opens a market, keeps its processes alive, and closes it in order.

Order of opening: home, ports, PostgreSQL, schema, demo, then sandbox, worker and web. Closing goes
the other way. Every failure to open is one sentence and an exit code (``exits.Exit``).
"""

import http.client
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, Self

from jishi import lifeline
from jishi.child import Child, Pauses, stop_all
from jishi.db.embedded import EmbeddedPostgres, claim_home, told_plainly
from jishi.db.migrate import migrate
from jishi.exits import Exit, Stop
from jishi.keys import read_key
from jishi.settings import Settings, masked, reachable
from jishi.web_server import require_free_port

TICK_SECONDS = 0.1
LOOK_SECONDS = 2  # between looks at whether the web server answers
OPEN_SECONDS_MAX = 60  # until /health answers
WEB_STOP_SECONDS = 2.5
OTHERS_STOP_SECONDS = 4.0  # calls to other systems may end; the worker gives back the rest after 2
HEALTH = "/health"

Fill = Callable[[str, Settings], None]  # puts goods and people into an empty market


def run(
    settings: Settings,
    *,
    fill: Fill | None = None,
    sign_ins: Sequence[Sequence[str]] = (),
    logs_to_terminal: bool = False,
) -> int:
    """Run the market until SIGINT or SIGTERM. Raises Stop when it cannot open.

    ``fill`` is called once schema and database stand; ``sign_ins`` are printed outside production.
    """
    began = time.monotonic()
    with told_plainly(settings.home), claim_home(settings.home), _Asked() as asked:
        require_free_port(settings.host, settings.port, "JISHI_PORT")
        require_free_port(settings.host, settings.sandbox_port, "JISHI_SANDBOX_PORT")
        market = Market(settings, asked=asked, logs_to_terminal=logs_to_terminal)
        try:
            market.open(fill)
            _greet(settings, sign_ins, seconds=time.monotonic() - began)
            market.watch()
        except _Interrupted:
            pass
        finally:
            market.close()
    return Exit.OK


class Market:
    """The processes of one open market."""

    def __init__(self, settings: Settings, *, asked: "_Asked", logs_to_terminal: bool) -> None:
        self._settings = settings
        self._asked = asked
        self._logs = None if logs_to_terminal else settings.home / "logs"
        self._server = None if settings.database_url else EmbeddedPostgres(settings.home)
        self._children: list[Child] = []
        self._look_at = self._answered_at = 0.0
        self._server_pauses = Pauses()
        self._server_since = time.monotonic()
        self._server_again_at: float | None = None

    def open(self, fill: Fill | None) -> None:
        """Start everything and return when the web server answers."""
        settings = self._settings
        for key in (settings.secret_file, settings.sandbox_key_file):
            read_key(key)
        dsn = self._start_database()
        _bring_up_to_date(dsn)
        self._asked.check()
        if fill:
            with self._asked.at_once():
                fill(dsn, settings)
        environment = {
            **os.environ,
            lifeline.SUPERVISOR: str(os.getpid()),
            "JISHI_HOME": str(settings.home),
            "JISHI_DATABASE_URL": dsn,
        }
        for name in ("sandbox", "worker", "web"):
            child = Child(name, environment, self._logs)
            self._children.append(child)
            child.start()
        self._wait_for_health()

    def watch(self) -> None:
        """Start again what dies, until a signal asks to stop."""
        while not self._asked.to_stop:
            time.sleep(TICK_SECONDS)
            self._watch_database()
            for child in self._children:
                ended = child.keep_alive()
                if ended:
                    _say(ended)
            if time.monotonic() >= self._look_at:
                self._look_at = time.monotonic() + LOOK_SECONDS
                self._watch_web()
                for child in self._children:
                    child.keep_log_small()

    def _watch_database(self) -> None:
        """A server of ours that is gone is started again, with pauses when it keeps going."""
        if self._server is None or self._server.is_running():
            return
        now = time.monotonic()
        if self._server_again_at is None:
            pause = self._server_pauses.after(now - self._server_since)
            self._server_again_at = now + pause
            _say("PostgreSQL is gone; starting it again.")
        if now >= self._server_again_at:
            self._server.start()
            self._server_since, self._server_again_at = time.monotonic(), None

    def _watch_web(self) -> None:
        """A web process that lives but has not answered for a while is started again."""
        now = time.monotonic()
        web = next(child for child in self._children if child.name == "web")
        if _answers(self._settings):
            self._answered_at = time.monotonic()
        elif now - max(self._answered_at, web.started_at) > self._settings.silent_seconds:
            _say(f"The web process has not answered for {self._settings.silent_seconds} s.")
            web.kill()

    def close(self) -> None:
        """Web first, so that requests under way still find their database; PostgreSQL last."""
        if self._children:
            _say("Closing the market …")
        web = [child for child in self._children if child.name == "web"]
        others = [child for child in self._children if child.name != "web"]
        stop_all(web, WEB_STOP_SECONDS)
        stop_all(others, OTHERS_STOP_SECONDS)
        if self._server:
            self._server.stop()
        if self._children:
            _say("Closed.")

    def _start_database(self) -> str:
        if self._server is None:
            return str(self._settings.database_url)
        if not self._server.data.exists():
            _say(f"Making a database in {self._server.root} …")
        return self._server.start()

    def _wait_for_health(self) -> None:
        deadline = time.monotonic() + OPEN_SECONDS_MAX
        while not _answers(self._settings):
            self._asked.check()
            dead = next((child for child in self._children if child.is_dead()), None)
            if dead:
                raise Stop(dead.exit_code(), f"The {dead.name} process ended: {dead.last_words()}")
            if time.monotonic() > deadline:
                where = f"; see {self._logs}" if self._logs else ""
                told = f"The web server did not answer within {OPEN_SECONDS_MAX} seconds{where}."
                raise Stop(Exit.CHECK_FAILED, told)
            time.sleep(TICK_SECONDS)


class _Interrupted(Exception):  # noqa: N818
    """A signal asked to stop while the market was opening."""


class _Asked:
    """Whether SIGINT or SIGTERM has asked to stop."""

    def __init__(self) -> None:
        self.to_stop = False
        self._raises = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for sign in (signal.SIGINT, signal.SIGTERM):
            self._before[sign] = signal.signal(sign, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for sign, handler in self._before.items():
            signal.signal(sign, handler)

    def check(self) -> None:
        if self.to_stop:
            raise _Interrupted

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Long work of others: a signal breaks it off instead of waiting for ``check``."""
        self._raises = True
        try:
            yield
        finally:
            self._raises = False

    def _note(self, _sign: int, _frame: FrameType | None) -> None:
        self.to_stop = True
        if self._raises:
            raise _Interrupted


def _bring_up_to_date(dsn: str) -> None:
    done = migrate(dsn)
    if done.migrations:
        _say(f"Database brought up to {done.migrations[-1]} ({len(done.migrations)} migrations).")


def _greet(settings: Settings, sign_ins: Sequence[Sequence[str]], *, seconds: float) -> None:
    _say(f"\nThe market is open ({seconds:.1f} s): {settings.base_url}\n")
    for name, path in (("Merchants", "/merchant"), ("Operators", "/operator")):
        _say(f"  {name:<10} {settings.base_url}{path}")
    _say(f"  {'API':<10} {settings.base_url}/api/v1/docs")
    _say(f"  {'Sandbox':<10} {settings.sandbox_url}")
    _say(f"  {'Home':<10} {settings.home}")
    if settings.database_url:
        _say(f"  {'Database':<10} {masked(settings.database_url)}")
    if sign_ins and not settings.is_production:
        _say("\n  Demo sign-ins")
        for who in sign_ins:
            _say("    " + "  ".join(who))
    _say("\nCtrl-C closes it.")


def _answers(settings: Settings) -> bool:
    link = http.client.HTTPConnection(reachable(settings.host), settings.port, timeout=2)
    try:
        link.request("GET", HEALTH)
        return link.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def _say(line: str) -> None:
    print(line, flush=True)
