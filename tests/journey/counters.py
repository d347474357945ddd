"""What a shop's counter and the market's desk do on the pages: coupons, bank, cases; and the ledger asked directly."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import psycopg
from PIL import Image
from playwright.sync_api import Browser, FilePayload

from jishi.demo.accounts import PASSWORD
from tests.journey.browser import DESK, Person
from tests.support.running import RunningMarket

ZONE: Final = ZoneInfo("Asia/Shanghai")  # the market's, unless told otherwise
TYPED: Final = "%Y-%m-%dT%H:%M"
# docs/money/sale.md, "To see it".
_OF_ORDER: Final = """
SELECT t.kind, p.kind, p.amount_minor FROM ledger_transfer t
JOIN ledger_posting p ON p.cell = t.cell AND p.transfer_id = t.id
WHERE t.cell = cell_of(%s) AND t.order_id = %s ORDER BY t.id, p.posting
"""
_OF_SUBJECT: Final = """
SELECT t.kind, p.kind, p.amount_minor FROM ledger_transfer t
JOIN ledger_posting p ON p.cell = t.cell AND p.transfer_id = t.id
WHERE t.cell = cell_of(%s) AND t.subject_id = %s ORDER BY t.id, p.posting
"""
# What a shop has, and what changed it since an instant: credit is money of the shop.
_HAS: Final = """
SELECT coalesce(sum(credit_minor - debit_minor), 0) FROM ledger_account
WHERE cell = cell_of(%s) AND party_id = %s AND kind IN ('payable:shop', 'receivable:shop')
"""
_CHANGED: Final = """
SELECT coalesce(-sum(p.amount_minor), 0) FROM ledger_transfer t
JOIN ledger_posting p ON p.cell = t.cell AND p.transfer_id = t.id
WHERE t.cell = cell_of(%s) AND p.party_id = %s AND p.kind IN ('payable:shop', 'receivable:shop')
    AND t.occurred_at >= (date_trunc('day', now() AT TIME ZONE 'Asia/Shanghai')
        AT TIME ZONE 'Asia/Shanghai')
"""
Booked = dict[str, dict[str, int]]  # kind of transfer → account → minor units; debit is positive


def soon(days: int) -> str:
    """A day from now as ``<input type=datetime-local>`` holds it."""
    return (datetime.now(ZONE) + timedelta(days=days)).strftime(TYPED)


def photo(shade: int) -> FilePayload:
    """A picture of something, as a phone would send it."""
    made = io.BytesIO()
    Image.radial_gradient("L").point(lambda it: (it + shade) % 256).convert("RGB").resize(
        (640, 480)
    ).save(made, "JPEG")
    return {"name": f"proof-{shade}.jpg", "mimeType": "image/jpeg", "buffer": made.getvalue()}


@dataclass(frozen=True)
class Books:
    """The database of a running market, asked without its pages."""

    market: RunningMarket

    def rows(self, text: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.market.server.dsn(), autocommit=True) as link:
            return link.execute(text, values).fetchall()  # type: ignore[arg-type]

    def of_order(self, order_id: str) -> Booked:
        return _booked(self.rows(_OF_ORDER, int(order_id), int(order_id)))

    def of_subject(self, subject_id: str) -> Booked:
        return _booked(self.rows(_OF_SUBJECT, int(subject_id), int(subject_id)))

    def has(self, shop_id: str) -> int:
        return int(self.rows(_HAS, int(shop_id), int(shop_id))[0][0])

    def changed_today(self, shop_id: str) -> int:
        return int(self.rows(_CHANGED, int(shop_id), int(shop_id))[0][0])

    def account_of(self, login: str) -> str:
        return str(self.rows("SELECT account_id FROM login WHERE value = %s", login)[0][0])

    def settle_at_once(self, shop_id: str) -> None:
        """The shop's settlement cycle as one of the best score has it, from now on."""
        with psycopg.connect(self.market.server.dsn(), autocommit=True) as link:
            link.execute(
                "INSERT INTO settlement_terms (cell, shop_id, since, days)"
                " VALUES (cell_of(%(id)s), %(id)s, now(), 0)",
                {"id": int(shop_id)},
            )


def _booked(rows: Sequence[tuple[Any, ...]]) -> Booked:
    found: Booked = {}
    for kind, account, minor in rows:
        of_kind = found.setdefault(kind, {})
        assert account not in of_kind, f"{account} twice in {kind}"
        of_kind[account] = minor
    return found


class Operator(Person):
    """Somebody of the market at a desk."""

    def __init__(self, browser: Browser, base_url: str, login: str, *, locale: str) -> None:
        context = browser.new_context(**DESK, locale=locale)
        context.add_cookies([{"name": "lang", "value": locale, "url": base_url}])
        super().__init__(context, base_url, locale)
        self.sign_in(login, PASSWORD)

    def open(self, path: str) -> None:
        self.go(path)
        self.look_on_a_phone()

    def rule(self, case_id: str, decision: str, *, amount: str, rule: str, goods: bool) -> None:
        """Take the dispute up and rule on it, as its page offers."""
        self.open(f"/operator/disputes/{case_id}")
        self.send(self.button("Take it up"))
        self.page.locator(f'input[name="decision"][value="{decision}"]').check()
        self.fill(amount=amount, reasons="Two of three pictures show the same crack.")
        self.field("rule_code").select_option(rule)
        back = self.page.locator('input[name="goods_back"]')
        assert back.count()
        back.set_checked(goods)
        self.send(self.button("Give the ruling"))
        assert self.says("Ruled. Both sides are told.")


def issue_coupon(person: Person, base: str, **values: str) -> None:
    """Through the form; ``is_public`` empty: by its code alone."""
    person.go(f"{base}/new")
    person.look_on_a_phone()
    typed = {"claim_until": soon(5), "valid_days": "5", **values}
    for name in ("benefit", "payer"):
        if name in typed:
            person.field(name).select_option(typed.pop(name))
    public = person.page.locator('input[name="is_public"]')
    public.set_checked(bool(typed.pop("is_public", "1")))
    person.fill(**typed)
    person.send(person.button("Issue the coupon"))
    assert values["title"] in person.page.inner_text("main"), person.page.inner_text("main")


def do_deed(
    person: Person, path: str, deed: str, pictures: Sequence[FilePayload] = (), **values: str
) -> None:
    """One deed of a case: open its part of the page where it is closed, fill it, send it."""
    person.go(path)
    form = person.page.locator(f'form[action$="/{deed}"]')
    part = person.page.locator("details", has=form)
    if part.count() and part.get_attribute("open") is None:
        part.locator("summary").click()
    for name, value in values.items():
        field = form.locator(f'[name="{name}"]')
        if field.count() > 1:
            form.locator(f'[name="{name}"][value="{value}"]').check()
        elif field.evaluate("it => it.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    if pictures:
        form.locator('input[type="file"]').set_input_files(list(pictures))
    person.send(form.locator("button.btn").last)
