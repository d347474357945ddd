"""Where a parcel is after scans, promises by distance, templates as typed."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.kit.errors import Refusals
from jishi.kit.ids import ShopId
from jishi.modules.fulfilment import Progress, Scan, find_by_wechat_id, is_late, progress_after
from jishi.modules.fulfilment.lanes import ABROAD, CAPITALS, UNKNOWN, default_days, promised_days
from jishi.modules.fulfilment.rules_templates import (
    WRONG,
    checked,
    covered,
    format_units,
    parse_units,
)
from jishi.modules.fulfilment.tracking import readable
from jishi.modules.fulfilment.types_freight import Counts, Template, TemplateId, Zone, ZoneKind
from jishi.modules.fulfilment.types_tracking import MOVES, ScansUnreadable

NOON = datetime(2025, 11, 22, 12, tzinfo=UTC)
WAY = (Progress.ACCEPTED, Progress.IN_TRANSIT, Progress.OUT_FOR_DELIVERY, Progress.DELIVERED)


def a_scan(progress: Progress, hours: int, number: str = "") -> Scan:
    at = NOON + timedelta(hours=hours)
    return Scan(
        id=number or f"{progress}-{hours}", progress=progress, place="", detail="", occurred_at=at
    )


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_scans_in_any_order_end_at_the_same_place(order: tuple[int, ...]) -> None:
    scans = [a_scan(progress, at) for at, progress in enumerate(WAY)]
    shuffled = [scans[at] for at in order]
    assert progress_after(Progress.SHIPPED, shuffled) == (Progress.DELIVERED, scans[3].occurred_at)


def test_a_parcel_only_goes_on_but_a_lost_one_may_turn_up() -> None:
    late = [a_scan(Progress.IN_TRANSIT, 9)]
    assert progress_after(Progress.DELIVERED, late) == (Progress.DELIVERED, None)
    assert progress_after(Progress.OUT_FOR_DELIVERY, late)[0] is Progress.OUT_FOR_DELIVERY
    found = [a_scan(Progress.DELIVERED, 10)]
    assert progress_after(Progress.LOST, found)[0] is Progress.DELIVERED


def test_every_state_of_a_parcel_is_reachable_and_listed() -> None:
    assert set(MOVES) == set(Progress)
    assert set().union(*MOVES.values()) == set(Progress) - {Progress.SHIPPED}


def test_the_promised_instant_itself_is_in_time() -> None:
    assert not is_late(NOON, NOON, now=NOON + timedelta(days=9))
    assert is_late(NOON, NOON + timedelta(seconds=1), now=NOON)
    assert not is_late(NOON, None, now=NOON)
    assert is_late(NOON, None, now=NOON + timedelta(seconds=1))
    assert not is_late(None, None, now=NOON)


def test_scans_are_dated_now_at_the_latest_and_bounded() -> None:
    (kept,) = readable([a_scan(Progress.ACCEPTED, 5)], now=NOON)
    assert kept.occurred_at == NOON
    with pytest.raises(ScansUnreadable):
        readable([a_scan(Progress.ACCEPTED, -24 * 500)], now=NOON)
    with pytest.raises(ScansUnreadable):
        readable([a_scan(Progress.ACCEPTED, 0, str(at)) for at in range(101)], now=NOON)


def test_farther_takes_longer_and_abroad_longest() -> None:
    assert default_days(33, 33) == 2
    assert default_days(33, 31) <= default_days(33, 44) <= default_days(33, 65)
    assert default_days(44, ABROAD) > max(default_days(44, each) for each in CAPITALS)
    assert default_days(UNKNOWN, 33) == 5
    assert promised_days(33, 31, carrier_days=1, lane_days=4) == 1
    assert promised_days(33, 31, carrier_days=None, lane_days=4) == 4


@given(st.sampled_from(sorted(CAPITALS)), st.sampled_from(sorted(CAPITALS)))
def test_a_lane_takes_as_long_as_the_way_back(one: int, other: int) -> None:
    assert default_days(one, other) == default_days(other, one)
    assert 1 <= default_days(one, other) <= 60


def test_carriers_are_found_by_what_wechat_calls_them() -> None:
    found = find_by_wechat_id("sf")
    assert found
    assert found.code == "shunfeng"
    assert find_by_wechat_id("nobody") is None


@given(st.integers(0, 10**8), st.sampled_from(list(Counts)))
def test_units_as_written_are_read_back(units: int, counts: Counts) -> None:
    assert parse_units(format_units(units, counts), counts) == units


@pytest.mark.parametrize("text", ["", "-1", "1.2345", "1e3", "x", "１", "9" * 20])
def test_what_is_no_weight_is_refused(text: str) -> None:
    assert parse_units(text, Counts.WEIGHT) == WRONG


def test_a_city_below_a_chosen_province_is_dropped() -> None:
    assert covered([33, 3301, 330106, 1101, 110101]) == (33, 1101)


def test_every_wrong_field_of_a_template_is_named() -> None:
    draft = Template(
        id=TemplateId(1),
        shop_id=ShopId(1),
        name=" ",
        counts=Counts.PIECE,
        per_parcel=False,
        zones=(
            Zone(kind=ZoneKind.REST, first_units=0, first_minor=-1),
            Zone(kind=ZoneKind.REGIONS, regions=()),
            Zone(kind=ZoneKind.REGIONS, regions=(33,), free_from_minor=0),
            Zone(kind=ZoneKind.REGIONS, regions=(33, 99), free_from_pieces=0),
        ),
    )
    with pytest.raises(Refusals) as raised:
        checked(draft, {33: "浙江省"})
    assert {each.field for each in raised.value.items} == {
        "name",
        "zones[0].first_units",
        "zones[0].first_minor",
        "zones[1].regions",
        "zones[2].free_from_minor",
        "zones[3].regions",
        "zones[3].free_from_pieces",
    }
