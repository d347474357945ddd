"""The people, shops and goods Olist's orders need: made once, found again by the directory."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jishi.data.files import CategoryRow, read_categories
from jishi.db import Tx, transaction
from jishi.flows.open_shop.flow import open_shop
from jishi.imports import storage
from jishi.imports.directory import Directory, Step, chunks, open_people
from jishi.imports.olist import Dataset, Order, Product, Seller
from jishi.imports.olist_categories import CODES
from jishi.imports.placeholders import placeholder
from jishi.kit.ids import CELLS, AccountId, IdMaker, ProductId, ShopId, SkuId, cell_of
from jishi.modules.catalogue import Added, NewProduct, NewSku, ProductState, add_products
from jishi.modules.shops import NewShop, least_used_cell

PERSON, SELLER, SKU = "olist.person", "olist.seller", "olist.sku"
NEVER_ORDERED = "product_never_ordered"  # no row says who sells it


@dataclass(frozen=True, slots=True)
class World:
    """What Olist's ids became here. A SKU is a product as one seller sells it."""

    persons: dict[str, AccountId]
    shops: dict[str, ShopId]
    skus: dict[tuple[str, str], SkuId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Builder:
    """``now``: when the import runs; things with an order are as old as their first one."""

    directory: Directory
    maker: IdMaker
    now: datetime

    async def build(self, dataset: Dataset, step: Step) -> World:
        """Everything the data set names, new or known; ``step`` hears how many are done."""
        orders = dataset.orders
        people = _first_seen((order.customer.person_id, order) for order in orders)
        persons = await self.directory.made(PERSON, list(people), step, self._open_people(people))
        sellers = _first_seen((item.seller_id, order) for order in orders for item in order.items)
        opening = self._open_shops(dataset.sellers, sellers)
        shops = await self.directory.made(SELLER, list(dataset.sellers), step, opening)
        prices = _newest_prices(orders)
        shop_ids = {seller: ShopId(it) for seller, it in shops.items()}
        adding = self._add_goods(dataset.products, shop_ids, prices)
        skus = await self.directory.made(SKU, [sku_key(*pair) for pair in prices], step, adding)
        await self._record_unsold(dataset, {product for product, _ in prices})
        return World(
            persons={person: AccountId(it) for person, it in persons.items()},
            shops=shop_ids,
            skus={pair: SkuId(skus[sku_key(*pair)]) for pair in prices},
        )

    def _open_people(
        self, first: Mapping[str, datetime]
    ) -> Callable[[Tx, Sequence[str]], Awaitable[Mapping[str, int]]]:
        async def make(tx: Tx, persons: Sequence[str]) -> dict[str, int]:
            named = [(it, display_name(it), first[it]) for it in persons]
            return dict(await open_people(tx, self.maker, named))

        return make

    def _open_shops(
        self, sellers: Mapping[str, Seller], first: Mapping[str, datetime]
    ) -> Callable[[Tx, Sequence[str]], Awaitable[Mapping[str, int]]]:
        async def make(tx: Tx, external_ids: Sequence[str]) -> dict[str, int]:
            start = await least_used_cell(tx)
            since = [(it, first.get(it, self.now)) for it in external_ids]
            owners = await open_people(
                tx, self.maker, [(it, display_name(it), at) for it, at in since]
            )
            made: dict[str, int] = {}
            for at, (external_id, opened_at) in enumerate(since):
                made[external_id], _ = await open_shop(
                    tx,
                    _shop_of(sellers[external_id]),
                    owner_id=owners[external_id],
                    ids=self.maker,
                    now=opened_at,
                    cell=(start + at) % CELLS,
                )
            return made

        return make

    def _add_goods(
        self,
        products: Mapping[str, Product],
        shops: Mapping[str, ShopId],
        prices: Mapping[tuple[str, str], int],
    ) -> Callable[[Tx, Sequence[str]], Awaitable[Mapping[str, int]]]:
        categories = {row.code: row for row in read_categories()}

        async def make(tx: Tx, keys: Sequence[str]) -> dict[str, int]:
            goods = []
            for product_id, seller_id in map(_pair_of, keys):
                shop_id, price = shops[seller_id], prices[product_id, seller_id]
                goods.append(self._good(products[product_id], shop_id, price, categories))
            verdicts = await add_products(tx, goods, now=self.now, any_level=True)
            made = {}
            for key, good, verdict in zip(keys, goods, verdicts, strict=True):
                assert isinstance(verdict, Added), f"product {key} was not added: {verdict}"
                made[key] = int(good.skus[0].id)
            return made

        return make

    def _good(
        self,
        product: Product,
        shop_id: ShopId,
        price_minor: int,
        categories: Mapping[str, CategoryRow],
    ) -> NewProduct:
        cell = cell_of(shop_id)
        category = categories[CODES.get(product.category, "na")]
        mark = product.id[:8]
        return NewProduct(
            id=ProductId(self.maker.make(cell)),
            shop_id=shop_id,
            category_id=category.id,
            title=f"{category.name_zh} {mark}",
            title_en=f"{category.name_en} {mark}",
            pictures=[placeholder(category.code, product.id)],
            state=ProductState.LISTED,
            external_id=f"olist:{product.id}",
            skus=[
                NewSku(
                    id=SkuId(self.maker.make(cell)),
                    price_minor=price_minor,
                    weight_grams=product.weight_grams,
                )
            ],
        )

    async def _record_unsold(self, dataset: Dataset, sold: set[str]) -> None:
        unsold = [it for it in dataset.products.values() if it.id not in sold]
        for chunk in chunks(unsold):
            leftovers = [(it.id, NEVER_ORDERED, {"category": it.category}) for it in chunk]
            async with transaction(self.directory.pool) as tx:
                await storage.insert_leftovers(
                    tx, "olist.product", leftovers, self.directory.run_id
                )


def sku_key(product_id: str, seller_id: str) -> str:
    return f"{product_id}/{seller_id}"


def display_name(external_id: str) -> str:
    """The files name nobody; people and shops are called by the start of their id."""
    return f"Olist {external_id[:8]}"


def _pair_of(key: str) -> tuple[str, str]:
    product_id, _, seller_id = key.partition("/")
    return product_id, seller_id


def _shop_of(seller: Seller) -> NewShop:
    place = ", ".join(part for part in (seller.city, seller.state) if part)
    return NewShop(name=display_name(seller.id), name_en=display_name(seller.id), about=place)


def _first_seen(pairs: Iterable[tuple[str, Order]]) -> dict[str, datetime]:
    """The first purchase of each; orders come by purchase."""
    found: dict[str, datetime] = {}
    for external_id, order in pairs:
        found.setdefault(external_id, order.purchased_at)
    return found


def _newest_prices(orders: Sequence[Order]) -> dict[tuple[str, str], int]:
    return {
        (item.product_id, item.seller_id): item.price_minor
        for order in orders
        for item in order.items
    }
