"""Goods before people: what waits, what stays on sale, what decisions do. Over HTTP and in races."""

import asyncio
from typing import Any

import httpx
import pytest

from jishi import db
from jishi.flows.audit_products import flow, restoring
from jishi.flows.audit_products.types import AuditOvertaken
from jishi.flows.list_products import guard
from jishi.kit.errors import Refusals
from jishi.kit.ids import IdMaker
from jishi.modules import accounts, catalogue
from jishi.modules.catalogue import InAudit, NewPrice, ProductState, Refused, audits
from jishi.modules.catalogue.audits import AuditClaimed, AuditDecided, AuditReasonMissing
from jishi.modules.catalogue.types import ProductEdited
from tests.flows.list_products.test_routes import a_form, an_owner, chosen, kept
from tests.support.goods import NOW, AShop, a_product, a_shop, add, an_account
from tests.support.staff import a_person

SHADY = "全国第一猕猴桃"


async def a_case(pool: db.Pool, product_id: int) -> Any:
    async with db.reading(pool) as tx:
        return await audits.latest_case(tx, product_id)  # type: ignore[arg-type]


async def listed(
    pool: db.Pool, ids: IdMaker, **fields: Any
) -> tuple[AShop, catalogue.NewProduct, Any]:
    """A shop, its product, and the verdict on putting it on sale."""
    async with db.transaction(pool) as tx:
        shop = await a_shop(tx, ids)
        product = a_product(shop, ids, **fields)
        await add(tx, product)
        (verdict,) = await guard.list_products(
            tx, shop.id, [product.id], maker=ids, by=shop.owner_id, now=NOW
        )
    return shop, product, verdict


async def an_operator(pool: db.Pool, ids: IdMaker) -> Any:
    async with db.transaction(pool) as tx:
        return await an_account(tx, ids, "审核员")


async def decide(pool: db.Pool, ids: IdMaker, case_id: int, operator: Any, **given: Any) -> None:
    async with db.transaction(pool) as tx:
        await flow.decide_case(tx, case_id, operator_id=operator, ids=ids, now=NOW, **given)


async def test_clean_goods_go_on_sale_at_once(pool: db.Pool, ids: IdMaker) -> None:
    shop, product, _verdict = await listed(pool, ids)
    assert (await kept(pool, shop, product.id)).state is ProductState.LISTED
    assert await a_case(pool, product.id) is None


async def test_what_is_forbidden_is_refused_by_field(pool: db.Pool, ids: IdMaker) -> None:
    shop, product, verdict = await listed(pool, ids, title="高 仿 包")
    assert isinstance(verdict, Refused)
    assert [(it.code, it.field) for it in verdict.problems] == [("audit.word_blocked", "title")]
    assert (await kept(pool, shop, product.id)).state is ProductState.DRAFT


async def test_new_goods_wait_and_are_sold_when_approved(pool: db.Pool, ids: IdMaker) -> None:
    shop, product, verdict = await listed(pool, ids, title=SHADY)
    assert isinstance(verdict, InAudit)
    waiting = await kept(pool, shop, product.id)
    assert (waiting.state, waiting.skus[0].on_sale) == (ProductState.IN_AUDIT, False)
    case, operator = await a_case(pool, product.id), await an_operator(pool, ids)
    await decide(pool, ids, case["id"], operator, approve=True)
    sold = await kept(pool, shop, product.id)
    assert (sold.state, sold.skus[0].on_sale) == (ProductState.LISTED, True)
    with pytest.raises(AuditDecided):
        await decide(pool, ids, case["id"], operator, approve=True)
    async with db.transaction(pool) as tx:  # what people let pass is not asked again
        await catalogue.delist(tx, shop.id, [product.id], now=NOW)
        again = await guard.list_products(tx, shop.id, [product.id], maker=ids, now=NOW)
    assert not isinstance(again[0], InAudit | Refused)


