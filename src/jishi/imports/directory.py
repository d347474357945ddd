"""Things of another platform: made once, found again by the directory, a chunk a transaction."""

import contextlib
import secrets
from collections import Counter
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TypeVar

from jishi.db import Pool, Tx, load_sql, transaction
from jishi.db.columns import columns
from jishi.imports import storage
from jishi.kit.ids import CELLS, AccountId, IdMaker

_OPEN_PEOPLE = load_sql(__package__, "open_people")
CHUNK = 400
Step = Callable[[int], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """What external ids became; ``counts`` are the new things of this run by kind."""

    pool: Pool
    run_id: int
    counts: Counter[str] = field(default_factory=Counter)

    async def made(
        self,
        kind: str,
        external_ids: Sequence[str],
        step: Step,
        make: Callable[[Tx, Sequence[str]], Awaitable[Mapping[str, int]]],
    ) -> dict[str, int]:
        """What each id became; those unknown are made by ``make`` and remembered."""
        found: dict[str, int] = {}
        for chunk in chunks(external_ids):
            async with transaction(self.pool) as tx:
                known = await storage.known(tx, kind, chunk)
                new = [it for it in chunk if it not in known]
                made = await make(tx, new) if new else {}
                await storage.remember(tx, kind, made, self.run_id)
            self.counts[kind] += len(made)
            found |= {**known, **made}
            step(len(chunk))
        return found


async def open_people(
    tx: Tx, maker: IdMaker, people: Sequence[tuple[str, str, datetime]]
) -> dict[str, AccountId]:
    """Accounts nobody can sign in to, in cells drawn by lot: (external id, name, since) each."""
    made = {it: AccountId(maker.make(secrets.randbelow(CELLS))) for it, _, _ in people}
    rows = [(made[it], name, at) for it, name, at in people]
    await tx.execute(_OPEN_PEOPLE, *columns(rows))
    return made


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """``items`` in lists of at most ``size``."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


class _TakenBack(Exception):  # noqa: N818 — ends the transaction of a dry run
    pass


@contextlib.asynccontextmanager
async def one_chunk(pool: Pool, *, is_dry: bool) -> AsyncIterator[Tx]:
    """A transaction that is kept; in a dry run it is taken back after the database has judged it."""
    try:
        async with transaction(pool) as tx:
            yield tx
            if is_dry:
                raise _TakenBack  # noqa: TRY301 — ends the transaction
    except _TakenBack:
        pass
