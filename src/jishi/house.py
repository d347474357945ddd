"""What both composition roots, web and worker, put together: the packages, and the systems outside."""

import importlib
import importlib.util
import pkgutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import ModuleType
from typing import Any

import jishi.flows
import jishi.modules
import jishi.reads
from jishi.clock import utc_now
from jishi.modules.fulfilment import close_carriers, open_carriers
from jishi.modules.payments import close_providers, open_providers
from jishi.modules.payouts import open_payout_provider
from jishi.settings import Settings


def packages(name: str) -> Iterator[ModuleType]:
    """The module ``name`` of every package of the house that has one, in a fixed order."""
    for group in (jishi.modules, jishi.flows, jishi.reads):
        for found in sorted(pkgutil.iter_modules(group.__path__), key=lambda each: each.name):
            path = f"{group.__name__}.{found.name}.{name}"
            if importlib.util.find_spec(path) is not None:
                yield importlib.import_module(path)


@asynccontextmanager
async def outside_systems(settings: Settings) -> AsyncIterator[dict[str, Any]]:
    """Payment providers, carriers and the bank, by the names handlers and tasks ask for them."""
    async with AsyncExitStack() as closing:
        providers = open_providers(settings, clock=utc_now)
        closing.push_async_callback(close_providers, providers)
        carriers = open_carriers(settings, clock=utc_now)
        closing.push_async_callback(close_carriers, carriers)
        payout_provider = open_payout_provider(settings, clock=utc_now)
        closing.push_async_callback(payout_provider.close)
        yield {
            "providers": providers,
            "carriers": carriers,
            "payout_provider": payout_provider,
        }
