"""The catalogue against the real database: many at once, verdicts, edits, prices, listing."""

import asyncio
from dataclasses import replace

import pytest

from jishi import db
from jishi.kit.errors import Refusals
from jishi.kit.ids import IdMaker, ShopId, SkuId, cell_of
from jishi.modules import catalogue
from jishi.modules.catalogue import (
    Added,
    Changed,
    Known,
    NewPrice,
    NewSku,
    ProductNotFound,
    ProductState,
    Refused,
    search_text,
)
from jishi.modules.catalogue.types import ProductEdited
from tests.support.goods import COLOURS, NOW, a_product, a_shop, add

LISTED = ProductState.LISTED


async def events(tx: db.Tx, subject: int) -> list[str]:
    rows = await tx.fetch(
        "SELECT topic FROM outbox WHERE subject_id = $1 ORDER BY position", subject
    )
    return [row["topic"] for row in rows]


async def on_sale(tx: db.Tx, product_id: int) -> list[bool]:
    rows = await tx.fetch(
        "SELECT on_sale FROM sku WHERE product_id = $1 AND NOT retired ORDER BY position",
        product_id,
    )
    return [row["on_sale"] for row in rows]


async def test_many_products_are_written_at_once_and_one_bad_one_hurts_no_other(
    tx: db.Tx, ids: IdMaker
) -> None:
    shop, other = await a_shop(tx, ids), await a_shop(tx, ids)
    good = a_product(shop, ids, attributes=COLOURS, state=LISTED)
    bad = a_product(shop, ids, title="")
    theirs = a_product(other, ids)
    nowhere = a_product(shop, ids, shop_id=ShopId(ids.make(cell_of(shop.id))))
    verdicts = await add(tx, good, bad, theirs, nowhere)
    assert [type(it) for it in verdicts] == [Added, Refused, Added, Refused]
    kept = await catalogue.get_product(tx, shop.id, good.id)
    assert [sku.options for sku in kept.skus] == [["红"], ["蓝"]]
    assert (kept.price_from_minor, kept.price_to_minor, kept.listed_at) == (1000, 1100, NOW)
    assert await on_sale(tx, good.id) == [True, True]
    assert await on_sale(tx, theirs.id) == [False]
    assert await events(tx, good.id) == ["catalogue.listed"]
    assert await add(tx) == []


async def test_a_product_known_by_its_external_id_is_not_written_again(
    tx: db.Tx, ids: IdMaker
) -> None:
    shop = await a_shop(tx, ids)
    first, twin = (a_product(shop, ids, external_id="kiwi") for _ in range(2))
    assert await add(tx, first, twin) == [Added(first.id), Known(first.id)]
    assert await add(tx, replace(twin, title="别的")) == [Known(first.id)]


async def test_goods_in_bulk_with_forbidden_words_are_kept_as_drafts(
    tx: db.Tx, ids: IdMaker
) -> None:
    shop = await a_shop(tx, ids)
    titles = ("手作酸梅汤", "高仿手表", "全国第一酸梅汤")
    made = [a_product(shop, ids, title=it, state=ProductState.LISTED) for it in titles]
    verdicts = await add(tx, *made)
    held = [it.held for it in verdicts if isinstance(it, Added)]
    assert held == [(), ("word.block",), ("word.look",)]
    kept = [await catalogue.get_product(tx, shop.id, it.id) for it in made]
    assert [it.state for it in kept] == ["listed", "draft", "draft"]
    assert [await on_sale(tx, it.id) for it in made] == [[True], [False], [False]]
    assert await events(tx, made[1].id) == []
    assert await tx.fetchval("SELECT count(*) FROM product_audit WHERE shop_id = $1", shop.id) == 0


async def test_goods_in_bulk_are_not_asked_while_the_audit_is_off(tx: db.Tx, ids: IdMaker) -> None:
    await tx.execute("UPDATE goods_policy SET is_on = false")
    product = a_product(await a_shop(tx, ids), ids, title="高仿手表", state=ProductState.LISTED)
    assert await add(tx, product) == [Added(product.id)]
    assert await on_sale(tx, product.id) == [True]


async def test_goods_are_found_by_words_of_title_brand_category_and_shop(
    tx: db.Tx, ids: IdMaker
) -> None:
    shop = await a_shop(tx, ids, name="秦岭果园")
    product = a_product(shop, ids, title="周至徐香猕猴桃", title_en="Green kiwi", brand="Zespri")
    await add(tx, product)
    for asked in ("猕猴桃", "KIWI", "zespri", "秦岭"):
        query = " & ".join(search_text([asked]).split())
        found = await tx.fetchval(
            "SELECT id FROM product WHERE search @@ to_tsquery('simple', $1) AND id = $2",
            query,
            product.id,
        )
        assert found == product.id, asked


