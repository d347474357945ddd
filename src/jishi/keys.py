"""Key files: 32 random bytes in hexadecimal, which only their owner may read.

The market and its payment sandbox share one, so this stands below both.
"""

import os
import secrets
from pathlib import Path

from jishi.exits import Exit, Stop

KEY_BYTES = 32


class KeyUnreadable(Stop):
    """The key file does not hold a key."""

    def __init__(self, sentence: str) -> None:
        super().__init__(Exit.USAGE, sentence)


def read_key(path: Path) -> bytes:
    """The key kept in ``path``; made there at first use. Raises KeyUnreadable.

    Two processes that make it at once agree: the file appears whole, and the first one stays.
    """
    if not path.exists():
        _make(path)
    try:
        key = bytes.fromhex(path.read_text("ascii"))
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyUnreadable(f"The key file {path} must hold {KEY_BYTES} bytes in hexadecimal.")
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(secrets.token_bytes(KEY_BYTES).hex())
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
