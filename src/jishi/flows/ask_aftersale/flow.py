"""Open cases: lock the order, see each line as it stands, check every wish, write."""

from collections.abc import Sequence
from datetime import datetime

from jishi.db import Tx
from jishi.flows.answer_aftersale import lines_of, lock_order, stands_of
from jishi.kit.errors import NotFound, Refusal, Refusals
from jishi.kit.ids import AccountId, CaseId, IdMaker, OrderId, ShopId, SkuId, cell_of
from jishi.modules import aftersale
from jishi.modules.aftersale import REASONS, Case, CaseState, LineStands, Wish, check_wish
from jishi.modules.aftersale.types import LINES_MAX
from jishi.modules.aftersale.types_refusals import (
    CaseOpen,
    LineUnknown,
    NothingChosen,
    TooManyLines,
)


async def ask(
    tx: Tx,
    order_id: OrderId,
    wishes: Sequence[Wish],
    *,
    buyer_id: AccountId,
    maker: IdMaker,
    now: datetime,
) -> list[Case]:
    """A case per wish, same order; all or none. Holds the order until ``tx`` ends.

    Raises NotFound for an order of somebody else, NothingChosen, TooManyLines, and Refusals of what
    ``check_wish`` refuses, LineUnknown and CaseOpen.
    """
    if not wishes:
        raise NothingChosen(field="lines")
    if len(wishes) > LINES_MAX:
        raise TooManyLines(field="lines", limit=LINES_MAX)
    order = await lock_order(tx, order_id)
    if order is None or order["buyer_id"] != buyer_id:
        raise NotFound
    rows = {row["line"]: row for row in await lines_of(tx, order_id)}
    stands = await stands_of(tx, list(rows.values()), now)
    open_lines = {line for line, row in rows.items() if row["has_open"]}
    checked = _check(wishes, stands, open_lines, now)
    shop_id = ShopId(order["shop_id"])
    cases = [
        _case(wish, CaseId(maker.make(cell_of(order_id))), order_id, shop_id, buyer_id, skus, now)
        for wish, skus in ((each, SkuId(rows[each.line]["sku_id"])) for each in checked)
    ]
    first = checked[0]
    return await aftersale.open_cases(tx, cases, text=first.text, pictures=first.pictures, at=now)


def _check(
    wishes: Sequence[Wish],
    stands: dict[int, LineStands],
    open_lines: set[int],
    now: datetime,
) -> list[Wish]:
    checked: list[Wish] = []
    problems: list[Refusal] = []
    for wish in wishes:
        try:
            if wish.line not in stands:
                raise LineUnknown(field="lines", line=wish.line)
            if wish.line in open_lines or wish.line in {each.line for each in checked}:
                raise CaseOpen(field=f"q_{wish.line}", line=wish.line)
            checked.append(check_wish(wish, stands[wish.line], now=now))
        except Refusal as refusal:
            problems.append(refusal)
    if problems:
        raise Refusals(problems)
    return checked


def _case(
    wish: Wish,
    case_id: CaseId,
    order_id: OrderId,
    shop_id: ShopId,
    buyer_id: AccountId,
    sku_id: SkuId,
    now: datetime,
) -> Case:
    assert wish.amount_minor is not None
    return Case(
        id=case_id,
        shop_id=shop_id,
        order_id=order_id,
        buyer_id=buyer_id,
        line=wish.line,
        sku_id=sku_id,
        quantity=wish.quantity,
        kind=wish.kind,
        stage=REASONS[wish.reason].stage,
        reason=wish.reason,
        state=CaseState.ASKED,
        amount_minor=wish.amount_minor,
        swap_sku_id=SkuId(wish.swap_sku_id) if wish.swap_sku_id else None,
        deadline=None,
        asked_at=now,
        moved_at=now,
    )
