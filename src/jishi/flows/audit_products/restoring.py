"""A former version as a new edit, through the same rules as every other."""

from datetime import datetime

from jishi.db import Tx
from jishi.flows.audit_products.flow import Asked, ask_people, examine, look_again
from jishi.flows.audit_products.writing import put_snapshot
from jishi.kit.errors import Refusals
from jishi.kit.ids import AccountId, IdMaker, ProductId, ShopId
from jishi.modules import catalogue
from jishi.modules.catalogue import ProductState
from jishi.modules.catalogue.types import ProductEdited, ProductNotFound


async def restore(
    tx: Tx,
    shop_id: ShopId,
    product_id: ProductId,
    *,
    number: int,
    version: int,
    actor_id: AccountId,
    ids: IdMaker,
    now: datetime,
) -> bool:
    """Write version ``number`` again; its state stays as it is now. True: it waits for people.

    Raises ProductNotFound, VersionNotFound, ProductEdited when ``version`` is not the newest, Refusals.
    """
    await catalogue.hold_products(tx, shop_id, [product_id])
    standing = (await catalogue.snapshots(tx, [product_id])).get(product_id)
    if standing is None or standing.shop_id != shop_id:
        raise ProductNotFound(product_id=product_id)
    if standing.version != version:
        raise ProductEdited(version=standing.version)
    former = await catalogue.version_snapshot(tx, shop_id, product_id, number)
    target = {**former, "state": standing.snapshot["state"]}
    changes = catalogue.differences(standing.snapshot, target)
    if not changes:
        return False
    if standing.state == ProductState.LISTED:
        formers = {product_id: standing.snapshot}
        found = (await examine(tx, shop_id, {product_id: target}, formers=formers)).get(
            product_id, []
        )
        refused = catalogue.refusals_of(found)
        if refused:
            raise Refusals(refused)
        if found:
            asked = Asked(product_id=product_id, target=target, findings=found, changes=changes)
            await ask_people(tx, shop_id, [asked], source="restore", by=actor_id, ids=ids, now=now)
            return True
    async with catalogue.kept(tx, shop_id, [product_id], cause="restored", by=actor_id, now=now):
        await put_snapshot(tx, standing, target, actor_id=actor_id, ids=ids, now=now)
    await look_again(tx, shop_id, [product_id], source="restore", by=actor_id, ids=ids, now=now)
    return standing.state == ProductState.IN_AUDIT
