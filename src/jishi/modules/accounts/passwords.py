"""argon2id, off the event loop. The same work is done whether or not a name is known."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

THREADS: Final = 2  # each holds 46 MiB while it works
# source: OWASP Password Storage Cheat Sheet, argon2id, first choice: 46 MiB, 1 pass, 1 lane
_HASHER: Final = PasswordHasher(
    time_cost=1, memory_cost=47_104, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
)
_POOL: Final = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")


async def hash_password(password: str) -> str:
    """The argon2id hash to keep, with its parameters and salt; some 30 ms on a thread."""
    return await asyncio.get_running_loop().run_in_executor(_POOL, _HASHER.hash, password)


async def fits(password: str, kept: str | None) -> bool:
    """Whether the password is the one of ``kept``; with None as slow as ever, and False."""
    return await asyncio.get_running_loop().run_in_executor(_POOL, _fits, password, kept)


def is_outdated(kept: str) -> bool:
    """Whether ``kept`` was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def _fits(password: str, kept: str | None) -> bool:
    try:
        return _HASHER.verify(kept or _nobodys(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _HASHER.hash("the password of an account that does not exist")
