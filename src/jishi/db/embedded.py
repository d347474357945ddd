"""A PostgreSQL 18 of one's own under the market's home, reachable through a socket only.

    home/postgres/data     the data folder (only its owner may enter)
    home/postgres/log      a week of server logs
    home/postgres/socket   the socket; below the temporary folder when the path would be too long
    home/lock              held by the process that runs the market

The server outlives the process that started it: after ``kill -9`` of that process the next start
finds it running and goes on with it. ``python -m jishi.db.embedded start|stop|status HOME``.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import psutil  # type: ignore[import-untyped, unused-ignore]

from jishi.db import embedded_config, embedded_user
from jishi.exits import Exit, Stop
from jishi.settings import Settings

DATABASE = "jishi"
SUPERUSER = "postgres"
SERVER_VERSION = "18"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_BYTES_MAX = 107 - 1  # sun_path holds 108 with the closing zero; one less for safety
FREE_BYTES_MIN = 256 << 20  # below this PostgreSQL would stop at its next checkpoint
ORPHAN_SECONDS_MAX = 30
START_SECONDS_MAX = 120  # replaying the log after a crash takes its time
STOP_SECONDS_MAX = 60


# The first line that says why; a bad setting is only logged, what follows it is the consequence.
_COMPLAINT = re.compile(
    r"(?:FATAL|PANIC|error|LOG(?=:\s+(?:invalid|unrecognized))):\s*(.+?)\.?$", re.MULTILINE
)


class EmbeddedPostgres:
    """The server of one home. ``extra`` overrides single settings (tests switch fsync off)."""

    def __init__(self, home: Path, *, extra: Mapping[str, str] | None = None) -> None:
        self.home = home.expanduser().absolute()
        self.root = self.home / "postgres"
        self.data = self.root / "data"
        self.log = self.root / "log"
        self._extra = dict(extra or {})

    def start(self) -> str:
        """Make the cluster when there is none, start it or find it running: the DSN to use.

        Returns when connections are accepted. Raises Stop with a sentence: DISK_FULL, NO_DATABASE.
        """
        with told_plainly(self.home):
            self.root.mkdir(parents=True, exist_ok=True)
            with _held(self.root / "starting"):
                user = embedded_user.server_user(self.data)
                self._prepare(user)
                if not self.is_running():
                    self._launch(user)
                _ensure_database(self.dsn("postgres"))
        return self.dsn()

    def stop(self) -> None:
        """Stop the server after its last checkpoint. Does nothing when it is not running."""
        if not self.is_running():
            return
        user = embedded_user.server_user(self.data)
        wait = ["-m", "fast", "-w", "-t", str(STOP_SECONDS_MAX)]
        done = _run("pg_ctl", "stop", "-D", str(self.data), *wait, user=user)
        if done.returncode != 0 and self.is_running():
            raise Stop(Exit.NO_DATABASE, f"PostgreSQL did not stop: {done.stderr.strip()}")

    def is_running(self) -> bool:
        """Whether a server works on this data folder now, whoever started it."""
        process = self._recorded_process()
        return process is not None and self._is_ours(process)

    def dsn(self, database: str = DATABASE) -> str:
        """Understood by asyncpg, psycopg and psql alike."""
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self.socket_folder()))}"

    def socket_folder(self) -> Path:
        """Under the home, unless that path is too long or holds signs a DSN gives a meaning to."""
        near = self.root / "socket"
        path = str(near / SOCKET_NAME)
        if len(path) <= SOCKET_PATH_BYTES_MAX and re.fullmatch(r"[A-Za-z0-9_/.+-]+", path):
            return near
        digest = hashlib.sha256(str(self.root).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"jishi-{digest}"

    def _prepare(self, user: embedded_user.ServerUser) -> None:
        for folder in (self.root, self.log, self.socket_folder()):
            _own_folder(folder, user)
        if user.switches:
            embedded_user.open_path_to(self.root)
            embedded_user.open_path_to(self.socket_folder())
            embedded_user.open_programs(user)
        free = shutil.disk_usage(self.root).free
        if free < FREE_BYTES_MIN and not self.is_running():
            raise Stop(
                Exit.DISK_FULL,
                f"The disk that holds {self.home} has {free >> 20} MB left;"
                f" PostgreSQL needs {FREE_BYTES_MIN >> 20} MB to start safely.",
            )
        if not self.data.exists():
            self._make_cluster(user)
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != SERVER_VERSION:
            raise Stop(
                Exit.NO_DATABASE,
                f"The data in {self.data} were written by PostgreSQL {version}, this Jishi brings"
                f" {SERVER_VERSION}: move them with `jishi backup` there and `jishi restore` here.",
            )

    def _make_cluster(self, user: embedded_user.ServerUser) -> None:
        """Make it beside the final place, then rename: a crash leaves a whole cluster or none."""
        draft = self.root / "data.new"
        if draft.exists():
            shutil.rmtree(draft)
        options = ["--auth=trust", f"--username={SUPERUSER}", "--encoding=UTF8", "--locale=C"]
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        done = _run("initdb", "-D", str(draft), *options, user=user)
        if done.returncode != 0:
            raise _failure("PostgreSQL could not make its data folder", done.stderr, self.home)
        with (draft / "postgresql.conf").open("a") as out:
            out.write("\ninclude_if_exists = 'jishi.conf'\n")
            out.flush()
            os.fsync(out.fileno())
        draft.rename(self.data)
        _sync(self.root)

    def _launch(self, user: embedded_user.ServerUser) -> None:
        self._clear_after_crash()
        conf = embedded_config.render(
            socket_folder=self.socket_folder(), log_folder=self.log, extra=self._extra
        )
        (self.data / "jishi.conf").write_text(conf)
        first_words = self.log / "start.log"
        first_words.unlink(missing_ok=True)
        sizes = self._log_sizes()
        wait = ["-w", "-t", str(START_SECONDS_MAX), "-l", str(first_words)]
        done = _run("pg_ctl", "start", "-D", str(self.data), *wait, user=user)
        if done.returncode != 0:
            told = _read(first_words) + self._logged_since(sizes) + done.stderr
            raise _failure("PostgreSQL did not start", told, self.home, see=self.log)

    def _clear_after_crash(self) -> None:
        """Drop the lock files of a server that was killed, once its last backend is gone.

        PostgreSQL would do so itself, but not while a zombie or another program has the number.
        """
        if not (self.data / "postmaster.pid").exists():
            return
        deadline = time.monotonic() + ORPHAN_SECONDS_MAX
        while orphans := [one.pid for one in psutil.process_iter() if self._is_ours(one)]:
            if time.monotonic() > deadline:
                raise Stop(
                    Exit.NO_DATABASE,
                    f"Processes {orphans} of a killed PostgreSQL still work in {self.data};"
                    " end them, then start again.",
                )
            time.sleep(0.1)
        (self.data / "postmaster.pid").unlink()
        (self.socket_folder() / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)

    def _recorded_process(self) -> psutil.Process | None:
        try:
            first_line = (self.data / "postmaster.pid").read_text().split("\n", 1)[0]
            return psutil.Process(int(first_line))
        except (OSError, ValueError, psutil.NoSuchProcess):
            return None

    def _is_ours(self, process: psutil.Process) -> bool:
        """The server and its backends stand in the data folder; path spelling does not matter."""
        try:
            if process.name() != "postgres" or process.status() == psutil.STATUS_ZOMBIE:
                return False
            return Path(process.cwd()).samefile(self.data)
        except (OSError, psutil.Error):
            return False

    def _log_sizes(self) -> dict[Path, int]:
        return {path: path.stat().st_size for path in self.log.glob("postgres-*.log")}

    def _logged_since(self, sizes: dict[Path, int]) -> str:
        return "".join(_read(path)[sizes.get(path, 0) :] for path in self._log_sizes())


@contextlib.contextmanager
def told_plainly(home: Path) -> Iterator[None]:
    """Turn what the file system refuses below ``home`` into Stop: DISK_FULL or NO_DATABASE."""
    try:
        yield
    except PermissionError as problem:
        sentence = f"Jishi may not write to {problem.filename or home}: {problem.strerror}."
        raise Stop(Exit.NO_DATABASE, sentence) from problem
    except OSError as problem:
        if problem.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise Stop(Exit.DISK_FULL, f"The disk that holds {home} is full.") from problem


@contextlib.contextmanager
def claim_home(home: Path) -> Iterator[None]:
    """Hold ``home`` against a second start, until the process ends. Raises Stop(HOME_IN_USE)."""
    with told_plainly(home):
        home.mkdir(parents=True, exist_ok=True)
        lock = (home / "lock").open("a+")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise Stop(
                Exit.HOME_IN_USE,
                f"The market in {home} is already running (process {holder});"
                " stop it first, or choose another home with JISHI_HOME.",
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextlib.contextmanager
def open_database(settings: Settings) -> Iterator[str]:
    """A DSN for the length of one command.

    JISHI_DATABASE_URL when set; else the embedded server, left running when the market is open,
    started and stopped again when it is not.
    """
    if settings.database_url:
        yield settings.database_url
        return
    server = EmbeddedPostgres(settings.home)
    if server.is_running():
        yield server.dsn()
        return
    with claim_home(settings.home):
        try:
            yield server.start()
        finally:
            server.stop()


@contextlib.contextmanager
def _held(path: Path) -> Iterator[None]:
    """One starter at a time; the next waits and then finds the server running."""
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _own_folder(folder: Path, user: embedded_user.ServerUser) -> None:
    """A folder only the server's user may enter. Refuses one that another user put there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    about = folder.lstat()
    if folder.is_symlink() or about.st_uid not in {user.uid, os.geteuid()}:
        raise Stop(Exit.NO_DATABASE, f"{folder} belongs to somebody else; remove it.")
    if about.st_uid != user.uid:
        os.chown(folder, user.uid, user.gid)
    folder.chmod(0o700)


