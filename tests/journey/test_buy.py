"""From signing up to money a shop may withdraw, on a whole market, as people do it: in a browser."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser
from tests.journey.browser import chromium, chromium_path, money
from tests.journey.people import Buyer, Merchant, Shop, shop_without_choices
from tests.support.folders import market_home
from tests.support.running import RunningMarket, running_market

from jishi.kit.money import share_down

pytestmark = [
    pytest.mark.journey,
    pytest.mark.browser,
    pytest.mark.skipif(chromium_path() is None, reason="no Chromium on this machine"),
]

FEE_BP = 60


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


def test_two_shops_one_checkout_until_both_may_withdraw(scene: Scene) -> None:
    chosen = scene.hills.pick(has_choice=True)
    plain = scene.other.pick(has_choice=False)
    buyer = Buyer(scene.browser, scene.url, locale="en")
    buyer.join("Hurry")

    buyer.go("/")
    buyer.fill(q=chosen.name)
    buyer.field("q").press("Enter")
    buyer.page.locator(f'a[href^="/p/{chosen.product_id}"]').first.wait_for()
    buyer.look()
    buyer.send(buyer.page.locator(f'a[href^="/p/{chosen.product_id}"]').first)
