"""Shops with papers, deposits and cases for tests of a shop's standing."""

from datetime import datetime
from typing import Any

from jishi.db import Tx
from jishi.flows.judge_shop import flow as judging
from jishi.flows.keep_deposits import flow as keeping
from jishi.kit.ids import AccountId, IdMaker, ProductId, ShopId, cell_of
from jishi.modules.penalties import Case, Evidence, NewCase, NewPenalty, PenaltyKind

_KIND = "UPDATE shop SET kind = $3 WHERE cell = $1 AND id = $2"
_PAPER = """
INSERT INTO paper (cell, id, shop_id, sha256, width, height, bytes, created_by, created_at)
VALUES ($1, $2, $3, sha256($4::text::bytea), 800, 600, 1000, 1, $5)
"""


async def be_kind(tx: Tx, shop_id: ShopId, kind: str) -> None:
    await tx.execute(_KIND, cell_of(shop_id), shop_id, kind)


async def a_paper(tx: Tx, ids: IdMaker, shop_id: ShopId, *, now: datetime) -> int:
    paper_id = ids.make(cell_of(shop_id))
    await tx.execute(_PAPER, cell_of(shop_id), paper_id, shop_id, str(paper_id), now)
    return paper_id


async def pay_in(
    tx: Tx, ids: IdMaker, shop_id: ShopId, amount_minor: int, *, now: datetime
) -> None:
    """A deposit by bank transfer."""
    paper_id = await a_paper(tx, ids, shop_id, now=now)
    await keeping.record_transfer(
        tx,
        shop_id,
        amount_minor,
        f"BANK{paper_id}",
        paper_id,
        operator_id=AccountId(ids.make(3)),
        ids=ids,
        now=now,
    )


async def a_case(
    tx: Tx,
    ids: IdMaker,
    shop_id: ShopId,
    *penalties: NewPenalty,
    operator_id: AccountId,
    now: datetime,
    **changes: Any,
) -> Case:
    facts: dict[str, Any] = {
        "shop_id": shop_id,
        "rule_code": "false-goods",
        "statement": "Sold as wool, tested as acrylic.",
        "penalties": penalties,
        "evidence": [Evidence(kind="note", text="Test report 88")],
    }
    case = NewCase(**{**facts, **changes})
    return await judging.open_case(tx, case, operator_id=operator_id, ids=ids, now=now)


def deduction(amount_minor: int) -> NewPenalty:
    return NewPenalty(kind=PenaltyKind.DEDUCTION, amount=amount_minor)


def off_sale(product_id: ProductId) -> NewPenalty:
    return NewPenalty(kind=PenaltyKind.PRODUCT_OFF, product_id=product_id)


async def balances(tx: Tx, shop_id: ShopId) -> dict[str, int]:
    """Debit less credit of the accounts a shop's standing touches; zeros left out."""
    rows = await tx.fetch(
        "SELECT kind, debit_minor - credit_minor AS balance FROM ledger_account"
        " WHERE cell = $1 AND party_id = $2 AND debit_minor <> credit_minor",
        cell_of(shop_id),
        shop_id,
    )
    return {row["kind"]: row["balance"] for row in rows}


async def shop_state(tx: Tx, shop_id: ShopId) -> str:
    return str(
        await tx.fetchval(
            "SELECT state FROM shop WHERE cell = $1 AND id = $2", cell_of(shop_id), shop_id
        )
    )


async def is_listed(tx: Tx, product_id: ProductId) -> bool:
    state = await tx.fetchval(
        "SELECT state FROM product WHERE cell = $1 AND id = $2", cell_of(product_id), product_id
    )
    return bool(state == "listed")
