"""Databases for tests: one server per checkout, one template per schema, one copy per worker.

The server is the embedded PostgreSQL with fsync off, in the temporary folder; the last session
that used it stops it. JISHI_TEST_DATABASE_URL names another server (its user may create databases).
A template is built once for a set of migrations and functions and copied in some 50 ms.
"""

import contextlib
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from jishi.db import functions, migrate, task_schema
from jishi.db.embedded import EmbeddedPostgres

REPOSITORY = Path(__file__).resolve().parents[2]
TEMPLATES_KEPT = 3
BUILDING = 0x54455354  # advisory lock: one process builds a template, the others wait

# A test server may lose its data with the machine; it must only be quick.
QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "autovacuum": "off",
    "max_wal_size": "1GB",
}


@dataclass(frozen=True, slots=True)
class TestServer:
    """A running server. ``admin`` is the DSN of its maintenance database."""

    __test__ = False
    admin: str
    is_ours: bool

    def dsn(self, database: str) -> str:
        return urlunsplit(urlsplit(self.admin)._replace(path=f"/{database}"))

    @contextlib.contextmanager
    def copy(self, name: str) -> Iterator[str]:
        """A migrated database of one's own, dropped at the end."""
        with self._made(name, template=self.template()) as dsn:
            yield dsn

    @contextlib.contextmanager
    def empty(self, name: str) -> Iterator[str]:
        """A database nobody has migrated, dropped at the end."""
        with self._made(name, template="template1") as dsn:
            yield dsn

    @contextlib.contextmanager
    def _made(self, name: str, *, template: str) -> Iterator[str]:
        full = f"jishi_test_{os.getpid()}_{name}"
        self._admin("DROP DATABASE IF EXISTS {} WITH (FORCE)", full)
        self._admin("CREATE DATABASE {} TEMPLATE {}", full, template)
        try:
            yield self.dsn(full)
        finally:
            self._admin("DROP DATABASE IF EXISTS {} WITH (FORCE)", full)

    def template(self) -> str:
        """The name of the migrated template of this schema, built when it is missing."""
        name = f"jishi_template_{schema_digest()}"
        with psycopg.connect(self.admin, autocommit=True) as link:
            link.execute("SELECT pg_advisory_lock(%s)", [BUILDING])
            found = link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if not found.fetchone():
                self._tidy(link)
                self._build(name)
        return name

    def _build(self, name: str) -> None:
        draft = f"{name}_draft"
        self._admin("DROP DATABASE IF EXISTS {} WITH (FORCE)", draft)
        self._admin("CREATE DATABASE {}", draft)
        migrate.migrate(self.dsn(draft))
        with psycopg.connect(self.dsn(draft), autocommit=True) as link:
            link.execute("VACUUM ANALYZE")
        self._admin("ALTER DATABASE {} RENAME TO {}", draft, name)

    def _tidy(self, link: "psycopg.Connection[tuple[str]]") -> None:
        """Drop old templates, and copies whose test process is gone."""
        names = [row[0] for row in link.execute("SELECT datname FROM pg_database ORDER BY oid")]
        templates = [name for name in names if name.startswith("jishi_template_")]
        leftover = templates[: -(TEMPLATES_KEPT - 1)] if self.is_ours else []
        if self.is_ours:
            copies = [name for name in names if name.startswith("jishi_test_")]
            leftover += [name for name in copies if not _alive(int(name.split("_")[2]))]
        for name in leftover:
            with contextlib.suppress(psycopg.errors.ObjectInUse):
                link.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))

    def _admin(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.admin, autocommit=True) as link:
            link.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextlib.contextmanager
def running_server() -> Iterator[TestServer]:
    """The test server, started by the first session that asks and stopped by the last."""
    if url := os.environ.get("JISHI_TEST_DATABASE_URL"):
        yield TestServer(url, is_ours=False)
        return
    home = home_of_tests()
    home.mkdir(parents=True, exist_ok=True)
    server = EmbeddedPostgres(home, extra=QUICK)
    with (home / "users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        server.start()
        try:
            yield TestServer(server.dsn("postgres"), is_ours=True)
        finally:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                server.stop()


def home_of_tests() -> Path:
    """One per checkout and user, kept between runs so that the template is."""
    digest = hashlib.sha256(str(REPOSITORY).encode()).hexdigest()[:8]
    return Path(tempfile.gettempdir()) / f"jishi-tests-{os.getuid()}-{digest}"


def schema_digest() -> str:
    """Changes whenever a migration or a function does."""
    digest = hashlib.sha256("".join(task_schema.known()).encode())
    for path in sorted(migrate.migration_folder().glob("*.sql")):
        digest.update(path.name.encode() + path.read_bytes())
    for source in functions.sources():
        digest.update(source.name.encode() + source.text.encode())
    return digest.hexdigest()[:12]


def worker_name() -> str:
    """``gw0``, ``gw1`` … under xdist, else ``main``."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
