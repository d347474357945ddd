"""An upload from check to undo. Each function is one transaction of its caller's."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from jishi.db import Row, Tx, tasks
from jishi.flows import audit_products
from jishi.flows.audit_products import Asked
from jishi.flows.edit_by_sheet import rules, weighing
from jishi.flows.edit_by_sheet.types import (
    COLUMN_OF,
    ON_SHELF,
    TASK,
    UNDO_WITHIN,
    NothingToApply,
    Read,
    SheetHasWrongRows,
    SheetMoved,
    UndoTooLate,
)
from jishi.flows.edit_by_sheet.weighing import Weighed
from jishi.kit.ids import AccountId, IdMaker, ProductId, ShopId, cell_of
from jishi.modules import catalogue, stock
from jishi.modules.catalogue import audits, sheets
from jishi.modules.catalogue.types import SheetRow

WORKING: Final = ("applying", "undoing")


async def check_upload(
    tx: Tx,
    shop_id: ShopId,
    name: str,
    read: Read,
    *,
    currency: str,
    by: AccountId,
    ids: IdMaker,
    now: datetime,
) -> int:
    """Compare a file with the shop's goods and keep it with a verdict per row: its id. Changes no goods."""
    rows = rules.read_rows(read.rows, currency=currency, columns=read.columns)
    await weighing.find_skus(tx, shop_id, rows)
    weighed = await weighing.weigh(tx, shop_id, rows)
    wanted = weighing.targets(weighed)
    await weighing.judge(tx, shop_id, weighed, wanted)
    for row in rows:
        row.seen = weighed.now.get(row.row, {})
        row.wanted = rules.changed(row, row.seen) if row.seen else row.wanted
        row.seen = {name: row.seen[name] for name in row.wanted if name in row.seen}
        row.state = "wrong" if row.problems else "good" if row.wanted else "same"
    sheet_id = ids.make(cell_of(shop_id))
    await sheets.add(tx, shop_id, sheet_id, name, rows, strange=read.strange, by=by, now=now)
    return sheet_id


async def confirm(
    tx: Tx, shop_id: ShopId, sheet_id: int, *, is_whole: bool, by: AccountId, now: datetime
) -> None:
    """Let the good rows be applied in the background; ``is_whole``: all rows or none.

    Raises SheetNotFound, SheetMoved, NothingToApply, SheetHasWrongRows.
    """
    sheet = await sheets.get(tx, shop_id, sheet_id, lock=True)
    if sheet["state"] != "checked":
        raise SheetMoved
    if not sheet["rows_good"]:
        raise NothingToApply
    if is_whole and sheet["rows_wrong"]:
        raise SheetHasWrongRows(count=sheet["rows_wrong"])
    await sheets.confirm(tx, sheet_id, is_whole=is_whole, by=by, now=now)
    await _defer(tx, shop_id, sheet_id)


async def drop(tx: Tx, shop_id: ShopId, sheet_id: int, *, now: datetime) -> None:
    """Put a checked upload away unapplied. Raises SheetNotFound, SheetMoved."""
    sheet = await sheets.get(tx, shop_id, sheet_id, lock=True)
    if sheet["state"] != "checked":
        raise SheetMoved
    await sheets.move(tx, sheet_id, "dropped", now=now)


async def undo(tx: Tx, shop_id: ShopId, sheet_id: int, *, by: AccountId, now: datetime) -> None:
    """Let everything an upload did be taken back, once. Raises SheetNotFound, SheetMoved, UndoTooLate."""
    sheet = await sheets.get(tx, shop_id, sheet_id, lock=True)
    if sheet["state"] != "applied":
        raise SheetMoved
    if now >= sheet["applied_at"] + UNDO_WITHIN:
        raise UndoTooLate(days=UNDO_WITHIN.days)
    await sheets.begin_undo(tx, sheet_id, by=by, now=now)
    await _defer(tx, shop_id, sheet_id)


