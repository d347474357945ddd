"""What buyers and merchants do on the pages, step by step, and what a shop has on its shelves."""

import re
import uuid
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Browser, Locator

from jishi.demo.accounts import PASSWORD, owner_login
from jishi.demo.plan import HOLIDAY
from jishi.demo.shelves import read_shops
from jishi.sandbox import words as sandbox_words
from tests.journey.browser import DESK, PHONE, Person
from tests.support.running import eventually

FEW: Final = 10  # pieces a SKU must have to be picked for a journey
REGION: Final = ("浙江省", "杭州市", "西湖区")


@dataclass(frozen=True, kw_only=True)
class Picked:
    """A SKU as it stands on the shelf, found without a browser."""

    product_id: str
    name: str
    sku_id: str
    options: list[str]
    price_minor: int
    stock: int


class Shop:
    """A shop of the demo, known through its owner's API token."""

    def __init__(self, base_url: str, number: int) -> None:
        self.login = owner_login(number)
        self.http = httpx.Client(base_url=base_url, timeout=10, trust_env=False)
        asked = {"login": self.login, "password": PASSWORD}
        token = self.http.post("/api/v1/session", json=asked).raise_for_status().json()["token"]
        self.http.headers["authorization"] = f"Bearer {token}"
        mine = self.http.get("/api/v1/shops").raise_for_status().json()["items"][0]
        self.id: str = mine["id"]
        self.name: dict[str, str] = {"zh-CN": mine["name"], "en": mine["name_en"]}
        self.freight_minor = mine["freight_minor"]
        self.free_from_minor = mine["free_freight_from_minor"]

    def freight_of(self, goods_minor: int) -> int:
        """What its delivery costs for goods of that much."""
        is_free = self.free_from_minor is not None and goods_minor >= self.free_from_minor
        return 0 if is_free else int(self.freight_minor)

    def pick(self, *, has_choice: bool, but: tuple[str, ...] = ()) -> Picked:
        """A listed SKU with pieces enough; ``but`` are products to pass over."""
        listed = self.http.get(f"/api/v1/shops/{self.id}/products").raise_for_status().json()
        for row in listed["items"]:
            if row["state"] != "listed" or row["id"] in but or (row["skus"] > 1) != has_choice:
                continue
            shown = self.http.get(f"/api/v1/products/{row['id']}").raise_for_status().json()
            for sku in reversed(shown["skus"]):
                if sku["is_for_sale"] and sku["stock"] > FEW:
                    return Picked(
                        product_id=row["id"],
                        name=shown["name"],
                        sku_id=sku["id"],
                        options=sku["options"],
                        price_minor=sku["price_minor"],
                        stock=sku["stock"],
                    )
        raise AssertionError(f"{self.login} has nothing to pick")

    def stock_of(self, goods: Picked) -> int:
        """Pieces anybody could buy now."""
        skus = self.http.get(f"/api/v1/products/{goods.product_id}").raise_for_status().json()
        return next(int(sku["stock"]) for sku in skus["skus"] if sku["id"] == goods.sku_id)

    def order(self, order_id: str) -> dict[str, Any]:
        """One of its newest orders."""
        rows = self.http.get(f"/api/v1/shops/{self.id}/orders").raise_for_status().json()["items"]
        return next(row for row in rows if row["id"] == order_id)

    def funds(self) -> dict[str, Any]:
        found: dict[str, Any] = self.http.get(f"/api/v1/shops/{self.id}/funds").json()
        return found


def shop_without_choices() -> int:
    """The number of an open shop that sells a product of one SKU."""
    for number, shop in enumerate(read_shops()):
        if number not in HOLIDAY and any(not good.choices for good in shop.goods):
            return number
    raise AssertionError("every product of the demo has choices")