async def test_what_comes_back_is_a_draft_with_reasons(pool: db.Pool, ids: IdMaker) -> None:
    shop, product, _ = await listed(pool, ids, title=SHADY)
    case, operator = await a_case(pool, product.id), await an_operator(pool, ids)
    with pytest.raises(AuditReasonMissing):
        await decide(pool, ids, case["id"], operator, approve=False)
    reasons = [{"field": "title", "code": "misleading"}]
    await decide(pool, ids, case["id"], operator, approve=False, reasons=reasons, note="改标题")
    assert (await kept(pool, shop, product.id)).state is ProductState.DRAFT
    case = await a_case(pool, product.id)
    assert (case["state"], case["reasons"], case["note"]) == ("refused", reasons, "改标题")


async def test_of_two_operators_one_decides(pool: db.Pool, ids: IdMaker) -> None:
    _shop, product, _ = await listed(pool, ids, title=SHADY)
    case = await a_case(pool, product.id)
    people = [await an_operator(pool, ids), await an_operator(pool, ids)]
    outcome = await asyncio.gather(
        *(decide(pool, ids, case["id"], it, approve=True) for it in people), return_exceptions=True
    )
    assert sorted(type(it).__name__ for it in outcome) == ["AuditDecided", "NoneType"]


async def test_a_claimed_audit_is_not_for_another(pool: db.Pool, ids: IdMaker) -> None:
    _shop, product, _ = await listed(pool, ids, title=SHADY)
    case = await a_case(pool, product.id)
    async with db.transaction(pool) as tx:
        await flow.claim_case(tx, case["id"], operator_id=await an_account(tx, ids), now=NOW)
    with pytest.raises(AuditClaimed):
        await decide(pool, ids, case["id"], await an_operator(pool, ids), approve=True)


async def an_edit(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker, **fields: Any
) -> tuple[Any, AShop, Any, httpx.Response]:
    """A product on sale whose form was posted again, changed."""
    given = {"title": "手作酸梅汤", "state": ProductState.LISTED}
    owner, shop, (product,) = await an_owner(client, pool, ids, given)
    row = {"price": fields.pop("price", "10.00"), "on_hand": "8", "seen": "10"}
    form = a_form(shop, [row], version="1", category=await chosen(pool, shop), **fields)
    answer = await owner.post(f"/merchant/{shop.id}/goods/{product.id}", data=form)
    return owner, shop, product, answer


