"""Carrying an upload through, chunk by chunk, outside any request."""

from datetime import datetime

from jishi import db
from jishi.flows.edit_by_sheet import flow
from jishi.kit.ids import IdMaker, ShopId
from jishi.modules.catalogue import sheets
from jishi.modules.catalogue.types import SheetRow


class _Refused(Exception):  # noqa: N818 — undoes what was applied, never leaves this file
    def __init__(self, rows: list[SheetRow]) -> None:
        self.rows = rows


async def carry_out(
    pool: db.Pool, shop_id: ShopId, sheet_id: int, *, ids: IdMaker, now: datetime
) -> None:
    """Apply or undo what is left of an upload; it may be called again at any time.

    Chunks commit one by one; an upload that is all or nothing is one transaction, at most 10,000 rows.
    """
    async with db.reading(pool) as tx:
        sheet = await sheets.get(tx, shop_id, sheet_id)
    if sheet["is_whole"] and sheet["state"] == "applying":
        await _whole(pool, shop_id, sheet_id, ids=ids, now=now)
        return
    more = True
    while more:
        async with db.transaction(pool) as tx:
            more, _rows = await flow.work(tx, shop_id, sheet_id, ids=ids, now=now)


async def _whole(
    pool: db.Pool, shop_id: ShopId, sheet_id: int, *, ids: IdMaker, now: datetime
) -> None:
    try:
        async with db.transaction(pool) as tx:
            more = True
            while more:
                more, rows = await flow.work(tx, shop_id, sheet_id, ids=ids, now=now)
                refused = [it for it in rows if it.state == "refused"]
                if refused:
                    raise _Refused(refused)  # noqa: TRY301
    except _Refused as wrong:
        async with db.transaction(pool) as tx:
            await flow.refuse_whole(tx, shop_id, sheet_id, wrong.rows, now=now)
