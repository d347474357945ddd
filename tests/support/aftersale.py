"""After-sale cases for tests: orders with several payers, cases opened and moved by the real flows."""

from datetime import datetime, timedelta
from typing import Any

from jishi.db import Tx
from jishi.flows.answer_aftersale import Asked, act_once
from jishi.flows.ask_aftersale import ask
from jishi.kit.ids import AccountId, CaseId, IdMaker, OrderId, ShopId, cell_of
from jishi.modules.aftersale import Act, Case, CaseKind, Deed, Parcel, Side, Wish
from jishi.modules.aftersale.service import set_return_address
from jishi.modules.aftersale.types import ReturnAddress
from tests.support.makers import NOON, Town

CONFIRM_AFTER = timedelta(days=10)
ADDRESS = ReturnAddress(receiver="Returns", phone="0571-8888888", address="1 Dock Road, Hangzhou")

# What a coupon of the market and a creator would have made of a line: the buyer pays the rest.
_PAYERS = """
WITH line AS (
    UPDATE sale_order_line SET platform_minor = $4, creator_minor = $5
    WHERE cell = $1 AND order_id = $2 AND line = $3
)
UPDATE sale_order SET platform_minor = platform_minor + $4, creator_minor = creator_minor + $5,
    creator_id = CASE WHEN $5 > 0 THEN 77 ELSE creator_id END
WHERE cell = $1 AND id = $2
"""


def a_wish(**changes: Any) -> Wish:
    facts: dict[str, Any] = {
        "line": 1,
        "kind": CaseKind.REFUND,
        "reason": "agreed",
        "quantity": 1,
    }
    return Wish(**{**facts, **changes})


async def an_open_case(
    tx: Tx, ids: IdMaker, town: Town, order_id: OrderId, *, at: datetime = NOON, **wish: Any
) -> Case:
    (case,) = await ask(
        tx, order_id, [a_wish(**wish)], buyer_id=town.buyers[0].account_id, maker=ids, now=at
    )
    return case


async def takes_returns(tx: Tx, shop_id: ShopId) -> None:
    await set_return_address(tx, shop_id, ADDRESS, by=AccountId(1), now=NOON)


def an_asked(case: Case, deed: Deed, side: Side, *, at: datetime = NOON, **more: Any) -> Asked:
    whose: dict[str, Any] = {}
    if side is Side.BUYER:
        whose = {"buyer_id": case.buyer_id}
    elif side is Side.SHOP:
        whose = {"shop_id": case.shop_id}
    account = {Side.BUYER: case.buyer_id, Side.SHOP: AccountId(1)}.get(side)
    act = Act(deed=deed, side=side, at=at, account_id=account, **more)
    return Asked(case_id=case.id, act=act, **whose)


async def does(tx: Tx, ids: IdMaker, case: Case, deed: Deed, side: Side, **more: Any) -> Case:
    asked = an_asked(case, deed, side, **more)
    return await act_once(tx, asked, ids, confirm_after=CONFIRM_AFTER)


def a_parcel(direction: str, quantity: int, *, at: datetime = NOON, **more: Any) -> Parcel:
    facts = {"carrier": "SF", "waybill": "SF12345678", "actor_id": AccountId(1), "sent_at": at}
    return Parcel(direction=direction, quantity=quantity, **{**facts, **more})


async def steps_of(tx: Any, case_id: CaseId) -> list[str]:
    rows = await tx.fetch(
        "SELECT why FROM aftersale_step WHERE cell = $1 AND case_id = $2 ORDER BY version",
        cell_of(case_id),
        case_id,
    )
    return [row["why"] for row in rows]


async def case_row(tx: Any, case_id: CaseId) -> Any:
    return await tx.fetchrow(
        "SELECT * FROM aftersale_case WHERE cell = $1 AND id = $2", cell_of(case_id), case_id
    )
