"""One supervised process: started, watched, started again with pauses, stopped with its family."""

import os
import shutil
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
PAUSES_SECONDS = (0.2, 0.5, 1, 2, 5, 10, 30)  # before what keeps dying starts again
STEADY_SECONDS = 60  # what lived this long starts at the first pause again
LOG_BYTES_MAX = 20 << 20  # then <name>.log becomes <name>.log.old
LAST_WORDS_MAX = 300  # of the last line a process wrote
TAIL_BYTES = 4_000  # looked at for that line


@dataclass(slots=True)
class Pauses:
    """How long to wait before something that ended starts again: longer each time in a row."""

    failures: int = 0

    def after(self, lived_seconds: float) -> float:
        """The pause, in seconds, after an end that came ``lived_seconds`` after the start."""
        self.failures = 1 if lived_seconds > STEADY_SECONDS else self.failures + 1
        return PAUSES_SECONDS[min(self.failures, len(PAUSES_SECONDS)) - 1]


@dataclass(slots=True)
class Child:
    """One supervised process: ``jishi <name>``."""

    name: str
    environment: dict[str, str]
    logs: Path | None
    process: subprocess.Popen[bytes] | None = None
    pauses: Pauses = field(default_factory=Pauses)
    started_at: float = 0.0
    again_at: float | None = None
    _said_before: int = 0  # bytes in its log when it started

    def start(self) -> None:
        self.keep_log_small()
        self._said_before = self._log_size()
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
        pause = self.pauses.after(now - self.started_at)
        self.again_at = now + pause
        return self._told(pause)

    def _told(self, pause: float) -> str:
        told = f"The {self.name} process ended ({self._ending()})"
        if self.pauses.failures > 1:
            told += f", {self.pauses.failures} times in a row now"
        if self.process and self.process.returncode > 0:
            told += f": {self.last_words()}"
        return f"{told}; starting it again in {pause} s."

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
        """The last line it wrote since it started, else how it ended."""
        lines = _tail(self._log_file, self._said_before) if self._log_file else []
        return lines[-1].removeprefix("jishi: ")[:LAST_WORDS_MAX] if lines else self._ending()

    def _ending(self) -> str:
        code = self.process.returncode if self.process else None
        if code is not None and code < 0:
            return f"signal {signal.Signals(-code).name}"
        return f"exit code {code}"

    def keep_log_small(self) -> None:
        """Put a log aside that has grown large, also while its process goes on writing to it."""
        path = self._log_file
        if path and self._log_size() > LOG_BYTES_MAX:
            with suppress(OSError):  # a full disk: then it is better lost than kept growing
                shutil.copyfile(path, path.with_suffix(".log.old"))
            os.truncate(path, 0)  # it was opened to append, so the next line is its first
            self._said_before = 0

    @property
    def _log_file(self) -> Path | None:
        return self.logs / f"{self.name}.log" if self.logs else None

    def _log_size(self) -> int:
        path = self._log_file
        return path.stat().st_size if path and path.exists() else 0

    def _log(self) -> "IO[bytes] | _Terminal":
        if self._log_file is None:
            return _Terminal()
        self._log_file.parent.mkdir(exist_ok=True)
        return self._log_file.open("ab")


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


def _tail(path: Path, since: int) -> list[str]:
    """The last lines of a log behind its first ``since`` bytes."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        file.seek(max(since, path.stat().st_size - TAIL_BYTES))
        return file.read().decode(errors="replace").strip().splitlines()
    return []
