"""Coupons stacked, paid, shipped, paid out; then a return, a dispute, a ruling, an appeal: in a browser.

Every posting of the order stands in docs/money: ``pricing``, ``sale``, ``payout``, ``refund-after-completion``.
"""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from jishi.demo.accounts import OPERATOR, PASSWORD
from tests.journey.browser import chromium, chromium_path, money, shown
from tests.journey.counters import ZONE, Books, Operator, do_deed, issue_coupon, photo
from tests.journey.people import Buyer, Merchant, Picked, Shop
from tests.support.folders import market_home
from tests.support.running import RunningMarket, eventually, running_market

pytestmark = [
    pytest.mark.journey,
    pytest.mark.browser,
    pytest.mark.skipif(chromium_path() is None, reason="no Chromium on this machine"),
]

SHOP = 5  # sells things one chooses a size of, and has no offers in the demo
PIECES = 3
FEE_BP = 60
OFF_SHOP, OFF_CREATOR, MARKET_PERCENT = 500, 300, 10
FIRST, FINAL = 700, 900  # what the two rulings give the buyer
CHANGE = 8  # the column of a statement's file
SECOND = "second-operator@market.example"


@dataclass(frozen=True)
class Scene:
    market: RunningMarket
    browser: Browser
    shop: Shop
    books: Books
    pictures: Path

    @property
    def url(self) -> str:
        return self.market.base_url

    def jishi(self, *arguments: str) -> str:
        """A command of the market's own machine."""
        done = subprocess.run(
            [sys.executable, "-m", "jishi", *arguments],
            env=os.environ
            | {"JISHI_HOME": str(self.market.home), "JISHI_PORT": str(self.market.port)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with (
        market_home() as home,
        running_market(home, arguments=(), environment={"JISHI_WORKERS": "1"}) as market,
        chromium() as browser,
    ):
        market.wait_open()
        pictures = tmp_path_factory.mktemp("pictures")
        yield Scene(market, browser, Shop(market.base_url, SHOP), Books(market), pictures)


@dataclass(frozen=True)
class Sum:
    """What an order costs whom, by the rules of docs/money/pricing.md."""

    goods: int
    freight: int

    @property
    def amount(self) -> int:
        return self.goods - OFF_SHOP + self.freight

    @property
    def platform(self) -> int:
        return (self.goods - OFF_SHOP) * MARKET_PERCENT // 100

    @property
    def creator(self) -> int:
        return OFF_CREATOR

    @property
    def buyer(self) -> int:
        return self.amount - self.platform - self.creator

    @property
    def fee(self) -> int:
        return self.amount * FEE_BP // 10_000


def test_stacked_coupons_payout_return_dispute_appeal(scene: Scene) -> None:
    shop, books = scene.shop, scene.books
    goods = shop.pick(has_choice=True)
    merchant = Merchant(scene.browser, scene.url, shop, locale="en")
    operator = Operator(scene.browser, scene.url, OPERATOR, locale="en")
    buyer = Buyer(scene.browser, scene.url, locale="en")
    buyer.join("Stacker")

    _offer_and_claim(merchant, operator, buyer, goods, books)
    due = Sum(PIECES * goods.price_minor, shop.freight_of(PIECES * goods.price_minor))
    order_id = _buy(scene, buyer, goods, due)
    merchant.ship(order_id, "shunfeng", "SF1234567890999")
    merchant.open(f"/orders/{order_id}")
    assert shown(due.amount) in merchant.page.inner_text("main")
    buyer.go(f"/orders/{order_id}")
    buyer.answer("confirm")
    assert buyer.says("Receipt confirmed. The shop gets its money now.")

    withdrawn, withdrawal_id = _withdraw_all(scene, merchant)
    case_id = _argue(scene, merchant, operator, buyer, order_id)
    _decide_on_appeal(scene, merchant, buyer, case_id)
    buyer.wait_for(f"/orders/{order_id}", "{amount} went back to you on {day}.")
    merchant.open(f"/aftersale/{case_id}")
    merchant.page.screenshot(path=scene.pictures / "case.png", full_page=True)

    assert books.of_order(order_id) == _in_the_documents(due)
    assert books.of_subject(withdrawal_id) == {
        "withdraw": {"payable:shop": withdrawn, "clearing:payout": -withdrawn},
        "withdraw_paid": {"clearing:payout": withdrawn, "payout:sandbox": -withdrawn},
    }
    operator.open(f"/operator/orders/{order_id}")
    listed = operator.page.inner_text("table.ledger")
    for accounts in books.of_order(order_id).values():
        assert all(f"{abs(minor) / 100:,.2f}" in listed for minor in accounts.values())
    _statement_equals_ledger(scene, merchant)


def test_afterwards_the_books_are_sound(scene: Scene) -> None:
    said = json.loads(scene.jishi("verify", "--json"))
    assert said["ok"], [check for check in said["checks"] if not check["ok"]]


def _offer_and_claim(
    merchant: Merchant, operator: Operator, buyer: Buyer, goods: Picked, books: Books
) -> None:
    """The shop's coupon, the market's, and one a creator pays, by its code."""
    issue_coupon(merchant, f"{merchant.home}/marketing/coupons", title="Five off", amount_minor="5")
    desk = "/operator/coupons"
    issue_coupon(
        operator,
        desk,
        title="A tenth off",
        benefit="percent",
        rate_bp=str(MARKET_PERCENT),
        budget_minor="5000",
        cap_minor="200",
    )
    issue_coupon(
        operator,
        desk,
        title="From a friend",
        amount_minor="3",
        payer="creator",
        creator_id=books.account_of("buyer-02@jishi.example"),
        code="FRIEND-3",
        is_public="",
    )
    _claim(buyer, f"/p/{goods.product_id}", "Five off")
    _claim(buyer, "/me/coupons", "A tenth off")
    buyer.fill(code="friend-3")
    buyer.send(buyer.page.locator('form[action="/me/coupons"] button'))
    assert "From a friend" in buyer.page.inner_text("main")


def _buy(scene: Scene, buyer: Buyer, goods: Picked, due: Sum) -> str:
    """The same amounts on every page, and each rule with what it takes; the order's number."""
    buyer.go(f"/p/{goods.product_id}")
    buyer.choose(goods)
    assert money(buyer.text("[data-sku-price]")) == goods.price_minor
    buyer.send(buyer.button("Add to cart"))
    buyer.go("/cart")
    buyer.set_quantity(goods, str(PIECES))
    eventually(lambda: money(buyer.text(".actionbar .price")) == due.buyer)
    buyer.send(buyer.button("Check out ({n})", n=PIECES))
    assert money(buyer.text(".actionbar .price")) == due.buyer
    told = buyer.page.inner_text("main")
    for title, minor in (
        ("Five off", OFF_SHOP),
        ("A tenth off", due.platform),
        ("From a friend", OFF_CREATOR),
    ):
        assert title in told
        assert f"−{shown(minor)}" in told or f"-{shown(minor)}" in told, told
    buyer.page.screenshot(path=scene.pictures / "checkout.png", full_page=True)
    buyer.place()
    buyer.to_provider()
    assert money(buyer.text(".due__amount")) == due.buyer
    buyer.pay_there()
    assert buyer.says("Paid {amount}", amount=shown(due.buyer))
    order_id = buyer.orders_by_shop()[scene.shop.name["en"]]
    buyer.go(f"/orders/{order_id}")
    assert shown(due.buyer) in buyer.page.inner_text("main")
    assert "A tenth off" in buyer.page.inner_text("main")
    return order_id


def _claim(buyer: Buyer, path: str, title: str) -> None:
    buyer.go(path)
    row = buyer.page.locator("main .row", has=buyer.page.get_by_text(title)).filter(
        has=buyer.page.locator('form[action*="/claim"]')
    )
    buyer.send(row.last.get_by_role("button", name=buyer.words("Claim"), exact=True))


def _withdraw_all(scene: Scene, merchant: Merchant) -> tuple[int, str]:
    """Prove a bank account with the deposit it got, then take everything; how much, and its number."""
    payouts = f"{merchant.home}/funds/payouts"
    merchant.open("/funds/payouts")
    merchant.fill(holder="Shop and Sons", bank="Bank of Testing", number="6222 0202 0000 7788")
    merchant.send(merchant.button("Add"))

    def is_tested() -> bool:
        merchant.go(payouts)
        return merchant.page.locator('form[action$="/prove"]').count() > 0

    eventually(is_tested)
    with merchant.context.new_page() as bank:
        bank.goto(str(merchant.page.locator('a[href$="/bank"]').first.get_attribute("href")))
        deposit = bank.locator("tr", has_text="7788").locator("td").nth(2).inner_text()
    proof = merchant.page.locator('form[action$="/prove"] input[name="amount"]')
    proof.fill(f"{money(deposit) / 100:.2f}")
    merchant.send(merchant.button("Prove"))
    assert merchant.says("The account is verified.")

    scene.books.settle_at_once(merchant.shop.id)
    merchant.open("/funds/payouts")
    free = money(merchant.figure("Can be withdrawn now"))
    assert free == scene.books.has(merchant.shop.id)
    merchant.fill(amount=f"{free / 100:.2f}")
    merchant.send(merchant.page.locator('form[action$="/payouts"] button'))
    withdrawal_id = merchant.path_id()

    def is_paid() -> bool:
        merchant.go(f"{payouts}/{withdrawal_id}")
        return merchant.page.locator(".pill--good").count() > 0

    eventually(is_paid)
    merchant.page.screenshot(path=scene.pictures / "payout.png", full_page=True)
    return free, withdrawal_id


def _argue(
    scene: Scene, merchant: Merchant, operator: Operator, buyer: Buyer, order_id: str
) -> str:
    """One of three pieces is to go back; the shop refuses, both show pictures, the market rules."""
    merchant.open("/aftersale/address")
    merchant.fill(receiver="Returns", phone="13900139000", address="1 Warehouse Road, Hangzhou")
    merchant.send(merchant.button("Keep"))
    buyer.go(f"/orders/{order_id}/aftersale")
    buyer.fill(q_1="1", text="One of the three is cracked.")
    buyer.page.locator('input[name="kind"][value="return"]').check()
    buyer.field("reason").select_option("damaged")
    buyer.page.set_input_files('input[name="pictures"]', [photo(10)])
    buyer.send(buyer.button("Send the request"))
    buyer.go("/aftersale")
    buyer.send(buyer.page.locator('main a[href^="/aftersale/"]').first)
    case_id = buyer.path_id()
    theirs, ours = f"{merchant.home}/aftersale/{case_id}", f"/aftersale/{case_id}"

    merchant.open(f"/aftersale/{case_id}")
    do_deed(merchant, theirs, "refuse", [photo(20)], reason="not_proven", text="It left whole.")
    assert merchant.says("Refused. The buyer is told the reason.")
    do_deed(buyer, ours, "escalate", [photo(30)], text="The box was crushed, see the corner.")
    assert buyer.says("The market looks into it. Add what proves your side within 48 hours.")
    do_deed(merchant, theirs, "say", [photo(40)], text="Packed in two layers.")
    do_deed(buyer, ours, "say", [photo(50)], text="The inner layer was torn, too.")
    buyer.page.screenshot(path=scene.pictures / "dispute-buyer.png", full_page=True)

    operator.open(f"/operator/disputes/{case_id}")
    operator.page.screenshot(path=scene.pictures / "dispute.png", full_page=True)
    assert operator.page.locator(".talk img").count() == 5
    operator.rule(case_id, "part", amount=f"{FIRST / 100:.2f}", rule="AS-2", goods=False)
    return case_id


def _decide_on_appeal(scene: Scene, merchant: Merchant, buyer: Buyer, case_id: str) -> None:
    """The shop appeals; another operator gives more, and the piece goes back first."""
    theirs, ours = f"{merchant.home}/aftersale/{case_id}", f"/aftersale/{case_id}"
    do_deed(merchant, theirs, "appeal", [photo(60)], text="The ruling overlooks our packing.")
    assert merchant.says("Appealed. Another operator decides.")
    do_deed(buyer, ours, "say", text="Please look at the first picture again.")

    other = Buyer(scene.browser, scene.url, locale="en", desk=True)
    other.sign_up("Second operator", SECOND, PASSWORD)
    other.context.close()
    scene.jishi("operator", "add", SECOND)
    second = Operator(scene.browser, scene.url, SECOND, locale="zh-CN")
    second.rule(case_id, "part", amount=f"{FINAL / 100:.2f}", rule="AS-2", goods=True)
    second.context.close()

    do_deed(buyer, ours, "send-back", carrier="shunfeng", waybill="SF5555555555555")
    merchant.open(f"/aftersale/{case_id}")
    do_deed(merchant, theirs, "receive", condition="damaged")
    assert merchant.says("Receipt is noted.")


def _in_the_documents(due: Sum) -> dict[str, dict[str, int]]:
    """The first of three units for FINAL of the buyer's part of it; the shop had withdrawn all."""
    unit = {it: -(-minor // PIECES) for it, minor in vars_of(due).items()}
    platform = unit["platform"] * FINAL // unit["buyer"]
    creator = unit["creator"] * FINAL // unit["buyer"]
    back = FINAL + platform + creator
    fee_back = due.fee - (due.amount - back) * FEE_BP // 10_000
    return {
        "pay": {
            "gateway:sandbox": due.buyer,
            "subsidy": due.platform,
            "receivable:creator": due.creator,
            "escrow": -due.amount,
        },
        "complete": {"escrow": due.amount, "payable:shop": due.fee - due.amount, "fee": -due.fee},
        "refund_settled": {
            "receivable:shop": back - fee_back,
            **({"fee": fee_back} if fee_back else {}),
            "clearing:refund": -FINAL,
            "subsidy": -platform,
            "receivable:creator": -creator,
        },
        "refund_paid": {"clearing:refund": FINAL, "gateway:sandbox": -FINAL},
    }


def vars_of(due: Sum) -> dict[str, int]:
    return {"buyer": due.buyer, "platform": due.platform, "creator": due.creator}


def _statement_equals_ledger(scene: Scene, merchant: Merchant) -> None:
    """Today's page and file, against the accounts."""
    day = datetime.now(ZONE).date().isoformat()
    merchant.open(f"/funds/statements/{day}")
    closing = money(merchant.text("dl.sum .total dd"))
    assert closing == scene.books.has(merchant.shop.id)
    merchant.page.screenshot(path=scene.pictures / "statement.png", full_page=True)
    answer = merchant.context.request.get(
        f"{scene.url}{merchant.home}/funds/statements.csv?period={day}"
    )
    assert answer.ok
    rows = list(csv.reader(io.StringIO(answer.body().decode("utf-8-sig"))))
    _, opening, *lines, last = rows
    changed = [_minor(row[CHANGE]) for row in lines]
    assert sum(changed) == scene.books.changed_today(merchant.shop.id)
    assert _minor(opening[-1]) + sum(changed) == _minor(last[-1]) == closing
    assert [_minor(row[-1]) for row in lines] == [
        _minor(opening[-1]) + sum(changed[: nth + 1]) for nth in range(len(lines))
    ]


def _minor(text: str) -> int:
    """``-1234.50`` of a file as minor units."""
    whole, _, part = text.lstrip("-").partition(".")
    minor = int(whole) * 100 + int(part or 0)
    return -minor if text.startswith("-") else minor
