"""Who and what Online Retail's invoices name: customers, one shop, its goods."""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jishi.data.files import read_categories
from jishi.db import Tx, transaction
from jishi.flows.open_shop.flow import open_shop
from jishi.imports.directory import Directory, Step, open_people
from jishi.imports.online_retail_plan import Return, Sale, first_seen
from jishi.imports.past_orders import Terms
from jishi.imports.placeholders import placeholder
from jishi.kit.ids import AccountId, IdMaker, ProductId, ShopId, SkuId, WarehouseId, cell_of
from jishi.modules.catalogue import Added, NewProduct, NewSku, ProductState, add_products
from jishi.modules.shops import NewShop, least_used_cell
from jishi.modules.stock import default_warehouses

SOURCE = "online-retail"
PERSON, SHOP, SKU = "online-retail.person", "online-retail.shop", "online-retail.sku"
SHOP_NAME = "Online Retail"
COUNTER = "Over the counter"  # who bought without a customer number
CATEGORY = "na"
TITLE_MAX = 200
Plan = Sale | Return
Make = Callable[[Tx, Sequence[str]], Awaitable[Mapping[str, int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    shop_id: ShopId
    warehouse_id: WarehouseId
    people: Mapping[str, AccountId]
    skus: Mapping[str, SkuId]


def steps_before(plans: Sequence[Plan]) -> int:
    """How many things ``take_in_all`` tells ``step`` of before the invoices."""
    return len(first_seen(plans)) + len(_newest_prices(plans)) + 1


async def build(
    directory: Directory,
    maker: IdMaker,
    plans: Sequence[Plan],
    terms: Terms,
    step: Step,
    shop_id: ShopId | None,
) -> World:
    seen = first_seen(plans)

    async def people(tx: Tx, customers: Sequence[str]) -> Mapping[str, int]:
        named = [(it, f"Customer {it}" if it else COUNTER, seen[it]) for it in customers]
        return dict(await open_people(tx, maker, named))

    persons = await directory.made(PERSON, list(seen), step, people)
    if shop_id is None:
        since = min(seen.values(), default=terms.now)
        opened = await directory.made(SHOP, [SOURCE], step, _opening(maker, since))
        shop_id = ShopId(opened[SOURCE])
    titles, prices = _titles(plans), _newest_prices(plans)
    adding = _adding(maker, shop_id, titles, prices, terms.now)
    skus = await directory.made(f"{SKU}.{shop_id}", list(prices), step, adding)
    async with transaction(directory.pool) as tx:
        warehouses = await default_warehouses(tx, [shop_id])
    return World(
        shop_id=shop_id,
        warehouse_id=warehouses[shop_id],
        people={name: AccountId(it) for name, it in persons.items()},
        skus={code: SkuId(it) for code, it in skus.items()},
    )


def _opening(maker: IdMaker, since: datetime) -> Make:
    async def make(tx: Tx, external_ids: Sequence[str]) -> Mapping[str, int]:
        owners = await open_people(tx, maker, [(SHOP_NAME, SHOP_NAME, since)])
        shop_id, _ = await open_shop(
            tx,
            NewShop(name=SHOP_NAME, name_en=SHOP_NAME),
            owner_id=owners[SHOP_NAME],
            ids=maker,
            now=since,
            cell=await least_used_cell(tx),
        )
        return dict.fromkeys(external_ids, int(shop_id))

    return make


def _adding(
    maker: IdMaker,
    shop_id: ShopId,
    titles: Mapping[str, str],
    prices: Mapping[str, int],
    now: datetime,
) -> Make:
    category = next(row for row in read_categories() if row.code == CATEGORY)
    cell = cell_of(shop_id)

    async def make(tx: Tx, codes: Sequence[str]) -> Mapping[str, int]:
        goods = [
            NewProduct(
                id=ProductId(maker.make(cell)),
                shop_id=shop_id,
                category_id=category.id,
                title=titles[code],
                title_en=titles[code],
                pictures=[placeholder(category.code, code)],
                state=ProductState.LISTED,
                external_id=f"{SOURCE}:{code}",
                skus=[NewSku(id=SkuId(maker.make(cell)), price_minor=prices[code], code=code)],
            )
            for code in codes
        ]
        verdicts = await add_products(tx, goods, now=now, any_level=True)
        for code, verdict in zip(codes, verdicts, strict=True):
            assert isinstance(verdict, Added), f"{code} was not added: {verdict}"
        return {code: int(good.skus[0].id) for code, good in zip(codes, goods, strict=True)}

    return make


def _titles(plans: Sequence[Plan]) -> dict[str, str]:
    """The description each code is sold under most often."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for place in (place for it in plans if isinstance(it, Sale) for place in it.places):
        found[place.entry.code][place.entry.description] += 1
    named = {code: max(sorted(seen), key=seen.__getitem__) for code, seen in found.items()}
    return {code: (text.strip() or code)[:TITLE_MAX] for code, text in named.items()}


def _newest_prices(plans: Sequence[Plan]) -> dict[str, int]:
    return {
        line.code: line.price_minor for it in plans if isinstance(it, Sale) for line in it.lines
    }
