"""A whole market as its operator sees it: the command ``jishi run`` in a process of its own."""

import contextlib
import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from jishi.db.embedded import EmbeddedPostgres

OPEN_SECONDS = 120
SOON_SECONDS = 30


@dataclass
class RunningMarket:
    """``jishi run`` on ``home``. Everything it printed stands in ``output``."""

    home: Path
    port: int
    sandbox_port: int
    arguments: tuple[str, ...] = ("--no-demo",)
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return self._printed.read_text() if self._printed.exists() else ""

    @property
    def server(self) -> EmbeddedPostgres:
        return EmbeddedPostgres(self.home)

    def start(self) -> None:
        """Start it; ``wait_open`` or ``wait_exit`` says what became of it."""
        self._printed.unlink(missing_ok=True)
        settings = {
            "JISHI_HOME": str(self.home),
            "JISHI_PORT": str(self.port),
            "JISHI_SANDBOX_PORT": str(self.sandbox_port),
            "PYTHONUNBUFFERED": "1",
        }
        inherited = {name: it for name, it in os.environ.items() if not name.startswith("JISHI_")}
        with self._printed.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jishi", "run", *self.arguments],
                env={**inherited, **settings, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_open(self) -> None:
        """Until it has printed its addresses. Fails with its output when it ends instead."""
        eventually(lambda: "The market is open" in self.output or self._ended(), OPEN_SECONDS)
        assert not self._ended(), self.output

    def wait_exit(self) -> int:
        """Its exit code, once it has ended by itself."""
        assert self.process
        return self.process.wait(OPEN_SECONDS)

    def close(self, sign: signal.Signals = signal.SIGINT) -> int:
        """As Ctrl-C does; its exit code."""
        assert self.process
        self.process.send_signal(sign)
        return self.process.wait(SOON_SECONDS)

    def children(self) -> dict[str, int]:
        """``web``, ``worker``, ``sandbox`` → process number, as they are now."""
        assert self.process
        found = {}
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):
                found |= dict.fromkeys(child.cmdline()[-1:], child.pid)  # a zombie has none
        return found

    def answers(self, path: str = "/health") -> bool:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            link.request("GET", path)
            return link.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            link.close()

    def _ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    @property
    def _printed(self) -> Path:
        return self.home.parent / f"{self.home.name}-{self.port}.out"


@contextlib.contextmanager
def running_market(home: Path, **more: object) -> Iterator[RunningMarket]:
    """A market on free ports; whatever is left of it at the end is killed."""
    market = RunningMarket(home, free_port(), free_port(), **more)  # type: ignore[arg-type]
    market.start()
    try:
        yield market
    finally:
        if market.process and market.process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                market.close()
            market.process.kill()
            market.process.wait()


def free_port() -> int:
    """One nobody listens on, below those the system gives to outgoing connections."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def eventually(holds: Callable[[], object], seconds: float = SOON_SECONDS) -> None:
    """Wait until ``holds`` does; fail when it does not."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.1)
