"""Applications from draft to decision: automatic checks, people, races and limits."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from jishi.db import Pool, Tx, transaction
from jishi.flows.open_shop import application, limits, open_shop
from jishi.flows.review_shops import flow as review
from jishi.kit.errors import Refusals
from jishi.kit.ids import AccountId, IdMaker, ShopId, cell_of
from jishi.modules import shops
from jishi.modules.shops import Application, ApplicationState, NewShop, Papers, ShopKind, ShopState
from jishi.modules.shops.rules_papers import id_check, registration_check
from jishi.modules.shops.types_applications import (
    ApplicationMoved,
    ClaimedByOther,
    KindFull,
    OwnShop,
    RegistrationTaken,
)
from tests.support.goods import NOW, an_account
from tests.support.makers import Goods, Town, a_town, an_order
from tests.support.standing import a_paper, shop_state

SECRET = b"s" * 32
OPERATOR, OTHER = AccountId(101 << 14), AccountId(102 << 14)


def a_number(ids: IdMaker) -> str:
    """A registration number nobody has."""
    body = "91350100M" + f"{ids.make(0) % 10**8:08d}"
    return body + registration_check(body)


def an_id_number(ids: IdMaker) -> str:
    body = f"{110000 + ids.make(0) % 9999:06d}" + "19900101" + f"{ids.make(0) // 64 % 1000:03d}"
    return body + id_check(body)


async def preparing(tx: Tx, ids: IdMaker, owner_id: AccountId | None = None) -> ShopId:
    owner_id = owner_id or await an_account(tx, ids)
    shop_id, _ = await open_shop(
        tx, NewShop(name="山里来信"), owner_id=owner_id, ids=ids, now=NOW, is_reviewed=True
    )
    return shop_id


async def filled(tx: Tx, ids: IdMaker, shop_id: ShopId, kind: str, **papers: Any) -> Application:
    await application.start(tx, shop_id, kind, applicant_id=OTHER, ids=ids, now=NOW)
    found = await shops.application_of(tx, shop_id)
    assert found
    return await application.save(
        tx,
        shop_id,
        Papers(kind=ShopKind(kind), **papers),
        version=found.version,
        secret=SECRET,
        now=NOW,
    )


async def a_business(tx: Tx, ids: IdMaker, shop_id: ShopId, **papers: Any) -> Application:
    facts: dict[str, Any] = {
        "company_name": "山里来信商贸有限公司",
        "registration_number": a_number(ids),
        "legal_person": "林知夏",
        "licence_paper_id": await a_paper(tx, ids, shop_id, now=NOW),
    }
    return await filled(tx, ids, shop_id, "business", **{**facts, **papers})


async def submit(tx: Tx, shop_id: ShopId) -> Application:
    shop = await shops.get_shop(tx, shop_id)
    return await application.submit(tx, shop, applicant_id=OTHER, applicant="林知夏", now=NOW)


async def decide(
    tx: Tx, found: Application, *, approve: bool, by: AccountId = OPERATOR
) -> Application:
    await review.claim_application(tx, found.id, operator_id=by, now=NOW)
    reasons = [] if approve else [{"field": "legal_person", "code": "differs"}]
    return await review.decide_application(
        tx, found.id, approve=approve, reasons=reasons, note="", operator_id=by, now=NOW
    )


async def test_a_business_opens_with_its_approval_and_may_be_sent_back_before(
    tx: Tx, ids: IdMaker
) -> None:
    shop_id = await preparing(tx, ids)
    await a_business(tx, ids, shop_id)
    found = await submit(tx, shop_id)
    assert found.state is ApplicationState.SUBMITTED
    assert found.due_at
    assert found.due_at - NOW >= timedelta(days=2)
    back = await decide(tx, found, approve=False)
    assert (back.state, back.problems[0]["code"]) == (ApplicationState.SENT_BACK, "differs")
    assert await shop_state(tx, shop_id) == "preparing"
    again = await submit(tx, shop_id)
    done = await decide(tx, again, approve=True)
    shop = await shops.get_shop(tx, shop_id)
    assert (done.state, shop.state, shop.kind) == (
        ApplicationState.APPROVED,
        ShopState.OPEN,
        ShopKind.BUSINESS,
    )
    assert shop.licence["legal_person"] == "林知夏"
    steps = await tx.fetch(
        "SELECT state FROM shop_application_step WHERE application_id = $1 ORDER BY version",
        found.id,
    )
    assert [row["state"] for row in steps] == [
        "submitted", "under_review", "sent_back", "submitted", "under_review", "approved",
    ]  # fmt: skip


async def test_an_individual_passes_by_itself_below_a_limit_and_keeps_no_number(
    tx: Tx, ids: IdMaker
) -> None:
    shop_id, number = await preparing(tx, ids), an_id_number(ids)
    await filled(tx, ids, shop_id, "individual", real_name="林知夏", id_number=number)
    done = await submit(tx, shop_id)
    shop = await shops.get_shop(tx, shop_id)
    assert (done.state, done.decided_by) == (ApplicationState.APPROVED, None)
    assert (shop.state, shop.kind, shop.sales_limit_minor) == (
        ShopState.OPEN,
        ShopKind.INDIVIDUAL,
        10_000_000,
    )
    kept = await tx.fetchval(
        "SELECT to_jsonb(a)::text FROM shop_application a WHERE id = $1", done.id
    )
    assert number not in kept
    assert number[:6] + "********" + number[-4:] in kept


async def test_what_the_automatic_checks_find_is_named_field_by_field(tx: Tx, ids: IdMaker) -> None:
    shop_id = await preparing(tx, ids)
    await a_business(tx, ids, shop_id, registration_number="91350100M000100Y44", licence_paper_id=5)
    with pytest.raises(Refusals) as refused:
        await submit(tx, shop_id)
    assert {(it.field, it.code) for it in refused.value.items} == {
        ("registration_number", "shops.registration_invalid"),
        ("licence_paper_id", "shops.paper_unknown"),
    }


async def test_a_number_belongs_to_one_owner(tx: Tx, ids: IdMaker) -> None:
    number, owner = a_number(ids), await an_account(tx, ids)
    mine, second, theirs = (
        await preparing(tx, ids, owner),
        await preparing(tx, ids, owner),
        await preparing(tx, ids),
    )
    await a_business(tx, ids, mine, registration_number=number)
    await decide(tx, await submit(tx, mine), approve=True)
    await a_business(tx, ids, second, registration_number=number)
    assert (await submit(tx, second)).state is ApplicationState.SUBMITTED
    await a_business(tx, ids, theirs, registration_number=number)
    with pytest.raises(RegistrationTaken):
        await submit(tx, theirs)


async def test_two_owners_approved_at_once_under_one_number_leave_one(
    pool: Pool, ids: IdMaker
) -> None:
    number = a_number(ids)
    waiting: list[Application] = []
    for operator in (OPERATOR, OTHER):
        async with transaction(pool) as tx:
            shop_id = await preparing(tx, ids)
            await a_business(tx, ids, shop_id, registration_number=number)
            waiting.append(await submit(tx, shop_id))
            await review.claim_application(tx, waiting[-1].id, operator_id=operator, now=NOW)

    async def approve(found: Application, by: AccountId) -> str:
        try:
            async with transaction(pool) as mine:
                await review.decide_application(
                    mine, found.id, approve=True, reasons=[], note="", operator_id=by, now=NOW
                )
        except RegistrationTaken:
            return "taken"
        return "approved"

    both = zip(waiting, (OPERATOR, OTHER), strict=True)
    assert sorted(await asyncio.gather(*(approve(*it) for it in both))) == ["approved", "taken"]


async def test_of_two_operators_one_has_the_application(pool: Pool, ids: IdMaker) -> None:
    async with transaction(pool) as tx:
        shop_id = await preparing(tx, ids)
        await a_business(tx, ids, shop_id)
        found = await submit(tx, shop_id)

    async def claim(by: AccountId) -> bool:
        try:
            async with transaction(pool) as mine:
                await review.claim_application(mine, found.id, operator_id=by, now=NOW)
        except ClaimedByOther:
            return False
        return True

    assert sorted(await asyncio.gather(claim(OPERATOR), claim(OTHER))) == [False, True]


async def test_an_owner_has_one_individual_shop(tx: Tx, ids: IdMaker) -> None:
    owner, number = await an_account(tx, ids), an_id_number(ids)
    for shop_id in (await preparing(tx, ids, owner), await preparing(tx, ids, owner)):
        await filled(tx, ids, shop_id, "individual", real_name="林知夏", id_number=number)
        if shop_id == (await shops.shops_of(tx, owner))[-1][0].id:
            await submit(tx, shop_id)
        else:
            with pytest.raises(KindFull):
                await submit(tx, shop_id)


@pytest.mark.parametrize("number", ["123", "11010519491231002X0", "110105194912310020"])
async def test_a_number_that_is_none_is_not_kept_to_be_handed_in_unseen(
    tx: Tx, ids: IdMaker, number: str
) -> None:
    shop_id = await preparing(tx, ids)
    with pytest.raises(Refusals) as refused:
        await filled(tx, ids, shop_id, "individual", real_name="林知夏", id_number=number)
    assert [it.field for it in refused.value.items] == ["id_number"]
    with pytest.raises(Refusals):
        await submit(tx, shop_id)


async def test_nobody_reviews_the_shop_they_work_in_and_nothing_is_saved_twice(
    tx: Tx, ids: IdMaker
) -> None:
    owner = await an_account(tx, ids)
    shop_id = await preparing(tx, ids, owner)
    kept = await a_business(tx, ids, shop_id)
    with pytest.raises(ApplicationMoved):
        await application.save(
            tx, shop_id, kept.papers, version=kept.version - 1, secret=SECRET, now=NOW
        )
    found = await submit(tx, shop_id)
    with pytest.raises(OwnShop):
        await review.claim_application(tx, found.id, operator_id=owner, now=NOW)


async def test_a_private_seller_is_suspended_at_the_yearly_limit_and_open_again_next_year(
    tx: Tx, ids: IdMaker
) -> None:
    town: Town = await a_town(tx, ids, shops=1, skus=1, buyers=1)
    goods: Goods = town.goods[0]
    shop_id = goods.shop_id
    limit = (
        "UPDATE shop SET kind = 'individual', sales_limit_minor = $3 WHERE cell = $1 AND id = $2"
    )
    await an_order(tx, ids, town, until="to_ship")
    for price, state in ((goods.price_minor + 1, "open"), (goods.price_minor, "suspended")):
        await tx.execute(limit, cell_of(shop_id), shop_id, price)
        await limits.check_next(tx, shop_id - 1, zone="Asia/Shanghai", now=NOW)
        assert await shop_state(tx, shop_id) == state
    next_year = NOW + timedelta(days=366)
    await limits.check_next(tx, shop_id - 1, zone="Asia/Shanghai", now=next_year)
    assert await shop_state(tx, shop_id) == "open"
