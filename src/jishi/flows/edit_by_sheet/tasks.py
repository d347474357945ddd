"""Uploads that were confirmed or undone are carried out by the worker."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jishi.db.context import Context
from jishi.db.tasks import Task
from jishi.flows.edit_by_sheet.types import TASK
from jishi.flows.edit_by_sheet.working import carry_out
from jishi.kit.ids import ShopId


def make_tasks(context: Context) -> list[Task]:
    async def run(args: Mapping[str, Any], now: datetime) -> None:
        shop_id, sheet_id = ShopId(int(args["shop_id"])), int(args["sheet_id"])
        await carry_out(context.pool, shop_id, sheet_id, ids=context.maker, now=now)

    return [Task(name=TASK, run=run)]
