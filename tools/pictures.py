"""Makes the pictures of the README anew, from a market opened for it and thrown away.

    make pictures                          all of them
    python tools/pictures.py cart health   some

The pages are visited by the people of the browser journeys; a page with an error or wider than its
screen stops the run. Needs Chromium.
"""

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Browser

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from jishi.demo.accounts import OPERATOR, PASSWORD, buyer_login  # noqa: E402
from tests.journey.browser import DESK, PHONE, Person, chromium  # noqa: E402
from tests.journey.people import Buyer, Merchant, Shop  # noqa: E402
from tests.support.folders import market_home  # noqa: E402
from tests.support.running import running_market  # noqa: E402

FOLDER: Final = ROOT / "docs" / "pictures"
QUALITY: Final = 80
KILOBYTES_MAX: Final = 2_500  # of all of them: they are part of every clone
DRAWN: Final = """() => [...document.images].every((it) => {
    const box = it.getBoundingClientRect();
    const isSeen = box.width && box.bottom > 0 && box.top < innerHeight && box.left < innerWidth;
    return it.complete || !isSeen;
})"""


class Studio:
    """An open market and a browser; every method that makes a picture bears the picture's name."""

    def __init__(self, url: str, browser: Browser) -> None:
        self.url, self.browser = url, browser
        self.shop = Shop(url, 0)

    @contextmanager
    def person(
        self, login: str, locale: str, shape: dict[str, Any], theme: str = "light"
    ) -> Iterator[Person]:
        """Somebody signed in; a visitor when ``login`` is empty."""
        context = self.browser.new_context(**shape, locale=locale)
        wanted = {"lang": locale, "theme": theme}
        context.add_cookies([{"name": k, "value": v, "url": self.url} for k, v in wanted.items()])
        person = Person(context, self.url, locale)
        if login:
            person.sign_in(login, PASSWORD)
            person.page.wait_for_timeout(2_600)  # until "signed in" has faded
        yield person
        context.close()

    def home(self) -> None:
        with self.person("", "zh-CN", PHONE) as someone:
            someone.go("/")
            keep(someone, "home")

    def home_dark(self) -> None:
        with self.person("", "en", DESK, "dark") as someone:
            someone.go("/")
            keep(someone, "home_dark")

    def product(self) -> None:
        goods = self.shop.pick(has_choice=True)
        with self.person("", "en", PHONE) as someone:
            someone.go(f"/p/{goods.product_id}")
            someone.page.locator(f'input[name="d0"][value="{goods.options[0]}"]').check(force=True)
            someone.page.evaluate("() => scrollTo(0, 330)")
            keep(someone, "product")

    def buying(self) -> None:
        """cart, checkout, pay: the printed buyer's cart is not empty."""
        with self.person(buyer_login(0), "zh-CN", PHONE) as buyer:
            buyer.go("/cart")
            keep(buyer, "cart")
            buyer.send(buyer.page.locator('button[value="checkout"] >> visible=true'))
            keep(buyer, "checkout")
            buyer.send(buyer.button("Place and pay"))
            Buyer.to_provider(buyer)  # type: ignore[arg-type]
            keep(buyer, "pay")

    def order(self) -> None:
        with self.person(buyer_login(0), "en", PHONE, "dark") as buyer:
            buyer.go("/orders?state=shipped")
            buyer.send(buyer.page.locator(".order-card__body").first)
            keep(buyer, "order")

    def merchant(self) -> None:
        """today, orders, goods, funds of the first shop."""
        goods = self.shop.pick(has_choice=True)
        for name, locale, path in (
            ("today", "zh-CN", ""),
            ("orders", "en", "/orders?state=to_ship"),
            ("goods", "zh-CN", f"/goods/{goods.product_id}"),
            ("funds", "en", "/funds"),
        ):
            merchant = Merchant(self.browser, self.url, self.shop, locale=locale)
            merchant.page.wait_for_timeout(2_600)
            merchant.open(path)
            if name == "goods":
                merchant.page.evaluate(
                    "() => scrollTo(0, document.querySelector('#f-skus').offsetTop - 420)"
                )
            keep(merchant, name)
            merchant.context.close()

    def operator(self) -> None:
        """ledger, health."""
        with self.person(OPERATOR, "en", DESK) as operator:
            operator.go("/operator/ledger")
            keep(operator, "ledger")
            operator.go("/operator/health")
            keep(operator, "health")

    def dispute(self) -> None:
        """What both sides say, and the ruling's form."""
        with self.person(OPERATOR, "en", DESK) as operator:
            operator.go("/operator/disputes")
            operator.send(operator.page.locator("td.main a").first)
            keep(operator, "dispute")

    def marketing(self) -> None:
        """marketing, statement, deliveries of the first shop."""
        for name, locale, path in (
            ("marketing", "zh-CN", "/marketing"),
            ("statement", "en", "/funds/statements"),
            ("deliveries", "zh-CN", "/deliveries"),
        ):
            merchant = Merchant(self.browser, self.url, self.shop, locale=locale)
            merchant.page.wait_for_timeout(2_600)
            merchant.open(path)
            keep(merchant, name)
            merchant.context.close()

    def reviews(self) -> None:
        with self.person("", "zh-CN", PHONE) as someone:
            someone.go(f"/s/{self.shop.id}?sort=sales")
            someone.send(someone.page.locator('main a[href^="/p/"]').first)
            someone.page.locator("#reviews").scroll_into_view_if_needed()
            someone.page.evaluate(
                "() => scrollTo(0, document.querySelector('#reviews').offsetTop - 80)"
            )
            keep(someone, "reviews")


def keep(person: Person, name: str) -> None:
    """What the person sees now, as ``docs/pictures/<name>.webp``."""
    person.page.wait_for_load_state("networkidle")
    person.page.wait_for_function(DRAWN)
    person.look()
    shot = Image.open(io.BytesIO(person.page.screenshot()))
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name.replace('_', '-')}.webp"
    shot.save(path, "WEBP", quality=QUALITY, method=6)
    print(
        f"  {path.relative_to(ROOT)}  {shot.width} × {shot.height}  {path.stat().st_size >> 10} KB"
    )


def afternoon() -> str:
    """A time zone where it is about five, so that a shop's day has something to show."""
    ahead = (17 - datetime.now(UTC).hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}"  # these names count westwards


def main() -> int:
    told: dict[str, Any] = {"arguments": (), "environment": {"JISHI_ZONE": afternoon()}}
    with market_home() as home, running_market(home, **told) as market, chromium() as browser:
        market.wait_open()
        studio = Studio(market.base_url, browser)
        scenes: dict[str, Callable[[], None]] = {
            name: getattr(studio, name)
            for name in (
                *("home", "home_dark", "product", "reviews", "merchant", "marketing", "order"),
                *("operator", "dispute", "buying"),
            )
        }
        for name in sys.argv[1:] or scenes:
            scenes[name]()
    kilobytes = sum(path.stat().st_size for path in FOLDER.glob("*.webp")) >> 10
    print(f"{kilobytes:,} KB in all")
    return int(kilobytes > KILOBYTES_MAX)


if __name__ == "__main__":
    sys.exit(main())
