"""Composition root of the web process: settings → pool → flows → routes."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

from litestar import Litestar, Response, get

from jishi import db, logs
from jishi import settings as configuration
from jishi.access import ACCESS
from jishi.db.live import follow as follow_signals
from jishi.db.nodes import NodeLease, lease_node
from jishi.flows.cancel_orders import CancelOrders
from jishi.flows.complete_orders import CompleteOrders
from jishi.flows.place_orders import PlaceOrders
from jishi.flows.place_orders.flow import Terms
from jishi.flows.provider_news import ProviderNews
from jishi.flows.quote import product_offers
from jishi.flows.refund_orders import RefundOrders
from jishi.flows.ship_orders import ShipOrders
from jishi.house import outside_systems, packages
from jishi.modules import carts, notices
from jishi.modules.payments import offered_providers
from jishi.reads.identity import Identities
from jishi.settings import Settings
from jishi.web import api_list, csrf, headers, idempotency, live, pages, static_files
from jishi.web.auth import Connection, Identity, make_guard
from jishi.web.errors import HANDLERS
from jishi.web.request import AnyRequest
from jishi.web.shown import Market

BODY_BYTES_MAX: Final = 12 * 1024 * 1024  # a picture of 10 MB and its form
FORM_PARTS_MAX: Final = 6_000  # a product of 500 SKUs with its pictures
POOL_SIZE: Final = 12
GC_THRESHOLD: Final = 50_000  # new objects between collections; a request makes a few hundred


@get("/health", media_type="text/plain", sync_to_thread=False)
def health() -> str:
    """GET /health: 200 once this process answers."""
    return "ok"


def routes() -> list[Any]:
    """Every route: what each package offers in its ``routes.py``."""
    found = [handler for module in packages("routes") for handler in module.routes]
    return [health, *pages.routes, *static_files.routes, *api_list.routes, *live.routes, *found]


def terms(settings: Settings) -> Terms:
    return Terms(
        provider=offered_providers(settings)[0],
        currency=settings.currency,
        fee_bp=settings.fee_bp,
        unpaid_for=timedelta(minutes=settings.unpaid_minutes),
    )


async def before_request(request: AnyRequest) -> Response[Any] | None:
    """Who asks and may they; CSRF, limits, language; the first answer to a repeated key, if any."""
    await guard(request, request.route_handler)
    await csrf.before_request(request)
    return await idempotency.replay(request)


async def identify(connection: Connection) -> Identity | None:
    identities: Identities = connection.app.state.identities
    return await identities.identify(connection)


# As a guard of Litestar's it would copy the route handler for every request.
guard = make_guard(ACCESS, identify)


async def open_services(app: Litestar, settings: Settings, dsn: str) -> NodeLease:
    """Hang up what handlers use: pool, ids, flows."""
    pool = app.state.pool = await db.open_pool(dsn, size=POOL_SIZE, application="jishi web")
    lease = await lease_node(pool)
    maker = app.state.ids = lease.maker
    app.state.settings = settings
    app.state.identities = Identities(pool)
    app.state.live = live.Hub()
    app.state.me_figures = app.state.identities.figures
    app.state.send_notice = notices.send_to_address
    app.state.product_offers = product_offers
    app.state.place_orders = PlaceOrders(pool, maker, terms(settings))
    app.state.provider_news = ProviderNews(pool, maker, currency=settings.currency)
    confirm_after = timedelta(days=settings.confirm_days)
    app.state.ship_orders = ShipOrders(pool, maker, confirm_after=confirm_after)
    app.state.complete_orders = CompleteOrders(pool)
    app.state.cancel_orders = CancelOrders(pool)
    app.state.refund_orders = RefundOrders(pool, maker, confirm_after=confirm_after)
    return lease


def settle_memory() -> None:
    """What stands after the start stays: the collector need not look at it for every few requests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)


def create_app(settings: Settings | None = None, dsn: str | None = None) -> Litestar:
    """The application of one worker process. ``dsn`` defaults to the settings' database."""
    settings = settings or configuration.load()
    dsn = dsn or settings.database_url
    if dsn is None:
        raise LookupError("no database: `jishi run` or JISHI_DATABASE_URL gives one")

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        lease = await open_services(app, settings, dsn)
        async with outside_systems(settings) as outside:
            app.state.update(outside)
            settle_memory()
            following = app.state.identities.follow(dsn)
            signals = follow_signals(dsn, app.state.live.heard)
            running = (lease.keep(), following, signals)
            tasks = [asyncio.create_task(each) for each in running]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        await lease.give_back()
        await app.state.pool.close()

    logs.configure(settings.log_level)
    pages.configure(
        market=Market(currency=settings.currency, zone=settings.zone), cart_count=carts.badge
    )
    app = Litestar(
        routes(),
        lifespan=[lifespan],
        before_request=before_request,
        after_request=idempotency.keep_answer,
        before_send=[headers.before_send],
        exception_handlers=HANDLERS,  # type: ignore[arg-type]
        request_max_body_size=BODY_BYTES_MAX,
        multipart_form_part_limit=FORM_PARTS_MAX,
        response_class=Response,
        openapi_config=None,  # its pages load scripts from elsewhere; ours is web.api_list
        logging_config=None,
        debug=False,
    )
    require_rules(app)
    app.state.api_list = api_list.describe(app, ACCESS)
    return app


def require_rules(app: Litestar) -> None:
    """Every route has a rule in ``jishi.access``; else the process does not start."""
    missing = [
        f"{method} {route.path_format}"
        for route in app.routes
        for method in getattr(route, "methods", ())
        if method in {"GET", "POST", "PUT", "PATCH", "DELETE"}
        and f"{method} {route.path}" not in ACCESS
    ]
    bypassing = [
        str(handler)
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if handler.before_request and handler.before_request is not before_request
    ]
    if bypassing:
        raise LookupError("routes that would not be guarded: " + ", ".join(bypassing))
    if missing:
        raise LookupError("routes without a rule in jishi.access: " + ", ".join(sorted(missing)))
