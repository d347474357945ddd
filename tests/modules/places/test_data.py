"""The shipped reference data hold together."""

from collections import Counter

from jishi.data.files import read_categories, read_regions


def test_every_category_hangs_below_its_parent_once() -> None:
    rows = read_categories()
    by_id = {row.id: row for row in rows}
    assert len(by_id) == len({row.code for row in rows}) == 10_281
    assert Counter(row.level for row in rows)[1] == 25
    for row in rows:
        assert row.path[-1] == row.id
        assert (row.parent_id is None) == (row.level == 1)
        assert row.parent_id is None or not by_id[row.parent_id].is_leaf
        assert row.name_en
        assert row.name_zh


def test_ids_once_given_stay() -> None:
    ids = {row.code: row.id for row in read_categories()}
    assert (ids["ap"], ids["ap-1"], ids["ap-2-1"]) == (1, 2, 4)


def test_every_region_hangs_below_its_parent() -> None:
    rows = read_regions()
    by_code = {row.code: row for row in rows}
    assert Counter(row.level for row in rows) == {1: 34, 2: 367, 3: 3361, 4: 41352}
    assert all(row.parent_code in by_code for row in rows if row.level > 1)


def test_a_hidden_region_never_lies_below_a_hidden_one_nor_ends_a_chain() -> None:
    rows = read_regions()
    hidden = {row.code for row in rows if row.is_hidden}
    assert {1101, 5002, 4190, 441900, 620201} <= hidden
    assert not [row for row in rows if row.is_hidden and row.parent_code in hidden]
    assert not [row for row in rows if row.is_hidden and row.is_leaf]
