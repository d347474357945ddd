"""Putting goods on sale, after asking whether shop, permits, condition, penalties and the audit let them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from jishi.db import Tx
from jishi.flows import audit_products
from jishi.flows.admit_goods import listing_problems
from jishi.flows.audit_products import Asked
from jishi.kit.errors import Refusals
from jishi.kit.ids import AccountId, IdMaker, ProductId, ShopId
from jishi.modules import catalogue
from jishi.modules.catalogue import (
    ChangeVerdict,
    Finding,
    InAudit,
    ProductState,
    Refused,
    Snapshot,
)


async def list_products(
    tx: Tx,
    shop_id: ShopId,
    ids: Sequence[ProductId],
    *,
    now: datetime,
    maker: IdMaker | None = None,
    by: AccountId | None = None,
) -> list[ChangeVerdict]:
    """One verdict each, same order, as catalogue.list_products; what stands against it comes first.

    InAudit: the rules found something that people look at before it is sold. What waits already goes
    on waiting. ``maker`` is needed as soon as people must be asked.
    """
    await catalogue.hold_products(tx, shop_id, ids)
    problems = await listing_problems(tx, shop_id, ids, now=now)
    free = [it for it in ids if it not in problems]
    found = await _examined(tx, shop_id, free)
    for product_id, its in found.items():
        refusals = catalogue.refusals_of(its)
        if refusals:
            problems[product_id] = list(refusals)
    waiting = [it for it in free if it in found and it not in problems]
    clean = [it for it in free if it not in found]
    listed = await catalogue.list_products(tx, shop_id, clean, now=now, by=by)
    verdicts: dict[ProductId, ChangeVerdict] = dict(zip(clean, listed, strict=True))
    verdicts |= await _ask(tx, shop_id, waiting, found, maker=maker, by=by, now=now)
    return [Refused(tuple(problems[it])) if it in problems else verdicts[it] for it in ids]


async def put_back(
    tx: Tx, shop_id: ShopId, ids: Sequence[ProductId], *, maker: IdMaker, now: datetime
) -> None:
    """Goods that were taken off sale go back: as they were at once, changed since as any other.

    What stands against one meanwhile leaves it off sale.
    """
    await catalogue.hold_products(tx, shop_id, ids)
    standing = await catalogue.snapshots(tx, ids)
    sold = await catalogue.last_listed(tx, ids)
    same = [it for it in ids if it in sold and _is_same(sold[it], standing[it].snapshot)]
    problems = await listing_problems(tx, shop_id, same, now=now)
    await catalogue.list_products(tx, shop_id, [it for it in same if it not in problems], now=now)
    changed = [it for it in ids if it in standing and it not in same]
    if changed:
        await list_products(tx, shop_id, changed, maker=maker, now=now)


def _is_same(sold: Snapshot, now: Snapshot) -> bool:
    return all(it.field == "state" for it in catalogue.differences(sold, now))


async def check_listed(tx: Tx, shop_id: ShopId, product_id: ProductId, *, now: datetime) -> None:
    """A product on sale that was just edited must still be allowed to be. Raises Refusals."""
    product = await catalogue.get_product(tx, shop_id, product_id)
    if product.state is not ProductState.LISTED:
        return
    problems = await listing_problems(tx, shop_id, [product_id], now=now)
    if problems:
        raise Refusals(problems[product_id])


async def _examined(
    tx: Tx, shop_id: ShopId, ids: Sequence[ProductId]
) -> dict[ProductId, list[Finding]]:
    """Of products that are not on sale. A missing picture is told by the catalogue."""
    standing = await catalogue.snapshots(tx, ids)
    targets = {
        it.id: it.snapshot
        for it in standing.values()
        if it.shop_id == shop_id and it.state != ProductState.LISTED and it.snapshot["pictures"]
    }
    return await audit_products.examine(tx, shop_id, targets)


async def _ask(
    tx: Tx,
    shop_id: ShopId,
    waiting: Sequence[ProductId],
    found: Mapping[ProductId, list[Finding]],
    *,
    maker: IdMaker | None,
    by: AccountId | None,
    now: datetime,
) -> dict[ProductId, ChangeVerdict]:
    if not waiting:
        return {}
    assert maker is not None, "goods that people look at need ids for their audits"
    before = await catalogue.snapshots(tx, waiting)
    stand = {it for it in waiting if before[it].state == ProductState.IN_AUDIT}
    fresh = [it for it in waiting if it not in stand]
    moved = await catalogue.list_products(
        tx, shop_id, fresh, now=now, to=ProductState.IN_AUDIT, by=by
    )
    verdicts: dict[ProductId, ChangeVerdict] = dict.fromkeys(stand, InAudit())
    verdicts |= {
        it: verdict if isinstance(verdict, Refused) else InAudit()
        for it, verdict in zip(fresh, moved, strict=True)
    }
    asked = [
        Asked(product_id=it, target=before[it].snapshot, findings=found[it])
        for it in fresh
        if isinstance(verdicts[it], InAudit)
    ]
    await audit_products.ask_people(tx, shop_id, asked, source="list", by=by, ids=maker, now=now)
    return verdicts