class Buyer(Person):
    """A new buyer with a phone, or at a desk."""

    def __init__(
        self,
        browser: Browser,
        base_url: str,
        *,
        locale: str,
        script: bool = True,
        desk: bool = False,
    ) -> None:
        shape = DESK if desk else PHONE
        context = browser.new_context(**shape, locale=locale, java_script_enabled=script)
        super().__init__(context, base_url, locale)
        self.has_script = script
        self.login = f"new-{uuid.uuid4().hex[:12]}@shopper.example"

    def join(self, name: str) -> None:
        self.sign_up(name, self.login)
        self.add_address(name)

    def add_address(self, receiver: str) -> None:
        """A Chinese address: province, city and district from selects that fill each other."""
        self.go("/me/addresses/new")
        self.fill(receiver=receiver, phone="13800138000", detail="文三路 25 号 3 单元 402 室")
        for level, name in enumerate(REGION, start=1):
            self.choose_region(f"region_{level}", name)
        self.send(self.button("Save address"))

    def choose_region(self, level: str, name: str) -> None:
        select = self.field(level)
        select.locator("option", has_text=name).first.wait_for(state="attached")
        if self.has_script:
            with self.page.expect_response(lambda answer: "/regions" in answer.url):
                select.select_option(label=name)
            self.page.wait_for_function(
                "([level, name]) => document.querySelector(`[name=${level}]`)"
                "?.selectedOptions[0]?.text === name",
                arg=[level, name],
            )
        else:
            select.select_option(label=name)
            if name != REGION[-1]:
                self.send(self.button("Show what lies below"))

    def search(self, goods: Picked) -> None:
        """From the start page by its name to its own page."""
        self.go("/")
        self.fill(q=goods.name)
        self.field("q").press("Enter")
        self.page.wait_for_url(re.compile(r"/search\?"), wait_until="load")
        self.page.wait_for_load_state("networkidle")
        self.look()
        self.send(self.page.locator(f'main a[href^="/p/{goods.product_id}"]').first)

    def choose(self, goods: Picked) -> None:
        for nth, value in enumerate(goods.options):
            self.page.locator(f'input[name="d{nth}"][value="{value}"]').check(force=True)

    def put_into_cart(self, goods: Picked) -> None:
        """From the product's page, choosing its kind where there is one."""
        self.go(f"/p/{goods.product_id}")
        self.choose(goods)
        self.send(self.button("Add to cart"))

    def set_quantity(self, goods: Picked, quantity: str) -> None:
        """In the cart's page, which then shows the new sums."""
        field = self.field(f"q.{goods.sku_id}")
        if not self.has_script:
            field.fill(quantity)
            return self.send(self.button("Update the cart"))
        with self.page.expect_response(lambda answer: answer.request.method == "POST"):
            field.fill(quantity)
            field.blur()
        return self.look()

    def type_past_the_limits(self, name: str, text: str) -> None:
        """As somebody does who edits the page: no length, no pattern holds them."""
        self.field(name).evaluate(
            "(field, text) => { field.form.noValidate = true; field.value = text }", text
        )

    def place(self) -> str:
        """From the checkout's page to the pay page; the payment's number."""
        self.send(self.button("Place and pay"))
        assert "/pay/" in self.page.url, self.page.inner_text("main")
        return self.path_id()

    def to_provider(self) -> None:
        """From our pay page to the provider's."""
        amount = self.text(".pay__amount .price")
        self.send(self.button("Pay {amount}", amount=amount))

    def pay_there(self) -> None:
        """On the provider's page, and back to the result."""
        locale = self.words.locale
        amount = self.text(".due__amount")
        name = sandbox_words.say(locale, "Pay {amount}", amount=amount)
        self.send(self.page.get_by_role("button", name=name, exact=True))

    def orders_by_shop(self) -> dict[str, str]:
        """The newest order of each shop on the list of orders."""
        self.go("/orders")
        cards = self.page.locator(".order-card")
        found: dict[str, str] = {}
        for nth in range(cards.count()):
            shop = cards.nth(nth).get_attribute("aria-label") or ""
            href = cards.nth(nth).locator(".order-card__body").get_attribute("href") or ""
            found.setdefault(shop, href.rpartition("/")[2])
        return found

    def wait_for(self, path: str, msgid: str) -> None:
        """Come back until the page says so; what it fills in may be anything."""
        around = [part for part in re.split(r"{\w+}", self.words(msgid)) if part.strip()]

        def said() -> bool:
            self.go(path)
            text = self.page.inner_text("main")
            return all(part.strip() in text for part in around)

        eventually(said)

    def answer(self, dialog: str) -> None:
        """Open a question of the order's page and say yes."""
        self.page.locator(f'[data-open="{dialog}"] >> visible=true').first.click()
        self.send(self.page.locator(f"#{dialog} .dialog__acts button:not([type=button])"))

    def pay_and_vanish(self, behaviour: str) -> None:
        """Pay at the provider, which tells the shop as ``behaviour`` has it, and never come back.

        The form is sent as a browser would; the way back to the shop is not followed.
        """
        page = urlsplit(self.page.url)
        answer = self.context.request.post(
            self.page.url,
            form={"action": "pay", "method": "wallet", "behaviour": behaviour, "seconds": "0"},
            headers={"origin": f"{page.scheme}://{page.netloc}"},
            max_redirects=0,
        )
        assert answer.status == 303, answer.status_text
        self.open_anew()


class Merchant(Person):
    """The owner of a shop at a desk."""

    def __init__(self, browser: Browser, base_url: str, shop: Shop, *, locale: str) -> None:
        context = browser.new_context(**DESK, locale=locale)
        context.add_cookies([{"name": "lang", "value": locale, "url": base_url}])
        super().__init__(context, base_url, locale)
        self.shop = shop
        self.home = f"/merchant/{shop.id}"
        self.sign_in(shop.login, PASSWORD)

    def open(self, path: str = "") -> None:
        self.go(self.home + path)
        self.look_on_a_phone()

    def ship(self, order_id: str, carrier: str, waybill: str) -> None:
        """Through the dialog of the order's page."""
        self.open(f"/orders/{order_id}")
        self.button("Ship").click()
        self.page.locator("#ship select[name=carrier]").select_option(carrier)
        self.page.locator("#ship input[name=waybill]").fill(waybill)
        self.send(self.page.locator("#ship button.go"))

    def change_price(self, goods: Picked, minor: int) -> None:
        row = self._row_of(goods)
        row.locator("input[name=price]").fill(f"{minor // 100}.{minor % 100:02}")
        self.send(self.button("Save changed rows"))

    def change_stock(self, goods: Picked, pieces: int) -> None:
        self._row_of(goods).locator("input[name=on_hand]").fill(str(pieces))
        self.send(self.button("Save changed rows"))

    def _row_of(self, goods: Picked) -> Locator:
        self.open(f"/goods/prices?product_id={goods.product_id}")
        of_it = self.page.locator(f'input[name=sku_id][value="{goods.sku_id}"]')
        return self.page.locator("tr", has=of_it)

    def figure(self, label: str) -> str:
        """The figure of a tile."""
        tile = self.page.locator(".tile", has=self.page.get_by_text(self.words(label), exact=True))
        return tile.locator(".tile__value").inner_text()
