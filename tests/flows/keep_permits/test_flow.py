"""Permits: what may be listed with them, what happens when they end, and when they come back."""

from datetime import date, datetime, timedelta

import pytest

from jishi.db import Tx
from jishi.flows.admit_goods import rules
from jishi.flows.admit_goods.types import ConditionMissing, ListingLimited, ShopNotApproved
from jishi.flows.keep_permits import flow
from jishi.flows.list_products import guard as listing
from jishi.kit.errors import Refusal
from jishi.kit.ids import AccountId, IdMaker, ProductId, ShopId, cell_of
from jishi.modules import catalogue, qualifications
from jishi.modules.catalogue import Refused
from jishi.modules.penalties import NewPenalty, PenaltyKind
from jishi.modules.qualifications import NewQualification, QualificationId, QualificationMissing
from jishi.modules.qualifications.types import QualificationWaiting
from tests.support.goods import NOW, AShop, a_product, a_shop, add
from tests.support.standing import a_case, a_paper, be_kind, is_listed

OPERATOR = AccountId(101 << 14)
TODAY = qualifications.permit_day(NOW)


async def food(tx: Tx) -> int:
    """A leaf below food items."""
    found = await tx.fetchval(
        "SELECT c.id FROM category c JOIN category u ON u.id = ANY (c.path)"
        " WHERE u.code = 'fb-2' AND c.is_leaf ORDER BY c.id LIMIT 1"
    )
    return int(found)


async def a_grocer(tx: Tx, ids: IdMaker, kind: str = "business") -> tuple[AShop, ProductId]:
    shop = await a_shop(tx, ids)
    product = a_product(shop, ids, category_id=await food(tx))
    await add(tx, product)
    await be_kind(tx, shop.id, kind)
    return shop, product.id


async def problems(
    tx: Tx, shop: ShopId, product_id: ProductId, now: datetime = NOW
) -> list[Refusal]:
    (verdict,) = await listing.list_products(tx, shop, [product_id], now=now)
    return list(verdict.problems) if isinstance(verdict, Refused) else []


async def hand_in(
    tx: Tx, ids: IdMaker, shop: ShopId, *, until: date | None, approve: bool = True
) -> QualificationId:
    permit_id = QualificationId(ids.make(cell_of(shop)))
    permit = NewQualification(
        kind="food",
        number="JY11101010001234",
        paper_id=await a_paper(tx, ids, shop, now=NOW),
        valid_from=TODAY - timedelta(days=100),
        valid_until=until,
    )
    await qualifications.submit(
        tx, shop, permit, qualification_id=permit_id, by=OPERATOR, locale="en",
        due_at=NOW, today=TODAY, now=NOW,
    )  # fmt: skip
    if approve:
        await qualifications.claim(tx, permit_id, operator_id=OPERATOR, now=NOW)
        await qualifications.decide(
            tx, permit_id, approve=True, reason="", note="", operator_id=OPERATOR, now=NOW
        )
    return permit_id


async def test_food_is_listed_only_with_an_approved_permit_which_the_refusal_names(
    tx: Tx, ids: IdMaker
) -> None:
    shop, product_id = await a_grocer(tx, ids)
    (problem,) = await problems(tx, shop.id, product_id)
    assert isinstance(problem, QualificationMissing)
    assert "食品经营许可证" in problem.facts["name"]
    await hand_in(tx, ids, shop.id, until=TODAY, approve=False)
    assert await problems(tx, shop.id, product_id)
    with pytest.raises(QualificationWaiting):
        await hand_in(tx, ids, shop.id, until=TODAY)
    await tx.execute("UPDATE shop_qualification SET state = 'approved' WHERE shop_id = $1", shop.id)
    assert await problems(tx, shop.id, product_id) == []
    assert await is_listed(tx, product_id)


async def test_a_market_without_papers_asks_for_no_permits(tx: Tx, ids: IdMaker) -> None:
    shop, product_id = await a_grocer(tx, ids, "plain")
    assert await problems(tx, shop.id, product_id) == []


