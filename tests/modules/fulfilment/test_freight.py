"""Freight: fees, thresholds, zones, several parcels, and that parts add up."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.kit.ids import ShopId
from jishi.kit.regions import NOWHERE_YET, Destination, destination_of, region_chain
from jishi.modules.fulfilment import FlatFreight, FreightLine, FreightReason, TemplateId, freight
from jishi.modules.fulfilment.freight import fee, zone_for
from jishi.modules.fulfilment.freight_words import freight_reason, shown_units
from jishi.modules.fulfilment.types_freight import Counts, Template, Zone, ZoneKind
from jishi.web.i18n import translator

FLAT = FlatFreight(freight_minor=800, free_from_minor=9_900)
REST = Zone(kind=ZoneKind.REST, first_units=1_000, first_minor=800, next_units=500, next_minor=150)
HANGZHOU = Destination(regions=region_chain(330106))
BEIJING = Destination(regions=region_chain(110101))
ABROAD = Destination(is_abroad=True)


def a_template(*zones: Zone, number: int = 7, **changes: Any) -> Template:
    facts: dict[str, Any] = {
        "id": TemplateId(number),
        "shop_id": ShopId(1),
        "name": "Parcels",
        "counts": Counts.WEIGHT,
        "per_parcel": False,
        "zones": zones or (REST,),
    }
    return Template(**{**facts, **changes})


def a_line(line: int = 1, **changes: Any) -> FreightLine:
    facts: dict[str, Any] = {
        "line": line,
        "quantity": 1,
        "goods_minor": 5_000,
        "template_id": TemplateId(7),
        "weight_grams": 1_000,
    }
    return FreightLine(**{**facts, **changes})


def asked(lines: list[FreightLine], *templates: Template, to: Destination = HANGZHOU) -> Any:
    return freight(lines, {it.id: it for it in templates}, FLAT, to)


@pytest.mark.parametrize(
    ("grams", "minor"),
    [(0, 800), (1, 800), (1_000, 800), (1_001, 950), (1_500, 950), (1_501, 1_100), (10_000, 3_500)],
)
def test_each_begun_unit_beyond_the_first_costs_the_next_fee(grams: int, minor: int) -> None:
    assert fee(REST, grams) == minor


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_more_never_costs_less_and_nothing_is_negative(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert 0 <= fee(REST, low) <= fee(REST, high)


@pytest.mark.parametrize(
    ("_case", "changes", "goods", "pieces", "reason"),
    [
        ("one short", {"free_from_minor": 9_900}, 9_899, 1, FreightReason.FIRST),
        ("exactly the amount", {"free_from_minor": 9_900}, 9_900, 1, FreightReason.FREE_AMOUNT),
        ("one piece short", {"free_from_pieces": 3}, 100, 2, FreightReason.MORE),
        ("exactly the pieces", {"free_from_pieces": 3}, 100, 3, FreightReason.FREE_PIECES),
        (
            "either of two",
            {"free_from_minor": 9_900, "free_from_pieces": 9},
            9_900,
            1,
            FreightReason.FREE_AMOUNT,
        ),
        (
            "both: one reached",
            {"free_from_minor": 9_900, "free_from_pieces": 2, "free_needs_both": True},
            9_900,
            1,
            FreightReason.FIRST,
        ),
        (
            "both: both reached",
            {"free_from_minor": 9_900, "free_from_pieces": 2, "free_needs_both": True},
            9_900,
            2,
            FreightReason.FREE_BOTH,
        ),
        (
            "both wanted but one given",
            {"free_from_minor": 9_900, "free_needs_both": True},
            9_900,
            1,
            FreightReason.FREE_AMOUNT,
        ),
    ],
)
def test_a_threshold_itself_is_enough(
    _case: str, changes: dict[str, Any], goods: int, pieces: int, reason: FreightReason
) -> None:
    zone = Zone(
        kind=ZoneKind.REST,
        first_units=1_000,
        first_minor=800,
        next_units=500,
        next_minor=150,
        **changes,
    )
    found = asked([a_line(goods_minor=goods, quantity=pieces)], a_template(zone))
    assert found.parts[0].reason is reason
    assert (found.amount_minor == 0) == reason.value.startswith("free")


def test_the_closest_name_wins() -> None:
    zhejiang = Zone(kind=ZoneKind.REGIONS, regions=(33,), first_minor=500)
    hangzhou = Zone(kind=ZoneKind.REGIONS, regions=(3301,), first_minor=300)
    template = a_template(REST, zhejiang, hangzhou)
    assert zone_for(template, HANGZHOU) is hangzhou
    assert zone_for(template, Destination(regions=region_chain(330200))) is zhejiang
    assert zone_for(template, BEIJING) is REST
    assert zone_for(template, NOWHERE_YET) is REST
    assert zone_for(template, ABROAD) is None


def test_where_nothing_is_delivered_the_line_is_named_and_costs_nothing() -> None:
    never = Zone(kind=ZoneKind.REGIONS, regions=(11,), delivers=False, first_minor=9_999)
    found = asked([a_line(1), a_line(2, template_id=None)], a_template(REST, never), to=BEIJING)
    assert found.undeliverable == (1,)
    assert found.line_minor == {2: 800}
    assert asked([a_line(1)], a_template(REST), to=ABROAD).undeliverable == (1,)


def test_without_a_template_it_is_the_flat_freight() -> None:
    assert asked([a_line(template_id=None, goods_minor=9_899)]).amount_minor == 800
    free = asked([a_line(template_id=None, goods_minor=9_900)])
    assert (free.amount_minor, free.parts[0].reason) == (0, FreightReason.FLAT_FREE)
    assert asked([a_line(template_id=TemplateId(99))]).amount_minor == 800  # of a deleted template


def test_two_warehouses_are_one_charge_unless_the_template_says_per_parcel() -> None:
    lines = [a_line(1, warehouse_id=1), a_line(2, warehouse_id=2)]
    assert asked(lines, a_template()).amount_minor == 800 + 2 * 150
    parted = asked(lines, a_template(per_parcel=True))
    assert [part.amount_minor for part in parted.parts] == [800, 800]
    free = Zone(kind=ZoneKind.REST, first_minor=800, free_from_minor=10_000)
    assert asked(lines, a_template(free, per_parcel=True)).amount_minor == 0  # over all its lines


def test_nothing_known_of_the_address_is_an_estimate() -> None:
    assert asked([a_line()], a_template(), to=NOWHERE_YET).is_estimate
    assert not asked([a_line()], a_template()).is_estimate


LINES = st.lists(
    st.tuples(
        st.integers(1, 50),
        st.integers(0, 10**7),
        st.sampled_from([None, 7, 8]),
        st.integers(0, 20_000),
        st.sampled_from([1, 2, 3]),
    ),
    min_size=1,
    max_size=12,
)


@given(LINES, st.booleans(), st.sampled_from([HANGZHOU, BEIJING, ABROAD, NOWHERE_YET]))
def test_parts_and_lines_add_up_whatever_is_bought(
    rows: list[tuple[Any, ...]],
    per_parcel: bool,  # noqa: FBT001
    to: Destination,
) -> None:
    lines = [
        a_line(at, quantity=q, goods_minor=goods, template_id=t, weight_grams=g, warehouse_id=w)
        for at, (q, goods, t, g, w) in enumerate(rows, start=1)
    ]
    never = Zone(kind=ZoneKind.REGIONS, regions=(11,), delivers=False)
    by_piece = a_template(
        Zone(kind=ZoneKind.REST, first_minor=500, next_minor=100, free_from_pieces=60),
        Zone(kind=ZoneKind.ABROAD, first_minor=9_000, next_minor=3_000),
        number=8,
        counts=Counts.PIECE,
    )
    found = asked(lines, a_template(REST, never, per_parcel=per_parcel), by_piece, to=to)
    assert sum(part.amount_minor for part in found.parts) == found.amount_minor
    assert sum(found.line_minor.values()) == found.amount_minor
    assert all(minor >= 0 for minor in found.line_minor.values())
    assert set(found.line_minor) | set(found.undeliverable) == {line.line for line in lines}
    assert not set(found.line_minor) & set(found.undeliverable)


@pytest.mark.parametrize(
    ("units", "counts", "en"),
    [
        (1, Counts.PIECE, "1 piece"),
        (3, Counts.PIECE, "3 pieces"),
        (999, Counts.WEIGHT, "999 g"),
        (1_500, Counts.WEIGHT, "1.5 kg"),
        (2_000, Counts.WEIGHT, "2 kg"),
        (800, Counts.VOLUME, "800 cm³"),
        (250_000, Counts.VOLUME, "0.25 m³"),
    ],
)
def test_units_are_said_as_people_say_them(units: int, counts: Counts, en: str) -> None:
    assert shown_units(units, counts, translator("en")) == en


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_every_reason_has_words_in_both_languages(locale: str) -> None:
    words = translator(locale)
    zones = [
        REST,
        Zone(kind=ZoneKind.REST),
        Zone(kind=ZoneKind.REST, first_minor=1, free_from_pieces=1),
    ]
    for zone in zones:
        part = asked([a_line(quantity=3)], a_template(zone)).parts[0]
        said = freight_reason(part, words, lambda minor: f"¥{minor}")
        assert said
        assert "{" not in said


def test_an_address_says_where_it_lies() -> None:
    assert destination_of(None) == NOWHERE_YET
    assert destination_of({"country": "SG", "region_code": None}).is_abroad
    assert destination_of({"country": "CN", "region_code": 110101001}).regions == (
        11,
        1101,
        110101,
        110101001,
    )
    assert region_chain(123) == ()
    assert region_chain(-11) == ()
