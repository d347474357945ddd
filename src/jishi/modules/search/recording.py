"""Searches made, written down a moment later and many at once: no page waits for it.

What was heard in the last second is lost when a process is killed; it is a count, not a fact.
"""

import asyncio
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from jishi import db
from jishi.db import Pool, transaction
from jishi.kit.ids import AccountId
from jishi.kit.text import clean
from jishi.modules.search import service, storage_searches, words
from jishi.modules.search.rules import folded
from jishi.modules.search.types import Heard

log = structlog.get_logger()

PAUSE_SECONDS: Final = 1.0
HEARD_MAX: Final = 2_000  # different searches held between two writes
COUNTED_CHARACTERS: Final = 40
ONCE_SECONDS: Final = 3_600.0  # one visitor counts once an hour for the same words
ONCE_MAX: Final = 50_000


@dataclass(slots=True)
class Recorder:
    """One per process."""

    pool: Pool
    _heard: Heard = field(default_factory=Heard)
    _once: OrderedDict[tuple[str, str], float] = field(default_factory=OrderedDict)
    _task: asyncio.Task[None] | None = None

    def hear(
        self,
        query: str,
        *,
        visitor: str,
        account_id: AccountId | None,
        has_found: bool,
        now: datetime,
    ) -> None:
        """Note a search. Counted when it found something and this visitor is heard of it first."""
        plain = clean(query)
        self._heard.day = now.date()
        if account_id is not None and len(self._heard.recent) < HEARD_MAX:
            self._heard.recent[(account_id, plain[:100])] = now
        said = folded(plain)
        if has_found and len(said) <= COUNTED_CHARACTERS and self._is_new(visitor, said):
            counted = self._heard.counted
            if said in counted or len(counted) < HEARD_MAX:
                counted[said] = counted.get(said, 0) + 1
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._later())

    def _is_new(self, visitor: str, said: str) -> bool:
        now, key = time.monotonic(), (visitor, said)
        before = self._once.get(key)
        self._once[key] = now
        self._once.move_to_end(key)
        while len(self._once) > ONCE_MAX:
            self._once.popitem(last=False)
        return before is None or now - before > ONCE_SECONDS

    async def _later(self) -> None:
        await asyncio.sleep(PAUSE_SECONDS)
        with suppress(*db.GONE):
            await self.flush()

    async def flush(self) -> None:
        """Write what was heard, in one transaction."""
        heard, self._heard = self._heard, Heard()
        if not heard.counted and not heard.recent:
            return
        async with transaction(self.pool) as tx:
            if heard.counted:
                counted = await storage_searches.count_searches(
                    tx, heard.day, heard.counted, most=service.DAY_QUERIES_MAX
                )
                rows = [_row(it, heard.counted[it]) for it in sorted(counted)]
                await storage_searches.add_queries(tx, rows, day=heard.day)
            if heard.recent:
                recent = [(AccountId(who), what, at) for (who, what), at in heard.recent.items()]
                await storage_searches.remember(tx, recent, kept=service.RECENT_KEPT)


def _row(query: str, searches: int) -> tuple[str, int, str, str]:
    spoken = words.pinyin_of(query) or (query, query)
    return query, searches, *spoken
