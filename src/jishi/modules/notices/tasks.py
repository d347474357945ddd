"""Work outside: carrying messages to phones and mailboxes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jishi.db.context import Context
from jishi.db.tasks import Task
from jishi.modules.notices.jobs import sender
from jishi.modules.notices.types import SEND


def make_tasks(context: Context) -> list[Task]:
    """The message is the row; a job only says that one is due, so it carries no address or code."""
    send = sender(context)

    async def run(_args: Mapping[str, Any], now: datetime) -> None:
        while await send(now):
            pass

    return [Task(name=SEND, run=run)]
