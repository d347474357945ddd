"""Whether goods may be put on sale: shop, penalties, permits, condition."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jishi.db import Tx, load_sql
from jishi.flows.admit_goods import rules
from jishi.kit.errors import Refusal
from jishi.kit.ids import ProductId, ShopId
from jishi.modules import penalties, qualifications, shops

_FACTS: Final = load_sql(__package__, "listing_facts")


async def listing_problems(
    tx: Tx, shop_id: ShopId, product_ids: Sequence[ProductId], *, now: datetime
) -> dict[ProductId, list[Refusal]]:
    """What stands against each product being on sale; those that may be are left out.

    Products the shop does not have are left out too: whoever lists them refuses them by itself.
    """
    facts = await tx.fetch(_FACTS, shop_id, list(product_ids))
    if not facts:
        return {}
    pairs = [(shop_id, int(row["category_id"])) for row in facts]
    missing = await qualifications.missing_for(tx, pairs, today=qualifications.permit_day(now))
    held = await shops.held_listings(tx, [ProductId(row["id"]) for row in facts])
    found: dict[ProductId, list[Refusal]] = {}
    for at, row in enumerate(facts):
        its = rules.problems(
            shop_kind=row["kind"],
            shop_state=row["shop_state"],
            condition=row["condition"],
            is_taken_off=held.get(row["id"]) == "penalty",
            missing=missing.get(at, []),
        )
        if its:
            found[ProductId(row["id"])] = its
    limit = await penalties.listing_limit(tx, shop_id, now=now)
    fresh = [row["id"] for row in facts if not row["is_listed"] and row["id"] not in found]
    beyond = rules.beyond_limit(fresh, listed=facts[0]["listed"], limit=limit)
    return {**found, **{ProductId(it): [problem] for it, problem in beyond.items()}}