def _ensure_database(maintenance_dsn: str) -> None:
    import psycopg

    with psycopg.connect(maintenance_dsn, autocommit=True) as link:
        found = link.execute("SELECT 1 FROM pg_database WHERE datname = 'jishi'").fetchone()
        if not found:
            link.execute("CREATE DATABASE jishi")


def _run(
    program: str, *arguments: str, user: embedded_user.ServerUser
) -> subprocess.CompletedProcess[str]:
    # Files, not pipes: the server inherits them and a pipe would never end.
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        done = subprocess.run(  # noqa: S603 - our own programs, no shell
            [str(embedded_user.binaries() / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            check=False,
            **embedded_user.as_user(user),
        )
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, out.read(), err.read())


def _failure(what: str, told: str, home: Path, *, see: Path | None = None) -> Stop:
    if "No space left on device" in told or "Disk quota exceeded" in told:
        return Stop(Exit.DISK_FULL, f"{what}: the disk that holds {home} is full.")
    found = _COMPLAINT.search(told)
    reason = found[1] if found else told.strip().rpartition("\n")[2] or "no reason given"
    hint = f" More in {see}." if see else ""
    return Stop(Exit.NO_DATABASE, f"{what}: {reason}.{hint}")


def _read(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def main(arguments: list[str]) -> int:
    """``start`` prints the DSN and leaves the server running; ``status`` says whether it is."""
    if len(arguments) != 2 or arguments[0] not in {"start", "stop", "status"}:  # noqa: PLR2004
        sys.stderr.write("usage: python -m jishi.db.embedded start|stop|status HOME\n")
        return Exit.USAGE
    action, server = arguments[0], EmbeddedPostgres(Path(arguments[1]))
    try:
        if action == "start":
            sys.stdout.write(server.start() + "\n")
        elif action == "stop":
            server.stop()
        else:
            running = server.is_running()
            sys.stdout.write((server.dsn() if running else "not running") + "\n")
            return Exit.OK if running else Exit.CHECK_FAILED
    except Stop as stop:
        sys.stderr.write(stop.sentence + "\n")
        return stop.code
    return Exit.OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
