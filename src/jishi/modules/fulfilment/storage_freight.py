"""Freight templates in PostgreSQL. The only file that writes ``freight_template`` and ``freight_zone``."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.db.columns import columns
from jishi.kit.ids import ShopId, cell_of
from jishi.modules.fulfilment.types_freight import Counts, Template, TemplateId, Zone, ZoneKind

_TEMPLATES: Final = load_sql(__package__, "templates")
_OF_SHOP: Final = """
SELECT id FROM freight_template WHERE cell = $1 AND shop_id = $2 AND deleted_at IS NULL ORDER BY id
"""
_REGION_NAMES: Final = """
SELECT code, name FROM region WHERE code = ANY ($1::integer[]) AND NOT is_retired
"""
_LOCK_SHOP: Final = "SELECT pg_advisory_xact_lock(hashtextextended('freight_template', $1))"
_USES: Final = """
SELECT freight_template_id, count(*) AS products FROM product
WHERE cell = $1 AND freight_template_id = ANY ($2::bigint[]) GROUP BY 1
"""
_INSERT: Final = """
INSERT INTO freight_template (cell, id, shop_id, name, counts, per_parcel, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
"""
_UPDATE: Final = """
UPDATE freight_template SET name = $4, counts = $5, per_parcel = $6, updated_at = $7, version = version + 1
WHERE cell = $1 AND id = $2 AND shop_id = $3 AND version = $8 AND deleted_at IS NULL
"""
_DELETE: Final = """
UPDATE freight_template SET deleted_at = $4, updated_at = $4
WHERE cell = $1 AND id = $2 AND shop_id = $3 AND deleted_at IS NULL
"""
_CLEAR_ZONES: Final = "DELETE FROM freight_zone WHERE cell = $1 AND template_id = $2"
# Regions travel as text: unnest would flatten an array of arrays.
_INSERT_ZONES: Final = """
INSERT INTO freight_zone (cell, template_id, position, kind, regions, delivers, first_units, first_minor,
    next_units, next_minor, free_from_minor, free_from_pieces, free_needs_both)
SELECT $1, $2, at, kind, regions::int[], delivers, first_units, first_minor, next_units, next_minor,
    free_from_minor, free_from_pieces, free_needs_both
FROM unnest($3::text[], $4::text[], $5::boolean[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
    $10::bigint[], $11::bigint[], $12::boolean[]) WITH ORDINALITY z(kind, regions, delivers, first_units,
    first_minor, next_units, next_minor, free_from_minor, free_from_pieces, free_needs_both, at)
"""


async def templates_of(tx: Tx, ids: Iterable[TemplateId]) -> dict[TemplateId, Template]:
    """The live ones among ``ids``, of any shops, in one statement."""
    rows = await tx.fetch(_TEMPLATES, sorted(set(ids)))
    return {TemplateId(row["id"]): _template(row) for row in rows}


async def ids_of_shop(tx: Tx, shop_id: ShopId) -> list[TemplateId]:
    rows = await tx.fetch(_OF_SHOP, cell_of(shop_id), shop_id)
    return [TemplateId(row["id"]) for row in rows]


async def region_names(tx: Tx, codes: Sequence[int]) -> dict[int, str]:
    """The names of those regions that exist."""
    rows = await tx.fetch(_REGION_NAMES, list(codes))
    return {row["code"]: row["name"] for row in rows}


async def lock_shop(tx: Tx, shop_id: ShopId) -> None:
    """Holds the shop's list of templates against every other change until ``tx`` ends."""
    await tx.execute(_LOCK_SHOP, shop_id)


async def count_products(
    tx: Tx, shop_id: ShopId, ids: Sequence[TemplateId]
) -> dict[TemplateId, int]:
    """How many products go by each template; those with none are missing."""
    rows = await tx.fetch(_USES, cell_of(shop_id), list(ids))
    return {TemplateId(row["freight_template_id"]): row["products"] for row in rows}


async def insert_template(tx: Tx, template: Template, *, now: datetime) -> None:
    it, cell = template, cell_of(template.id)
    await tx.execute(_INSERT, cell, it.id, it.shop_id, it.name, it.counts, it.per_parcel, now)
    await _write_zones(tx, it)


async def update_template(tx: Tx, template: Template, *, now: datetime) -> bool:
    """Whether the template still had the version the writer had seen."""
    it, cell = template, cell_of(template.id)
    done = await tx.execute(
        _UPDATE, cell, it.id, it.shop_id, it.name, it.counts, it.per_parcel, now, it.version
    )
    if done != "UPDATE 1":
        return False
    await tx.execute(_CLEAR_ZONES, cell, it.id)
    await _write_zones(tx, it)
    return True


async def delete_template(
    tx: Tx, shop_id: ShopId, template_id: TemplateId, *, now: datetime
) -> None:
    await tx.execute(_DELETE, cell_of(template_id), template_id, shop_id, now)


async def _write_zones(tx: Tx, template: Template) -> None:
    rows = [
        (
            zone.kind.value,
            "{" + ",".join(map(str, zone.regions)) + "}",
            zone.delivers,
            zone.first_units,
            zone.first_minor,
            zone.next_units,
            zone.next_minor,
            zone.free_from_minor,
            zone.free_from_pieces,
            zone.free_needs_both,
        )
        for zone in template.zones
    ]
    await tx.execute(_INSERT_ZONES, cell_of(template.id), template.id, *columns(rows))


def _template(row: Row) -> Template:
    return Template(
        id=TemplateId(row["id"]),
        shop_id=row["shop_id"],
        name=row["name"],
        counts=Counts(row["counts"]),
        per_parcel=row["per_parcel"],
        version=row["version"],
        zones=tuple(
            Zone(**{**zone, "kind": ZoneKind(zone["kind"]), "regions": tuple(zone["regions"])})
            for zone in row["zones"]
        ),
    )
