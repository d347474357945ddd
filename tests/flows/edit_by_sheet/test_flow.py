"""Uploads from check to undo, on a real database: 10,000 rows, races, what others change meanwhile."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from jishi import db
from jishi.flows.edit_by_sheet import flow
from jishi.flows.edit_by_sheet.types import (
    NothingToApply,
    Read,
    SheetHasWrongRows,
    SheetMoved,
    UndoTooLate,
)
from jishi.flows.edit_by_sheet.working import carry_out
from jishi.kit.errors import Refusal
from jishi.kit.ids import IdMaker, SkuId
from jishi.modules import catalogue, stock
from jishi.modules.catalogue import Attribute, NewPrice, NewProduct, ProductState, sheets
from jishi.modules.catalogue.types import SheetRow
from tests.support.goods import NOW, AShop, a_product, a_shop, add, receive

LATER = NOW + timedelta(minutes=1)


@dataclass
class Yard:
    """A shop with listed goods, and an upload at a time."""

    pool: db.Pool
    ids: IdMaker
    shop: AShop
    products: list[NewProduct]

    @property
    def skus(self) -> list[SkuId]:
        return [sku.id for product in self.products for sku in product.skus]

    async def check(self, rows: list[dict[str, Any]], name: str = "goods.xlsx") -> int:
        lines = [(at, {k: str(v) for k, v in row.items()}) for at, row in enumerate(rows, 2)]
        async with db.transaction(self.pool) as tx:
            return await flow.check_upload(
                tx,
                self.shop.id,
                name,
                Read(lines, [], 4),
                currency="CNY",
                by=self.shop.owner_id,
                ids=self.ids,
                now=NOW,
            )

    async def confirm(self, sheet_id: int, *, is_whole: bool = False) -> None:
        async with db.transaction(self.pool) as tx:
            await flow.confirm(
                tx, self.shop.id, sheet_id, is_whole=is_whole, by=self.shop.owner_id, now=NOW
            )

    async def undo(self, sheet_id: int, *, now: Any = LATER) -> None:
        async with db.transaction(self.pool) as tx:
            await flow.undo(tx, self.shop.id, sheet_id, by=self.shop.owner_id, now=now)
        await self.carry_out(sheet_id)

    async def carry_out(self, sheet_id: int) -> None:
        await carry_out(self.pool, self.shop.id, sheet_id, ids=self.ids, now=LATER)

    async def apply(self, rows: list[dict[str, Any]], **given: Any) -> int:
        sheet_id = await self.check(rows)
        await self.confirm(sheet_id, **given)
        await self.carry_out(sheet_id)
        return sheet_id

    async def rows(self, sheet_id: int) -> list[SheetRow]:
        async with db.reading(self.pool) as tx:
            return (await sheets.rows_of(tx, sheet_id, size=20_000)).items

    async def state(self, sheet_id: int) -> str:
        async with db.reading(self.pool) as tx:
            return str((await sheets.get(tx, self.shop.id, sheet_id))["state"])

    async def product(self, at: int = 0) -> catalogue.Product:
        async with db.reading(self.pool) as tx:
            return await catalogue.get_product(tx, self.shop.id, self.products[at].id)

    async def price(self, sku_id: SkuId, minor: int) -> None:
        async with db.transaction(self.pool) as tx:
            prices = {sku_id: NewPrice(price_minor=minor)}
            await catalogue.change_prices(tx, self.shop.id, prices, now=LATER)

    async def on_hand(self, sku_id: SkuId) -> int:
        async with db.reading(self.pool) as tx:
            return sum(it.on_hand for it in (await stock.quantities_of(tx, [sku_id])).values())


async def a_yard(pool: db.Pool, ids: IdMaker, *kinds: dict[str, Any], stocked: bool = True) -> Yard:
    async with db.transaction(pool) as tx:
        shop = await a_shop(tx, ids)
        # a category of their own: so many goods would say what is usual to goods of other tests
        last = "SELECT id FROM category WHERE is_leaf ORDER BY id DESC LIMIT 1"
        shop = replace(shop, leaf=await tx.fetchval(last))
        made = [a_product(shop, ids, state=ProductState.LISTED, **it) for it in kinds or ({},)]
        await add(tx, *made)
        for product in made if stocked else []:
            for sku in product.skus:
                await receive(tx, shop, sku.id, 10)
    return Yard(pool, ids, shop, made)


def codes(row: SheetRow) -> list[str]:
    return [it["code"] for it in row.problems]


async def test_what_a_row_says_is_written_and_a_blank_cell_keeps(
    pool: db.Pool, ids: IdMaker
) -> None:
    yard = await a_yard(pool, ids)
    (sku,) = yard.skus
    row = {"sku_id": sku, "title": "新摘猕猴桃", "price": "12.00", "list_price": "15", "stock": "7"}
    sheet_id = await yard.apply([{**row, "code": "K-1", "weight": "500", "brand": ""}])
    product = await yard.product()
    written = product.skus[0]
    assert (product.title, product.brand, product.state) == ("新摘猕猴桃", "", ProductState.LISTED)
    figures = (written.price_minor, written.list_price_minor, written.code, written.weight_grams)
    assert figures == (1200, 1500, "K-1", 500)
    assert (written.on_sale, await yard.on_hand(sku), product.price_to_minor) == (True, 7, 1200)
    assert await yard.state(sheet_id) == "applied"
    found = await pool.fetchval(
        "SELECT p.search @@ to_tsquery('simple', '新摘') FROM product p WHERE p.id = $1", product.id
    )
    assert found
    (version, first) = await versions(yard)
    assert (version["cause"], version["sheet_id"], first["cause"]) == ("sheet", sheet_id, "found")


async def versions(yard: Yard, at: int = 0) -> list[Any]:
    async with db.reading(yard.pool) as tx:
        product_id = yard.products[at].id
        page = await catalogue.list_versions(tx, yard.shop.id, product_id, cursor=None, size=20)
    return page.items


async def test_a_dash_empties_what_may_be_empty(pool: db.Pool, ids: IdMaker) -> None:
    yard = await a_yard(pool, ids, {"brand": "山里"})
    (sku,) = yard.skus
    await yard.apply([{"sku_id": sku, "code": "A", "list_price": "20"}])
    await yard.apply([{"sku_id": sku, "code": "-", "list_price": "-", "brand": "-"}])
    product = await yard.product()
    assert (product.brand, product.skus[0].code, product.skus[0].list_price_minor) == ("", "", None)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"price": "much"}, "cell.number"),
        ({"price": "0"}, "cell.number"),
        ({"price": "\x00=1+1"}, "cell.formula"),
        ({"price": "-"}, "cell.clear"),
        ({"title": "-"}, "cell.clear"),
        ({"title": "长" * 201}, "cell.long"),
        ({"list_price": "5.00"}, "catalogue.list_price_invalid"),
        ({"stock": "-3"}, "cell.whole"),
        ({"weight": "1.5"}, "cell.whole"),
        ({"on_sale": "maybe"}, "cell.choice"),
        ({"category": "zz-9"}, "cell.category"),
        ({"product_id": "12345", "price": "11"}, "sku.other_product"),
        ({"sku_id": "12345", "price": "11"}, "sku.unknown"),
        ({"sku_id": "", "price": "11"}, "sku.missing"),
        ({"sku_id": "", "code": "none", "price": "11"}, "sku.unknown"),
        ({"title": "出售高 仿 手表"}, "audit.word_blocked"),
        ({"on_sale": "no"}, "catalogue.nothing_to_sell"),
    ],
)
async def test_a_wrong_row_is_refused_by_name(
    pool: db.Pool, ids: IdMaker, cells: dict[str, str], code: str
) -> None:
    yard = await a_yard(pool, ids)
    sheet_id = await yard.check([{"sku_id": yard.skus[0], **cells}])
    (row,) = await yard.rows(sheet_id)
    if code == "catalogue.nothing_to_sell":  # known only when the whole product is written
        await yard.confirm(sheet_id)
        await yard.carry_out(sheet_id)
        (row,) = await yard.rows(sheet_id)
        assert (row.state, codes(row)) == ("refused", [code])
    else:
        assert (row.state, codes(row)) == ("wrong", [code])
    assert (await yard.product()).skus[0].price_minor == 1000


async def test_rows_of_one_product_must_agree_and_a_sku_stands_once(
    pool: db.Pool, ids: IdMaker
) -> None:
    yard = await a_yard(pool, ids, {"attributes": (Attribute(name="颜色", values=("红", "蓝")),)})
    red, blue = yard.skus
    sheet_id = await yard.check(
        [
            {"sku_id": red, "title": "甲", "code": "X"},
            {"sku_id": blue, "title": "乙"},
            {"sku_id": red, "price": "11"},
        ]
    )
    assert [codes(it) for it in await yard.rows(sheet_id)] == [[], ["rows.differ"], ["sku.twice"]]


async def test_a_price_that_jumps_waits_for_people_and_the_former_stays(
    pool: db.Pool, ids: IdMaker
) -> None:
    yard = await a_yard(pool, ids)
    (sku,) = yard.skus
    sheet_id = await yard.apply([{"sku_id": sku, "price": "99.00", "stock": "3"}])
    (row,) = await yard.rows(sheet_id)
    assert row.state == "waiting"
    assert ((await yard.product()).skus[0].price_minor, await yard.on_hand(sku)) == (1000, 3)
    await yard.undo(sheet_id)
    (row,) = await yard.rows(sheet_id)
    assert (row.state, await yard.on_hand(sku)) == ("undone", 10)
    waiting = await pool.fetchval(
        "SELECT count(*) FROM product_audit WHERE product_id = $1 AND state = 'open'",
        yard.products[0].id,
    )
    assert waiting == 0


async def test_ten_thousand_rows_of_which_three_hundred_are_wrong(
    pool: db.Pool, ids: IdMaker
) -> None:
    shades = tuple(f"第{at}款" for at in range(50))
    kind = {"attributes": (Attribute(name="款式", values=shades),)}
    yard = await a_yard(pool, ids, *(kind for _ in range(200)), stocked=False)
    rows: list[dict[str, Any]] = [
        {"sku_id": sku, "price": "wrong" if at % 33 == 0 and at < 9900 else "22.01"}
        for at, sku in enumerate(yard.skus)
    ]
    sheet_id = await yard.check(rows)
    found = await yard.rows(sheet_id)
    assert [it.state for it in found].count("wrong") == 300
    with pytest.raises(SheetHasWrongRows):
        await yard.confirm(sheet_id, is_whole=True)
    await yard.confirm(sheet_id)
    await yard.carry_out(sheet_id)
    async with db.reading(pool) as tx:
        assert await sheets.counts_of(tx, sheet_id) == {"applied": 9_700, "wrong": 300}
    priced = await pool.fetchval(
        "SELECT count(*) FROM sku WHERE shop_id = $1 AND price_minor = 2201", yard.shop.id
    )
    assert priced == 9_700


async def test_all_or_nothing_changes_nothing_when_one_row_is_overtaken(
    pool: db.Pool, ids: IdMaker
) -> None:
    yard = await a_yard(pool, ids, {}, {})
    one, two = yard.skus
    sheet_id = await yard.check([{"sku_id": one, "price": "11"}, {"sku_id": two, "price": "11"}])
    await yard.confirm(sheet_id, is_whole=True)
    await yard.price(two, 1500)
    await yard.carry_out(sheet_id)
    assert await yard.state(sheet_id) == "refused"
    assert [codes(it) for it in await yard.rows(sheet_id)] == [[], ["field.overtaken"]]
    assert [(await yard.product(at)).skus[0].price_minor for at in (0, 1)] == [1000, 1500]


async def test_an_edit_between_check_and_apply_is_not_written_over(
    pool: db.Pool, ids: IdMaker
) -> None:
    yard = await a_yard(pool, ids)
    (sku,) = yard.skus
    sheet_id = await yard.check([{"sku_id": sku, "price": "11.00"}])
    await yard.price(sku, 1200)
    await yard.confirm(sheet_id)
    await yard.carry_out(sheet_id)
    (row,) = await yard.rows(sheet_id)
    assert (row.state, codes(row)) == ("refused", ["field.overtaken"])
    assert (await yard.product()).skus[0].price_minor == 1200


async def test_of_two_uploads_at_once_one_wins_each_row(pool: db.Pool, ids: IdMaker) -> None:
    yard = await a_yard(pool, ids, *({} for _ in range(8)))
    first = await yard.check([{"sku_id": it, "price": "11"} for it in yard.skus])
    second = await yard.check([{"sku_id": it, "price": "12"} for it in reversed(yard.skus)])
    for it in (first, second):
        await yard.confirm(it)
    await asyncio.gather(*(yard.carry_out(it) for it in (first, second, first)))
    states = [[row.state for row in await yard.rows(it)] for it in (first, second)]
    assert sorted(states[0] + states[1]) == ["applied"] * 8 + ["refused"] * 8
    prices = {(await yard.product(at)).skus[0].price_minor for at in range(8)}
    assert prices == ({1100} if states[0][0] == "applied" else {1200})


async def test_an_upload_is_undone_where_nobody_changed_it_since(
    pool: db.Pool, ids: IdMaker
) -> None:
    yard = await a_yard(pool, ids, {}, {})
    one, two = yard.skus
    sheet_id = await yard.apply(
        [
            {"sku_id": one, "price": "11", "title": "新名", "stock": "4"},
            {"sku_id": two, "price": "11", "code": "N"},
        ]
    )
    await yard.price(two, 1300)
    await yard.undo(sheet_id)
    first, second = await yard.rows(sheet_id)
    product = await yard.product(0)
    assert (product.title, product.skus[0].price_minor) == ("徐香猕猴桃", 1000)
    assert await yard.on_hand(one) == 10
    other = (await yard.product(1)).skus[0]
    assert (other.price_minor, other.code) == (1300, "")
    assert (first.state, codes(first)) == ("undone", [])
    assert (second.state, codes(second)) == ("undone", ["field.changed_since"])
    with pytest.raises(SheetMoved):
        await yard.undo(sheet_id)
    assert [it["cause"] for it in await versions(yard)] == ["undone", "sheet", "found"]


async def test_undo_ends_after_thirty_days(pool: db.Pool, ids: IdMaker) -> None:
    yard = await a_yard(pool, ids)
    sheet_id = await yard.apply([{"sku_id": yard.skus[0], "price": "11"}])
    with pytest.raises(UndoTooLate):
        await yard.undo(sheet_id, now=LATER + timedelta(days=30))


async def test_what_changes_nothing_is_not_confirmed_and_an_upload_only_once(
    pool: db.Pool, ids: IdMaker
) -> None:
    yard = await a_yard(pool, ids)
    same = await yard.check([{"sku_id": yard.skus[0], "price": "10.00"}])
    with pytest.raises(NothingToApply):
        await yard.confirm(same)
    sheet_id = await yard.apply([{"sku_id": yard.skus[0], "price": "11"}])
    with pytest.raises(SheetMoved):
        await yard.confirm(sheet_id)


async def test_the_goods_of_others_are_out_of_reach(pool: db.Pool, ids: IdMaker) -> None:
    yard, other = await a_yard(pool, ids), await a_yard(pool, ids)
    sheet_id = await yard.check([{"sku_id": other.skus[0], "price": "11"}])
    (row,) = await yard.rows(sheet_id)
    assert codes(row) == ["sku.unknown"]
    with pytest.raises(Refusal):
        await replace(other, products=yard.products).confirm(sheet_id)


async def test_rows_are_found_by_code_when_there_is_no_number(pool: db.Pool, ids: IdMaker) -> None:
    yard = await a_yard(pool, ids)
    await yard.apply([{"sku_id": yard.skus[0], "code": "K-9"}])
    await yard.apply([{"code": "K-9", "price": "11.50"}])
    assert (await yard.product()).skus[0].price_minor == 1150