async def test_an_edit_waits_while_the_former_stays_on_sale(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, product, answer = await an_edit(client, pool, ids, price="99.00", brand="新牌")
    assert answer.status_code == 303
    former = await kept(pool, shop, product.id)
    assert (former.state, former.skus[0].price_minor, former.brand) == ("listed", 1000, "")
    page = await owner.get(answer.headers["location"])
    assert "The price goes from ¥10.00 to ¥99.00." in page.text
    case = await a_case(pool, product.id)
    await decide(pool, ids, case["id"], await an_operator(pool, ids), approve=True)
    new = await kept(pool, shop, product.id)
    assert (new.skus[0].price_minor, new.brand, new.skus[0].on_sale) == (9900, "新牌", True)
    history = await owner.get(f"/merchant/{shop.id}/goods/{product.id}/history")
    assert "Approved in the audit" in history.text


async def test_an_edit_overtaken_in_the_same_field_is_refused_by_name(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    _owner, shop, product, _ = await an_edit(client, pool, ids, price="99.00")
    async with db.transaction(pool) as tx:
        prices = {product.skus[0].id: NewPrice(price_minor=1100)}
        await catalogue.change_prices(tx, shop.id, prices, now=NOW)
    case = await a_case(pool, product.id)
    with pytest.raises(AuditOvertaken):
        await decide(pool, ids, case["id"], await an_operator(pool, ids), approve=True)
    assert (await a_case(pool, product.id))["state"] == "open"


async def test_a_forbidden_edit_is_refused_in_the_form(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    _owner, shop, product, answer = await an_edit(client, pool, ids, title="高仿酸梅汤")
    assert answer.status_code == 422
    assert "may not stand in goods" in answer.text
    assert (await kept(pool, shop, product.id)).title == "手作酸梅汤"


async def test_an_edit_of_what_waits_takes_it_back_and_hands_it_in_again(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, _ = await an_owner(client, pool, ids)
    form = a_form(shop, do="list", title=SHADY, category=await chosen(pool, shop))
    answer = await owner.post(f"/merchant/{shop.id}/goods/new", data=form)
    path = answer.headers["location"]
    product = await kept(pool, shop, int(path.rsplit("/", 1)[1]))
    assert product.state is ProductState.IN_AUDIT
    mended = {**form, "do": "save", "title": "酸梅汤", "version": str(product.version)}
    answer = await owner.post(path, data=mended)
    assert answer.status_code == 303, answer.text
    assert (await kept(pool, shop, product.id)).state is ProductState.LISTED
    assert await a_case(pool, product.id) is None  # withdrawn


async def test_a_former_version_is_restored_as_a_new_edit(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    owner, shop, product, _ = await an_edit(client, pool, ids, title="酸梅汤 大瓶", price="12.00")
    edited = await kept(pool, shop, product.id)
    path = f"/merchant/{shop.id}/goods/{product.id}/history"
    page = await owner.get(path)
    assert "酸梅汤 大瓶" in page.text
    assert "¥12.00" in page.text
    form = {"number": "1", "version": str(edited.version)}
    assert (await owner.post(path, data=form)).status_code == 303
    restored = await kept(pool, shop, product.id)
    assert (restored.title, restored.skus[0].price_minor) == ("手作酸梅汤", 1000)
    async with db.transaction(pool) as tx:
        with pytest.raises(ProductEdited):
            await restoring.restore(
                tx,
                shop.id,
                product.id,
                number=2,
                version=edited.version,
                actor_id=shop.owner_id,
                ids=ids,
                now=NOW,
            )


async def test_approval_asks_again_whether_the_shop_may_sell(pool: db.Pool, ids: IdMaker) -> None:
    shop, product, _ = await listed(pool, ids, title=SHADY)
    case = await a_case(pool, product.id)
    await pool.execute("UPDATE shop SET state = 'preparing' WHERE id = $1", shop.id)
    with pytest.raises(Refusals):
        await decide(pool, ids, case["id"], await an_operator(pool, ids), approve=True)


async def test_operators_see_the_queue_the_case_and_the_rules(
    client: httpx.AsyncClient, pool: db.Pool, ids: IdMaker
) -> None:
    _shop, product, _ = await listed(pool, ids, title=SHADY)
    case = await a_case(pool, product.id)
    operator = await an_operator(pool, ids)
    async with db.transaction(pool) as tx:
        await accounts.grant_role(tx, operator, "operator", now=NOW)
    browser = await a_person(client, pool, ids, operator)
    assert (await browser.get("/operator/audits")).status_code == 200
    path = f"/operator/audits/{case['id']}"
    assert "is looked at by a person" in (await browser.get(path)).text
    assert (await browser.post(f"{path}/claim", page=path)).status_code == 303
    bare = await browser.post(f"{path}/decide", page=path, data={"do": "send_back"})
    assert bare.status_code == 422
    assert "Say for at least one field" in bare.text
    many = {"audit_id": [str(case["id"])]}
    assert (await browser.post("/operator/audits/approve", page=path, data=many)).status_code == 303
    assert (await a_case(pool, product.id))["state"] == "approved"
    assert SHADY in (await browser.get("/operator/audits?view=decided")).text
    history = await browser.get(f"/operator/products/{product.id}/history")
    assert history.status_code == 200
    assert (await browser.get("/operator/audits/rules")).status_code == 200
    word = {"word": "某某词语", "level": "look", "place": "talk"}
    rules = "/operator/audits/rules"
    assert (await browser.post(f"{rules}/words", page=rules, data=word)).status_code == 303
    page = (await browser.get(rules)).text
    assert "某某词语" in page
    assert "in reviews and chat" in page
    nowhere = await browser.post(f"{rules}/words", page=rules, data={**word, "place": "x"})
    assert nowhere.status_code == 422
    gone = await browser.post(f"{rules}/words", page=rules, data={**word, "level": ""})
    assert gone.status_code == 303
    wrong = {"jump_low": "200", "jump_high": "300", "median_high": "300", "picture_shops_max": "3"}
    assert (await browser.post(rules, page=rules, data=wrong)).status_code == 422
