"""What makes an address usable. Pure."""

from dataclasses import replace

import pytest

from jishi.kit.errors import Refusals
from jishi.modules.places import rules
from jishi.modules.places.types import (
    ADDRESSES_MAX,
    AddressDraft,
    AddressesFull,
    Region,
)


def a_region(code: int, name: str, **changes: object) -> Region:
    region = Region(
        code=code,
        parent_code=None,
        level={2: 1, 4: 2, 6: 3, 9: 4}[len(str(code))],
        name=name,
        is_hidden=False,
        is_leaf=False,
        is_retired=False,
    )
    return replace(region, **changes)  # type: ignore[arg-type]


BEIJING = [
    a_region(11, "北京市"),
    a_region(1101, "市辖区", is_hidden=True),
    a_region(110101, "东城区"),
]
DONGGUAN = [
    a_region(44, "广东省"),
    a_region(4419, "东莞市"),
    a_region(441900, "东莞市", is_hidden=True),
]
SHILONG = [*DONGGUAN, a_region(441900101, "石碣镇", is_leaf=True)]
CENTRAL = [
    a_region(81, "香港特别行政区"),
    a_region(8101, "香港岛"),
    a_region(810101, "中西区", is_leaf=True),
]


def a_draft(**changes: object) -> AddressDraft:
    draft = AddressDraft(
        receiver="李小明", phone="138 0013 8000", detail="景山街道 1 号", region_code=110101
    )
    return replace(draft, **changes)  # type: ignore[arg-type]


def abroad(**changes: object) -> AddressDraft:
    given = {"country": "BR", "city": "São Paulo", "phone": "+55 11 2345-6789", **changes}
    return a_draft(region_code=None, **given)


def refused_fields(draft: AddressDraft, chain: list[Region]) -> dict[str, str]:
    with pytest.raises(Refusals) as refusals:
        rules.checked(draft, chain)
    return {item.field or "": item.code for item in refusals.value.items}


def test_a_good_address_comes_back_clean() -> None:
    ready = rules.checked(a_draft(receiver="  李小明 ", detail="景山街道\t1 号\n"), BEIJING)
    assert (ready.receiver, ready.detail, ready.phone) == (
        "李小明",
        "景山街道 1 号",
        "13800138000",
    )


def test_names_nobody_writes_are_not_shown() -> None:
    assert rules.shown_names(BEIJING) == ["北京市", "东城区"]
    assert rules.shown_names(SHILONG) == ["广东省", "东莞市", "石碣镇"]


@pytest.mark.parametrize(
    ("_case", "changes", "field", "code"),
    [
        ("no receiver", {"receiver": " \x00 "}, "receiver", "places.receiver_missing"),
        ("long receiver", {"receiver": "李" * 61}, "receiver", "places.text_too_long"),
        ("letters for a phone", {"phone": "call me"}, "phone", "places.phone_invalid"),
        ("a phone too short", {"phone": "12345"}, "phone", "places.phone_invalid"),
        ("a foreign phone at home", {"phone": "+5511234567"}, "phone", "places.phone_invalid"),
        ("no detail", {"detail": ""}, "detail", "places.detail_missing"),
        ("long detail", {"detail": "x" * 241}, "detail", "places.text_too_long"),
        ("odd postcode", {"postcode": "<script>"}, "postcode", "places.postcode_invalid"),
        ("no region", {"region_code": None}, "region_code", "places.region_missing"),
    ],
)
def test_each_wrong_field_is_refused_by_name(
    _case: str, changes: dict[str, object], field: str, code: str
) -> None:
    assert refused_fields(a_draft(**changes), BEIJING) == {field: code}


def test_every_wrong_field_is_named_at_once() -> None:
    empty = AddressDraft(receiver="", phone="", detail="")
    assert set(refused_fields(empty, [])) == {"receiver", "phone", "detail", "region_code"}


@pytest.mark.parametrize(
    ("_case", "chain", "code"),
    [
        ("not in the list", [], "places.region_unknown"),
        ("a province", BEIJING[:1], "places.region_incomplete"),
        ("a city", DONGGUAN[:2], "places.region_incomplete"),
        ("the district that repeats its city", DONGGUAN, "places.region_incomplete"),
        (
            "retired",
            [*BEIJING[:2], replace(BEIJING[2], is_retired=True)],
            "places.region_unknown",
        ),
    ],
)
def test_a_region_must_reach_the_district(_case: str, chain: list[Region], code: str) -> None:
    assert refused_fields(a_draft(), chain) == {"region_code": code}


@pytest.mark.parametrize(
    ("_case", "chain"),
    [("district", BEIJING), ("town", SHILONG), ("leaf", CENTRAL[:2] + CENTRAL[2:])],
)
def test_districts_and_what_lies_below_are_enough(_case: str, chain: list[Region]) -> None:
    phone = "+852 2345 6789" if chain[0].code == 81 else "13800138000"
    assert rules.checked(a_draft(phone=phone), chain)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("13800138000", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("010-12345678", None),  # no exchange begins with 1
        ("010-62345678", "010-62345678"),
        ("0755 2345 6789-12", "075523456789-12"),
        ("400-820-8820", "400-820-8820"),
        ("23800138000", None),
        ("1380013800", None),
    ],
)
def test_mainland_phone_numbers(text: str, plain: str | None) -> None:
    assert rules.plain_phone(text, abroad=False) == plain


def test_abroad_a_city_and_a_country_of_the_list_are_asked_for() -> None:
    assert rules.checked(abroad(), []).region_code is None
    assert refused_fields(abroad(city=""), []) == {"city": "places.city_missing"}
    assert refused_fields(abroad(country="HK"), []) == {"country": "places.country_unknown"}
    assert refused_fields(abroad(country="XX"), []) == {"country": "places.country_unknown"}
    assert refused_fields(abroad(state="x" * 81), []) == {"state": "places.text_too_long"}


def test_an_address_book_holds_fifty() -> None:
    rules.check_room(ADDRESSES_MAX - 1)
    with pytest.raises(AddressesFull):
        rules.check_room(ADDRESSES_MAX)


@pytest.mark.parametrize(
    ("_case", "codes", "chosen"),
    [
        ("nothing", [None, None], None),
        ("a whole chain", [11, 110101, 110101001], 110101001),
        ("the old province's city", [12, 110101, 110101001], 12),
        ("a gap", [11, None, 110101001], 11),
        ("the same twice", [11, 11], 11),
    ],
)
def test_a_form_chooses_the_deepest_code_that_holds(
    _case: str, codes: list[int | None], chosen: int | None
) -> None:
    assert rules.chosen_region(codes) == chosen


def test_a_masked_snapshot_keeps_the_region_only() -> None:
    snapshot = {
        "receiver": "李小明",
        "phone": "13800138000",
        "detail": "1 号",
        "regions": ["北京市"],
    }
    shown = rules.masked(snapshot)
    assert (shown["receiver"], shown["phone"], shown["detail"]) == ("李**", "138****8000", "***")
    assert shown["regions"] == ["北京市"]
