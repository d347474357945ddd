"""One visit: look around, find something, perhaps buy it, pay in one of many ways."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from random import Random
from typing import Any, Final

import httpx

from jishi.demo.accounts import PASSWORD
from jishi.demo.town.caller import Caller
from jishi.demo.town.tally import Placed

# What becomes of a placed order, in a hundred.
AFTERWARDS: Final = {"pay": 90, "cancel": 5, "forget": 5}
REFUND_PERCENT: Final = 4  # of paid ones, before they are shipped
CART_PERCENT: Final = 35
# How news of the payment travels, in a hundred.
BEHAVIOURS: Final = {
    "prompt": 80, "twice": 6, "late": 6, "out_of_order": 3, "fail": 3, "silent": 2,
}  # fmt: skip
LATE_SECONDS: Final = 4
RESULT_LOOKS: Final = 3  # at the result page, while it says "waiting"


@dataclass(slots=True, kw_only=True)
class Person:
    """Somebody with a sign-in name; signs in when first needed and stays so."""

    login: str
    token: str = ""
    address_id: str = ""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def enter(self, caller: Caller) -> str | None:
        """The token; None when the market would not let them in, which is counted."""
        async with self.lock:
            if self.token:
                return self.token
            body = {"login": self.login, "password": PASSWORD, "device": "town"}
            answer = await caller.ask("POST", "/api/v1/session", body=body)
            if answer.status_code != HTTPStatus.CREATED:
                refused(caller, answer, f"sign in {self.login}", {"limited"})
                return None
            self.token = answer.json()["token"]
            return self.token


@dataclass(slots=True, kw_only=True)
class Visit:
    """``told_paid`` hears of checkouts whose payment the provider took."""

    caller: Caller
    random: Random
    person: Person
    words: Sequence[str]
    told_paid: Callable[[Placed, Person], None]

    async def browse(self) -> str | None:
        """Home, a search, a product: the id of what was looked at; None when nothing was found."""
        if self.random.randrange(2):
            await self.caller.look("/")
        word = self.random.choice(self.words)
        if self.random.randrange(3) == 0:
            await self.caller.look(f"/search?q={word}")
        params = httpx.QueryParams(q=word, stock="1")
        answer = await self.caller.ask("GET", f"/api/v1/products?{params}")
        if not answer.is_success:
            self.caller.tally.fail(f"products: {answer.status_code}")
            return None
        found = [item for item in answer.json()["items"] if item["in_stock"]]
        if not found:
            self.caller.tally.refused["nothing_found"] += 1
            return None
        product_id = str(self.random.choice(found)["id"])
        await self.caller.look(f"/p/{product_id}")
        return product_id

    async def buy(self) -> None:
        """Browse until something fits, place the order, and do what people do afterwards."""
        chosen = [it for it in [await self.browse()] if it]
        if self.random.randrange(5) == 0:
            chosen += [it for it in [await self.browse()] if it and it not in chosen]
        if not chosen or not await self.person.enter(self.caller):
            return
        placed = await self._place(chosen)
        if placed is None:
            return
        match self.random.choices([*AFTERWARDS], [*AFTERWARDS.values()])[0]:
            case "pay":
                await self._pay(placed)
            case "cancel":
                await self._cancel(placed)

    async def _place(self, product_ids: Sequence[str]) -> Placed | None:
        shops: dict[str, str] = {}
        lines = [it for each in product_ids if (it := await self._line(each, shops))]
        address_id = await self._address()
        if not lines or not address_id:
            return None
        if self.random.randrange(100) < CART_PERCENT:
            await self._fill_cart(lines)
        key = secrets.token_urlsafe(16)
        body = {"address_id": address_id, "lines": lines}
        answer = await self.caller.ask(
            "POST", "/api/v1/checkouts", token=self.person.token, body=body, key=key
        )
        if not answer.is_success:
            expected = {"orders.stock_short", "orders.sku_gone", "orders.shop_closed", "busy"}
            refused(self.caller, answer, "checkout", expected | {"limited", "orders.price_changed"})
            return None
        said = answer.json()
        placed = Placed(
            key=key,
            checkout_id=said["checkout_id"],
            payment_id=said["payment_id"],
            order_ids=tuple(said["order_ids"]),
            shops=shops,
            amount_minor=said["amount_minor"],
        )
        self.caller.tally.placed.append(placed)
        return placed

    async def _line(self, product_id: str, shops: dict[str, str]) -> dict[str, Any] | None:
        """A line to ask for, and its shop noted in ``shops``; None when nothing is left."""
        answer = await self.caller.ask("GET", f"/api/v1/products/{product_id}")
        if not answer.is_success:
            self.caller.tally.fail(f"product {product_id}: {answer.status_code}")
            return None
        product = answer.json()
        skus = [sku for sku in product["skus"] if sku["is_for_sale"] and sku["stock"] > 0]
        if not skus or product["shop"]["is_on_holiday"]:
            self.caller.tally.refused["sold_out"] += 1
            return None
        sku = self.random.choice(skus)
        quantity = min(sku["stock"], self.random.choices((1, 2, 3), (80, 15, 5))[0])
        shops[str(product["shop"]["id"])] = product["shop"]["name"]
        return {"sku_id": sku["id"], "quantity": quantity, "price_minor": sku["price_minor"]}

    async def _address(self) -> str:
        if not self.person.address_id:
            answer = await self.caller.ask("GET", "/api/v1/addresses", token=self.person.token)
            if not answer.is_success or not answer.json()["items"]:
                self.caller.tally.fail(f"addresses of {self.person.login}: {answer.status_code}")
                return ""
            self.person.address_id = str(answer.json()["items"][0]["id"])
        return self.person.address_id

    async def _fill_cart(self, lines: Sequence[dict[str, Any]]) -> None:
        """Through the cart, as the shy do; it is emptied again, as the pages would."""
        for line in lines:
            body = {"sku_id": line["sku_id"], "quantity": line["quantity"]}
            path = "/api/v1/cart/lines"
            answer = await self.caller.ask("POST", path, token=self.person.token, body=body)
            if not answer.is_success:
                refused(self.caller, answer, "cart", {"limited", "orders.stock_short"})
        await self.caller.look("/cart", self.person.token)
        for line in lines:
            path = f"/api/v1/cart/lines/{line['sku_id']}"
            await self.caller.ask("DELETE", path, token=self.person.token)

    async def _pay(self, placed: Placed) -> None:
        path, token = f"/pay/{placed.payment_id}", self.person.token
        await self.caller.look(path, token)
        answer = await self.caller.ask("POST", path, token=token)
        where = answer.headers.get("location", "")
        if answer.status_code != HTTPStatus.SEE_OTHER or "/pay/" not in where.removeprefix(path):
            self.caller.tally.fail(f"POST {path}: {answer.status_code} {where}")
            return
        if not await self._pay_at(where, placed.payment_id):
            return
        self.caller.tally.paid.add(placed.payment_id)
        for wait in range(RESULT_LOOKS):
            await asyncio.sleep(0.5 + wait)
            result = await self.caller.ask("GET", f"{path}/result", token=token)
            self.caller.tally.pages += 1
            if result.status_code != HTTPStatus.OK:
                self.caller.tally.fail(f"GET {path}/result: {result.status_code}")
            if await self._is_paid(placed):
                break
        if self.random.randrange(100) < REFUND_PERCENT:
            await self._refund(placed)
        else:
            self.told_paid(placed, self.person)

    async def _pay_at(self, where: str, payment_id: str) -> bool:
        """Whether the provider took the money; a declined attempt is made once more."""
        behaviour = self.random.choices([*BEHAVIOURS], [*BEHAVIOURS.values()])[0]
        for way in [behaviour] if behaviour != "fail" else ["fail", "prompt"]:
            how = {"behaviour": way, "seconds": LATE_SECONDS}
            answer = await self.caller.pay(where, payment_id, how)
            if answer.is_success and answer.json()["state"] == "paid":
                return True
            if not answer.is_success:
                # A try that was cut off may have paid: then this one hears so.
                code = code_of(answer)
                if code != "sandbox.already_paid":
                    self.caller.tally.fail(f"pay {payment_id}: {answer.status_code} {code}")
                return code == "sandbox.already_paid"
        return False

    async def _is_paid(self, placed: Placed) -> bool:
        path = f"/api/v1/orders/{placed.order_ids[0]}"
        answer = await self.caller.ask("GET", path, token=self.person.token)
        return answer.is_success and answer.json()["state"] != "unpaid"

    async def _cancel(self, placed: Placed) -> None:
        for order_id in placed.order_ids:
            await self._command(order_id, "cancel", self.caller.tally.cancelled)

    async def _refund(self, placed: Placed) -> None:
        for order_id in placed.order_ids:
            await self._command(order_id, "refund", self.caller.tally.refunded)

    async def _command(self, order_id: str, name: str, done: set[str]) -> None:
        path = f"/api/v1/orders/{order_id}/{name}"
        answer = await self.caller.ask("POST", path, token=self.person.token)
        if answer.is_success:
            done.add(order_id)
        else:
            refused(self.caller, answer, name, {"orders.not_cancellable", "orders.not_refundable"})


def code_of(answer: httpx.Response) -> str:
    """The code of a refusal; several count as the first."""
    try:
        said = answer.json()
    except ValueError:
        return ""
    first = said.get("errors") or said.get("problems") or [said]
    return str(first[0].get("code", said.get("code", ""))) if isinstance(first, list) else ""


def refused(caller: Caller, answer: httpx.Response, what: str, expected: set[str]) -> None:
    """Count an expected "no" by its code; any other is an error."""
    code = code_of(answer)
    if code in expected or answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        caller.tally.refused[code or "limited"] += 1
    else:
        caller.tally.fail(f"{what}: {answer.status_code} {code}")
