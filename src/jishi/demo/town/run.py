"""The town itself: lets shoppers in at a rate, keeps shops and post going, shows one line."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Final

from jishi.demo.accounts import BUYERS, buyer_login, owner_login
from jishi.demo.shelves import read_shops
from jishi.demo.town.caller import Caller, Unanswered
from jishi.demo.town.keeper import Keeper, Postman
from jishi.demo.town.shopper import Person, Visit
from jishi.demo.town.tally import Placed, Tally
from jishi.kit.ids import cell_of

WINDOW_SHOPPERS: Final = 0.6  # who only look, for each who buys
VISITS_MAX: Final = 200  # under way at once; more than that must wait outside
BUYERS_PER_RATE: Final = 4  # orders a minute one buyer is good for
BUYERS_MIN: Final = 8
ROUND_SECONDS: Final = 0.5
LAST_ROUND_SECONDS: Final = 15.0  # for what is under way when the town closes
LINE_SECONDS: Final = 1.0
PLAIN_LINE_SECONDS: Final = 10.0  # where nobody watches


@dataclass(frozen=True, slots=True, kw_only=True)
class TownPlan:
    """``rate``: checkouts a minute. ``minutes`` None: until told to stop."""

    url: str
    sandbox_key: bytes
    rate: float
    minutes: float | None = None
    patience_seconds: float = 0.0
    seed: str = ""
    shows_line: bool = True


@dataclass(slots=True)
class Town:
    """A running town. ``stop`` is set by Ctrl-C, by the clock, or by a test."""

    plan: TownPlan
    tally: Tally = field(default_factory=Tally)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    _visits: set[asyncio.Task[None]] = field(default_factory=set)
    _keepers: dict[str, Keeper] = field(default_factory=dict)

    async def run(self) -> Tally:
        plan = self.plan
        random = Random(plan.seed)
        caller = Caller(
            url=plan.url,
            sandbox_key=plan.sandbox_key,
            tally=self.tally,
            patience_seconds=plan.patience_seconds,
        )
        postman = Postman(caller=caller, random=random)
        began = time.monotonic()
        tasks = [
            asyncio.create_task(self._rounds(postman)),
            asyncio.create_task(self._show(began)),
        ]
        if plan.minutes is not None:
            tasks.append(asyncio.create_task(self._close_after(plan.minutes)))
        try:
            await self._let_in(caller, random)
            await self._wait_for_visits()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await caller.close()
        return self.tally

    async def _let_in(self, caller: Caller, random: Random) -> None:
        """Shoppers come at random, at the rate on average."""
        buyers = _buyers(self.plan.rate)

        def told_paid(placed: Placed, buyer: Person) -> None:
            self._expect(placed, buyer, caller, random)

        words = [good.title.split()[0] for shop in read_shops() for good in shop.goods]
        pause = 60 / (self.plan.rate * (1 + WINDOW_SHOPPERS))
        due_at = time.monotonic()
        while not self.stop.is_set():
            due_at += random.expovariate(1 / pause)
            with suppress(TimeoutError):
                wait = max(0, due_at - time.monotonic())
                await asyncio.wait_for(self.stop.wait(), wait)
            if self.stop.is_set() or len(self._visits) >= VISITS_MAX:
                continue
            person = random.choice(buyers)
            visit = Visit(
                caller=caller,
                random=random,
                person=person,
                words=words,
                told_paid=told_paid,
            )
            buys = random.random() < 1 / (1 + WINDOW_SHOPPERS)
            self._start(visit.buy if buys else visit.browse)

    def _start(self, visit: Callable[[], Awaitable[object]]) -> None:
        task = asyncio.create_task(self._quietly(visit))
        self._visits.add(task)
        task.add_done_callback(self._visits.discard)

    def _expect(self, placed: Placed, buyer: Person, caller: Caller, random: Random) -> None:
        """Tell the keepers of a checkout's shops. An order's id says its shop's cell."""
        for shop_id, name in placed.shops.items():
            number = _OWNERS.get(name)
            if number is None:
                continue  # not a shop of the demo: its own people ship
            keeper = self._keepers.get(shop_id)
            if keeper is None:
                person = Person(login=owner_login(number))
                keeper = Keeper(caller=caller, random=random, person=person, shop_id=shop_id)
                self._keepers[shop_id] = keeper
            cell = cell_of(int(shop_id))
            keeper.expect([it for it in placed.order_ids if cell_of(int(it)) == cell], buyer)

    async def _rounds(self, postman: Postman) -> None:
        """Shops ship and the post delivers, round after round."""
        while True:
            await self._round(postman)
            await asyncio.sleep(ROUND_SECONDS)

    async def _round(self, postman: Postman) -> None:
        for keeper in list(self._keepers.values()):
            await self._quietly(partial(_ship, keeper, postman))
        await self._quietly(postman.deliver)

    async def _quietly(self, work: Callable[[], Awaitable[object]]) -> None:
        """One accident stops neither the round nor the town; it is counted."""
        try:
            await work()
        except Unanswered:
            pass  # counted where it happened
        except Exception as problem:  # noqa: BLE001 - told in the summary
            self.tally.fail(f"{type(problem).__name__}: {problem}")

    async def _wait_for_visits(self) -> None:
        if self._visits:
            _, left = await asyncio.wait(self._visits, timeout=LAST_ROUND_SECONDS)
            for visit in left:
                visit.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _close_after(self, minutes: float) -> None:
        await asyncio.sleep(minutes * 60)
        self.stop.set()

    async def _show(self, began: float) -> None:
        """A line that renews itself where somebody watches, else one now and then."""
        watched = sys.stderr.isatty()
        while self.plan.shows_line:
            await asyncio.sleep(LINE_SECONDS if watched else PLAIN_LINE_SECONDS)
            line = self.tally.line(time.monotonic() - began)
            sys.stderr.write(f"\r\x1b[K{line}" if watched else f"{line}\n")
            sys.stderr.flush()


async def run_town(plan: TownPlan, *, ready: Callable[[Town], None] | None = None) -> Tally:
    """Run a town to its end. ``ready`` is given it before it starts, to stop it from outside."""
    town = Town(plan)
    if ready:
        ready(town)
    return await town.run()


async def _ship(keeper: Keeper, postman: Postman) -> None:
    postman.take(await keeper.ship())


def _buyers(rate: float) -> list[Person]:
    """As many people as the rate needs; each signs in once."""
    count = min(BUYERS, max(BUYERS_MIN, int(rate / BUYERS_PER_RATE)))
    return [Person(login=buyer_login(number)) for number in range(count)]


_OWNERS: Final = {shop.name: number for number, shop in enumerate(read_shops())}