async def test_listing_and_delisting_move_the_skus_and_are_refused_by_name(
    tx: db.Tx, ids: IdMaker
) -> None:
    shop, other = await a_shop(tx, ids), await a_shop(tx, ids)
    good, bare = a_product(shop, ids), a_product(shop, ids, pictures=(), category_id=shop.branch)
    theirs = a_product(other, ids)
    await add(tx, good, bare, theirs)
    chosen = [good.id, bare.id, theirs.id]
    verdicts = await catalogue.list_products(tx, shop.id, chosen, now=NOW)
    assert verdicts[0] == Changed()
    codes = [[p.code for p in it.problems] for it in verdicts[1:] if isinstance(it, Refused)]
    assert codes == [
        ["catalogue.picture_missing", "catalogue.category_not_leaf"],
        ["catalogue.product_not_found"],
    ]
    assert await on_sale(tx, good.id) == [True]
    assert await catalogue.list_products(tx, shop.id, [good.id], now=NOW) == [Changed()]
    verdicts = await catalogue.delist(tx, shop.id, [good.id, bare.id], now=NOW)
    assert [type(it) for it in verdicts] == [Changed, Refused]
    assert await on_sale(tx, good.id) == [False]
    assert await events(tx, good.id) == ["catalogue.listed", "catalogue.delisted"]


async def test_a_sku_switched_off_stays_off_when_its_product_is_listed(
    tx: db.Tx, ids: IdMaker
) -> None:
    shop = await a_shop(tx, ids)
    product = a_product(shop, ids, attributes=COLOURS)
    await add(tx, product)
    red, blue = (sku.id for sku in product.skus)
    await catalogue.set_on_sale(tx, shop.id, {red: False}, now=NOW)
    await catalogue.list_products(tx, shop.id, [product.id], now=NOW)
    assert await on_sale(tx, product.id) == [False, True]
    kept = await catalogue.get_product(tx, shop.id, product.id)
    assert (kept.price_from_minor, kept.price_to_minor) == (1100, 1100)
    await catalogue.set_on_sale(tx, shop.id, {red: True, blue: False}, now=NOW)
    assert await on_sale(tx, product.id) == [True, False]


async def test_prices_change_row_by_row_and_carry_the_span_along(tx: db.Tx, ids: IdMaker) -> None:
    shop, other = await a_shop(tx, ids), await a_shop(tx, ids)
    product, theirs = a_product(shop, ids, attributes=COLOURS), a_product(other, ids)
    await add(tx, product, theirs)
    red, blue = (sku.id for sku in product.skus)
    foreign = theirs.skus[0].id
    verdicts = await catalogue.change_prices(
        tx,
        shop.id,
        {
            red: NewPrice(price_minor=4200, list_price_minor=5000),
            blue: NewPrice(price_minor=0),
            foreign: NewPrice(price_minor=1),
        },
        now=NOW,
    )
    assert verdicts[red] == Changed()
    codes = [it.problems[0].code for it in verdicts.values() if isinstance(it, Refused)]
    assert codes == ["catalogue.price_invalid", "catalogue.sku_not_found"]
    kept = await catalogue.get_product(tx, shop.id, product.id)
    assert (kept.price_from_minor, kept.price_to_minor, kept.version) == (1100, 4200, 2)
    untouched = await catalogue.get_product(tx, other.id, theirs.id)
    assert (untouched.price_from_minor, untouched.version) == (1000, 1)


async def test_an_edit_keeps_the_ids_of_combinations_that_stay_and_retires_the_rest(
    tx: db.Tx, ids: IdMaker
) -> None:
    shop = await a_shop(tx, ids)
    product = a_product(shop, ids, attributes=COLOURS, state=LISTED)
    await add(tx, product)
    red, blue = (sku.id for sku in product.skus)

    def edited(values: tuple[str, ...]) -> catalogue.NewProduct:
        rows = tuple(
            NewSku(id=SkuId(ids.make(cell_of(shop.id))), options=(value,), price_minor=900)
            for value in values
        )
        colours = (catalogue.Attribute(name="颜色", values=values),)
        return replace(product, title="新名字", attributes=colours, skus=rows)

    assert await catalogue.edit_product(tx, edited(("红", "绿")), version=1, now=NOW) == 2
    kept = await catalogue.get_product(tx, shop.id, product.id)
    assert (kept.title, kept.state) == ("新名字", LISTED)
    assert kept.skus[0].id == red
    assert {tuple(sku.options) for sku in kept.skus} == {("红",), ("绿",)}
    gone = await tx.fetchrow("SELECT retired, on_sale FROM sku WHERE id = $1", blue)
    assert tuple(gone or ()) == (True, False)
    await catalogue.edit_product(tx, edited(("蓝",)), version=2, now=NOW)
    assert [sku.id for sku in (await catalogue.get_product(tx, shop.id, product.id)).skus] == [blue]


