"""The sandbox as one process: HTTP, courier and clock on one event loop, one book."""

import asyncio
import logging
import signal
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from granian.server.embed import Server
from litestar import Litestar
from litestar.datastructures import State as AppState
from litestar.exceptions import HTTPException
from litestar.types import ControllerRouterHandler

from jishi.kit.errors import Refusal
from jishi.sandbox import api, bank_api, courier, edge, pages
from jishi.sandbox.bank import return_due
from jishi.sandbox.bank_book import BankBook
from jishi.sandbox.book import Book
from jishi.sandbox.carrier import api as carrier_api
from jishi.sandbox.carrier import courier as carrier_courier
from jishi.sandbox.carrier.book import Book as CarrierBook
from jishi.sandbox.carrier.desk import CarrierDesk
from jishi.sandbox.courier import Courier
from jishi.sandbox.desk import Desk
from jishi.sandbox.edge import Place

BODY_BYTES_MAX = 64 * 1024
BACKLOG = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Where and how a sandbox runs."""

    host: str
    port: int
    home: Path
    key: bytes
    base_url: str
    zone: ZoneInfo
    allowed: Collection[str] = ()


def make_app(place: Place) -> Litestar:
    handlers: list[ControllerRouterHandler] = [api.router, *bank_api.routes, *pages.routes]
    if place.carrier is not None:
        handlers.append(carrier_api.router)
    refusing: dict[Any, Any] = {
        Refusal: pages.show_refusal,
        HTTPException: edge.refuse_plain,
        Exception: edge.fail,
    }
    return Litestar(
        route_handlers=handlers,
        exception_handlers=refusing,
        openapi_config=None,
        logging_config=None,
        request_max_body_size=BODY_BYTES_MAX,
        state=AppState({"place": place}),
    )


async def serve(config: Config) -> None:
    """Answer until SIGINT or SIGTERM; what is due then stays in the book."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    bell = asyncio.Event()
    book = Book(config.home / "sandbox.sqlite3")
    desk = Desk(book=book, told=bell.set, zone=config.zone, allowed=frozenset(config.allowed))
    bank = BankBook(config.home / "bank.sqlite3")
    carrier = Courier(
        desk=desk,
        key=config.key,
        clock=edge.now,
        client=courier.open_client(),
        bell=bell,
        at_each_tick=lambda now: return_due(bank, desk, now=now),
    )
    shelf, ring = CarrierBook(config.home / "carrier.sqlite3"), asyncio.Event()
    parcels = CarrierDesk(book=shelf, told=ring.set, allowed=frozenset(config.allowed))
    postman = carrier_courier.Postman(
        desk=parcels, key=config.key, clock=edge.now, client=courier.open_client(), bell=ring
    )
    place = Place(desk=desk, bank=bank, key=config.key, base_url=config.base_url, carrier=parcels)
    logging.getLogger("_granian").setLevel(logging.ERROR)
    server = Server(
        make_app(place),
        address=config.host,
        port=config.port,
        interface="asgi",  # type: ignore[arg-type] # an enum of strings
        backlog=BACKLOG,
        log_enabled=False,
    )
    carrying = asyncio.create_task(courier.run(carrier))
    posting = asyncio.create_task(carrier_courier.run(postman))
    serving = asyncio.create_task(server.serve())
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    waiting = asyncio.create_task(stopped.wait())
    try:
        done, _ = await asyncio.wait(
            {carrying, posting, serving, waiting}, return_when=asyncio.FIRST_COMPLETED
        )
        server.stop()  # type: ignore[no-untyped-call]
        await serving
        for ended in done - {waiting}:
            ended.result()  # a courier or server that fell says why
    finally:
        for task in (carrying, posting):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await courier.stop(carrier)
        await carrier_courier.stop(postman)
        book.close()
        shelf.close()
        bank.close()
