"""A whole market in processes of its own, to be used and killed over real HTTP and signals."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
from tests.support.folders import market_home

from jishi.db.embedded import EmbeddedPostgres

OPEN_SECONDS = 60.0
CLOSE_SECONDS = 20.0
BACK_SECONDS = 45.0  # until a killed process is there again and everything answers
ROLES = ("web worker", "worker", "sandbox", "postgres", "web")


@dataclass(slots=True)
class MarketProcess:
    """``jishi run`` on free ports. ``kill`` is SIGKILL."""

    home: Path
    port: int = field(default_factory=lambda: free_port())
    sandbox_port: int = field(default_factory=lambda: free_port())
    more: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("JISHI_")}
        return {
            **kept,
            "no_proxy": "*",
            "JISHI_HOME": str(self.home),
            "JISHI_PORT": str(self.port),
            "JISHI_SANDBOX_PORT": str(self.sandbox_port),
            "JISHI_WORKERS": "2",
            "JISHI_LIMIT_FACTOR": "0",
            **self.more,
        }

    @property
    def log(self) -> Path:
        return self.home.parent / "run.log"

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jishi", "run"],
                env=self.environment,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self.wait_until_open(OPEN_SECONDS)

    def stop(self) -> int | None:
        """Ask it to close; its exit code, None when it was not running."""
        if self.process is None:
            return None
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def wait_until_open(self, seconds: float) -> None:
        """Web, database and sandbox answer, and the worker runs."""
        until = time.monotonic() + seconds
        while not (self._answers() and all(self.pids(role) for role in ROLES)):
            assert self.process
            assert self.process.poll() is None, self.told()
            assert time.monotonic() < until, f"not open within {seconds} s: {self.told()}"
            time.sleep(0.1)

    def kill(self, role: str) -> list[int]:
        """SIGKILL what plays ``role`` now; the process numbers."""
        pids = self.pids(role)
        assert pids, f"no {role} to kill: {self.told()}"
        for pid in pids[:1]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return pids[:1]

    def wait_until_back(self, role: str, killed: list[int]) -> None:
        until = time.monotonic() + BACK_SECONDS
        while not set(self.pids(role)) - set(killed):
            assert time.monotonic() < until, f"{role} did not come back: {self.told()}"
            time.sleep(0.05)
        self.wait_until_open(BACK_SECONDS)

    def pids(self, role: str) -> list[int]:
        if role == "postgres":
            return self._postmaster()
        assert self.process
        with suppress(psutil.Error):
            children = psutil.Process(self.process.pid).children()
            name = "web" if role.startswith("web") else role
            mains = [child for child in children if _plays(child, name)]
            if role != "web worker":
                return [child.pid for child in mains]
            found = [below for main in mains for below in main.children() if _plays(below, name)]
            return [child.pid for child in found]
        return []

    def dsn(self) -> str:
        return EmbeddedPostgres(self.home).dsn()

    def told(self) -> str:
        """The last lines of every log."""
        logs = [self.log, *sorted((self.home / "logs").glob("*.log"))]
        tails = [(path.name, path.read_text(errors="replace")[-1500:]) for path in logs]
        return "\n".join(f"--- {name}\n{text}" for name, text in tails if text)

    def _postmaster(self) -> list[int]:
        pid_file = self.home / "postgres" / "data" / "postmaster.pid"
        with suppress(FileNotFoundError, ValueError, IndexError, psutil.Error):
            pid = int(pid_file.read_text().splitlines()[0])
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                return [pid]
        return []

    def _answers(self) -> bool:
        with suppress(httpx.HTTPError):
            pages = (f"{self.url}/", f"http://127.0.0.1:{self.sandbox_port}/health")
            return all(httpx.get(page, trust_env=False, timeout=5).is_success for page in pages)
        return False


@contextmanager
def open_market(**more: str) -> Iterator[MarketProcess]:
    """A filled market that is open inside the block."""
    with market_home() as home:
        market = MarketProcess(home=home, more=more)
        try:
            market.start()
            yield market
        finally:
            market.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _plays(process: psutil.Process, name: str) -> bool:
    """Whether the process was started as ``… -m jishi <name>`` and has not ended."""
    try:
        words = process.cmdline()
        return words[-2:] == ["jishi", name] and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, IndexError):
        return False
