"""One supervised process: started, watched, started again with pauses, stopped with its family."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from jishi import lifeline
from jishi.exits import Exit

TICK_SECONDS = 0.02
PAUSES_SECONDS = (0.2, 0.5, 1, 2, 5, 10, 30)  # before a process that keeps dying starts again
STEADY_SECONDS = 60  # a process that lived this long starts at the first pause again
LOG_BYTES_MAX = 20 << 20  # then it becomes <name>.log.old at the next start


@dataclass(slots=True)
class Child:
    """One supervised process: ``jishi <name>``."""

    name: str
    environment: dict[str, str]
    logs: Path | None
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started_at: float = 0.0
    again_at: float | None = field(default=None)

    def start(self) -> None:
        with self._log() as out:
            self.process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                [sys.executable, "-m", "jishi", self.name],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which keeps order
                preexec_fn=_follow_supervisor,  # noqa: PLW1509 - this process has one thread
            )
        self.started_at = time.monotonic()
        self.again_at = None

    def is_dead(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def keep_alive(self) -> str | None:
        """Notice the end of the process, and start it again when its pause is over.

        A sentence when it has just ended; else None.
        """
        now = time.monotonic()
        if self.again_at is not None:
            if now >= self.again_at:
                self.start()
            return None
        if not self.is_dead():
            return None
        self.kill()  # what it started itself, if anything still stands
        steady = now - self.started_at > STEADY_SECONDS
        self.failures = 1 if steady else self.failures + 1
        pause = PAUSES_SECONDS[min(self.failures, len(PAUSES_SECONDS)) - 1]
        self.again_at = now + pause
        return f"The {self.name} process ended ({self._ending()}); starting it again in {pause} s."

    def stop(self) -> None:
        if self.process and not self.is_dead():
            self.process.terminate()

    def kill(self) -> None:
        """End the process and whatever it started: they share a session of their own."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def exit_code(self) -> Exit:
        code = self.process.returncode if self.process else None
        return Exit(code) if code in set(Exit) and code else Exit.CHECK_FAILED

    def last_words(self) -> str:
        """The last line it wrote, else how it ended."""
        lines = _tail(self.logs / f"{self.name}.log") if self.logs else []
        return lines[-1].removeprefix("jishi: ") if lines else self._ending()

    def _ending(self) -> str:
        code = self.process.returncode if self.process else None
        if code is not None and code < 0:
            return f"signal {signal.Signals(-code).name}"
        return f"exit code {code}"

    def _log(self) -> "IO[bytes] | _Terminal":
        if self.logs is None:
            return _Terminal()
        self.logs.mkdir(exist_ok=True)
        path = self.logs / f"{self.name}.log"
        if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
            path.replace(path.with_suffix(".log.old"))
        return path.open("ab")


class _Terminal:
    """Stands for our own output: a child given None inherits it."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def stop_all(children: list[Child], seconds: float) -> None:
    """Ask all of them to end; what still lives after ``seconds`` is killed."""
    for child in children:
        child.stop()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not all(child.is_dead() for child in children):
        time.sleep(TICK_SECONDS)
    for child in children:
        child.kill()


def _follow_supervisor() -> None:
    lifeline.follow_parent(signal.SIGTERM)


def _tail(path: Path) -> list[str]:
    with suppress(FileNotFoundError):
        return path.read_bytes()[-4000:].decode(errors="replace").strip().splitlines()
    return []
