"""What the clock does with permits: tell of their end, take goods off sale, put them back."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.flows.list_products import guard
from jishi.kit.ids import IdMaker, ProductId, ShopId
from jishi.modules import catalogue, notices, qualifications, shops
from jishi.modules.qualifications import permit_day

_UNPERMITTED: Final = load_sql(__package__, "unpermitted")
_PERMITTED: Final = load_sql(__package__, "permitted_again")
REASON: Final = "qualification"
NOTICED: Final = 100  # permits of one turn
SHOPS: Final = 200  # looked at in one turn
PRODUCTS: Final = 500  # moved in one turn


async def tell_endings(tx: Tx, *, now: datetime) -> int:
    """Tell shops of permits that end in 30 or 7 days or have ended: how many."""
    found = await qualifications.ending(tx, today=permit_day(now), limit=NOTICED)
    told = [
        notices.Told(
            kind="standing.permit_ended" if it.days == 0 else "standing.permit_ending",
            shop_id=it.shop_id,
            subject_id=it.id,
            facts={
                "shop_id": str(it.shop_id),
                "permit": it.kind,
                "until": it.valid_until.isoformat(),
                "days": it.days,
            },
            at=now,
        )
        for it in found
    ]
    await notices.tell(tx, told)
    return len(told)


async def take_off(tx: Tx, after_id: int, *, now: datetime) -> tuple[int, int]:
    """Take goods without their permit off sale: how many, and the shop the look came to (0: the last)."""
    rows = await tx.fetch(_UNPERMITTED, permit_day(now), after_id, SHOPS, PRODUCTS)
    goods = [row for row in rows if row["product_id"] is not None]
    for shop_id, ids in _by_shop(goods).items():
        await shops.hold_listings(tx, shop_id, [(it, True) for it in ids], REASON, 0, now=now)
        await catalogue.delist(tx, shop_id, ids, now=now)
    reached = max((row["shop_id"] for row in rows if row["product_id"] is None), default=0)
    return len(goods), after_id if len(goods) >= PRODUCTS else reached


async def put_back(tx: Tx, *, ids: IdMaker, now: datetime) -> int:
    """Put goods back on sale whose permits hold again: how many holds ended."""
    rows = await tx.fetch(_PERMITTED, permit_day(now), PRODUCTS)
    for shop_id, products in _by_shop(rows).items():
        back = await shops.release_listings(tx, shop_id, products, REASON, 0)
        if back:
            await guard.put_back(tx, shop_id, back, maker=ids, now=now)
    return len(rows)


def _by_shop(rows: Iterable[Row]) -> dict[ShopId, list[ProductId]]:
    found: dict[ShopId, list[ProductId]] = {}
    for row in rows:
        found.setdefault(ShopId(row["shop_id"]), []).append(ProductId(row["product_id"]))
    return found
