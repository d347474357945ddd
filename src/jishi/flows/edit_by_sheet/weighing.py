"""Rows against goods as they stand: what would change, what is wrong, what people must see first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from jishi.db import Tx
from jishi.flows import audit_products
from jishi.flows.audit_products import Asked
from jishi.flows.edit_by_sheet import rules, storage
from jishi.flows.edit_by_sheet.types import OF_PRODUCT, ON_SHELF
from jishi.kit.ids import ProductId, ShopId
from jishi.modules import catalogue, stock
from jishi.modules.catalogue import ProductState, Standing
from jishi.modules.catalogue.types import SheetRow


@dataclass(slots=True)
class Weighed:
    """Products as they stand, and rows by product and options. ``now``: by row number."""

    standing: dict[ProductId, Standing] = field(default_factory=dict)
    rows: dict[ProductId, dict[str, SheetRow]] = field(default_factory=dict)
    now: dict[int, dict[str, Any]] = field(default_factory=dict)


async def find_skus(tx: Tx, shop_id: ShopId, rows: Sequence[SheetRow]) -> None:
    """Give rows their SKU by code and their product, category codes their number; problems else."""
    coded = [it for it in rows if it.sku_id is None and not it.problems]
    by_code = await storage.skus_by_code(tx, shop_id, [it.typed["code"] for it in coded])
    taken = {it.sku_id: it.row for it in rows if it.sku_id is not None}
    for it in coded:
        found = by_code.get(it.typed["code"], [])
        if len(found) == 1:
            it.sku_id = found[0]
            if taken.setdefault(it.sku_id, it.row) != it.row:
                it.problems.append(rules.problem("code", "sku.twice", first=taken[it.sku_id]))
        else:
            code = "code.ambiguous" if found else "sku.unknown"
            it.problems.append(rules.problem("code", code))
    asked = [it.sku_id for it in rows if it.sku_id is not None]
    owner = await catalogue.skus_of_shop(tx, shop_id, asked)
    for it in rows:
        if it.sku_id is None:
            continue
        product_id = owner.get(it.sku_id)
        if product_id is None:
            it.problems.append(rules.problem("sku_id", "sku.unknown"))
        elif it.product_id not in (None, product_id):
            other = {"product_id": str(product_id)}
            it.problems.append(rules.problem("product_id", "sku.other_product", **other))
        it.product_id = product_id
    await _find_categories(tx, rows)


async def _find_categories(tx: Tx, rows: Sequence[SheetRow]) -> None:
    asked = [it.wanted["category_id"] for it in rows if "category_id" in it.wanted]
    known = await storage.leaf_categories(tx, asked) if asked else {}
    for it in rows:
        word = it.wanted.get("category_id")
        if word is None:
            continue
        if word in known:
            it.wanted["category_id"] = known[word]
        else:
            del it.wanted["category_id"]
            it.problems.append(rules.problem("category", "cell.category"))


async def weigh(
    tx: Tx, shop_id: ShopId, rows: Sequence[SheetRow], *, code: str = "field.overtaken"
) -> Weighed:
    """Compare rows that have a product with what stands, set-based; problems go into the rows."""
    weighed = Weighed()
    ids = sorted({it.product_id for it in rows if it.product_id is not None})
    weighed.standing = await catalogue.snapshots(tx, ids)
    warehouse_id = (await stock.default_warehouses(tx, [shop_id]))[shop_id]
    asked = [it.sku_id for it in rows if it.sku_id is not None and ON_SHELF in it.wanted]
    shelf = await stock.quantities_of(tx, asked) if asked else {}
    keys = {
        (each.id, int(sku["id"])): key
        for each in weighed.standing.values()
        for key, sku in each.snapshot["skus"].items()
    }
    for row in rows:
        if row.product_id is None or row.sku_id is None:
            continue
        key = keys.get((row.product_id, row.sku_id))
        if key is None:
            row.problems.append(rules.problem("sku_id", "sku.unknown"))
            continue
        snapshot = weighed.standing[row.product_id].snapshot
        held = shelf.get((row.sku_id, warehouse_id))
        now = rules.standing(row, snapshot, key, held.on_hand if held else 0)
        weighed.now[row.row] = now
        rules.compare(row, now, code=code)
        rules.check_figures(row, snapshot, key)
        weighed.rows.setdefault(row.product_id, {}).setdefault(key, row)
    for product_id, its in weighed.rows.items():
        rules.check_agreement(list(its.values()))
        rules.check_codes(its, weighed.standing[product_id].snapshot)
    return weighed


def targets(weighed: Weighed) -> dict[ProductId, dict[str, Any]]:
    """Products with their good rows put in, those that really change."""
    found = {}
    for product_id, its in weighed.rows.items():
        snapshot = weighed.standing[product_id].snapshot
        good = {key: row for key, row in its.items() if not row.problems}
        target = rules.target_of(snapshot, good)
        if catalogue.differences(snapshot, target):
            found[product_id] = target
    return found


async def judge(
    tx: Tx, shop_id: ShopId, weighed: Weighed, wanted: dict[ProductId, dict[str, Any]]
) -> list[Asked]:
    """The rules on goods that are on sale: what people must see comes back and leaves ``wanted``;
    what is refused leaves it with problems in its rows."""
    onsale = {
        it: weighed.standing[it].snapshot
        for it in wanted
        if weighed.standing[it].state == ProductState.LISTED
    }
    priced = {
        it
        for it in onsale
        if not any(
            OF_PRODUCT & row.wanted.keys() for row in weighed.rows[it].values() if not row.problems
        )
    }
    found = await audit_products.examine(
        tx, shop_id, {it: wanted[it] for it in onsale}, formers=onsale, priced_only=priced
    )
    asked: list[Asked] = []
    for product_id, findings in found.items():
        target = wanted.pop(product_id)
        refused = catalogue.refusals_of(findings)
        if not refused:
            changes = catalogue.differences(onsale[product_id], target)
            asked.append(
                Asked(product_id=product_id, target=target, findings=findings, changes=changes)
            )
        for row in weighed.rows[product_id].values():
            for it in refused:
                column = (it.field or "").partition("[")[0]
                row.problems.append(rules.problem(column, it.code, **it.facts))
    return asked
