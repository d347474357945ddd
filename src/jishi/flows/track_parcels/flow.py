"""What becomes of parcels: scans move them on, promises stand beside them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from jishi.db import Row, Tx, outbox
from jishi.flows.track_parcels import rules, storage
from jishi.flows.track_parcels.rules import NewsVerdict
from jishi.kit.ids import OrderId, ParcelId, ShopId
from jishi.modules.fulfilment import Progress, ScanNews, is_late, progress_after, promised_days
from jishi.modules.fulfilment.tracking import readable
from jishi.modules.fulfilment.types_tracking import ENDS

ASKED_OF: Final = timedelta(days=20)  # the carrier is not asked about parcels shipped before


async def record_scans(
    tx: Tx, batch: Sequence[ScanNews], *, now: datetime, zone: str
) -> list[NewsVerdict]:
    """Take in what carriers tell, a verdict per piece of news, same order; each waybill once a call.

    Scans are known by the carrier's id, so the same news twice changes nothing. Holds the parcels.
    Raises ScansUnreadable.
    """
    scans = [readable(news.scans, now=now) for news in batch]
    parcels = await storage.lock_parcels(tx, [(news.carrier, news.number) for news in batch])
    told = [(row["id"], scan) for row in parcels for scan in scans[row["at"] - 1]]
    new = await storage.write_scans(tx, told, now=now)
    ended = []
    moves = []
    for row in parcels:
        fresh = [scan for scan in scans[row["at"] - 1] if (row["id"], scan.id) in new]
        if not fresh:
            continue
        before = Progress(row["progress"])
        after, at = progress_after(before, fresh)
        has_ended = after.is_final and after is not before
        arrived = at if after is Progress.DELIVERED and after is not before else None
        newest = max(scan.occurred_at for scan in fresh)
        moves.append((row["id"], after.value, newest, arrived, has_ended))
        if has_ended and at:
            ended.append(_ended(row, after, at, now=now))
    await storage.move(tx, moves, zone=zone)
    await outbox.append(tx, ended)
    known, moved = {row["at"] for row in parcels}, {each[0] for each in moves}
    fresh_at = {row["at"] for row in parcels if row["id"] in moved}
    return [
        rules.verdict_of(is_known=at in known, is_fresh=at in fresh_at)
        for at in range(1, len(batch) + 1)
    ]


def _ended(row: Row, progress: Progress, at: datetime, *, now: datetime) -> outbox.Announced:
    return ENDS[progress](
        parcel_id=ParcelId(row["id"]),
        order_id=OrderId(row["order_id"]),
        shop_id=ShopId(row["shop_id"]),
        buyer_id=row["buyer_id"],
        carrier=row["carrier"],
        waybill=row["waybill"],
        is_late=is_late(row["promised_arrival_at"], at, now=now),
        occurred_at=at,
    )


async def promise(tx: Tx, orders: Sequence[int]) -> None:
    """Write down by when paid orders leave and arrive; an order has one promise."""
    facts = await storage.promise_facts(tx, orders)
    lanes = [rules.lane(row) for row in facts]
    measured = await storage.lane_days(tx, {("", *lane) for lane in lanes})
    rows = [
        (
            row["order_id"],
            row["shop_id"],
            *lane,
            row["ship_by"],
            promised_days(*lane, carrier_days=None, lane_days=measured.get(("", *lane))),
        )
        for row, lane in zip(facts, lanes, strict=True)
    ]
    await storage.write_promises(tx, rows)


async def follow(
    tx: Tx,
    parcels: Sequence[int],
    *,
    can_ask: Callable[[str], bool],
    now: datetime,
    zone: str,
) -> None:
    """Give parcels that left their lane and promise; those of carriers we can ask are asked about."""
    facts = await storage.parcel_facts(tx, parcels)
    lanes = [rules.lane(row) for row in facts]
    wanted = {
        (carrier, *lane)
        for row, lane in zip(facts, lanes, strict=True)
        for carrier in (row["carrier"], "")
    }
    measured: Mapping[storage.Lane, int] = await storage.lane_days(tx, wanted)
    rows = [
        (
            row["parcel_id"],
            *lane,
            promised_days(
                *lane,
                carrier_days=measured.get((row["carrier"], *lane)),
                lane_days=measured.get(("", *lane)),
            ),
            can_ask(row["carrier"]) and now - row["shipped_at"] < ASKED_OF,
        )
        for row, lane in zip(facts, lanes, strict=True)
    ]
    await storage.follow(tx, rows, now=now, zone=zone)


async def take_confirmed(tx: Tx, orders: Sequence[int], *, zone: str) -> None:
    """Parcels of orders whose buyers confirmed receipt have arrived, at the latest then."""
    rows = await storage.confirmed_parcels(tx, orders)
    moves = [(row["id"], Progress.DELIVERED.value, None, row["occurred_at"], True) for row in rows]
    await storage.move(tx, moves, zone=zone)
