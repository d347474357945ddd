"""``jishi backup``: the database, uploaded files, keys and sandbox of a market in one tar file."""

import argparse
import contextlib
import io
import json
import os
import shutil
import sqlite3
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jishi import settings
from jishi.commands import Subparsers, described, postgres_program, version
from jishi.db.embedded import open_database, told_plainly
from jishi.db.migrate import state_of
from jishi.exits import Exit, Stop

FORMAT = 1
MANIFEST = "jishi-backup.json"
DUMP = "database.dump"  # pg_dump's custom format, compressed
MEDIA = "media"
KEYS = ("secret.key", "sandbox.key")
SANDBOX = "sandbox"  # books of the stand-in payment provider, bank and carriers, a SQLite file each

TEXT = """\
Write database, uploaded files, keys and sandbox of the market to one tar file.
The market may be open meanwhile; the file shows its database as it was at the beginning. Keep it
safe: it holds the keys."""
EXAMPLES = """\
  jishi backup market-2026-01-31.tar
  jishi backup - | ssh store 'cat > market.tar'
  jishi backup nightly.tar --json              {"file": …, "bytes": …}"""


def add_parser(subparsers: Subparsers) -> None:
    parser = described(subparsers, "backup", TEXT, examples=EXAMPLES)
    parser.add_argument("file", help="the tar file to make, which must not exist; - for output")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    chosen = settings.load()
    if args.file == "-":
        if args.json:
            raise Stop(Exit.USAGE, "With - the output is the tar file; it cannot be JSON, too.")
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "market.tar"
            _write(chosen, made)
            _copy_to_output(made)
        return Exit.OK
    target = Path(args.file).absolute()
    if target.exists():
        raise Stop(Exit.USAGE, f"{target} exists already; choose another name.")
    with told_plainly(target.parent):
        _write(chosen, target)
    size = target.stat().st_size
    if args.json:
        print(json.dumps({"file": str(target), "bytes": size}, ensure_ascii=False))
    else:
        print(f"Backed up to {target} ({size / 1e6:.1f} MB).")
    return Exit.OK


def _write(chosen: settings.Settings, target: Path) -> None:
    """Make ``target`` whole or not at all."""
    with _draft_of(target) as draft, open_database(chosen) as dsn:
        manifest = {
            "format": FORMAT,
            "jishi": version(),
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "currency": chosen.currency,
            "migrations": state_of(dsn).applied,
        }
        with (
            tempfile.TemporaryDirectory(dir=draft.parent) as folder,
            tarfile.open(draft, "w") as tar,
        ):
            aside = Path(folder)  # only its owner may look into it
            postgres_program("pg_dump", dsn, "--format=custom", f"--file={aside / DUMP}")
            _add_text(tar, MANIFEST, manifest)
            tar.add(aside / DUMP, DUMP)
            _add_files(tar, chosen)
            _add_books(tar, chosen.home / SANDBOX, aside)


def _add_files(tar: tarfile.TarFile, chosen: settings.Settings) -> None:
    for name in KEYS:
        if (chosen.home / name).exists():
            tar.add(chosen.home / name, name)
    if chosen.media_folder.is_dir():
        tar.add(chosen.media_folder, MEDIA)


def _add_books(tar: tarfile.TarFile, sandbox: Path, aside: Path) -> None:
    """Each SQLite file whole, as it is at this moment, also while the sandbox writes it.

    Taken after the database, so that what the market knows its provider knows, too.
    """
    for book in sorted(sandbox.glob("*.sqlite3")):
        copy = aside / book.name
        with (
            contextlib.closing(sqlite3.connect(book)) as source,
            contextlib.closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
        tar.add(copy, f"{SANDBOX}/{book.name}")


def _add_text(tar: tarfile.TarFile, name: str, value: Any) -> None:
    data = json.dumps(value, indent=2).encode()
    about = tarfile.TarInfo(name)
    about.size, about.mode = len(data), 0o600
    tar.addfile(about, io.BytesIO(data))


@contextlib.contextmanager
def _draft_of(target: Path) -> Iterator[Path]:
    """A file beside ``target`` that takes its name when all went well, and vanishes otherwise."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        with draft.open("rb") as done:
            os.fsync(done.fileno())
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)


def _copy_to_output(made: Path) -> None:
    with made.open("rb") as source:
        shutil.copyfileobj(source, sys.stdout.buffer)
