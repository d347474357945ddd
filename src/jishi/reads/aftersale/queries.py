"""What the pages and lists of cases read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from jishi.db import Row, Tx, load_sql
from jishi.kit.ids import AccountId, CaseId, ShopId, cell_of, parse_id
from jishi.kit.paging import PAGE_SIZE, CursorInvalid, Page, decode_cursor, page_of
from jishi.kit.pictures import picture_src
from jishi.kit.text import mark as _
from jishi.modules import aftersale
from jishi.modules.aftersale import (
    REASONS,
    Case,
    CaseState,
    Message,
    Parcel,
    Ruling,
    Stage,
    Step,
    case_json,
    case_of,
)

IMAGE: Final = 160
COUNT_MAX: Final = 1_000
_S = CaseState
# what a shop's queue shows, by its name in an address
VIEWS: Final[Mapping[str, tuple[str, Sequence[CaseState]]]] = {
    "": (_("To answer"), (_S.ASKED,)),
    "receive": (_("To receive"), (_S.RETURNED,)),
    "send": (_("To send"), (_S.TO_SEND,)),
    "buyer": (_("With the buyer"), (_S.OFFERED, _S.REFUSED, _S.RETURNING, _S.SENT)),
    "disputed": (_("Before the market"), (_S.DISPUTED, _S.RULED, _S.APPEALED)),
    "ended": (_("Ended"), ()),
}
_BUYER: Final = load_sql(__package__, "cases_of_buyer")
_QUEUE: Final = load_sql(__package__, "queue")
_ENDED: Final = load_sql(__package__, "ended")
_DISPUTES: Final = load_sql(__package__, "disputes")
_CASE: Final = load_sql(__package__, "case")
_COUNTS: Final = """
SELECT state, count(*) AS cases FROM (
    SELECT state FROM aftersale_case WHERE cell = $1 AND shop_id = $2 AND deadline IS NOT NULL LIMIT $3) few
GROUP BY state
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A case among others."""

    case: Case
    name: str
    spec: str
    image: str | None
    unit_minor: int
    shop_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A case with all that belongs to it."""

    card: Card
    row: Row
    steps: list[Step]  # newest first
    messages: list[Message]  # oldest first
    rulings: list[Ruling]
    parcels: list[Parcel]

    @property
    def case(self) -> Case:
        return self.card.case

    @property
    def freight_on(self) -> str:
        """Who bears the freight of a return."""
        reason = REASONS.get(self.case.reason)
        return reason.fault.value if reason else "buyer"

    @property
    def goods_can_come_back(self) -> bool:
        is_sent_back = any(it.direction == "back" for it in self.parcels)
        return self.row["at_buyer"] > 0 and not is_sent_back

    @property
    def offer_max_minor(self) -> int:
        """The most an offer without return may be: below what is asked for."""
        keeps = 1 if self.case.stage is Stage.UNSHIPPED else 0
        return max(0, min(self.case.amount_minor - 1, int(self.row["buyer_left_minor"]) - keeps))


async def list_of_buyer(
    tx: Tx, locale: str, buyer_id: AccountId, cursor: str | None, *, size: int = PAGE_SIZE
) -> Page[Card]:
    """Newest first. Raises CursorInvalid."""
    rows = await tx.fetch(_BUYER, buyer_id, _below(cursor), size + 1)
    return _page(rows, locale, size, lambda row: (str(row["id"]),))


async def list_of_shop(
    tx: Tx, locale: str, shop_id: ShopId, view: str, cursor: str | None, *, size: int = PAGE_SIZE
) -> Page[Card]:
    """Open cases by deadline, ended ones newest first. Raises CursorInvalid."""
    states = [state.value for state in VIEWS[view][1]]
    if not states:
        rows = await tx.fetch(_ENDED, shop_id, _below(cursor), size + 1)
        return _page(rows, locale, size, lambda row: (str(row["id"]),))
    at, after = _after(cursor)
    rows = await tx.fetch(_QUEUE, shop_id, states, at, after, size + 1)
    return _page(rows, locale, size, _deadline_key)


