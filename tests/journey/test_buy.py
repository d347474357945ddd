"""From signing up to money a shop may withdraw, on a whole market, as people do it: in a browser."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from jishi.kit.money import share_down
from tests.journey.browser import chromium, chromium_path, money, shown
from tests.journey.people import Buyer, Merchant, Shop, shop_without_choices
from tests.support.folders import market_home
from tests.support.running import RunningMarket, eventually, running_market

pytestmark = [
    pytest.mark.journey,
    pytest.mark.browser,
    pytest.mark.skipif(chromium_path() is None, reason="no Chromium on this machine"),
]

FEE_BP = 60  # as the settings have it unless told otherwise
QUANTITY = "The quantity must be a whole number from 1 to {most}; it is {quantity}."
LAPSED_SECONDS = 90  # the shortest time to pay there is, and what the market takes to notice


@dataclass(frozen=True)
class Scene:
    """An open market with its demo, a browser, and two of its shops."""

    market: RunningMarket
    browser: Browser
    hills: Shop  # sells things one chooses a size of
    other: Shop  # sells things there is one of

    @property
    def url(self) -> str:
        return self.market.base_url


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with (
        market_home() as home,
        running_market(
            home, arguments=(), environment={"JISHI_UNPAID_MINUTES": "1", "JISHI_WORKERS": "1"}
        ) as market,
        chromium() as browser,
    ):
        market.wait_open()
        hills, other = Shop(market.base_url, 0), Shop(market.base_url, shop_without_choices())
        yield Scene(market, browser, hills, other)


@dataclass(frozen=True)
class Dawdler:
    buyer: Buyer
    order_id: str


@pytest.fixture(scope="module", autouse=True)
def dawdler(scene: Scene) -> Dawdler:
    """Pays just in time with a provider that keeps it to itself. Begun first: it takes a minute."""
    goods = scene.hills.pick(has_choice=True)
    buyer = Buyer(scene.browser, scene.url, locale="en")
    buyer.join("Dawdler")
    buyer.put_into_cart(goods)
    buyer.go("/checkout")
    buyer.place()
    # The market asks a minute after its pay page was opened: let the order lapse before that.
    buyer.page.wait_for_function(
        "() => document.querySelector('.countdown').textContent.replace(':', '') <= 56"
    )
    buyer.to_provider()
    buyer.pay_and_vanish("silent")
    return Dawdler(buyer, buyer.orders_by_shop()[scene.hills.name["en"]])


def test_two_shops_one_checkout_until_both_may_withdraw(scene: Scene) -> None:
    chosen = scene.hills.pick(has_choice=True)
    plain = scene.other.pick(has_choice=False)
    before = {shop.id: shop.funds() for shop in (scene.hills, scene.other)}

    buyer = Buyer(scene.browser, scene.url, locale="en")
    buyer.join("Hurry")
    buyer.search(chosen)
    buyer.choose(chosen)
    assert money(buyer.text("[data-sku-price]")) == chosen.price_minor
    buyer.send(buyer.button("Add to cart"))
    assert buyer.says("Added to cart")
    buyer.put_into_cart(plain)
    buyer.go("/cart")
    buyer.set_quantity(plain, "2")
    goods = {scene.hills.id: chosen.price_minor, scene.other.id: 2 * plain.price_minor}
    amounts = {
        shop.id: goods[shop.id] + shop.freight_of(goods[shop.id])
        for shop in (scene.hills, scene.other)
    }
    buyer.send(buyer.button("Check out ({n})", n=3))
    assert money(buyer.text(".actionbar .price")) == sum(amounts.values())

    buyer.place()
    buyer.to_provider()
    assert money(buyer.text(".due__amount")) == sum(amounts.values())
    buyer.pay_there()
    assert buyer.says("Paid {amount}", amount=shown(sum(amounts.values())))
    orders = buyer.orders_by_shop()
    assert set(orders) == {scene.hills.name["en"], scene.other.name["en"]}

    for shop, carrier, waybill in (
        (scene.hills, "shunfeng", "SF1234567890123"),
        (scene.other, "zhongtong", "75312345678901"),
    ):
        order_id = orders[shop.name["en"]]
        merchant = Merchant(scene.browser, scene.url, shop, locale="zh-CN")
        merchant.open("/orders?state=to_ship")
        assert merchant.page.locator(f'a[href$="/orders/{order_id}"]').count() == 1
        merchant.ship(order_id, carrier, waybill)
        assert waybill in merchant.page.inner_text("main")

        buyer.go(f"/orders/{order_id}")
        assert waybill in buyer.page.inner_text("main")
        buyer.answer("confirm")
        assert buyer.says("Receipt confirmed. The shop gets its money now.")

        theirs = amounts[shop.id] - share_down(amounts[shop.id], FEE_BP)
        merchant.open("/funds")
        now_theirs = before[shop.id]["payable_minor"] + theirs
        assert shop.funds()["payable_minor"] == now_theirs
        assert shown(now_theirs) in merchant.page.inner_text(".tiles")  # part waits for its days
        merchant.page.locator("#proof-body a").click()
        assert merchant.says("Totals re-add from the ledger, to the last digit.")
        merchant.open("/funds?view=lines&account=payable")
        assert merchant.text("tbody tr:first-child td.good") == f"+{shown(theirs)[1:]}"
        merchant.open(f"/orders/{order_id}")
        assert merchant.says("{amount} is yours to withdraw.", amount=shown(theirs))
        merchant.context.close()
    buyer.context.close()


def test_the_same_in_chinese_without_script_and_the_money_back(scene: Scene) -> None:
    chosen = scene.hills.pick(has_choice=True)
    plain = scene.other.pick(has_choice=False)
    buyer = Buyer(scene.browser, scene.url, locale="zh-CN", script=False)
    buyer.join("无脚本")
    buyer.search(chosen)
    buyer.choose(chosen)
    buyer.send(buyer.button("Add to cart"))
    assert buyer.says("Added to cart")
    buyer.put_into_cart(plain)
    buyer.go("/cart")
    buyer.set_quantity(plain, "2")
    buyer.send(buyer.button("Check out ({n})", n=3))
    due = money(buyer.text(".actionbar .price"))
    buyer.place()
    buyer.to_provider()
    buyer.pay_there()
    assert buyer.says("Paid {amount}", amount=shown(due))
    order_id = buyer.orders_by_shop()[scene.hills.name["zh-CN"]]
    left = scene.hills.stock_of(chosen)

    buyer.go(f"/orders/{order_id}")
    amount = scene.hills.order(order_id)["amount_minor"]
    buyer.send(buyer.button("Refund {amount}", amount=shown(amount)))
    assert buyer.says("Refunded. The money is on its way back to you.")
    assert scene.hills.stock_of(chosen) == left + 1
    buyer.wait_for(f"/orders/{order_id}", "{amount} went back to you on {day}.")
    buyer.context.close()


def test_buyer_and_shop_talk_over_a_lost_connection(scene: Scene) -> None:
    goods = scene.hills.pick(has_choice=True)
    buyer = Buyer(scene.browser, scene.url, locale="en")
    buyer.sign_up("Curious", buyer.login)
    buyer.go(f"/p/{goods.product_id}")
    buyer.send(buyer.page.locator('form[action$="/chat"] button').locator("visible=true").first)
    merchant = Merchant(scene.browser, scene.url, scene.hills, locale="en")

    buyer.say("Is it in stock?")
    merchant.open(f"/chats/{buyer.path_id()}")
    merchant.say("Yes.")
    buyer.context.set_offline(True)
    buyer.fill(text="And in red?")
    buyer.field("text").press("Enter")
    assert buyer.says("No connection. Nothing was lost; try again in a moment.")
    assert buyer.field("text").input_value() == "And in red?"
    buyer.context.set_offline(False)
    buyer.faults.clear()  # of the time without a connection
    buyer.field("text").press("Enter")
    for text in ("Also in red.", "And in blue."):
        merchant.say(text)
    said = ["Is it in stock?", "Yes.", "And in red?", "Also in red.", "And in blue."]
    for person in (buyer, merchant):
        person.page.get_by_text(said[-1], exact=True).wait_for()
        assert person.page.locator(".bubble").all_inner_texts() == said
        assert person.field("text").input_value() == ""
        person.look()


def test_what_changed_meanwhile_is_told_at_its_line_and_nothing_is_charged(scene: Scene) -> None:
    dearer = scene.hills.pick(has_choice=True)
    gone = scene.hills.pick(has_choice=True, but=(dearer.product_id,))
    buyer = Buyer(scene.browser, scene.url, locale="en", desk=True)
    buyer.join("Slow")
    buyer.put_into_cart(dearer)
    buyer.put_into_cart(gone)
    buyer.go("/checkout")

    merchant = Merchant(scene.browser, scene.url, scene.hills, locale="en")
    merchant.change_price(dearer, dearer.price_minor + 100)
    merchant.change_stock(gone, 0)

    buyer.send(buyer.button("Place and pay"))
    assert buyer.says("Nothing was placed and nothing charged.")
    now, seen = shown(dearer.price_minor + 100), shown(dearer.price_minor)
    assert buyer.says("The price is {price} now; you saw {seen}.", price=now, seen=seen)
    assert buyer.says("Sold out meanwhile. It is left out.")
    buyer.go("/orders")
    assert buyer.says("No orders yet")

    buyer.go("/cart")
    assert buyer.says("Sold out. It can be bought here again once the shop has more.")
    buyer.send(buyer.button("Check out ({n})", n=1))
    buyer.send(buyer.button("Accept and pay"))
    goods = dearer.price_minor + 100
    assert money(buyer.text(".pay__amount .price")) == goods + scene.hills.freight_of(goods)
    merchant.change_price(dearer, dearer.price_minor)
    merchant.change_stock(gone, gone.stock)
    merchant.context.close()
    buyer.context.close()


@pytest.mark.parametrize("typed", ["0", "-1", "1000000000", "two"])
def test_a_quantity_that_is_none_is_refused_by_name(scene: Scene, typed: str) -> None:
    goods = scene.other.pick(has_choice=False)
    told = {"most": 9999, "quantity": typed}
    buyer = Buyer(scene.browser, scene.url, locale="en", script=False)
    buyer.go(f"/p/{goods.product_id}")
    buyer.type_past_the_limits("quantity", typed)
    buyer.send(buyer.button("Add to cart"))
    assert buyer.says(QUANTITY, **told)

    buyer.put_into_cart(goods)
    buyer.go("/cart")
    name = f"q.{goods.sku_id}"
    buyer.type_past_the_limits(name, typed)
    buyer.send(buyer.button("Check out ({n})", n=1))
    assert buyer.says(QUANTITY, **told)
    assert buyer.field(name).get_attribute("aria-invalid") == "true"
    assert buyer.field(name).input_value() == typed
    buyer.go("/cart")
    assert buyer.field(name).input_value() == "1"
    buyer.context.close()

    line = {"sku_id": goods.sku_id, "quantity": typed, "price_minor": goods.price_minor}
    answer = scene.other.http.post(
        "/api/v1/checkouts",
        json={"address_id": "1", "lines": [line]},
        headers={"idempotency-key": f"bad {typed}"},
    )
    assert answer.status_code == 422
    assert answer.json()["field"] == "lines[0].quantity"


def test_paid_after_cancelling_all_of_it_goes_back(scene: Scene) -> None:
    goods = scene.other.pick(has_choice=False)
    left = scene.other.stock_of(goods)
    buyer = Buyer(scene.browser, scene.url, locale="zh-CN")
    buyer.join("改主意")
    buyer.put_into_cart(goods)
    buyer.go("/checkout")
    payment_id = buyer.place()
    buyer.to_provider()
    due = money(buyer.text(".due__amount"))
    buyer.pay_and_vanish("silent")

    order_id = buyer.orders_by_shop()[scene.other.name["zh-CN"]]
    buyer.go(f"/orders/{order_id}")
    buyer.answer("cancel")
    assert buyer.says("Cancelled. Nothing was charged.")
    assert scene.other.stock_of(goods) == left

    buyer.go(f"/pay/{payment_id}/result")  # which asks the provider
    assert buyer.says("{amount} goes back to you", amount=shown(due))
    buyer.wait_for(f"/orders/{order_id}", "{amount} went back to you on {day}.")
    assert scene.other.stock_of(goods) == left
    buyer.context.close()


def test_paid_in_time_but_heard_of_after_the_order_lapsed(scene: Scene, dawdler: Dawdler) -> None:
    """The goods were still there, so the order goes on as if nothing had been."""
    buyer, order_id = dawdler.buyer, dawdler.order_id
    eventually(lambda: scene.hills.order(order_id)["state"] == "to_ship", LAPSED_SECONDS)
    buyer.go(f"/orders/{order_id}")
    assert buyer.says("It was not paid in time. The goods are free again; nothing was charged.")
    assert buyer.says("The payment came after the time was over; the goods were still there.")
    merchant = Merchant(scene.browser, scene.url, scene.hills, locale="en")
    merchant.open(f"/orders/{order_id}")
    assert merchant.says("Paid after it had lapsed; stock was taken again")


def test_afterwards_the_books_are_sound(scene: Scene) -> None:
    environment = os.environ | {
        "JISHI_HOME": str(scene.market.home),
        "JISHI_PORT": str(scene.market.port),
    }
    done = subprocess.run(
        [sys.executable, "-m", "jishi", "verify", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    said = json.loads(done.stdout)
    assert said["ok"], [check for check in said["checks"] if not check["ok"]]
    assert done.returncode == 0
