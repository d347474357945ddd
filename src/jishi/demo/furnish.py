"""Where the shops of the demo stand: warehouses, addresses for returns, and freight templates of some."""

from random import Random
from typing import Final

from jishi.db import Tx
from jishi.demo.people import make_phone, street_of
from jishi.demo.plan import Plan
from jishi.demo.world import World
from jishi.flows.keep_freight.storage import set_template
from jishi.kit.ids import IdMaker, ShopId, WarehouseId, cell_of
from jishi.modules import aftersale, fulfilment, stock
from jishi.modules.aftersale import ReturnAddress
from jishi.modules.fulfilment import TemplateId
from jishi.modules.fulfilment.types_freight import Counts, Template, Zone, ZoneKind

# Where shops send from, in turn: the code of a city or a province without cities, and its name.
PLACES: Final = (
    (3301, "杭州市余杭区"), (4401, "广州市白云区"), (31, "上海市青浦区"), (5101, "成都市双流区"),
    (11, "北京市大兴区"), (4201, "武汉市东西湖区"), (6101, "西安市长安区"), (3205, "苏州市吴江区"),
)  # fmt: skip
# Shops whose goods go by a template: heavy, and not the same everywhere.
TEMPLATES: Final = (2, 3, 4)
FAR: Final = (54, 65)  # Tibet and Xinjiang


async def set_up(tx: Tx, plan: Plan, world: World) -> None:
    """Every shop says where it stands and where goods are sent back to, before its first order."""
    random = Random("warehouses")
    for number, shop_id in sorted(world.shops.items()):
        code, city = PLACES[number % len(PLACES)]
        who, phone = f"{plan.names[number][0]}师傅", make_phone(random)
        street = street_of(random)
        house = next(iter(await stock.list_warehouses(tx, shop_id)))
        placed = _placed(house.id, shop_id, house.name, code, (who, phone, f"{city}{street}"))
        opened = plan.opened_at[number]
        await stock.save_warehouse(tx, placed, is_new=False, now=opened)
        back = ReturnAddress(receiver=who, phone=phone, address=f"{city}{street} 售后组")
        await aftersale.set_return_address(tx, shop_id, back, by=world.owners[number], now=opened)


async def price_parcels(tx: Tx, maker: IdMaker, plan: Plan, world: World) -> None:
    """Freight by weight in some shops. After the month: its orders keep what they paid."""
    for number in TEMPLATES:
        shop_id = world.shops[number]
        template = _by_weight(TemplateId(maker.make(cell_of(shop_id))), shop_id, number)
        await fulfilment.save_template(tx, template, is_new=True, now=plan.now)
        await set_template(tx, shop_id, template.id, which="all", now=plan.now)


def _placed(
    house: WarehouseId, shop_id: ShopId, name: str, code: int, where: tuple[str, str, str]
) -> stock.Warehouse:
    contact, phone, street = where
    return stock.Warehouse(
        id=house,
        shop_id=shop_id,
        name=name,
        is_default=True,
        region_code=code,
        contact=contact,
        phone=phone,
        street=street,
    )


def _by_weight(template_id: TemplateId, shop_id: ShopId, number: int) -> Template:
    near = Zone(
        kind=ZoneKind.REST,
        first_units=1_000,
        first_minor=600 + 200 * (number % 2),
        next_units=1_000,
        next_minor=200,
        free_from_minor=12_900,
    )
    far = Zone(
        kind=ZoneKind.REGIONS,
        regions=FAR,
        first_units=1_000,
        first_minor=1_800,
        next_units=1_000,
        next_minor=1_000,
    )
    abroad = Zone(
        kind=ZoneKind.ABROAD,
        first_units=500,
        first_minor=9_800,
        next_units=500,
        next_minor=3_200,
    )
    return Template(
        id=template_id,
        shop_id=shop_id,
        name="按重量 By weight",
        counts=Counts.WEIGHT,
        per_parcel=False,
        zones=(near, far, abroad),
    )
