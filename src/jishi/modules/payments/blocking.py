"""Libraries that block, kept off the event loop: a few threads per provider, and a time limit."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from jishi.modules.payments.provider import ProviderUnreachable

THREADS: Final = 8
CONNECT_SECONDS: Final = 3.0
READ_SECONDS: Final = 10.0
CALL_SECONDS: Final = 15.0  # a little more than the library's own limits together
BILL_SECONDS: Final = 600.0
T = TypeVar("T")


class Threads:
    """Runs one provider's blocking calls; what one provider hangs on does not hold up another.

    A call that takes too long is given up and counts as unanswered; its thread ends by the
    library's own time limit.
    """

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix=name)

    async def run(self, call: Callable[[], T], *, seconds: float = CALL_SECONDS) -> T:
        """Raises ProviderUnreachable when it takes longer than ``seconds``."""
        running = asyncio.get_running_loop().run_in_executor(self._pool, call)
        try:
            return await asyncio.wait_for(running, seconds)
        except TimeoutError as late:
            raise ProviderUnreachable(f"no answer within {seconds:.0f} s") from late

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
