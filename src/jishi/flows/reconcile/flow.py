"""From a bill's bytes to a check that stands in the books."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from jishi.db import Tx
from jishi.flows.reconcile import rules, storage
from jishi.flows.reconcile.types import (
    BillAway,
    CheckHead,
    Difference,
    DifferenceNotOpen,
    NoteMissing,
    Totals,
)
from jishi.kit.ids import AccountId, IdMaker
from jishi.modules import audit
from jishi.modules.audit.types import BILL_EXPLAINED
from jishi.modules.payments import (
    Bill,
    Provider,
    ProviderRefused,
    ProviderUnreachable,
    read_bill,
)
from jishi.settings import Settings

NAME_SIGNS_MAX: Final = 200
NOTE_SIGNS_MAX: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A check as it stands. ``states``: how many differences are open, explained, gone, noted."""

    id: int
    is_new: bool
    bill: Bill
    totals: Totals
    differences: Sequence[Difference]
    states: dict[str, int]

    @property
    def open_count(self) -> int:
        return self.states.get("open", 0)


async def read(raw: bytes, settings: Settings, *, provider: str | None, day: date | None) -> Bill:
    """The bill in a file; read in a thread, since it may be long. Raises BillUnreadable."""
    return await asyncio.to_thread(
        read_bill,
        raw,
        provider=provider,
        day=day,
        currency=settings.currency,
        zone=settings.zone,
    )


async def fetch_bill(provider: Provider, day: date) -> bytes:
    """The provider's bill of a day. Never inside a transaction. Raises BillAway."""
    try:
        return await provider.download_bill(day)
    except (ProviderUnreachable, ProviderRefused) as problem:
        raise BillAway(field="day", detail=str(problem)) from problem


async def check_bill(
    tx: Tx,
    bill: Bill,
    raw: bytes,
    *,
    file_name: str,
    maker: IdMaker,
    operator_id: AccountId | None,
    now: datetime,
) -> Checked:
    """Compare and write down. The same file again is the same check, looked at anew."""
    head = CheckHead(
        provider=bill.provider,
        day=bill.day,
        zone=bill.zone,
        file_name=_shown(file_name),
        digest=hashlib.sha256(raw).hexdigest(),
        operator_id=operator_id,
    )
    check_id, is_new = await storage.open_check(tx, head, fresh_id=maker.make(0), now=now)
    ours = await storage.list_ours(tx, bill)
    totals, found = await asyncio.to_thread(rules.compare, bill, ours)
    assert rules.readds(totals, found)
    await storage.save_totals(tx, check_id, totals)
    await storage.save_differences(tx, check_id, bill, found, now=now)
    return Checked(
        id=check_id,
        is_new=is_new,
        bill=bill,
        totals=totals,
        differences=found,
        states=await storage.count_states(tx, check_id),
    )


async def explain_difference(
    tx: Tx, check_id: int, position: int, *, note: str, operator_id: AccountId, now: datetime
) -> None:
    """An operator's word on a difference. Raises NoteMissing, DifferenceNotOpen."""
    said = " ".join(note.split())[:NOTE_SIGNS_MAX]
    if not said:
        raise NoteMissing(field="note")
    row = await storage.explain(tx, check_id, position, note=said, operator_id=operator_id, now=now)
    if row is None:
        raise DifferenceNotOpen
    subject = f"{check_id}/{position}"
    await audit.note(tx, operator_id, BILL_EXPLAINED, subject, now=now, facts={**row, "note": said})


def _shown(name: str) -> str:
    """A file's name without its folder, printable."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(it for it in last if it.isprintable())[:NAME_SIGNS_MAX] or "bill"
