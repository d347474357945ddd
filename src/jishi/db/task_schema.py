"""The tables of procrastinate, brought along with our own schema.

The library ships its whole schema and, for older databases, its migrations. A database without it
gets the schema at once; one of an older version gets the migrations it lacks, in order. Owns table
``task_schema``.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from jishi.exits import Exit, Stop

_HAS_TABLE = "SELECT to_regclass('task_schema') IS NOT NULL"
_APPLIED = "SELECT name FROM task_schema ORDER BY name"
_MARK = "INSERT INTO task_schema (name, applied_at) SELECT unnest(%s::text[]), clock_timestamp()"


def known() -> tuple[str, ...]:
    """The migrations of the installed library, oldest first."""
    return tuple(path.stem for path in sorted((sql_folder() / "migrations").glob("*.sql")))


def applied(link: "psycopg.Connection[Any]") -> tuple[str, ...] | None:
    """The migrations this database has; None before our own schema has the table for them."""
    found = link.execute(_HAS_TABLE).fetchone()
    if not found or not found[0]:
        return None
    return tuple(row[0] for row in link.execute(_APPLIED))


def missing(link: "psycopg.Connection[Any]") -> tuple[str, ...]:
    """What ``refresh`` would bring."""
    names = applied(link)
    return () if names is None else tuple(name for name in known() if name not in names)


def foreign(link: "psycopg.Connection[Any]") -> tuple[str, ...]:
    """Migrations of a library newer than the installed one."""
    return tuple(name for name in applied(link) or () if name not in known())


def refresh(link: "psycopg.Connection[Any]") -> tuple[str, ...]:
    """Bring the library's schema to its installed version; the names applied.

    Raises Stop(WRONG_SCHEMA) naming the file PostgreSQL refuses; nothing of that file is kept.
    """
    names = missing(link)
    if names == known():
        _apply(
            link,
            "the schema of procrastinate",
            (sql_folder() / "schema.sql").read_text("utf-8"),
            names,
        )
        return names
    for name in names:
        _apply(
            link, name, (sql_folder() / "migrations" / f"{name}.sql").read_text("utf-8"), (name,)
        )
    return names


def _apply(link: "psycopg.Connection[Any]", title: str, text: str, names: tuple[str, ...]) -> None:
    try:
        with link.transaction():
            link.execute(text.encode())
            link.execute(_MARK, [list(names)])
    except psycopg.Error as problem:
        said = str(problem).strip().partition("\n")[0]
        sentence = f"Migration {title} failed and was taken back: {said}"
        raise Stop(Exit.WRONG_SCHEMA, sentence) from problem


def sql_folder() -> Path:
    """Where the library keeps its SQL; found without importing it, which takes a while."""
    found = find_spec("procrastinate")
    assert found
    assert found.origin
    return Path(found.origin).parent / "sql"
