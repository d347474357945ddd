"""A product as one value, what differs between two of them, and how to put differences onto a third. Pure.

A snapshot is JSON: the words of the product, ``attributes``, ``pictures``, ``state`` and ``skus`` by
their options as JSON text, since options are what a SKU is known by. Ids stand as text.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from jishi.kit.ids import ProductId, ShopId, SkuId
from jishi.modules.catalogue.types import Attribute, NewProduct, NewSku

Snapshot = Mapping[str, Any]

FIELDS: Final = (
    *("title", "title_en", "brand", "description", "category_id", "condition"),
    *("attributes", "pictures", "state"),
)
SKU_FIELDS: Final = ("price_minor", "list_price_minor", "code", "weight_grams", "enabled")
WHOLE: Final = "sku"  # a change whose old or new is a whole SKU: it came or went


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field. ``sku``: options as JSON text; None: a field of the product itself."""

    field: str
    old: Any
    new: Any
    sku: str | None = None

    @property
    def options(self) -> str:
        return " · ".join(json.loads(self.sku)) if self.sku else ""

    def as_json(self) -> dict[str, Any]:
        return {"field": self.field, "sku": self.sku, "old": self.old, "new": self.new}


def differences(old: Snapshot, new: Snapshot) -> list[Change]:
    """What leads from ``old`` to ``new``, fields first, then SKUs in their order."""
    found = [
        Change(field=name, old=old.get(name), new=new.get(name))
        for name in FIELDS
        if old.get(name) != new.get(name)
    ]
    before, after = old["skus"], new["skus"]
    for key in [*before, *(it for it in after if it not in before)]:
        if key not in after or key not in before:
            found.append(Change(field=WHOLE, sku=key, old=before.get(key), new=after.get(key)))
            continue
        found += [
            Change(field=name, sku=key, old=before[key].get(name), new=after[key].get(name))
            for name in SKU_FIELDS
            if before[key].get(name) != after[key].get(name)
        ]
    return found


def patched(current: Snapshot, changes: Sequence[Change]) -> tuple[dict[str, Any], list[Change]]:
    """``current`` with the changes put in, and those that could not be: someone changed the field since.

    ``state`` is never put in. A field that is already as it shall be is no conflict.
    """
    result: dict[str, Any] = {**current, "skus": dict(current["skus"])}
    conflicts: list[Change] = []
    for change in changes:
        if change.field == "state":
            continue
        if not (_put(result, change) if change.sku is None else _put_sku(result["skus"], change)):
            conflicts.append(change)
    return result, conflicts


def _put(result: dict[str, Any], change: Change) -> bool:
    if result.get(change.field) not in (change.old, change.new):
        return False
    result[change.field] = change.new
    return True


def _put_sku(skus: dict[str, Any], change: Change) -> bool:
    assert change.sku is not None
    standing = skus.get(change.sku)
    if change.field == WHOLE:
        if change.new is None:
            skus.pop(change.sku, None)
        elif standing is None:
            skus[change.sku] = change.new
        return True
    if standing is None or standing.get(change.field) not in (change.old, change.new):
        return False
    skus[change.sku] = {**standing, change.field: change.new}
    return True


def changes_of(rows: Sequence[Mapping[str, Any]]) -> list[Change]:
    """Changes as they were kept."""
    return [Change(**row) for row in rows]


def product_of(
    snapshot: Snapshot, shop_id: ShopId, product_id: ProductId, new_ids: Sequence[SkuId]
) -> NewProduct:
    """A snapshot as a product to be written. SKUs take their ids along; ``new_ids`` are for others."""
    fresh = iter(new_ids)
    skus = sorted(snapshot["skus"].items(), key=lambda it: it[1].get("position", 0))
    return NewProduct(
        id=product_id,
        shop_id=shop_id,
        category_id=snapshot["category_id"],
        title=snapshot["title"],
        title_en=snapshot["title_en"],
        brand=snapshot["brand"],
        description=snapshot["description"],
        attributes=[Attribute(**it) for it in snapshot["attributes"]],
        pictures=snapshot["pictures"],
        skus=[
            NewSku(
                id=SkuId(int(sku["id"])) if sku.get("id") else next(fresh),
                options=json.loads(key),
                **{name: sku[name] for name in SKU_FIELDS},
            )
            for key, sku in skus
        ],
    )


def snapshot_of(product: NewProduct) -> dict[str, Any]:
    """A product that is to be written, as a snapshot."""
    return {
        **{name: getattr(product, name) for name in ("title", "title_en", "brand", "description")},
        "category_id": product.category_id,
        "condition": None,
        "attributes": [{"name": it.name, "values": list(it.values)} for it in product.attributes],
        "pictures": [dict(it) for it in product.pictures],
        "state": product.state,
        "skus": {
            json.dumps(list(sku.options), ensure_ascii=False): {
                "id": str(sku.id),
                "position": position,
                **{name: getattr(sku, name) for name in SKU_FIELDS},
            }
            for position, sku in enumerate(product.skus)
        },
    }


def key_of_sku(snapshot: Snapshot, sku_id: int) -> str | None:
    """The options of a SKU that stands in the snapshot."""
    return next((key for key, it in snapshot["skus"].items() if it["id"] == str(sku_id)), None)
