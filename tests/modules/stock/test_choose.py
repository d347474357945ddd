"""Which warehouse sends what."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jishi.kit.ids import ShopId, SkuId, WarehouseId
from jishi.kit.regions import NOWHERE_YET, Destination, region_chain
from jishi.modules.stock import Wanted, Warehouse, choose_warehouses

SHOP = ShopId(1)
HANGZHOU = Destination(regions=region_chain(330106))


def a_warehouse(number: int, **changes: Any) -> Warehouse:
    facts: dict[str, Any] = {"name": f"W{number}", "is_default": number == 1}
    return Warehouse(id=WarehouseId(number), shop_id=SHOP, **{**facts, **changes})


def wanted(**pieces: int) -> list[Wanted]:
    return [
        Wanted(shop_id=SHOP, sku_id=SkuId(int(sku[1:])), quantity=quantity)
        for sku, quantity in pieces.items()
    ]


def choose(
    lines: list[Wanted],
    shelves: dict[tuple[int, int], int],
    *warehouses: Warehouse,
    to: Destination = HANGZHOU,
) -> list[int | None]:
    on_shelf = {(SkuId(s), WarehouseId(w)): n for (s, w), n in shelves.items()}
    return [it.warehouse_id for it in choose_warehouses(lines, warehouses, on_shelf, to)]


def test_one_warehouse_for_all_lines_wins_over_a_nearer_one_with_a_part() -> None:
    near, far = a_warehouse(1, regions=(3301,)), a_warehouse(2)
    shelves = {(1, 1): 9, (1, 2): 9, (2, 2): 9}
    assert choose(wanted(s1=1, s2=1), shelves, near, far) == [2, 2]
    assert choose(wanted(s1=1), shelves, near, far) == [1]


def test_among_equals_the_closer_then_the_priority_then_more_stock_then_the_default() -> None:
    shelves = {(1, 1): 5, (1, 2): 9, (1, 3): 9}
    city, province = a_warehouse(1, regions=(3301,), priority=900), a_warehouse(2, regions=(33,))
    assert choose(wanted(s1=1), shelves, province, city) == [1]
    assert choose(wanted(s1=1), shelves, a_warehouse(1, priority=2), a_warehouse(2)) == [1]
    assert choose(wanted(s1=1), shelves, a_warehouse(1), a_warehouse(2)) == [2]
    assert choose(wanted(s1=1), {(1, 1): 9, (1, 2): 9}, a_warehouse(2), a_warehouse(1)) == [1]


def test_a_warehouse_serving_elsewhere_helps_out_unless_it_sends_only_there() -> None:
    elsewhere = a_warehouse(2, regions=(44,))
    assert choose(wanted(s1=1), {(1, 2): 1}, a_warehouse(1), elsewhere) == [2]
    only = a_warehouse(2, regions=(44,), only_there=True)
    assert choose(wanted(s1=1), {(1, 2): 1}, a_warehouse(1), only) == [None]
    assert choose(wanted(s1=1), {(1, 2): 1}, a_warehouse(1), only, to=NOWHERE_YET) == [2]
    assert choose(wanted(s1=1), {(1, 2): 1}, only, to=Destination(is_abroad=True)) == [None]


def test_closed_warehouses_send_nothing_and_a_short_line_does_not_bind_the_others() -> None:
    shelves = {(1, 1): 9, (2, 2): 9, (1, 2): 2}
    lines = wanted(s1=3, s2=1)
    assert choose(lines, shelves, a_warehouse(1, is_closed=True), a_warehouse(2)) == [None, 2]
    found = choose_warehouses(lines, [a_warehouse(2)], {(SkuId(1), WarehouseId(2)): 2}, HANGZHOU)
    assert [(it.warehouse_id, it.on_hand) for it in found] == [(None, 2), (None, 0)]
    assert choose(lines, {}) == [None, None]


def test_as_few_parcels_as_possible() -> None:
    shelves = {(1, 1): 1, (2, 2): 1, (3, 3): 1, (1, 4): 1, (2, 4): 1}
    houses = [a_warehouse(each) for each in (1, 2, 3, 4)]
    assert choose(wanted(s1=1, s2=1, s3=1), shelves, *houses) == [4, 4, 3]


STOCK = st.dictionaries(
    st.tuples(st.integers(1, 6), st.integers(1, 8)), st.integers(1, 5), max_size=40
)


@given(STOCK, st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_a_line_is_short_only_when_nobody_has_it_and_the_answer_is_stable(
    shelves: dict[tuple[int, int], int], quantities: list[int]
) -> None:
    lines = wanted(**{f"s{at}": n for at, n in enumerate(quantities, start=1)})
    houses = [a_warehouse(each, priority=100 - each) for each in range(1, 9)]
    found = choose(lines, shelves, *houses)
    assert found == choose(lines, shelves, *reversed(houses))
    for line, place in zip(lines, found, strict=True):
        enough = [w for (s, w), n in shelves.items() if s == line.sku_id and n >= line.quantity]
        assert (place in enough) if enough else place is None
