"""Which provider pays shops out. So far there is one: the bank of the sandbox."""

from collections.abc import Callable
from datetime import datetime

from jishi.modules.payouts.provider import PayoutProvider
from jishi.modules.payouts.sandbox_bank import open_sandbox_bank
from jishi.settings import Settings, read_key


def open_payout_provider(settings: Settings, *, clock: Callable[[], datetime]) -> PayoutProvider:
    """The provider; whoever opens it closes it."""
    return open_sandbox_bank(
        base_url=settings.sandbox_url, key=read_key(settings.sandbox_key_file), clock=clock
    )
