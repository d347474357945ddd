"""Reviews from a file: good and bad rows, products per group, once however often it runs."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from jishi import db
from jishi.db import Pool
from jishi.flows.open_shop import open_shop
from jishi.imports import reviews
from jishi.imports.category_match import build_index
from jishi.imports.csv_files import parse_table, read_table
from jishi.imports.reviews_write import Writer
from jishi.imports.types import Reports, Unreadable, Weight
from jishi.kit.ids import AccountId, IdMaker, ShopId, cell_of
from jishi.modules.shops import NewShop
from tests.imports.support import developers_data
from tests.support.invariants import Sound, sound

__all__ = ["sound"]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CATEGORIES = build_index()
GOOD = "row,cat,label,review\n1,书籍,1,写得好\n2,书籍,0,印得差\n7,水果,1,很甜，很新鲜\n"


def groups_of(text: str) -> tuple[list[reviews.Group], Reports]:
    reports = Reports()
    return reviews.parse(parse_table("r.csv", text.encode(), reports), reports), reports


@pytest.fixture
async def shop_id(pool: Pool, ids: IdMaker) -> ShopId:
    async with db.transaction(pool) as tx:
        made, _ = await open_shop(
            tx, NewShop(name="Shop"), owner_id=AccountId(ids.make(1)), ids=ids, now=NOON
        )
    return made


async def write(
    pool: Pool, ids: IdMaker, shop_id: ShopId, groups: list[reviews.Group], *, is_dry: bool = False
) -> dict[str, int]:
    writer = Writer(pool, ids, shop_id, CATEGORIES, NOON, Reports(), is_dry=is_dry)
    await writer.write("r.csv", groups, lambda _count: None)
    return writer.counters


def test_a_file_is_read_by_group_and_label() -> None:
    groups, reports = groups_of(GOOD)
    assert [(it.name, [r.stars for r in it.reviews]) for it in groups] == [
        ("书籍", [5, 1]),
        ("水果", [5]),
    ]
    assert not reports.items


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        ("x,书籍,1,好", "row", "row.number"),
        ("1,,1,好", "cat", "cat.missing"),
        ("1,书籍,2,好", "label", "label.unknown"),
        ("1,书籍,1, ", "review", "review.missing"),
        ("1,书籍,1", "", "row.cells"),
    ],
)
def test_a_bad_row_is_named_and_the_rest_is_taken(row: str, field: str, code: str) -> None:
    groups, reports = groups_of(GOOD + row + "\n")
    assert sum(len(it.reviews) for it in groups) == 3
    (remark,) = reports.items
    assert (remark.row, remark.field, remark.code) == (5, field, code)
    assert remark.weight is Weight.REFUSED


def test_a_long_text_is_cut_with_a_note() -> None:
    groups, reports = groups_of(GOOD + f"9,书籍,1,{'长' * 2500}\n")
    assert len(groups[0].reviews[-1].text) == 2000
    assert [(it.code, it.weight) for it in reports.items] == [("review.cut", Weight.NOTE)]


def test_another_file_is_not_taken_for_one() -> None:
    with pytest.raises(Unreadable):
        parse_table("r.csv", b"a,b\n1,2\n", Reports(), needed=reviews.NEEDED)


async def test_a_run_again_adds_nothing_and_a_stopped_one_goes_on(
    pool: Pool, ids: IdMaker, shop_id: ShopId, sound: Sound
) -> None:
    groups, _ = groups_of(GOOD)
    first = await write(pool, ids, shop_id, groups[:1])
    assert first == {"products": 1, "reviews": 2, "known_before": 0}
    rest = await write(pool, ids, shop_id, groups)
    assert rest == {"products": 1, "reviews": 1, "known_before": 2}
    again = await write(pool, ids, shop_id, groups)
    assert (again["reviews"], again["known_before"]) == (0, 3)
    rows = await pool.fetch(
        "SELECT p.title, p.state, s.imported, s.bought FROM product p JOIN review_summary s"
        " ON s.cell = p.cell AND s.product_id = p.id WHERE p.cell = $1 AND p.shop_id = $2",
        cell_of(shop_id),
        shop_id,
    )
    found = {(it["title"], it["state"], it["imported"], it["bought"]) for it in rows}
    assert found == {("书籍", "delisted", 2, 0), ("水果", "delisted", 1, 0)}


async def test_a_dry_run_leaves_nothing(pool: Pool, ids: IdMaker, shop_id: ShopId) -> None:
    groups, _ = groups_of(GOOD)
    told = await write(pool, ids, shop_id, groups, is_dry=True)
    assert told == {"products": 2, "reviews": 3, "known_before": 0}
    left = await pool.fetchval("SELECT count(*) FROM product WHERE shop_id = $1", shop_id)
    assert left == 0


async def test_the_developers_file_is_read_whole(
    pool: Pool, ids: IdMaker, shop_id: ShopId, sound: Sound
) -> None:
    folder: Path = developers_data("zh-product-reviews")
    reports = Reports()
    file = folder / "online-shopping-10-cats-dev60.csv.gz"
    groups = reviews.parse(read_table(file, reports, needed=reviews.NEEDED), reports)
    assert len(groups) == 10
    assert sum(len(it.reviews) for it in groups) + reports.refused_rows == 37_819
    few = [reviews.Group(it.name, it.row, it.reviews[:30]) for it in groups]
    counters = await write(pool, ids, shop_id, few)
    assert (counters["products"], counters["reviews"]) == (10, 300)
