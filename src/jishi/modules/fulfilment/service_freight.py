"""What the rest of Jishi may ask of freight templates. Each call runs inside the caller's transaction."""

from datetime import datetime

from jishi.db import Tx
from jishi.kit.ids import ShopId
from jishi.modules.fulfilment import rules_templates as rules
from jishi.modules.fulfilment import storage_freight as storage
from jishi.modules.fulfilment.types_freight import (
    TEMPLATES_MAX,
    NameTaken,
    Template,
    TemplateChanged,
    TemplateId,
    TemplateInUse,
    TemplateUnknown,
    TooManyTemplates,
)


async def list_templates(tx: Tx, shop_id: ShopId) -> list[Template]:
    """A shop's templates, at most 50, oldest first."""
    ids = await storage.ids_of_shop(tx, shop_id)
    found = await storage.templates_of(tx, ids)
    return [found[each] for each in ids]


async def get_template(tx: Tx, shop_id: ShopId, template_id: TemplateId) -> Template:
    """Raises TemplateUnknown, also for one of another shop."""
    found = (await storage.templates_of(tx, [template_id])).get(template_id)
    if found is None or found.shop_id != shop_id:
        raise TemplateUnknown(template_id=template_id)
    return found


async def save_template(tx: Tx, draft: Template, *, is_new: bool, now: datetime) -> Template:
    """Write a template with all its zones.

    Raises Refusals by field; NameTaken; TooManyTemplates; TemplateChanged when ``draft.version`` is no
    longer the one that stands; TemplateUnknown.
    """
    codes = [code for zone in draft.zones for code in zone.regions]
    ready = rules.checked(draft, await storage.region_names(tx, codes))
    await storage.lock_shop(tx, ready.shop_id)
    others = await list_templates(tx, ready.shop_id)
    if any(it.name == ready.name and it.id != ready.id for it in others):
        raise NameTaken(field="name")
    if is_new:
        if len(others) >= TEMPLATES_MAX:
            raise TooManyTemplates(limit=TEMPLATES_MAX)
        await storage.insert_template(tx, ready, now=now)
        return ready
    await get_template(tx, ready.shop_id, ready.id)
    if not await storage.update_template(tx, ready, now=now):
        raise TemplateChanged(field="")
    return ready


async def delete_template(
    tx: Tx, shop_id: ShopId, template_id: TemplateId, *, now: datetime
) -> None:
    """Raises TemplateInUse while products have it; TemplateUnknown, also the second time."""
    await storage.lock_shop(tx, shop_id)
    await get_template(tx, shop_id, template_id)
    used = (await storage.count_products(tx, shop_id, [template_id])).get(template_id, 0)
    if used:
        raise TemplateInUse(count=used)
    await storage.delete_template(tx, shop_id, template_id, now=now)
