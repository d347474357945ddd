"""SQL functions follow their files: whenever a text changes, its functions are made anew.

A file lies in a folder ``functions/`` below ``modules``, ``flows``, ``reads`` or ``db`` and holds
``CREATE OR REPLACE FUNCTION`` (or PROCEDURE) statements. The table ``function_text`` remembers the
digest of each file and the names it made, so that an overload, a changed result type or a deleted
file leaves nothing behind. One name belongs to one file. Owns table ``function_text``.
"""

import contextlib
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors, sql

import jishi
from jishi.exits import Exit, Stop

ROOTS = ("db", "modules", "flows", "reads")

_NAME = re.compile(
    r"^\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE)\s+(?:public\.)?([a-z_]\w*)\s*\(",
    re.IGNORECASE | re.MULTILINE,
)
_CREATE_TABLE = """
CREATE TABLE IF NOT EXISTS function_text (
    name text PRIMARY KEY, sha256 text NOT NULL, makes text[] NOT NULL
)"""
_CLUSTER_ONLY = re.compile(r"^.*-- cluster only$\n", re.MULTILINE)
_HAS_CITUS = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')"
_HAS_TABLE = "SELECT to_regclass('function_text') IS NOT NULL"
_KEPT = "SELECT name, sha256, makes FROM function_text"
_REMEMBER = """
INSERT INTO function_text (name, sha256, makes) VALUES (%s, %s, %s)
ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256, makes = excluded.makes"""
_FORGET = "DELETE FROM function_text WHERE name = %s"
_STANDING = """
SELECT oid, xmin::text, oid::regprocedure::text FROM pg_proc
WHERE pronamespace = current_schema()::regnamespace AND proname = ANY(%s)"""
_VALIDATE = """
SELECT CASE l.lanname WHEN 'sql' THEN fmgr_sql_validator(p.oid)
                      WHEN 'plpgsql' THEN plpgsql_validator(p.oid) END
FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
WHERE p.pronamespace = current_schema()::regnamespace AND p.proname = ANY(%s)"""


@dataclass(frozen=True, slots=True)
class Kept:
    sha256: str
    makes: list[str]


@dataclass(frozen=True, slots=True)
class Source:
    """One file: ``name`` is its path below the package, ``makes`` the functions it defines."""

    name: str
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def makes(self) -> list[str]:
        return sorted({name.lower() for name in _NAME.findall(self.text)})


def sources(package: Path | None = None) -> list[Source]:
    """Every function file, sorted by path."""
    package = package or Path(jishi.__file__).parent
    paths = [path for root in ROOTS for path in (package / root).glob("**/functions/*.sql")]
    return [
        Source(path.relative_to(package).as_posix(), path.read_text()) for path in sorted(paths)
    ]


def stale(link: "psycopg.Connection[Any]", package: Path | None = None) -> list[str]:
    """Names of files whose functions are missing, out of date, or stand without a file."""
    kept, wanted = _kept(link), sources(package)
    return _gone(kept, wanted) + [source.name for source in _changed(kept, wanted)]


def refresh(link: "psycopg.Connection[Any]", package: Path | None = None) -> list[str]:
    """Make the functions equal to their files, in one transaction: the names of changed files.

    Bodies are checked after all of them stand, so they may call each other in any order.
    Raises Stop(WRONG_SCHEMA) naming the file PostgreSQL refuses; then nothing has changed.
    """
    wanted = sources(package)
    _refuse_shared_names(wanted)
    with link.transaction():
        link.execute(_CREATE_TABLE)
        kept = _kept(link)
        gone, changed = _gone(kept, wanted), _changed(kept, wanted)
        link.execute("SET LOCAL check_function_bodies = off")
        for name in gone:
            _drop(link, _standing(link, kept[name].makes))
            link.execute(_FORGET, [name])
        for source in changed:
            with _naming(source):
                _make(link, source, kept.get(source.name))
        link.execute("SET LOCAL check_function_bodies = on")
        for source in changed:
            with _naming(source):
                link.execute(_VALIDATE, [source.makes])
    return gone + [source.name for source in changed]


def _make(link: "psycopg.Connection[Any]", source: Source, before: Kept | None) -> None:
    names = sorted({*source.makes, *(before.makes if before else [])})
    old = _standing(link, names)
    try:
        with link.transaction():
            link.execute(_fitted(link, source))
    except errors.InvalidFunctionDefinition:  # another result type or other argument names
        _drop(link, old)
        link.execute(_fitted(link, source))
    new = _standing(link, names)
    _drop(link, {key: said for key, said in new.items() if key in old})  # overloads left over
    link.execute(_REMEMBER, [source.name, source.sha256, source.makes])


def _fitted(link: "psycopg.Connection[Any]", source: Source) -> bytes:
    """The text for this server: lines marked ``-- cluster only`` count where Citus is installed.

    They narrow a statement to the cells of the call, so that Citus finds the one shard; on one
    machine the same cells are named by the joins and the lines would only cost time.
    """
    found = link.execute(_HAS_CITUS).fetchone()
    if found and found[0]:
        return source.text.encode()
    return _CLUSTER_ONLY.sub("", source.text).encode()


def _standing(link: "psycopg.Connection[Any]", names: Iterable[str]) -> dict[tuple[int, str], str]:
    """Functions of these names: (oid, row version) → signature. A replaced one has a new key."""
    rows = link.execute(_STANDING, [list(names)]).fetchall()
    return {(oid, version): signature for oid, version, signature in rows}


def _drop(link: "psycopg.Connection[Any]", standing: Mapping[Any, str]) -> None:
    for signature in standing.values():
        # The signature is PostgreSQL's own spelling of the function, quoted where needed.
        link.execute(sql.SQL("DROP ROUTINE IF EXISTS {}").format(sql.SQL(signature)))


def _kept(link: "psycopg.Connection[Any]") -> dict[str, Kept]:
    found = link.execute(_HAS_TABLE).fetchone()
    if not found or not found[0]:
        return {}
    return {name: Kept(sha256, makes) for name, sha256, makes in link.execute(_KEPT)}


def _gone(kept: Mapping[str, Kept], wanted: Iterable[Source]) -> list[str]:
    return sorted(set(kept) - {source.name for source in wanted})


def _changed(kept: Mapping[str, Kept], wanted: Iterable[Source]) -> list[Source]:
    return [one for one in wanted if one.name not in kept or kept[one.name].sha256 != one.sha256]


def _refuse_shared_names(wanted: Iterable[Source]) -> None:
    owner: dict[str, str] = {}
    for source in wanted:
        for name in source.makes:
            if owner.setdefault(name, source.name) != source.name:
                raise Stop(
                    Exit.WRONG_SCHEMA,
                    f"Function {name} is defined in {owner[name]} and in {source.name}.",
                )


@contextlib.contextmanager
def _naming(source: Source) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as problem:
        sentence = f"{source.name}: {str(problem).strip()}"
        raise Stop(Exit.WRONG_SCHEMA, sentence) from problem
