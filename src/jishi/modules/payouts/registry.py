"""Which provider pays shops out. So far there is one: the bank of the sandbox."""

from collections.abc import Callable
from datetime import datetime

from jishi.modules.payouts.provider import PayoutProvider
from jishi.modules.payouts.sandbox_bank import NAME, open_sandbox_bank
from jishi.settings import Settings, reachable, read_key


def callback_path(name: str) -> str:
    """Where the provider called ``name`` sends its news."""
    return f"/api/v1/payouts/callbacks/{name}"


def open_payout_provider(settings: Settings, *, clock: Callable[[], datetime]) -> PayoutProvider:
    """The provider; whoever opens it closes it. The sandbox runs beside the web server: its news takes
    the near way."""
    near = f"http://{reachable(settings.host)}:{settings.port}"
    return open_sandbox_bank(
        base_url=settings.sandbox_url,
        key=read_key(settings.sandbox_key_file),
        clock=clock,
        notify_url=near + callback_path(NAME),
    )