async def test_the_end_is_told_a_month_and_a_week_before_and_when_it_has_come(
    tx: Tx, ids: IdMaker
) -> None:
    shop, _product = await a_grocer(tx, ids)
    permit_id = await hand_in(tx, ids, shop.id, until=TODAY + timedelta(days=40))
    told = []
    for days in (0, 10, 11, 33, 34, 40, 41, 42):
        found = await qualifications.ending(tx, today=TODAY + timedelta(days=days), limit=1_000)
        told += [(days, it.days) for it in found if it.id == permit_id]
    assert told == [(10, 30), (33, 7), (41, 0)]


async def test_goods_go_off_sale_when_the_permit_ends_and_back_when_it_is_renewed(
    tx: Tx, ids: IdMaker
) -> None:
    shop, product_id = await a_grocer(tx, ids)
    await hand_in(tx, ids, shop.id, until=TODAY)
    await listing.list_products(tx, shop.id, [product_id], now=NOW)
    before = shop.id - 1
    assert (await flow.take_off(tx, before, now=NOW))[0] == 0
    tomorrow = NOW + timedelta(days=1)
    assert (await flow.take_off(tx, before, now=tomorrow))[0] == 1
    assert not await is_listed(tx, product_id)
    assert await flow.put_back(tx, ids=ids, now=tomorrow) == 0
    await hand_in(tx, ids, shop.id, until=TODAY + timedelta(days=300))
    assert await flow.put_back(tx, ids=ids, now=tomorrow) == 1
    assert await is_listed(tx, product_id)


@pytest.mark.parametrize(
    ("title", "state"),
    [("手工陈皮", "listed"), ("高仿陈皮", "delisted"), ("全国第一陈皮", "in_audit")],
)
async def test_goods_changed_while_they_were_off_sale_go_back_through_the_audit(
    tx: Tx, ids: IdMaker, title: str, state: str
) -> None:
    shop, product_id = await a_grocer(tx, ids)
    await hand_in(tx, ids, shop.id, until=TODAY)
    await listing.list_products(tx, shop.id, [product_id], now=NOW)
    tomorrow = NOW + timedelta(days=1)
    await flow.take_off(tx, shop.id - 1, now=tomorrow)
    await tx.execute("UPDATE product SET title = $2 WHERE id = $1", product_id, title)
    await hand_in(tx, ids, shop.id, until=TODAY + timedelta(days=300))
    await flow.put_back(tx, ids=ids, now=tomorrow)
    assert await tx.fetchval("SELECT state FROM product WHERE id = $1", product_id) == state


async def test_second_hand_goods_say_their_condition(tx: Tx, ids: IdMaker) -> None:
    shop = await a_shop(tx, ids)
    product = a_product(shop, ids)
    await add(tx, product)
    await be_kind(tx, shop.id, "second_hand")
    assert [type(it) for it in await problems(tx, shop.id, product.id)] == [ConditionMissing]
    await catalogue.set_condition(tx, shop.id, product.id, "good")
    assert await problems(tx, shop.id, product.id) == []


async def test_a_limit_of_goods_lets_the_first_ones_through(tx: Tx, ids: IdMaker) -> None:
    shop = await a_shop(tx, ids)
    products = [a_product(shop, ids) for _ in range(3)]
    await add(tx, *products)
    limit = NewPenalty(kind=PenaltyKind.LISTING_LIMIT, amount=2, days=10)
    await a_case(tx, ids, shop.id, limit, operator_id=OPERATOR, now=NOW)
    await tx.execute(
        "UPDATE violation_penalty SET state = 'in_force', ends_at = $2 WHERE shop_id = $1",
        shop.id,
        NOW + timedelta(days=10),
    )
    asked = [it.id for it in products]
    verdicts = await listing.list_products(tx, shop.id, asked, now=NOW)
    refused = [type(it.problems[0]) for it in verdicts if isinstance(it, Refused)]
    assert refused == [ListingLimited]
    later = NOW + timedelta(days=10)
    assert not any(
        isinstance(it, Refused) for it in await listing.list_products(tx, shop.id, asked, now=later)
    )


def test_a_shop_getting_ready_lists_nothing() -> None:
    (found,) = rules.problems(
        shop_kind="business", shop_state="preparing", condition=None, is_taken_off=False, missing=[]
    )
    assert isinstance(found, ShopNotApproved)
