"""Which carriers this market is connected to."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlunsplit

from jishi.modules.fulfilment import standin
from jishi.modules.fulfilment.carrier_service import Carriers
from jishi.settings import Settings, reachable, read_key


def carrier_callback_path(name: str) -> str:
    """Where the carrier service called ``name`` sends its news."""
    return f"/api/v1/carriers/callbacks/{name}"


def open_carriers(settings: Settings, *, clock: Callable[[], datetime]) -> Carriers:
    """The carrier services, by name; ``close_carriers`` gives their connections back.

    The stand-in moves no parcel, so it speaks for carriers in development only; in production
    shops type the waybills of their carriers until a service is connected.
    """
    if settings.is_production:
        return {}
    near = urlunsplit(("http", f"{reachable(settings.host)}:{settings.port}", "", "", ""))
    made = standin.open_standin(
        base_url=settings.sandbox_url,
        key=read_key(settings.sandbox_key_file),
        notify_url=near + carrier_callback_path(standin.NAME),
        clock=clock,
    )
    return {made.name: made}


async def close_carriers(carriers: Carriers) -> None:
    for service in carriers.values():
        await service.close()
