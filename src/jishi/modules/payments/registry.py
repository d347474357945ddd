"""Which providers this market has, by name."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from jishi.modules.payments import sandbox
from jishi.modules.payments.provider import Provider, Providers
from jishi.settings import Settings, reachable, read_key


def callback_path(name: str) -> str:
    """Where the provider called ``name`` sends its news."""
    return f"/api/v1/payments/callbacks/{name}"


def open_providers(settings: Settings, *, clock: Callable[[], datetime]) -> Providers:
    """The providers, by name; ``close_providers`` gives their connections back.

    The sandbox runs beside the web server, so its news takes the near way, not the public one.
    """
    near = urlunsplit(("http", f"{reachable(settings.host)}:{settings.port}", "", "", ""))
    made: list[Provider] = [
        sandbox.open_sandbox(
            base_url=settings.sandbox_url,
            key=read_key(settings.sandbox_key_file),
            notify_url=near + callback_path(sandbox.NAME),
            clock=clock,
        )
    ]
    return {provider.name: provider for provider in made}


async def close_providers(providers: Providers) -> None:
    for provider in providers.values():
        await provider.close()


def hosts_called_by_sandbox(settings: Settings) -> tuple[str, ...]:
    """What a sandbox of this market must be allowed to call besides this machine (``--allow``)."""
    urls = (settings.base_url, f"http://{reachable(settings.host)}:{settings.port}")
    return tuple({parts.netloc for url in urls if (parts := urlsplit(url)).netloc})