async def counts_of_shop(tx: Tx, shop_id: ShopId) -> dict[str, int]:
    """Open cases by view, at most a thousand looked at."""
    rows = await tx.fetch(_COUNTS, cell_of(shop_id), shop_id, COUNT_MAX)
    found = {CaseState(row["state"]): row["cases"] for row in rows}
    return {
        view: sum(found.get(state, 0) for state in states)
        for view, (_text, states) in VIEWS.items()
    }


async def list_disputes(
    tx: Tx, locale: str, cursor: str | None, *, mine: AccountId | None = None, size: int = PAGE_SIZE
) -> Page[Card]:
    """The whole market's, the nearest deadline first. Raises CursorInvalid."""
    at, after = _after(cursor)
    rows = await tx.fetch(_DISPUTES, at, after, size + 1, mine)
    return _page(rows, locale, size, _deadline_key)


async def find_whole(tx: Tx, locale: str, case_id: CaseId) -> Whole | None:
    """One case with all that belongs to it, in five statements; whose it is the caller asks."""
    row = await tx.fetchrow(_CASE, case_id)
    if row is None:
        return None
    return Whole(
        card=_card(row, locale),
        row=row,
        steps=await aftersale.steps_of(tx, case_id),
        messages=await aftersale.messages_of(tx, case_id),
        rulings=await aftersale.rulings_of(tx, case_id),
        parcels=await aftersale.parcels_of(tx, case_id),
    )


def card_json(card: Card) -> dict[str, Any]:
    """A case among others as programs read it."""
    return {**case_json(card.case), "name": card.name, "options": card.spec}


def whole_json(whole: Whole) -> dict[str, Any]:
    """The same with journal, messages, rulings and parcels."""
    return {
        **card_json(whole.card),
        "freight_on": whole.freight_on,
        "refund_state": whole.row["refund_state"],
        "steps": [
            {
                "version": it.version,
                "state": it.state.value,
                "by": it.actor.value,
                "why": it.why,
                "text": it.text,
                "amount_minor": it.amount_minor,
                "at": it.occurred_at,
            }
            for it in whole.steps
        ],
        "messages": [
            {
                "side": it.side.value,
                "text": it.text,
                "picture_ids": [str(each) for each in it.pictures],
                "at": it.said_at,
            }
            for it in whole.messages
        ],
        "rulings": [
            {
                "round": it.round,
                "decision": it.decision.value,
                "amount_minor": it.amount_minor,
                "goods_back": it.goods_back,
                "rule": it.rule_code,
                "rule_version": it.rule_version,
                "reasons": it.reasons,
                "at": it.ruled_at,
            }
            for it in whole.rulings
        ],
        "parcels": [
            {
                "direction": it.direction,
                "carrier": it.carrier,
                "waybill": it.waybill,
                "quantity": it.quantity,
                "sent_at": it.sent_at,
                "received_at": it.received_at,
            }
            for it in whole.parcels
        ],
    }


def _card(row: Row, locale: str) -> Card:
    english = row["shop_name_en"]
    return Card(
        case=case_of(row),
        name=row["title"],
        spec=" · ".join(row["options"] or []),
        image=picture_src(row["picture"], IMAGE),
        unit_minor=row["price_minor"],
        shop_name=english if locale == "en" and english else row["shop_name"],
    )


def _page(rows: Sequence[Row], locale: str, size: int, key: Any) -> Page[Card]:
    page = page_of(rows, size, key)
    return Page([_card(row, locale) for row in page.items], page.next_cursor)


def _deadline_key(row: Row) -> tuple[str, str]:
    return row["deadline"].isoformat(), str(row["id"])


def _below(cursor: str | None) -> int | None:
    parts = decode_cursor(cursor, str)
    found = parse_id(parts[0]) if parts else None
    if parts and found is None:
        raise CursorInvalid(field="after")
    return found


def _after(cursor: str | None) -> tuple[datetime | None, int | None]:
    parts = decode_cursor(cursor, datetime, str)
    if parts is None:
        return None, None
    found = parse_id(parts[1])
    if found is None or parts[0].tzinfo is None:
        raise CursorInvalid(field="after")
    return parts[0], found
