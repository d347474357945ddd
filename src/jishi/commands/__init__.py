"""Sub-commands of ``jishi`` that belong to no other package; each is thin."""

import argparse
import os
import subprocess
from importlib import metadata
from typing import Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from jishi.db.embedded_user import binaries
from jishi.exits import Exit, Stop

# What argparse calls the object that add_subparsers returns; it has no public name.
Subparsers = Any


def described(
    subparsers: Subparsers, name: str, text: str, *, examples: str
) -> argparse.ArgumentParser:
    """A parser whose help shows ``text`` and examples as they are written."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        name,
        help=text.partition("\n")[0],
        description=text,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser


def version() -> str:
    return metadata.version("jishi")


def postgres_program(program: str, dsn: str | None, *arguments: str) -> None:
    """Run a program of the embedded PostgreSQL, which also speaks to older servers.

    ``dsn`` None: it needs no database. Raises Stop with the program's own complaint. The password
    travels outside the command line, which everyone on the machine can read.
    """
    parts = {name: str(value) for name, value in conninfo_to_dict(dsn or "").items()}
    password = parts.pop("password", None)
    database = [f"--dbname={make_conninfo('', **parts)}"] if dsn else []
    done = subprocess.run(  # noqa: S603 - our own programs, no shell
        [str(binaries() / program), *database, *arguments],
        env={**os.environ, **({"PGPASSWORD": password} if password else {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.strip().rpartition("\n")[2]
        full = "No space left" in done.stderr
        raise Stop(Exit.DISK_FULL if full else Exit.NO_DATABASE, f"{program} failed: {said}")
