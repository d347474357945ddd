"""The command ``jishi``: one table of sub-commands, each imported only when it is asked for.

A command is a module with ``add_parser(subparsers)`` and ``run(args) -> int``; it ends early by
raising ``exits.Stop``.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from jishi.exits import Exit, Stop

INTERRUPTED = 130  # what a shell expects after Ctrl-C


@dataclass(frozen=True, slots=True)
class Command:
    module: str
    does: str


COMMANDS = {
    "run": Command("jishi.commands.run", "open the market: database, web, worker, payment sandbox"),
    "demo": Command("jishi.demo.command", "fill an empty market, or let simulated people use it"),
    "import": Command("jishi.imports.command", "bring a catalogue or orders from elsewhere"),
    "verify": Command("jishi.verify", "check every invariant of the books"),
    "reconcile": Command("jishi.commands.reconcile", "compare a provider's bill with the books"),
    "bench": Command("jishi.bench.command", "measure orders a second on this machine"),
    "reindex": Command("jishi.commands.reindex", "write anew what goods are found by"),
    "migrate": Command("jishi.commands.migrate", "bring the database up to this code"),
    "operator": Command("jishi.commands.operator", "who may use the operator console"),
    "backup": Command("jishi.commands.backup", "write everything a market keeps to one file"),
    "restore": Command("jishi.commands.restore", "bring a backup into an empty market"),
    "doctor": Command("jishi.commands.doctor", "show settings, versions and what is wrong"),
    "web": Command("jishi.commands.web", "serve pages and the API (part of run)"),
    "worker": Command("jishi.commands.worker", "carry out events and timed jobs (part of run)"),
    "sandbox": Command("jishi.commands.sandbox", "the payment sandbox (part of run)"),
}

EXAMPLES = """\
examples:
  jishi run                            open the market of ./market at http://127.0.0.1:8000
  JISHI_PORT=9000 jishi run            … at another port
  jishi migrate --check                is the database up to date? (exit code 5 when not)
  jishi verify --json                  check the books, for a machine to read
  jishi backup market.tar              while the market is open, too

exit codes:
  0  done                              4  the database cannot be reached or used
  1  a check failed                    5  database and code are of different versions
  2  wrong use, or a bad setting       6  the market's home is in use
  3  a port is taken                   7  the disk is full
130  stopped by Ctrl-C before it was done

Settings come from JISHI_… variables; `jishi doctor` lists them with their meaning.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is one of ``exits.Exit``, or 130 after Ctrl-C."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    asked = next((word for word in arguments if not word.startswith("-")), None)
    try:
        chosen = import_module(COMMANDS[asked].module) if asked in COMMANDS else None
        parsed = _parser(asked, chosen).parse_args(arguments)
        if chosen is None:
            _parser(None, None).print_help()
            return Exit.USAGE
        return int(chosen.run(parsed))
    except Stop as stop:
        print(f"jishi: {stop.sentence}", file=sys.stderr)
        return stop.code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output went away; say nothing to nobody
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK


def _parser(asked: str | None, chosen: ModuleType | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jishi",
        description="Jishi: a social-commerce market on one order book.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = parser.add_subparsers(dest="command", metavar="command", title="commands")
    for name, command in COMMANDS.items():
        if name == asked and chosen is not None:
            chosen.add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=command.does)
    return parser


if __name__ == "__main__":
    sys.exit(main())
