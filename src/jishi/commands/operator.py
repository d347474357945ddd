"""``jishi operator``: who may use the operator console."""

import argparse
import asyncio
from datetime import UTC, datetime
from typing import Any

from jishi import db, settings
from jishi.commands import Subparsers, described
from jishi.db.embedded import open_database
from jishi.db.migrate import require_current
from jishi.exits import Exit, Stop
from jishi.kit.errors import Refusal, Refusals
from jishi.modules import accounts

TEXT = """\
Say who may use the operator console.
NAME is the phone or e-mail the person signs in with; they need an account already."""
EXAMPLES = """\
  jishi operator add ann@example.com
  jishi operator remove 13800138000
  jishi operator list"""


def add_parser(subparsers: Subparsers) -> None:
    parser = described(subparsers, "operator", TEXT, examples=EXAMPLES)
    parser.add_argument("action", choices=("add", "remove", "list"))
    parser.add_argument("name", nargs="?", metavar="NAME", help="phone or e-mail of an account")


def run(args: argparse.Namespace) -> int:
    if (args.name is None) != (args.action == "list"):
        raise Stop(Exit.USAGE, "Write `jishi operator add NAME`, `remove NAME` or `list`.")
    with open_database(settings.load()) as dsn:
        require_current(dsn)
        try:
            lines = asyncio.run(_run(dsn, args.action, args.name))
        except (Refusal, Refusals) as refusal:
            sentence = f"{args.name} is neither a phone number nor an e-mail."
            raise Stop(Exit.USAGE, sentence) from refusal
    print("\n".join(lines))
    return Exit.OK


async def _run(dsn: str, action: str, name: str | None) -> list[str]:
    """What to print. Raises Refusal for a name that is none, Stop for one nobody has."""
    pool: Any = await db.open_pool(dsn, size=1, application="jishi operator")
    try:
        async with db.transaction(pool) as tx:
            return await _change(tx, action, name)
    finally:
        await pool.close()


async def _change(tx: db.Tx, action: str, name: str | None) -> list[str]:
    if name is None:
        holders = await accounts.list_role_holders(tx, accounts.Role.OPERATOR)
        return [f"{account_id}  {shown}" for account_id, shown in holders]
    account_id = await accounts.find_by_login(tx, name)
    if account_id is None:
        raise Stop(Exit.USAGE, f"Nobody signs in as {name}; open an account at /sign-up first.")
    if action == "add":
        changed = await accounts.grant_role(
            tx, account_id, accounts.Role.OPERATOR, now=datetime.now(UTC)
        )
        return [f"{name} is an operator {'now' if changed else 'already'}."]
    changed = await accounts.revoke_role(tx, account_id, accounts.Role.OPERATOR)
    return [f"{name} is no operator{' any more' if changed else ''}."]
