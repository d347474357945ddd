"""Session tokens: 256 random bits behind two digits that name the account's cell."""

import secrets
from hashlib import sha256
from typing import Final

from jishi.kit.ids import Cell

RANDOM_BYTES: Final = 32
LENGTH: Final = 45  # two hex digits and 43 of base64
ALPHABET: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def make_token(cell: int) -> str:
    return f"{cell:02x}{secrets.token_urlsafe(RANDOM_BYTES)}"


def locate_session(token: str) -> tuple[Cell, bytes] | None:
    """Where a token's session stands: its cell and the hash kept there; None for no token."""
    if len(token) != LENGTH or not ALPHABET.issuperset(token):
        return None
    try:
        cell = int(token[:2], 16)
    except ValueError:
        return None
    return Cell(cell), sha256(token.encode()).digest()


def hash_of(token: str) -> bytes:
    return sha256(token.encode()).digest()


def make_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(10**6):06d}"


def make_tail() -> str:
    """Four characters that tell one new guest from another."""
    return secrets.token_hex(2)
