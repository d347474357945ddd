"""Shopify's products into a shop's catalogue, a chunk in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from jishi.data.files import read_categories
from jishi.db import Pool, Tx
from jishi.imports import storage
from jishi.imports.directory import chunks, one_chunk
from jishi.imports.placeholders import placeholder
from jishi.imports.shopify import Product
from jishi.imports.types import Reports, RowReport, Weight
from jishi.kit.errors import Refusal
from jishi.kit.ids import IdMaker, ProductId, ShopId, SkuId, cell_of
from jishi.modules.catalogue import (
    Added,
    Attribute,
    Known,
    NewProduct,
    NewSku,
    ProductState,
    Refused,
    add_products,
)
from jishi.modules.stock import Change, default_warehouses, receive

CHUNK = 100
KIND, PICTURE = "shopify.product", "shopify.picture"
NOT_FETCHED = "picture_not_fetched"
PRICE_OFF_SALE_MINOR = 1  # of a variant whose price was 0; it is kept off sale


@dataclass(slots=True)
class Writer:
    """Writes products of one shop and counts what became of them.

    ``is_dry``: every chunk is written, judged by the database, and taken back.
    """

    pool: Pool
    maker: IdMaker
    shop_id: ShopId
    run_id: int
    now: datetime
    reports: Reports
    is_dry: bool = False
    counters: dict[str, int] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)

    async def write(
        self, file: str, products: Sequence[Product], step: Callable[[int], None]
    ) -> None:
        """All products of one file; known ones are counted and left as they are."""
        self.codes = self.codes or {row.id: row.code for row in read_categories()}
        for chunk in chunks(products, CHUNK):
            async with one_chunk(self.pool, is_dry=self.is_dry) as tx:
                await self._write_chunk(tx, file, chunk)
            step(len(chunk))

    async def _write_chunk(self, tx: Tx, file: str, products: Sequence[Product]) -> None:
        known = await storage.known(tx, KIND, [self._key(it) for it in products])
        new = [it for it in products if self._key(it) not in known]
        self._count("known_before", len(products) - len(new))
        goods = [self._good(product) for product in new]
        verdicts = await add_products(tx, goods, now=self.now, any_level=True) if goods else []
        added: list[tuple[Product, NewProduct]] = []
        for product, good, verdict in zip(new, goods, verdicts, strict=True):
            match verdict:
                case Added(held=held):
                    added.append((product, good))
                    is_listed = good.state is ProductState.LISTED and not held
                    self._count("listed", int(is_listed))
                    if held:
                        self._hold(file, product, held)
                case Known():
                    self._count("known_before", 1)
                case Refused(problems=problems):
                    self._refuse(file, product, problems)
        await self._finish(tx, added)

    async def _finish(self, tx: Tx, added: Sequence[tuple[Product, NewProduct]]) -> None:
        """Stock, directory and leftovers of what was added."""
        await self._receive(tx, added)
        await storage.remember(
            tx, KIND, {self._key(product): good.id for product, good in added}, self.run_id
        )
        pictures = [
            (
                f"{self._key(product)}/{at}",
                NOT_FETCHED,
                {"product_id": str(good.id), "src": picture.src, "alt": picture.alt},
            )
            for product, good in added
            for at, picture in enumerate(product.pictures, start=1)
        ]
        await storage.insert_leftovers(tx, PICTURE, pictures, self.run_id)
        self._count("products", len(added))
        self._count("variants", sum(len(good.skus) for _, good in added))
        self._count("pictures_not_fetched", len(pictures))

    async def _receive(self, tx: Tx, added: Sequence[tuple[Product, NewProduct]]) -> None:
        warehouse_id = (await default_warehouses(tx, [self.shop_id]))[self.shop_id]
        changes = [
            Change(
                sku_id=sku.id, warehouse_id=warehouse_id, quantity=variant.quantity, why="import"
            )
            for product, good in added
            for variant, sku in zip(product.variants, good.skus, strict=True)
            if variant.quantity
        ]
        await receive(tx, changes, now=self.now, shop_id=self.shop_id)
        self._count("pieces", sum(change.quantity for change in changes))

    def _good(self, product: Product) -> NewProduct:
        cell = cell_of(self.shop_id)
        picture = placeholder(self.codes[product.category_id], product.handle)
        return NewProduct(
            id=ProductId(self.maker.make(cell)),
            shop_id=self.shop_id,
            category_id=product.category_id,
            title=product.title,
            description=product.description,
            brand=product.brand,
            attributes=_attributes(product),
            pictures=[picture],
            state=ProductState.LISTED if product.is_listed else ProductState.DRAFT,
            external_id=f"shopify:{product.handle}",
            skus=[
                NewSku(
                    id=SkuId(self.maker.make(cell)),
                    options=variant.options,
                    code=variant.code,
                    price_minor=variant.price_minor or PRICE_OFF_SALE_MINOR,
                    list_price_minor=variant.list_price_minor if variant.price_minor else None,
                    weight_grams=variant.weight_grams,
                    enabled=variant.price_minor > 0,
                )
                for variant in product.variants
            ],
        )

    def _hold(self, file: str, product: Product, codes: Sequence[str]) -> None:
        """Taken over as a draft: the audit is asked when the shop lists it."""
        self._count("held_by_audit", 1)
        report = RowReport(
            file=file,
            row=product.row,
            field="",
            code="audit.held",
            message=f"Kept as a draft by the rules for goods: {', '.join(codes)}.",
            weight=Weight.NOTE,
            value=product.handle[:80],
        )
        self.reports.add(report)

    def _refuse(self, file: str, product: Product, problems: Sequence[Refusal]) -> None:
        self._count("refused", 1)
        for problem in problems:
            report = RowReport(
                file=file,
                row=product.row,
                field=problem.field or "",
                code=problem.code,
                message=problem.text.format_map(problem.facts),
                weight=Weight.REFUSED,
                value=product.handle[:80],
            )
            self.reports.add(report)

    def _key(self, product: Product) -> str:
        return f"{self.shop_id}/{product.handle}"

    def _count(self, name: str, count: int) -> None:
        self.counters[name] = self.counters.get(name, 0) + count


def _attributes(product: Product) -> list[Attribute]:
    """Option names with their values in the order variants first show them."""
    return [
        Attribute(name=name, values=list(dict.fromkeys(it.options[at] for it in product.variants)))
        for at, name in enumerate(product.option_names)
    ]
