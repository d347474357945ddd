"""How the market's machinery fares: processes, events, jobs, the database; parked events."""

from typing import Any, Final

from litestar import Response, get

from jishi import web
from jishi.kit.paging import PAGE_SIZE
from jishi.reads.operator import queries

LAG_BAD_SECONDS: Final = 60
KILO: Final = 1024
UNITS: Final = ("B", "KB", "MB", "GB", "TB")


@get("/operator/health")
async def get_health(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/health: processes, listeners, jobs, database, what went wrong last; 200."""
    async with web.read(request) as tx:
        leases = await queries.processes(tx)
        listeners = await queries.lag(tx)
        jobs = await queries.jobs(tx)
        size, tables, slow = await queries.database(tx)
        parked = await queries.list_parked(tx, cursor=None, size=5)
        failed = await queries.list_refunds(tx, state="failed", cursor=None, size=5)
    return web.page(
        request,
        "operator/health.html",
        leases=leases,
        listeners=listeners,
        jobs=jobs,
        size=size,
        tables=tables,
        slow=slow,
        parked=parked.items,
        failed=failed.items,
        size_words=size_words,
        lag_bad=LAG_BAD_SECONDS,
    )


@get("/operator/parked")
async def get_parked(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/parked (after): events listeners could not take; 200."""
    async with web.read(request) as tx:
        cursor = request.query_params.get("after")
        parked = await queries.list_parked(tx, cursor=cursor, size=PAGE_SIZE)
    return web.page(request, "operator/parked.html", parked=parked)


def size_words(count: int) -> str:
    """Bytes in their largest unit: ``12.4 MB``."""
    value, unit = count * 10, 0
    while value >= KILO * 10 and unit < len(UNITS) - 1:
        value, unit = value // KILO, unit + 1
    whole, tenth = divmod(value, 10)
    return f"{whole:,}.{tenth} {UNITS[unit]}" if unit else f"{count} B"


routes = [get_health, get_parked]
