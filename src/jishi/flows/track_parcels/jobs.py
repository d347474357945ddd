"""Asks carriers what nobody told us, and measures once a day how long they take."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from jishi.db import Row, transaction
from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.flows.track_parcels import storage
from jishi.flows.track_parcels.flow import record_scans
from jishi.kit.errors import Refusal
from jishi.modules.fulfilment import (
    CarrierRefused,
    Carriers,
    CarrierUnreachable,
    ScanNews,
    TrackAsk,
    next_query,
    service_for,
)
from jishi.modules.fulfilment.lanes import MEASURED_MIN

log = structlog.get_logger()

LIMIT: Final = 50  # parcels asked about in one turn
AT_ONCE: Final = 4  # questions under way
EVERY: Final = timedelta(seconds=5)
AGAIN_IN: Final = timedelta(minutes=5)  # when a question is never finished
MEASURE_EVERY: Final = timedelta(hours=6)
MEASURE_OVER: Final = timedelta(days=60)


def make_jobs(context: Context) -> list[Job]:
    carriers: Carriers = context.services.get("carriers", {})

    async def query(now: datetime) -> int:
        async with transaction(context.pool) as tx:
            due = await storage.claim_queries(tx, now=now, limit=LIMIT, again_in=AGAIN_IN)
        room = asyncio.Semaphore(AT_ONCE)

        async def ask(row: Row) -> None:
            async with room:
                await _ask(context, carriers, row, now)

        await asyncio.gather(*(ask(row) for row in due))
        return len(due)

    async def measure(now: datetime) -> int:
        async with transaction(context.pool) as tx:
            await storage.measure(tx, since=now - MEASURE_OVER, now=now, least=MEASURED_MIN)
        return 0

    return [
        Job("track_parcels.query", EVERY, query),
        Job("track_parcels.measure", MEASURE_EVERY, measure),
    ]


async def _ask(context: Context, carriers: Carriers, row: Row, now: datetime) -> None:
    """Ask outside any transaction, then record. What fails is asked again later."""
    service = service_for(carriers, row["carrier"])
    at = next_query(row["query_tries"], now=now) if service else None
    news: ScanNews | None = None
    if service is not None:
        try:
            scans = await service.query_scans(_question(row))
            news = ScanNews(carrier=row["carrier"], number=row["waybill"], scans=tuple(scans))
        except CarrierUnreachable:
            at = now + AGAIN_IN
        except CarrierRefused as no:
            log.info("carrier refused to follow", waybill=row["waybill"], code=no.code)
    async with transaction(context.pool) as tx:
        await storage.ask_again(tx, row["id"], tries=row["query_tries"], at=at)
        if news and news.scans:
            try:
                await record_scans(tx, [news], now=now, zone=context.settings.zone)
            except Refusal as refusal:  # an answer that makes no sense must not stop the rest
                log.warning("scans refused", waybill=row["waybill"], refusal=str(refusal))


def _question(row: Row) -> TrackAsk:
    address: dict[str, Any] = row["address"]
    regions = address.get("regions") or [address.get("city") or ""]
    return TrackAsk(
        carrier=row["carrier"],
        number=row["waybill"],
        shipped_at=row["shipped_at"],
        origin=row["origin"] or "",
        target=" ".join(regions[:2]),
    )
