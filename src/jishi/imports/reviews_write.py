"""Reviews from elsewhere into a shop, a chunk in one transaction.

They are nobody's here: shown as imported, never as a verified purchase, and no part of the shop's
rating. The product of a group is made when the shop has none, off sale and without stock: bringing
reviews sells nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from jishi.data.files import read_categories
from jishi.db import Pool, Tx
from jishi.imports.category_match import UNCATEGORISED, CategoryIndex
from jishi.imports.directory import chunks, one_chunk
from jishi.imports.placeholders import placeholder
from jishi.imports.reviews import Group
from jishi.imports.types import Reports, RowReport
from jishi.kit.errors import Refusal
from jishi.kit.ids import IdMaker, ProductId, ShopId, SkuId, cell_of
from jishi.modules.catalogue import (
    Added,
    Known,
    NewProduct,
    NewSku,
    ProductState,
    Refused,
    add_products,
)
from jishi.modules.reviews import import_reviews

CHUNK: Final = 1000
PREFIX: Final = "reviews:"  # of the external id of a group's product
PRICE_OFF_SALE_MINOR: Final = 1  # nothing is sold at it


@dataclass(slots=True)
class Writer:
    """Writes the reviews of one shop and counts what became of them.

    A chunk that was written stays when the run is stopped; the next run goes on behind it.
    """

    pool: Pool
    maker: IdMaker
    shop_id: ShopId
    categories: CategoryIndex
    now: datetime
    reports: Reports
    is_dry: bool = False
    counters: dict[str, int] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)  # groups; a dry run makes each one several times
    codes: dict[int, str] = field(default_factory=dict)

    async def write(self, file: str, groups: Sequence[Group], step: Callable[[int], None]) -> None:
        for group in groups:
            for chunk in chunks(group.reviews, CHUNK):
                async with one_chunk(self.pool, is_dry=self.is_dry) as tx:
                    product_id = await self._product(tx, file, group)
                    if product_id is not None:
                        shop, now, maker = self.shop_id, self.now, self.maker
                        new = await import_reviews(tx, shop, product_id, chunk, maker, now=now)
                        self._count("reviews", new)
                        self._count("known_before", len(chunk) - new)
                step(len(chunk))

    async def _product(self, tx: Tx, file: str, group: Group) -> ProductId | None:
        """The group's product, made when the shop has none; None when it was refused."""
        (verdict,) = await add_products(tx, [self._good(group)], now=self.now, any_level=True)
        match verdict:
            case Added():
                self._count("products", int(group.name not in self.made))
                self.made.add(group.name)
                return verdict.product_id
            case Known():
                return verdict.product_id
            case Refused(problems=problems):
                self._refuse(file, group, problems)
                return None

    def _good(self, group: Group) -> NewProduct:
        cell = cell_of(self.shop_id)
        found = self.categories.match("", group.name)
        category_id = found or self.categories.by_code[UNCATEGORISED]
        sku = NewSku(
            id=SkuId(self.maker.make(cell)), price_minor=PRICE_OFF_SALE_MINOR, enabled=False
        )
        return NewProduct(
            id=ProductId(self.maker.make(cell)),
            shop_id=self.shop_id,
            category_id=category_id,
            title=group.name,
            pictures=[placeholder(self._codes()[category_id], group.name)],
            state=ProductState.DELISTED,
            external_id=f"{PREFIX}{group.name}",
            skus=[sku],
        )

    def _codes(self) -> dict[int, str]:
        self.codes = self.codes or {row.id: row.code for row in read_categories()}
        return self.codes

    def _refuse(self, file: str, group: Group, problems: Sequence[Refusal]) -> None:
        for problem in problems:
            report = RowReport(
                file=file,
                row=group.row,
                field="cat",
                code=problem.code,
                message=problem.text.format_map(problem.facts),
                value=group.name[:80],
            )
            self.reports.add(report)

    def _count(self, name: str, count: int) -> None:
        self.counters[name] = self.counters.get(name, 0) + count
