"""The shared key: 32 bytes, hexadecimal, in a file only its owner may read."""

import os
import secrets
from pathlib import Path

KEY_BYTES = 32


class KeyUnreadable(Exception):  # noqa: N818 - ends the start with a sentence
    """The key file cannot be read or does not hold a key."""


def read_or_make(path: Path) -> bytes:
    """The key kept in ``path``, made there at first use.

    Two processes that make it at once agree: the file appears whole, and the first one stays.
    Raises KeyUnreadable.
    """
    try:
        if not path.exists():
            _make(path)
        key = bytes.fromhex(path.read_text("ascii"))
    except (OSError, ValueError) as error:
        raise KeyUnreadable(f"The key file {path} cannot be used: {error}.") from error
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
