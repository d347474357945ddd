"""The stand-in carrier: numbers, journeys, and all of it over real HTTP with signatures."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from jishi.modules.fulfilment import CarrierRefused, CarrierUnreachable, Progress
from jishi.modules.fulfilment.standin import StandInCarrier, open_standin
from jishi.modules.fulfilment.types_tracking import (
    CarrierSignatureBad,
    Party,
    TrackAsk,
    WaybillAsk,
    WaybillId,
)
from jishi.sandbox.carrier import numbers, rules
from jishi.sandbox.carrier.types import Fate, Track
from tests.sandbox.harness import KEY, Api, Merchant, SandboxProcess

NOON = datetime(2025, 11, 22, 12, tzinfo=UTC)
HERE = Party(
    name="发货部", phone="057188886666", regions=("浙江省", "杭州市"), street="文一西路 1 号"
)
THERE = Party(name="收件人", phone="13800138000", regions=("广东省",), street="天河路 1 号")


def a_track(**changes: object) -> Track:
    facts = {
        "carrier": "shunfeng",
        "number": "SF1",
        "shipped_at": NOON,
        "begun_at": NOON,
        "origin": "杭州市",
        "target": "广东省",
        "notify_url": "",
        "fate": Fate.DELIVERED,
        "told": 0,
        "next_at": None,
    }
    return Track(**{**facts, **changes})  # type: ignore[arg-type]


def test_numbers_of_a_range_are_all_different_and_a_slip_is_found() -> None:
    made = [numbers.waybill_number("shunfeng", serial) for serial in range(1, 200)]
    assert len(set(made)) == len(made)
    assert all(numbers.is_number("shunfeng", each) for each in made)
    for at in range(2, len(made[41])):
        wrong = made[41][:at] + str((int(made[41][at]) + 1) % 10) + made[41][at + 1 :]
        assert not numbers.is_number("shunfeng", wrong)


def test_a_parcel_heard_of_late_has_its_past_at_once() -> None:
    old = a_track(begun_at=NOON + timedelta(days=9))
    scans = rules.scans_of(old, pace=timedelta(seconds=20))
    assert [scan.progress for scan in rules.due(scans, now=old.begun_at)][-1] == "delivered"
    fresh = rules.scans_of(a_track(), pace=timedelta(seconds=20))
    assert not rules.due(fresh, now=NOON)
    assert rules.next_at(fresh, now=NOON) == NOON + timedelta(seconds=20)


@pytest.mark.parametrize(
    ("fate", "end"), [(Fate.RETURNED, "returned"), (Fate.LOST, "lost"), (Fate.SILENT, "delivered")]
)
def test_a_parcel_may_end_otherwise(fate: Fate, end: str) -> None:
    scans = rules.scans_of(a_track(fate=fate), pace=timedelta(seconds=1))
    assert scans[-1].progress == end
    assert [scan.occurred_at for scan in scans] == sorted(scan.occurred_at for scan in scans)


@pytest.fixture
async def carrier(sandbox: SandboxProcess, merchant: Merchant) -> AsyncIterator[StandInCarrier]:
    made = open_standin(
        base_url=sandbox.url,
        key=KEY,
        notify_url=f"http://127.0.0.1:{merchant.port}/callbacks/carrier",
        clock=lambda: datetime.now(UTC),
    )
    yield made
    await made.close()


def an_ask(**changes: object) -> WaybillAsk:
    facts = {
        "id": WaybillId(time.time_ns()),
        "carrier": "shunfeng",
        "sender": HERE,
        "receiver": THERE,
        "pieces": 2,
        "weight_grams": 700,
    }
    return WaybillAsk(**{**facts, **changes})  # type: ignore[arg-type]


async def test_a_waybill_is_the_same_when_asked_again_and_can_be_given_back(
    carrier: StandInCarrier,
) -> None:
    ask = an_ask()
    first, again = await carrier.create_waybill(ask), await carrier.create_waybill(ask)
    assert first == again
    assert numbers.is_number("shunfeng", first.number)
    with pytest.raises(CarrierRefused):
        await carrier.create_waybill(an_ask(id=ask.id, pieces=3))
    for _ in range(2):
        await carrier.cancel_waybill("shunfeng", first.number)
    with pytest.raises(CarrierRefused):
        await carrier.query_scans(_track(first.number))
    with pytest.raises(CarrierRefused):
        await carrier.cancel_waybill("shunfeng", "SF000000000000")


def _track(number: str, *, ago: timedelta = timedelta(0)) -> TrackAsk:
    now = datetime.now(UTC)
    return TrackAsk(
        carrier="shunfeng", number=number, shipped_at=now - ago, origin="杭州市", target="广东省"
    )


async def test_what_is_past_is_answered_and_what_comes_is_called_with_a_signature(
    carrier: StandInCarrier, merchant: Merchant, sandbox: SandboxProcess
) -> None:
    number = (await carrier.create_waybill(an_ask())).number
    # 44 hours after shipping less a moment: three scans are past, the courier's is about to come.
    so_far = await carrier.query_scans(_track(number, ago=timedelta(hours=44, seconds=-1)))
    assert [scan.progress for scan in so_far] == [
        Progress.ACCEPTED,
        Progress.IN_TRANSIT,
        Progress.IN_TRANSIT,
    ]
    with pytest.raises(CarrierRefused, match="handed_in"):
        await carrier.cancel_waybill("shunfeng", number)
    merchant.answers.append(503)  # the first call is not taken and comes again
    await merchant.hears(lambda: len(merchant.raw) >= 2, within=8)
    assert merchant.heard[0] == merchant.heard[1]
    _, headers, body = merchant.raw[-1]
    news = carrier.verify_callback(headers, body, now=datetime.now(UTC))
    assert (news.number, news.scans[-1].progress) == (number, Progress.OUT_FOR_DELIVERY)
    with pytest.raises(CarrierSignatureBad):
        carrier.verify_callback(headers, body + b" ", now=datetime.now(UTC))
    with pytest.raises(CarrierSignatureBad):
        carrier.verify_callback(headers, body, now=datetime.now(UTC) + timedelta(minutes=6))
    answer = await Api(sandbox.url).call(
        "POST", f"/carrier/v1/tracks/shunfeng/{number}/fate", {"fate": "lost"}
    )
    assert answer.status_code == 200


async def test_who_does_not_sign_is_refused_and_silence_is_told_apart(
    carrier: StandInCarrier, sandbox: SandboxProcess
) -> None:
    forged = await Api(sandbox.url, key=bytes(32)).call("POST", "/carrier/v1/waybills", {})
    assert forged.status_code == 401
    elsewhere = open_standin(
        base_url="http://127.0.0.1:9", key=KEY, notify_url="", clock=lambda: datetime.now(UTC)
    )
    with pytest.raises(CarrierUnreachable):
        await elsewhere.create_waybill(an_ask())
    await elsewhere.close()
    await asyncio.gather(
        *(carrier.create_waybill(an_ask(id=WaybillId(10**15 + at))) for at in range(8))
    )
