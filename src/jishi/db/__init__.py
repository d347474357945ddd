"""PostgreSQL: the pool, transactions, SQL texts, batches, the outbox, timed jobs.

Owns table ``idempotency``.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib import resources
from typing import Any, TypeAlias

import asyncpg
import msgspec

Pool: TypeAlias = asyncpg.Pool
Tx: TypeAlias = asyncpg.Connection
Row: TypeAlias = asyncpg.Record

STATEMENT_SECONDS = 30

# What comes up when the database went away or is starting: nobody's request is at fault.
GONE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
)


async def open_pool(dsn: str, *, size: int = 10, application: str = "jishi") -> Pool:
    """A pool whose connections speak JSON as Python values and UTC as their zone."""
    return await asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=size,
        init=prepare_connection,
        reset=_keep_as_is,
        command_timeout=STATEMENT_SECONDS,
        server_settings={"application_name": application, "timezone": "UTC", "jit": "off"},
    )


async def prepare_connection(connection: Any) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=_dump, decoder=msgspec.json.decode
        )


async def _keep_as_is(_connection: Any) -> None:
    """Nothing here leaves anything behind on a connection, so cleaning it would be a wasted trip."""


def _dump(value: Any) -> str:
    return msgspec.json.encode(value).decode()


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Tx]:
    """One transaction on one connection; committed when the block ends without an exception."""
    async with pool.acquire() as connection, connection.transaction():
        yield connection


@asynccontextmanager
async def reading(pool: Pool) -> AsyncIterator[Tx]:
    """A connection for a single SELECT or several that need no common snapshot."""
    async with pool.acquire() as connection:
        yield connection


@cache
def load_sql(package: str | None, name: str) -> str:
    """The text of ``sql/<name>.sql`` beside the module of ``package``."""
    assert package
    return resources.files(package).joinpath("sql", f"{name}.sql").read_text("utf-8")
