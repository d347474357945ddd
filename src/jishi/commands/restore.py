"""``jishi restore``: a backup into a market that is still empty."""

import argparse
import json
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import psycopg

from jishi import settings
from jishi.commands import Subparsers, described, postgres_program
from jishi.commands.backup import DUMP, FORMAT, KEYS, MANIFEST, MEDIA, SANDBOX
from jishi.db import load_sql
from jishi.db.embedded import open_database, told_plainly
from jishi.db.migrate import migrate, migration_folder
from jishi.exits import Exit, Stop

TEXT = """\
Bring a backup into an empty market, then bring its schema up to this code.
Refuses a market that has tables, uploaded files or a sandbox in use."""
EXAMPLES = """\
  JISHI_HOME=./again jishi restore market-2026-01-31.tar
  JISHI_HOME=./again jishi restore nightly.tar --json    {"home": …, "made_at": …}"""

_TABLES = (
    "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)


def add_parser(subparsers: Subparsers) -> None:
    parser = described(subparsers, "restore", TEXT, examples=EXAMPLES)
    parser.add_argument("file", type=Path, help="a file made by `jishi backup`")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    chosen = settings.load()
    with told_plainly(chosen.home), _opened(args.file) as tar:
        manifest = _manifest(tar, args.file)
        _refuse_newer(manifest)
        with open_database(chosen) as dsn:
            _refuse_full(dsn, chosen)
            _restore_database(tar, dsn)
            _restore_files(tar, chosen.home)
            migrate(dsn)
    told = {"home": str(chosen.home), "made_at": manifest["made_at"]}
    if args.json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        print(f"Restored the market of {told['made_at']} into {told['home']}.")
    return Exit.OK


def _opened(path: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(path)
    except (OSError, tarfile.TarError) as problem:
        raise Stop(Exit.USAGE, f"{path} cannot be read as a backup: {problem}.") from None


def _manifest(tar: tarfile.TarFile, path: Path) -> dict[str, Any]:
    try:
        member = tar.extractfile(MANIFEST)
        manifest: dict[str, Any] = json.load(member) if member else {}
    except (KeyError, ValueError):
        manifest = {}
    if manifest.get("format") != FORMAT:
        raise Stop(Exit.USAGE, f"{path} is not a backup made by `jishi backup`.")
    return manifest


def _refuse_newer(manifest: dict[str, Any]) -> None:
    known = {found.stem for found in migration_folder().glob("*.sql")}
    newer = [name for name in manifest["migrations"] if name not in known]
    if newer:
        raise Stop(
            Exit.WRONG_SCHEMA,
            f"The backup was made by a newer Jishi ({manifest['jishi']}): it has {newer[-1]}.",
        )


def _refuse_full(dsn: str, chosen: settings.Settings) -> None:
    with psycopg.connect(dsn) as link:
        row = link.execute(_TABLES).fetchone()
    folders = (chosen.media_folder, chosen.home / SANDBOX)
    has_files = any(folder.is_dir() and any(folder.iterdir()) for folder in folders)
    if (row and row[0]) or has_files:
        raise Stop(
            Exit.USAGE,
            f"The market in {chosen.home} is not empty; restore into another JISHI_HOME.",
        )


def _restore_database(tar: tarfile.TarFile, dsn: str) -> None:
    """Everything in one transaction: whole, and readable for this server's listeners, or not at all."""
    with tempfile.TemporaryDirectory() as folder:
        tar.extract(DUMP, folder, filter="data")
        script, after = f"{folder}/restore.sql", f"{folder}/after.sql"
        Path(after).write_text(load_sql("jishi.db", "outbox_renumber"), "utf-8")
        unpack = ["--no-owner", "--no-privileges", f"--file={script}"]
        postgres_program("pg_restore", None, *unpack, f"{folder}/{DUMP}")
        run_whole = ["--single-transaction", "--set=ON_ERROR_STOP=1", "--no-psqlrc", "--quiet"]
        postgres_program("psql", dsn, *run_whole, f"--file={script}", f"--file={after}")


def _restore_files(tar: tarfile.TarFile, home: Path) -> None:
    folders = {MEDIA, SANDBOX}
    wanted = [it for it in tar if it.name in KEYS or it.name.partition("/")[0] in folders]
    (home / SANDBOX).mkdir(mode=0o700, parents=True, exist_ok=True)
    tar.extractall(home, wanted, filter="data")
