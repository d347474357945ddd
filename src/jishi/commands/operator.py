"""``jishi operator``: who may use the operator console."""

import argparse
import asyncio
import json
from datetime import UTC, datetime
from typing import Any

from jishi import settings
from jishi.commands import Subparsers, described
from jishi.db import Tx, open_pool, transaction
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
  jishi operator list --json"""


def add_parser(subparsers: Subparsers) -> None:
    parser = described(subparsers, "operator", TEXT, examples=EXAMPLES)
    parser.add_argument("action", choices=("add", "remove", "list"))
    parser.add_argument("name", nargs="?", metavar="NAME", help="phone or e-mail of an account")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    if (args.name is None) != (args.action == "list"):
        raise Stop(Exit.USAGE, "Write `jishi operator add NAME`, `remove NAME` or `list`.")
    with open_database(settings.load()) as dsn:
        require_current(dsn)
        try:
            told = asyncio.run(_run(dsn, args.action, args.name))
        except (Refusal, Refusals) as refusal:
            sentence = f"{args.name} is neither a phone number nor an e-mail."
            raise Stop(Exit.USAGE, sentence) from refusal
    if args.json:
        print(json.dumps(told, ensure_ascii=False))
    elif args.action == "list":
        for holder in told["operators"]:
            print(f"{holder['account_id']}  {holder['name']}")
    elif args.action == "add":
        print(f"{args.name} is an operator {'now' if told['changed'] else 'already'}.")
    else:
        print(f"{args.name} is no operator{' any more' if told['changed'] else ''}.")
    return Exit.OK


async def _run(dsn: str, action: str, name: str | None) -> dict[str, Any]:
    """What to tell. Raises Refusal for a name that is none, Stop for one nobody has."""
    async with (
        await open_pool(dsn, size=1, application="jishi operator") as pool,
        transaction(pool) as tx,
    ):
        if name is None:
            holders = await accounts.list_role_holders(tx, accounts.Role.OPERATOR)
            return {
                "operators": [
                    {"account_id": str(account_id), "name": shown} for account_id, shown in holders
                ]
            }
        changed = await _change(tx, action, name)
        return {"name": name, "is_operator": action == "add", "changed": changed}


async def _change(tx: Tx, action: str, name: str) -> bool:
    account_id = await accounts.find_by_login(tx, name)
    if account_id is None:
        raise Stop(Exit.USAGE, f"Nobody signs in as {name}; open an account at /sign-up first.")
    if action == "add":
        return await accounts.grant_role(
            tx, account_id, accounts.Role.OPERATOR, now=datetime.now(UTC)
        )
    return await accounts.revoke_role(tx, account_id, accounts.Role.OPERATOR)
