"""Brings a database to the state this code expects: schema, functions, tasks, reference tables.

``migrations/NNNN_verb_noun.sql`` are applied in order, each in one transaction together with its
mark, by yoyo-migrations; forward only. Two migrators on one database take turns. A file whose first
lines say ``-- transactional: false`` (for CREATE INDEX CONCURRENTLY) is applied outside one.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import psycopg

import jishi
from jishi.data import files
from jishi.data.load import load_reference
from jishi.db import functions, task_schema
from jishi.exits import Exit, Stop
from jishi.settings import masked

SERVER_VERSION_MIN = 16
ADVISORY_KEY = 0x4A495348  # "JISH"
CONNECT_SECONDS_MAX = 10
MARKS = "_yoyo_migration"
REFERENCE = ("categories", "regions")

_APPLIED = "SELECT migration_id FROM _yoyo_migration ORDER BY migration_id"
_HAS_MARKS = "SELECT to_regclass('_yoyo_migration') IS NOT NULL"
_HAS_REFERENCE = "SELECT to_regclass('reference_data') IS NOT NULL"
_REFERENCE = "SELECT name, digest FROM reference_data"
_LOCK = "SELECT pg_advisory_lock(%s)"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where a database stands against this code. ``known`` and ``applied`` are file stems."""

    known: tuple[str, ...]
    applied: tuple[str, ...]
    stale_functions: tuple[str, ...]
    stale_tasks: tuple[str, ...]
    foreign_tasks: tuple[str, ...]
    stale_reference: tuple[str, ...]

    @property
    def pending(self) -> tuple[str, ...]:
        return tuple(name for name in self.known if name not in self.applied)

    @property
    def foreign(self) -> tuple[str, ...]:
        """Migrations the database has and this code does not know: the code is too old."""
        own = tuple(name for name in self.applied if name not in self.known)
        return own + self.foreign_tasks

    @property
    def is_current(self) -> bool:
        return not (self.foreign or self.missing)

    @property
    def missing(self) -> tuple[str, ...]:
        """Everything ``migrate`` would bring, in its order."""
        return self.pending + self.stale_functions + self.stale_tasks + self.stale_reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a run changed, by name, in the order applied."""

    migrations: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    reference: tuple[str, ...] = ()


def migration_folder() -> Path:
    """``migrations/`` of the source tree, or the copy inside the installed package."""
    package = Path(jishi.__file__).parent
    shipped = package / "migrations"
    return shipped if shipped.is_dir() else package.parent.parent / "migrations"


def migrate(dsn: str, *, folder: Path | None = None, package: Path | None = None) -> Done:
    """Apply what is missing. Repeating it changes nothing. Tests bring files of their own.

    Raises Stop: NO_DATABASE when the server cannot be reached or is older than 16, WRONG_SCHEMA
    when the database is newer than this code or a migration fails (nothing of it is kept).
    """
    folder = folder or migration_folder()
    with _connected(dsn) as link:
        state = _state(link, folder, package)
        _refuse_newer(state)
        if state.is_current:
            return Done()
        link.execute(_LOCK, [ADVISORY_KEY])
        state = _state(link, folder, package)  # another migrator may have been here meanwhile
        _refuse_newer(state)
        if state.pending:
            _apply(dsn, folder, state.pending)
        changed = tuple(functions.refresh(link, package))
        tasks = task_schema.refresh(link)
        reference = _stale_reference(link)
        if reference:
            _load_reference(dsn)
        return Done(migrations=state.pending, functions=changed, tasks=tasks, reference=reference)


def state_of(dsn: str, *, folder: Path | None = None, package: Path | None = None) -> State:
    """Compare without changing anything. Raises Stop(NO_DATABASE)."""
    with _connected(dsn) as link:
        return _state(link, folder or migration_folder(), package)


def require_current(dsn: str) -> None:
    """For processes that do not migrate: Stop(WRONG_SCHEMA) unless database and code agree."""
    state = state_of(dsn)
    _refuse_newer(state)
    if not state.is_current:
        raise Stop(
            Exit.WRONG_SCHEMA,
            f"The database is older than this Jishi ({len(state.missing)} changes behind,"
            f" first: {state.missing[0]}); run `jishi migrate`.",
        )


def _state(link: "psycopg.Connection[Any]", folder: Path, package: Path | None) -> State:
    marks = link.execute(_HAS_MARKS).fetchone()
    applied = link.execute(_APPLIED).fetchall() if marks and marks[0] else []
    return State(
        known=tuple(sorted(path.stem for path in folder.glob("*.sql"))),
        applied=tuple(row[0] for row in applied),
        stale_functions=tuple(functions.stale(link, package)),
        stale_tasks=task_schema.missing(link),
        foreign_tasks=task_schema.foreign(link),
        stale_reference=_stale_reference(link),
    )


def _stale_reference(link: "psycopg.Connection[Any]") -> tuple[str, ...]:
    found = link.execute(_HAS_REFERENCE).fetchone()
    if not found or not found[0]:
        return ()
    kept: dict[str, str] = dict(link.execute(_REFERENCE).fetchall())
    return tuple(name for name in REFERENCE if kept.get(name) != files.digest_of(name))


def _load_reference(dsn: str) -> None:
    """In a thread of its own: the caller may itself run inside an event loop."""

    async def load() -> None:
        link = await asyncpg.connect(dsn)
        try:
            await load_reference(link)
        finally:
            await link.close()

    with ThreadPoolExecutor(max_workers=1) as aside:
        aside.submit(asyncio.run, load()).result()


def _refuse_newer(state: State) -> None:
    if state.foreign:
        last = state.known[-1] if state.known else "none"
        raise Stop(
            Exit.WRONG_SCHEMA,
            f"The database is newer than this Jishi: it has {state.foreign[-1]}, this code ends at"
            f" {last}. Update the code, or restore a backup made by this version.",
        )


@contextlib.contextmanager
def _connected(dsn: str) -> Iterator["psycopg.Connection[Any]"]:
    try:
        link = psycopg.connect(dsn, autocommit=True, connect_timeout=CONNECT_SECONDS_MAX)
    except psycopg.Error as problem:
        raise Stop(
            Exit.NO_DATABASE,
            f"The database at {masked(dsn)} cannot be reached: {_first_line(problem)}",
        ) from None
    with link:
        version = link.info.server_version // 10_000
        if version < SERVER_VERSION_MIN:
            raise Stop(
                Exit.NO_DATABASE,
                f"The server at {masked(dsn)} is PostgreSQL {version};"
                f" Jishi needs {SERVER_VERSION_MIN} or later.",
            )
        yield link


def _apply(dsn: str, folder: Path, pending: tuple[str, ...]) -> None:
    """Run the pending files through yoyo. The caller holds the advisory lock."""
    from yoyo import get_backend
    from yoyo.migrations import Migration

    backend = get_backend(dsn.replace("postgresql:", "postgresql+psycopg:", 1), MARKS)
    with backend:
        backend.connection.add_notice_handler(lambda _notice: None)
        backend.break_lock()  # its own lock row survives kill -9; ours is the advisory lock
        backend.ensure_internal_schema_updated()
        for name in pending:
            migration = Migration(name, str(folder / f"{name}.sql"), str(folder))
            try:
                _apply_one(backend, migration)
            except psycopg.Error as problem:
                raise Stop(
                    Exit.WRONG_SCHEMA,
                    f"Migration {name} failed and was taken back: {_first_line(problem)}",
                ) from problem


def _apply_one(backend: Any, migration: Any) -> None:
    """One file and its mark in one transaction, so that a crash leaves both or neither."""
    text = Path(migration.path).read_text("utf-8")
    if "-- transactional: false" in text:
        migration.process_steps(backend, "apply")
        backend.mark_one(migration, log=False)
        return
    with backend.transaction():
        # Whole, not statement by statement: the server splits SQL better than a parser of ours.
        backend.connection.execute(text)
        backend.mark_one(migration, log=False)


def _first_line(problem: Exception) -> str:
    return str(problem).strip().partition("\n")[0]
