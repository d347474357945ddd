"""Rules add up to what they took off a line; agreed prices of before are told in two rules as those of now."""

from pathlib import Path

from jishi import verify
from jishi.db import Tx
from jishi.flows.reprice_order import RepriceAsked, reprice
from jishi.kit.ids import IdMaker
from tests.support.invariants import Sound
from tests.support.makers import NOON, a_checkout, a_town, place_all
from tests.support.offers import a_claim_of, a_coupon, an_offer

SPLIT = Path(__file__).parents[3] / "migrations" / "0221_split_agreed_prices.sql"
RULES = """
SELECT line, kind, amount_minor FROM sale_order_offer WHERE cell = cell_of($1) AND order_id = $1
ORDER BY line, kind, position
"""
JOIN_AGAIN = """
WITH gone AS (
    DELETE FROM sale_order_offer WHERE cell = cell_of($1) AND order_id = $1 AND kind = 'agreed_freight'
    RETURNING line, position, amount_minor, title
), added AS (
    UPDATE sale_order_offer f SET amount_minor = f.amount_minor + g.amount_minor FROM gone g
    WHERE f.cell = cell_of($1) AND f.order_id = $1 AND f.line = g.line AND f.kind = 'agreed'
        AND f.title = g.title
    RETURNING g.line, g.title
)
INSERT INTO sale_order_offer (cell, order_id, line, position, offer_id, kind, payer, amount_minor, title)
SELECT cell_of($1), $1, line, position, 0, 'agreed', 'shop', amount_minor, title FROM gone g
WHERE NOT EXISTS (SELECT FROM added a WHERE a.line = g.line AND a.title = g.title)
"""


async def test_agreed_prices_of_before_are_split(tx: Tx, ids: IdMaker, sound: Sound) -> None:
    town = await a_town(tx, ids, shops=1, skus=3, freight_minor=700)
    await an_offer(tx, ids, town.goods[:1], price_minor=1_500)
    claim = await a_claim_of(tx, ids, town.buyers[0], await a_coupon(tx, ids, town.shops[0]))
    goods = [(town.goods[0], 2), (town.goods[1], 1), (town.goods[2], 1)]
    (placed,) = await place_all(tx, ids, [a_checkout(ids, town.buyers[0], goods, coupons=[claim])])
    order_id = placed.order_ids[0]
    for total, freight, why in (
        (6_500, 300, "first"),
        (6_000, None, "second"),
        (5_900, 200, "third"),
    ):
        await reprice(
            tx,
            RepriceAsked(
                order_id=order_id, shop_id=town.shops[0], actor_id=5, total_minor=total,
                freight_minor=freight, why=why, at=NOON,
            ),
        )  # fmt: skip
    now = [tuple(row) for row in await tx.fetch(RULES, order_id)]
    assert {kind for _, kind, _ in now} == {"agreed", "agreed_freight", "coupon", "timed"}
    await tx.execute(JOIN_AGAIN, order_id)
    assert await tx.fetch(verify.text_of("rules_equal_lines"))
    await tx.execute(SPLIT.read_text())
    sums: dict[tuple[int, str], int] = {}
    for rows, sign in ((now, 1), (await tx.fetch(RULES, order_id), -1)):
        for line, kind, amount in rows:
            sums[line, kind] = sums.get((line, kind), 0) + sign * amount
    assert set(sums.values()) == {0}
    await sound(tx)


async def test_a_rule_without_its_line_or_amount_is_noticed(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids, shops=1)
    await an_offer(tx, ids, town.goods[:1], price_minor=1_500)
    (placed,) = await place_all(tx, ids, [a_checkout(ids, town.buyers[0], town.goods[0])])
    order_id = placed.order_ids[0]

    async def broken() -> bool:
        found = await tx.fetch(verify.text_of("rules_equal_lines"))
        return any(row["order_id"] == order_id for row in found)

    assert not await broken()
    for change in ("amount_minor = amount_minor + 1", "line = 9", "payer = 'platform'"):
        point = tx.transaction()
        await point.start()
        await tx.execute(f"UPDATE sale_order_offer SET {change} WHERE order_id = $1", order_id)
        assert await broken(), change
        await point.rollback()