async def _defer(tx: Tx, shop_id: ShopId, sheet_id: int) -> None:
    args = {"shop_id": str(shop_id), "sheet_id": str(sheet_id)}
    await tasks.defer(tx, TASK, args, key=f"{TASK}:{sheet_id}")


async def work(
    tx: Tx, shop_id: ShopId, sheet_id: int, *, ids: IdMaker, now: datetime
) -> tuple[bool, list[SheetRow]]:
    """One chunk of an upload: whether there may be more, and what became of the rows.

    Of one that is all or nothing the caller repeats it in a single transaction.
    """
    sheet = await sheets.get(tx, shop_id, sheet_id, lock=True)
    if sheet["state"] not in WORKING:
        return False, []
    applying = sheet["state"] == "applying"
    rows = await sheets.next_chunk(tx, sheet_id, ["good"] if applying else ["applied", "waiting"])
    if not rows:
        await sheets.move(tx, sheet_id, "applied" if applying else "undone", now=now)
        return False, []
    step = _apply if applying else _take_back
    await step(tx, shop_id, sheet, rows, ids=ids, now=now)
    await sheets.save_rows(tx, sheet_id, rows)
    return True, rows


async def refuse_whole(
    tx: Tx, shop_id: ShopId, sheet_id: int, wrong: Sequence[SheetRow], *, now: datetime
) -> None:
    """An upload that was to be all or nothing comes to nothing: its wrong rows say why."""
    sheet = await sheets.get(tx, shop_id, sheet_id, lock=True)
    if sheet["state"] == "applying":
        await sheets.save_rows(tx, sheet_id, [replace(it, before=None) for it in wrong])
        await sheets.move(tx, sheet_id, "refused", now=now)


async def _apply(
    tx: Tx,
    shop_id: ShopId,
    sheet: Row,
    rows: Sequence[SheetRow],
    *,
    ids: IdMaker,
    now: datetime,
) -> None:
    """Write what still may be: shelf, words, figures. What jumps waits for people."""
    by = AccountId(sheet["confirmed_by"])
    products = sorted({it.product_id for it in rows if it.product_id is not None})
    async with catalogue.kept(
        tx, shop_id, products, cause="sheet", by=by, sheet_id=sheet["id"], now=now
    ):
        weighed = await weighing.weigh(tx, shop_id, rows)
        wanted = weighing.targets(weighed)
        asked = await weighing.judge(tx, shop_id, weighed, wanted)
        await _count(tx, shop_id, rows, weighed, by=by, now=now)
        wanted = {it: target for it, target in weighing.targets(weighed).items() if it in wanted}
        asked = _still(asked, weighed)
        await _write(tx, shop_id, weighed, wanted, now=now)
    waiting = {it.product_id for it in asked}
    for row in rows:
        row.before = dict(weighed.now.get(row.row, {}))
        away = row.product_id in waiting and any(it != ON_SHELF for it in row.wanted)
        row.state = "refused" if row.problems else "waiting" if away else "applied"
    await audit_products.ask_people(tx, shop_id, asked, source="sheet", by=by, ids=ids, now=now)
    await audit_products.look_again(tx, shop_id, products, source="sheet", by=by, ids=ids, now=now)


def _still(asked: Sequence[Asked], weighed: Weighed) -> list[Asked]:
    """Without what rows that fell out in between had asked."""
    targets = weighing.targets(weighed)
    return [
        replace(
            it,
            target=targets[it.product_id],
            changes=catalogue.differences(
                weighed.standing[it.product_id].snapshot, targets[it.product_id]
            ),
        )
        for it in asked
        if it.product_id in targets
    ]


