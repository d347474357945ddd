"""Prices that jump while goods are on sale: they wait for people, the former price stays."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from jishi.db import Tx
from jishi.flows import audit_products
from jishi.flows.audit_products import Asked
from jishi.flows.list_products.types import PriceRow
from jishi.kit.ids import AccountId, IdMaker, ProductId, ShopId, SkuId
from jishi.modules import catalogue
from jishi.modules.catalogue import Change, ProductState, Snapshot, Standing


async def ask_about(
    tx: Tx,
    shop_id: ShopId,
    rows: Sequence[PriceRow],
    owner: Mapping[SkuId, ProductId],
    *,
    actor_id: AccountId,
    ids: IdMaker,
    now: datetime,
) -> set[SkuId]:
    """The SKUs whose new price waits; their cases are open. The caller holds the products."""
    priced = [row for row in rows if row.price_minor is not None]
    standing = await catalogue.snapshots(tx, sorted({owner[row.sku_id] for row in priced}))
    onsale = {it.id: it for it in standing.values() if it.state == ProductState.LISTED}
    wanted = _wanted(priced, owner, onsale)
    targets = {it: catalogue.patched(onsale[it].snapshot, wanted[it])[0] for it in wanted}
    found = await audit_products.examine(
        tx,
        shop_id,
        targets,
        formers={it.id: it.snapshot for it in onsale.values()},
        priced_only=targets,
    )
    asked: list[Asked] = []
    waiting: set[SkuId] = set()
    for product_id, findings in found.items():
        jumped = {it.facts.get("sku") for it in findings}
        changes = [it for it in wanted[product_id] if it.options in jumped]
        snapshot = onsale[product_id].snapshot
        target, _ = catalogue.patched(snapshot, changes)
        asked.append(
            Asked(product_id=product_id, target=target, findings=findings, changes=changes)
        )
        waiting |= {SkuId(int(snapshot["skus"][it.sku]["id"])) for it in changes if it.sku}
    await audit_products.ask_people(
        tx, shop_id, asked, source="table", by=actor_id, ids=ids, now=now
    )
    return waiting


def without_price(row: PriceRow, waiting: Collection[SkuId]) -> PriceRow:
    return replace(row, price_minor=None, list_price_minor=None) if row.sku_id in waiting else row


def _wanted(
    rows: Sequence[PriceRow],
    owner: Mapping[SkuId, ProductId],
    onsale: Mapping[ProductId, Standing],
) -> dict[ProductId, list[Change]]:
    found: dict[ProductId, list[Change]] = {}
    for row in rows:
        its = onsale.get(owner[row.sku_id])
        if its is not None:
            found.setdefault(its.id, []).extend(_changes(row, its.snapshot))
    return {it: changes for it, changes in found.items() if changes}


def _changes(row: PriceRow, snapshot: Snapshot) -> list[Change]:
    key = catalogue.key_of_sku(snapshot, row.sku_id)
    if key is None:
        return []
    sku = snapshot["skus"][key]
    asked = {"price_minor": row.price_minor, "list_price_minor": row.list_price_minor}
    return [
        Change(field=name, sku=key, old=sku[name], new=new)
        for name, new in asked.items()
        if sku[name] != new
    ]
