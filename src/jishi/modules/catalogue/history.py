"""Versions of products: kept around every change. Each call runs inside the caller's transaction.

Keeps ``product_version``. A product that never changed has no rows: its first change writes down
how it was found. What something else changed in between appears as a row of cause ``found``.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from jishi.db import Row, Tx, load_sql
from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, ProductId, ShopId, cell_of
from jishi.kit.paging import Page, decode_cursor, page_of
from jishi.kit.text import mark as _
from jishi.modules.catalogue import storage
from jishi.modules.catalogue.versions import Snapshot, differences

_SNAPSHOTS: Final = load_sql(__package__, "snapshots")
_KEEP: Final = load_sql(__package__, "keep_versions")
_LAST: Final = """
SELECT p.id, v.snapshot FROM unnest($1::bigint[]) p (id)
CROSS JOIN LATERAL (
    SELECT v.snapshot FROM product_version v WHERE v.cell = cell_of(p.id) AND v.product_id = p.id
    ORDER BY v.number DESC LIMIT 1
) v
"""
_LAST_LISTED: Final = """
SELECT p.id, v.snapshot FROM unnest($1::bigint[]) p (id)
CROSS JOIN LATERAL (
    SELECT v.snapshot FROM product_version v
    WHERE v.cell = cell_of(p.id) AND v.product_id = p.id AND v.state = 'listed'
    ORDER BY v.number DESC LIMIT 1
) v
"""
_LIST: Final = """
SELECT v.number, v.version, v.state, v.changes, v.cause, v.actor_id, v.sheet_id, v.occurred_at
FROM product_version v
WHERE v.cell = $1 AND v.product_id = $2 AND v.shop_id = $3 AND ($4::int IS NULL OR v.number < $4)
ORDER BY v.number DESC LIMIT $5
"""
_ONE: Final = """
SELECT snapshot FROM product_version WHERE cell = $1 AND product_id = $2 AND shop_id = $3 AND number = $4
"""

CAUSE_WORDS: Final[Mapping[str, str]] = {
    "found": _("As it was found"),
    "written": _("Written"),
    "edited": _("Edited"),
    "listed": _("Put on sale"),
    "delisted": _("Taken off sale"),
    "table": _("Prices and stock table"),
    "sheet": _("Spreadsheet"),
    "undone": _("Spreadsheet undone"),
    "restored": _("Former version restored"),
    "audited": _("Approved in the audit"),
}


class VersionNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "catalogue.version_not_found"
    text = "There is no such version of this product."


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A product as it stands."""

    id: ProductId
    shop_id: ShopId
    version: int
    state: str
    snapshot: Snapshot


async def snapshots(tx: Tx, ids: Sequence[ProductId]) -> dict[ProductId, Standing]:
    rows = await tx.fetch(_SNAPSHOTS, sorted(set(ids)))
    return {row["id"]: Standing(**row) for row in rows}


async def last_listed(tx: Tx, ids: Sequence[ProductId]) -> dict[ProductId, Snapshot]:
    """How products were when they were last on sale, as far as versions tell."""
    return {row["id"]: row["snapshot"] for row in await tx.fetch(_LAST_LISTED, list(ids))}


@asynccontextmanager
async def kept(
    tx: Tx,
    shop_id: ShopId,
    ids: Sequence[ProductId],
    *,
    cause: str,
    now: datetime,
    by: AccountId | None = None,
    sheet_id: int | None = None,
) -> AsyncIterator[None]:
    """Hold products, let the caller change them, and keep what came of it as versions.

    Do not nest it over the same products. Nothing is kept when the body raises.
    """
    await storage.lock_products(tx, shop_id, ids)
    before = await snapshots(tx, ids)
    last = {row["id"]: row["snapshot"] for row in await tx.fetch(_LAST, list(before))}
    unseen = [it for it in before.values() if last.get(it.id) != it.snapshot]
    await _keep(tx, unseen, last, cause="found", by=None, sheet_id=None, now=now)
    yield
    after = await snapshots(tx, ids)
    formers = {it.id: it.snapshot for it in before.values()}
    changed = [it for it in after.values() if formers.get(it.id) != it.snapshot]
    await _keep(tx, changed, formers, cause=cause, by=by, sheet_id=sheet_id, now=now)


async def list_versions(
    tx: Tx, shop_id: ShopId, product_id: ProductId, *, cursor: str | None, size: int
) -> Page[Row]:
    """The newest first. Raises CursorInvalid."""
    before = decode_cursor(cursor, int) or (None,)
    rows = await tx.fetch(_LIST, cell_of(product_id), product_id, shop_id, *before, size + 1)
    return page_of(rows, size, lambda row: (row["number"],))


async def version_snapshot(tx: Tx, shop_id: ShopId, product_id: ProductId, number: int) -> Snapshot:
    """Raises VersionNotFound."""
    found = await tx.fetchval(_ONE, cell_of(product_id), product_id, shop_id, number)
    if found is None:
        raise VersionNotFound
    result: Snapshot = found
    return result


async def _keep(
    tx: Tx,
    standing: Sequence[Standing],
    formers: Mapping[ProductId, Snapshot],
    *,
    cause: str,
    by: AccountId | None,
    sheet_id: int | None,
    now: datetime,
) -> None:
    if not standing:
        return
    changes = [
        differences(formers[it.id], it.snapshot) if it.id in formers else [] for it in standing
    ]
    await tx.execute(
        _KEEP,
        [it.id for it in standing],
        [it.version for it in standing],
        [it.state for it in standing],
        [_json(it.snapshot) for it in standing],
        [_json([change.as_json() for change in its]) for its in changes],
        cause,
        by,
        sheet_id,
        now,
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