async def _count(
    tx: Tx,
    shop_id: ShopId,
    rows: Sequence[SheetRow],
    weighed: Weighed,
    *,
    by: AccountId,
    now: datetime,
) -> None:
    """Count the shelf of rows without problems; one that is refused is told in its row."""
    warehouse_id = (await stock.default_warehouses(tx, [shop_id]))[shop_id]
    counted = [it for it in rows if ON_SHELF in it.wanted and not it.problems]
    counts = [
        stock.Count(
            sku_id=it.sku_id,
            warehouse_id=warehouse_id,
            on_hand=it.wanted[ON_SHELF],
            seen=weighed.now[it.row][ON_SHELF],
        )
        for it in counted
        if it.sku_id is not None
    ]
    verdicts = await stock.set_on_hand(tx, shop_id, counts, actor_id=by, now=now)
    for row, verdict in zip(counted, verdicts, strict=True):
        if isinstance(verdict, stock.Refused):
            it = verdict.problem
            row.problems.append(rules.problem("stock", it.code, **_facts(it.facts)))


async def _write(
    tx: Tx,
    shop_id: ShopId,
    weighed: Weighed,
    wanted: Mapping[ProductId, Mapping[str, Any]],
    *,
    now: datetime,
) -> None:
    """Write products; a refusal of one is told in each of its rows."""
    verdicts = await catalogue.rewrite_products(tx, shop_id, wanted, now=now)
    for product_id, verdict in verdicts.items():
        if isinstance(verdict, catalogue.Refused):
            for row in weighed.rows[product_id].values():
                for it in verdict.problems:
                    field = (it.field or "").partition("].")[2] or it.field or ""
                    column = COLUMN_OF.get(field, "")
                    row.problems.append(rules.problem(column, it.code, **_facts(it.facts)))


async def _take_back(
    tx: Tx,
    shop_id: ShopId,
    sheet: Row,
    rows: Sequence[SheetRow],
    *,
    ids: IdMaker,
    now: datetime,
) -> None:
    """Put back each field that is as the upload left it; the others stay and are told."""
    by = AccountId(sheet["undone_by"])
    products = sorted({it.product_id for it in rows if it.product_id is not None})
    waited = await audits.open_of(tx, shop_id, products)
    back = [_reversed(it) for it in rows]
    async with catalogue.kept(
        tx, shop_id, products, cause="undone", by=by, sheet_id=sheet["id"], now=now
    ):
        weighed = await weighing.weigh(tx, shop_id, back, code="field.changed_since")
        told = _leave_changed(back, weighed)
        await _count(tx, shop_id, back, weighed, by=by, now=now)
        await _write(tx, shop_id, weighed, weighing.targets(weighed), now=now)
    withdrawn = {it.product_id for it in rows if it.state == "waiting"} & waited
    await audits.withdraw(tx, shop_id, sorted(it for it in withdrawn if it is not None))
    for row, its in zip(rows, back, strict=True):
        row.problems = told[its.row] + its.problems
        if row.state == "waiting" and row.product_id not in withdrawn:
            row.problems = [*row.problems, rules.problem("", "audit.over")]
        restored = (bool(its.wanted) and not its.problems) or row.product_id in withdrawn
        row.state = "undone" if restored else "kept"
    await audit_products.look_again(tx, shop_id, products, source="sheet", by=by, ids=ids, now=now)


def _reversed(row: SheetRow) -> SheetRow:
    """The row that would put back what stood before. What waits changed only the shelf."""
    before = row.before or {}
    names = [
        name for name in row.wanted if name in before and (row.state == "applied" or name == ON_SHELF)
    ]  # fmt: skip
    return replace(
        row,
        wanted={name: before[name] for name in names},
        seen={name: row.wanted[name] for name in names},
        problems=[],
    )


def _leave_changed(rows: Sequence[SheetRow], weighed: Weighed) -> dict[int, list[dict[str, Any]]]:
    """Take fields somebody changed since out of the rows: what is told of them, by row number.

    A field that stays does not keep the others of its row from going back.
    """
    told = {row.row: row.problems for row in rows}
    for row in rows:
        now = weighed.now.get(row.row, {})
        row.wanted = {
            name: value
            for name, value in row.wanted.items()
            if name in now and now[name] == row.seen[name]
        }
        row.problems = []
    return told


def _facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON keeps them."""
    return {
        name: value if isinstance(value, int | str | None) else str(value)
        for name, value in facts.items()
    }