async def test_an_edit_of_an_older_version_is_refused_and_changes_nothing(
    tx: db.Tx, ids: IdMaker
) -> None:
    shop = await a_shop(tx, ids)
    product = a_product(shop, ids)
    await add(tx, product)
    await catalogue.edit_product(tx, replace(product, title="先"), version=1, now=NOW)
    with pytest.raises(ProductEdited):
        await catalogue.edit_product(tx, replace(product, title="后"), version=1, now=NOW)
    assert (await catalogue.get_product(tx, shop.id, product.id)).title == "先"


async def test_a_listed_product_cannot_lose_its_last_picture(tx: db.Tx, ids: IdMaker) -> None:
    shop = await a_shop(tx, ids)
    product = a_product(shop, ids, state=LISTED)
    await add(tx, product)
    with pytest.raises(Refusals) as refused:
        await catalogue.edit_product(tx, replace(product, pictures=()), version=1, now=NOW)
    assert [it.code for it in refused.value.items] == ["catalogue.picture_missing"]


async def test_no_shop_edits_or_reads_the_goods_of_another(tx: db.Tx, ids: IdMaker) -> None:
    shop, other = await a_shop(tx, ids), await a_shop(tx, ids)
    product = a_product(shop, ids)
    await add(tx, product)
    with pytest.raises(ProductNotFound):
        await catalogue.get_product(tx, other.id, product.id)
    with pytest.raises(ProductNotFound):
        await catalogue.edit_product(tx, replace(product, shop_id=other.id), version=1, now=NOW)


async def test_of_two_edits_of_the_same_version_one_wins(pool: db.Pool, ids: IdMaker) -> None:
    async with db.transaction(pool) as tx:
        shop = await a_shop(tx, ids)
        product = a_product(shop, ids)
        await add(tx, product)

    async def edit(title: str) -> bool:
        try:
            async with db.transaction(pool) as tx:
                await catalogue.edit_product(tx, replace(product, title=title), version=1, now=NOW)
                await asyncio.sleep(0.02)
        except ProductEdited:
            return False
        return True

    assert sum(await asyncio.gather(*(edit(f"名 {n}") for n in range(4)))) == 1


async def test_two_imports_of_the_same_product_write_it_once(pool: db.Pool, ids: IdMaker) -> None:
    async with db.transaction(pool) as tx:
        shop = await a_shop(tx, ids)

    async def bring() -> catalogue.AddVerdict:
        async with db.transaction(pool) as tx:
            (verdict,) = await add(tx, a_product(shop, ids, external_id="same"))
            await asyncio.sleep(0.02)
            return verdict

    verdicts = await asyncio.gather(bring(), bring(), bring())
    assert sorted(type(it).__name__ for it in verdicts) == ["Added", "Known", "Known"]
    assert len({it.product_id for it in verdicts if not isinstance(it, Refused)}) == 1


async def test_five_hundred_skus_are_written_in_one_go(tx: db.Tx, ids: IdMaker) -> None:
    shop = await a_shop(tx, ids)
    many = tuple(
        catalogue.Attribute(name=name, values=[f"{name}{n}" for n in range(count)])
        for name, count in (("a", 5), ("b", 10), ("c", 10))
    )
    product = a_product(shop, ids, attributes=many, state=LISTED)
    assert await add(tx, product) == [Added(product.id)]
    assert len((await catalogue.get_product(tx, shop.id, product.id)).skus) == 500


async def test_a_new_shop_name_reaches_the_words_of_its_goods(tx: db.Tx, ids: IdMaker) -> None:
    shop = await a_shop(tx, ids, name="旧名字")
    products = [a_product(shop, ids) for _ in range(3)]
    await add(tx, *products)
    await tx.execute("UPDATE shop SET name = '蓝鲸小铺' WHERE id = $1", shop.id)
    await catalogue.reword_shop(tx, shop.id)
    found = await tx.fetchval(
        "SELECT count(*) FROM product WHERE shop_id = $1 AND search @@ to_tsquery('simple', $2)",
        shop.id,
        " & ".join(search_text(["蓝鲸"]).split()),
    )
    assert found == 3
