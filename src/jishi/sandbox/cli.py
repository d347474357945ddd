"""Start the sandbox from a command line, with a clear sentence when it cannot."""

import argparse
import asyncio
import errno
import fcntl
import os
import re
import socket
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jishi.keys import KeyUnreadable, read_key
from jishi.sandbox.server import Config, serve

# The numbers are those of every other command of the market.
FAILED, USAGE, PORT_TAKEN, HOME_IN_USE, DISK_FULL = 1, 2, 3, 6, 7
PORT_MAX = 65_535


class CannotStart(Exception):  # noqa: N818 - it ends the start with a sentence
    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until stopped. The exit code: 0, or one of the constants above."""
    asked = _parser().parse_args(arguments)
    try:
        _check_port(asked.host, asked.port)
        with _held_home(asked.home):
            config = _config(asked)
            print(f"Payment sandbox at {config.base_url}, state in {config.home}", flush=True)
            with asyncio.Runner(loop_factory=_loop) as runner:
                runner.run(serve(config))
    except CannotStart as refused:
        print(refused, file=sys.stderr)
        return refused.code
    except (OSError, sqlite3.Error) as error:
        return _told(error)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jishi sandbox", description="A payment provider to try a market against."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=_port, default=8010)
    parser.add_argument("--home", type=Path, required=True, help="folder of its state and key")
    parser.add_argument("--key-file", type=Path, help="shared key; default: key in the home")
    parser.add_argument("--public-url", type=_url, help="how payers reach it")
    parser.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="HOST[:PORT]",
        help="a host besides this machine that callbacks and payers may be sent to; repeatable",
    )
    parser.add_argument("--zone", type=_zone, default="Asia/Shanghai", help="zone of a bill's day")
    return parser


def _config(asked: argparse.Namespace) -> Config:
    host = f"[{asked.host}]" if ":" in asked.host else asked.host
    shown = "127.0.0.1" if asked.host in ("0.0.0.0", "::") else host  # noqa: S104 - compared
    try:
        key = read_key(asked.key_file or asked.home / "key")
    except KeyUnreadable as unreadable:
        raise CannotStart(USAGE, unreadable.sentence) from unreadable
    return Config(
        host=asked.host,
        port=asked.port,
        home=asked.home,
        key=key,
        base_url=asked.public_url or f"http://{shown}:{asked.port}",
        zone=asked.zone,
        allowed=asked.allow,
    )


def _check_port(host: str, port: int) -> None:
    """Raises CannotStart when someone listens there: two servers would share the port unnoticed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                sentence = f"Port {port} on {host} is taken. Choose another with --port."
                raise CannotStart(PORT_TAKEN, sentence) from error
            sentence = f"Cannot listen on {host}:{port}: {error.strerror}."
            raise CannotStart(USAGE, sentence) from error


@contextmanager
def _held_home(home: Path) -> Iterator[None]:
    """The home for this process alone. Raises CannotStart."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            sentence = f"Another sandbox is running on {home}."
            raise CannotStart(HOME_IN_USE, sentence) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _loop() -> asyncio.AbstractEventLoop:
    """The quick loop where there is one."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def _told(error: OSError | sqlite3.Error) -> int:
    print(f"The sandbox stopped: {error}.", file=sys.stderr)
    full = isinstance(error, OSError) and error.errno == errno.ENOSPC
    full = full or "disk is full" in str(error)
    return DISK_FULL if full else FAILED


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= PORT_MAX):
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


def _url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", text):
        raise argparse.ArgumentTypeError("an address such as http://127.0.0.1:8010")
    return text.rstrip("/")


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{text} is no time zone") from error
