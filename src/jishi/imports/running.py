"""What every import command needs: a pool, ids, one run at a time, a progress bar."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from jishi.db import Pool, open_pool, reading, transaction
from jishi.db.nodes import lease_node
from jishi.exits import Exit, Stop
from jishi.imports import storage
from jishi.imports.past_orders import Terms
from jishi.imports.report import Outcome, tell, write_csv
from jishi.kit.ids import IdMaker, ShopId, parse_id
from jishi.modules.shops import ShopNotFound, get_shop
from jishi.settings import Settings

POOL_SIZE = 4


@dataclass(frozen=True, slots=True)
class Run:
    """One import under way. ``id`` is that of its row in ``import_run``."""

    pool: Pool
    maker: IdMaker
    id: int
    now: datetime


@contextlib.asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[tuple[Pool, IdMaker]]:
    """A pool and a maker of ids, with its node number kept as long as the block runs."""
    pool = await open_pool(dsn, size=POOL_SIZE, application="jishi import")
    try:
        lease = await lease_node(pool)
        keeping = asyncio.create_task(lease.keep())
        try:
            yield pool, lease.maker
        finally:
            keeping.cancel()
            await lease.give_back()
    finally:
        await pool.close()


@contextlib.asynccontextmanager
async def only_one(pool: Pool, name: str) -> AsyncIterator[None]:
    """No other import called ``name`` runs meanwhile. Raises Stop(USAGE) when one does."""
    async with pool.acquire() as guard:
        if not await storage.try_lock(guard, name):
            raise Stop(Exit.USAGE, f"Another import of {name} is running; wait until it is done.")
        try:
            yield
        finally:
            await storage.unlock(guard, name)


@contextlib.asynccontextmanager
async def recorded(
    pool: Pool, maker: IdMaker, outcome: Outcome, *, cell: int, origin: str, shop_id: int | None
) -> AsyncIterator[Run]:
    """A row in ``import_run`` around the work: done with the outcome's counters, or failed.

    A dry run leaves no row.
    """
    run = Run(pool, maker, maker.make(cell), datetime.now(UTC))
    if outcome.is_dry:
        yield run
        return
    outcome.run_id = run.id
    async with transaction(pool) as tx:
        source = outcome.source
        await storage.start_run(
            tx, run.id, source=source, origin=origin, shop_id=shop_id, now=run.now
        )
    state = "failed"
    try:
        yield run
        state = "done"
    finally:
        counters = {**outcome.counters, "refused_rows": outcome.reports.refused_rows}
        async with transaction(pool) as tx:
            await storage.end_run(tx, run.id, state, counters, now=datetime.now(UTC))


@contextlib.contextmanager
def progress(total: int, *, is_shown: bool) -> Iterator[Callable[[int], None]]:
    """A bar on standard error that moves by what the function is given."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    is_shown = is_shown and sys.stderr.isatty()
    with Progress(*columns, console=Console(stderr=True), disable=not is_shown) as bar:
        task = bar.add_task("importing", total=total)
        yield lambda count: bar.advance(task, count)


def finish(outcome: Outcome, settings: Settings, *, report: str | None, as_json: bool) -> int:
    """Write the report by row when there is one, tell the outcome, give the exit code."""
    file = _report_file(outcome, settings, report)
    if file:
        write_csv(outcome.reports, file)
    tell(outcome, file, as_json=as_json)
    return Exit.OK if outcome.is_clean else Exit.CHECK_FAILED


def _report_file(outcome: Outcome, settings: Settings, asked: str | None) -> Path | None:
    if asked:
        return Path(asked).absolute()
    if not outcome.reports.items:
        return None
    name = outcome.run_id or f"dry-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    return settings.home / "imports" / f"{outcome.source}-{name}.csv"


def shop_of(text: str) -> ShopId:
    """``--shop`` as given. Raises Stop(USAGE) when it is no id."""
    shop_id = parse_id(text)
    if shop_id is None:
        raise Stop(Exit.USAGE, f"--shop {text} is not the id of a shop.")
    return ShopId(shop_id)


async def require_shop(pool: Pool, shop_id: ShopId) -> None:
    """Raises Stop(USAGE) when there is no such shop."""
    async with reading(pool) as tx:
        try:
            await get_shop(tx, shop_id)
        except ShopNotFound:
            raise Stop(Exit.USAGE, f"There is no shop {shop_id}.") from None


def terms_of(run: Run, settings: Settings) -> Terms:
    """What of the settings past orders are written with."""
    return Terms(
        run_id=run.id,
        currency=settings.currency,
        fee_bp=settings.fee_bp,
        confirm_after=timedelta(days=settings.confirm_days),
        now=run.now,
    )
