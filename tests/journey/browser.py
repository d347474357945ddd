"""People at a browser. Whatever page they come to is looked at for errors and for overflow."""

import contextlib
import re
import shutil
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Response,
    sync_playwright,
)

from jishi.web.i18n import translator

CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE: Final[dict[str, Any]] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
DESK: Final[dict[str, Any]] = {"viewport": {"width": 1440, "height": 900}}
PATIENCE_MS: Final = 15_000
BAD_REQUEST, BROKEN = 400, 500


def chromium_path() -> str | None:
    return next((found for name in CHROMIUM if (found := shutil.which(name))), None)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium; the test is skipped where there is none."""
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium here: install the package chromium to run the browser journeys")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class Person:
    """Somebody with a browser of their own, in one language. ``faults`` is what went wrong in it."""

    def __init__(self, context: BrowserContext, base_url: str, locale: str) -> None:
        context.set_default_timeout(PATIENCE_MS)
        self.words = translator(locale)
        self.base_url = base_url
        self.context = context
        self.faults: list[str] = []
        self.visited: list[str] = []
        self.page = self._new_page()

    def open_anew(self) -> None:
        """Close the page, whatever it was doing, and take a fresh one."""
        left, self.page = self.page, self._new_page()
        left.close()

    # going and looking ------------------------------------------------------------------------

    def go(self, path: str) -> int:
        """Open a page of the market; the status it was answered with."""
        answer = self.page.goto(self.base_url + path)
        self.look()
        return answer.status if answer else 0

    def look(self) -> None:
        """Nothing failed in the page, and it is no wider than the screen."""
        width = (self.page.viewport_size or {})["width"]
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        path = urlsplit(self.page.url).path
        self.visited.append(path)
        assert wide <= width, f"{path} is {wide} px wide on a screen of {width}"
        assert not self.faults, self.faults

    def look_on_a_phone(self) -> None:
        """The same page as narrow as a phone, then as wide as before."""
        size = self.page.viewport_size
        assert size
        self.page.set_viewport_size({"width": 390, "height": 844})
        self.look()
        self.page.set_viewport_size(size)

    # finding ----------------------------------------------------------------------------------

    def button(self, msgid: str, **facts: object) -> Locator:
        return self._shown("button", self.words(msgid, **facts))

    def link(self, msgid: str, **facts: object) -> Locator:
        return self._shown("link", self.words(msgid, **facts))

    def field(self, name: str) -> Locator:
        """The form field of this name that is on the screen."""
        return self.page.locator(f'[name="{name}"] >> visible=true').first

    def says(self, msgid: str, **facts: object) -> bool:
        """Whether the page shows these words, once they had time to come."""
        said = self.page.get_by_text(self.words(msgid, **facts)).locator("visible=true")
        said.first.wait_for(state="visible")
        return True

    def text(self, selector: str) -> str:
        return self.page.locator(selector).locator("visible=true").first.inner_text()

    def path_id(self) -> str:
        """The last id in the address."""
        return re.findall(r"/(\d+)", urlsplit(self.page.url).path)[-1]

    # doing ------------------------------------------------------------------------------------

    def send(self, what: Locator) -> None:
        """Tap what leads to another page, and look at that."""
        with self.page.expect_navigation(wait_until="load"):
            what.click()
        self.look()

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.field(name).fill(value)

    def say(self, text: str) -> None:
        """In the conversation that is open; it stands there when it has arrived."""
        self.field("text").fill(text)
        self.field("text").press("Enter")
        self.page.get_by_text(text, exact=True).wait_for()

    def sign_up(self, name: str, login: str, password: str = "a-long-secret") -> None:
        self.go("/sign-up")
        self.fill(name=name, login=login, password=password)
        self.send(self.button("Open an account"))

    def sign_in(self, login: str, password: str) -> None:
        self.go("/sign-in")
        self.fill(login=login, password=password)
        self.send(self.button("Sign in"))

    def _new_page(self) -> Page:
        page = self.context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("response", self._see)
        return page

    def _shown(self, role: Any, name: str) -> Locator:
        return self.page.get_by_role(role, name=name, exact=True).locator("visible=true").first

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(f"{self.page.url}: {message.text}")

    def _see(self, answer: Response) -> None:
        """A page may refuse; what it is made of has to be there, and nothing may break."""
        if answer.status >= BROKEN or (
            answer.status >= BAD_REQUEST
            and answer.request.resource_type not in ("document", "fetch")
        ):
            self.faults.append(f"{answer.status} {answer.request.method} {answer.url}")


def money(text: str) -> int:
    """``¥1,234.50`` somewhere in ``text`` as minor units."""
    found = re.search(r"(−?)¥([\d,]+)\.(\d\d)", text)
    assert found, f"no amount in {text!r}"
    minor = int(found[2].replace(",", "") + found[3])
    return -minor if found[1] else minor


def shown(minor: int) -> str:
    """``¥1,234.50``, as pages show it."""
    return f"¥{minor // 100:,}.{minor % 100:02}"
