"""Fills an empty market: everything in one transaction, so a market is filled whole or not at all."""

import asyncio
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from jishi.db import Pool, Tx, open_pool, transaction
from jishi.db.nodes import leased_maker
from jishi.demo.accounts import PASSWORD
from jishi.demo.furnish import price_parcels, set_up
from jishi.demo.month import Clerk, Returned, Written, refund_month, write_month
from jishi.demo.offers import make_offers
from jishi.demo.past import PastIds
from jishi.demo.plan import OPENED_DAYS_AGO, Plan, make_plan
from jishi.demo.sandbox_side import write_book
from jishi.demo.voices import speak
from jishi.demo.world import (
    World,
    close_up,
    hire,
    open_people,
    open_shops,
    receive_stock,
    reduce_prices,
)
from jishi.flows.place_orders.flow import Terms
from jishi.modules import accounts, carts
from jishi.modules.carts import CartOwner
from jishi.settings import Settings

SEED: Final = "jishi"
PROVIDER: Final = "sandbox"
CART: Final = 3  # different things waiting in the printed buyer's cart
_IS_EMPTY: Final = "SELECT NOT EXISTS (SELECT FROM account) AND NOT EXISTS (SELECT FROM shop)"
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('jishi demo'))"


@dataclass(frozen=True, slots=True)
class Filled:
    """What an empty market holds now."""

    shops: int
    products: int
    buyers: int
    orders: int
    seconds: float


def fill_if_empty(dsn: str, settings: Settings) -> None:
    """Called by ``jishi run``: fill an empty market of a development environment, and say so."""
    if settings.is_production:
        return
    filled = asyncio.run(fill(dsn, settings))
    if filled:
        sys.stdout.write(
            f"Filled the empty market: {filled.shops} shops, {filled.products} products,"
            f" {filled.orders} orders ({filled.seconds:.1f} s).\n"
        )
        sys.stdout.flush()


async def fill(
    dsn: str, settings: Settings, *, now: datetime | None = None, seed: str = SEED
) -> Filled | None:
    """None when somebody has an account or a shop already; then nothing is touched."""
    began = time.monotonic()
    async with await open_pool(dsn, size=2, application="jishi demo") as pool:
        if not await pool.fetchval(_IS_EMPTY):
            return None
        plan = make_plan(
            seed,
            now or datetime.now(UTC),
            unpaid_for=timedelta(minutes=settings.unpaid_minutes),
            confirm_after=timedelta(days=settings.confirm_days),
        )
        done = await _written(pool, plan, settings)
    if done is None:
        return None
    written, returned = done
    write_book(settings, written, returned)
    return Filled(
        shops=len(plan.shops),
        products=len(plan.listed_at),
        buyers=len(plan.buyers),
        orders=sum(len(it.plan.orders) for it in written),
        seconds=time.monotonic() - began,
    )


async def _written(
    pool: Pool, plan: Plan, settings: Settings
) -> tuple[list[Written], list[Returned]] | None:
    async with (
        leased_maker(pool) as of_world,
        leased_maker(pool) as of_orders,
        transaction(pool) as tx,
    ):
        await tx.execute(_LOCK)
        if not await tx.fetchval(_IS_EMPTY):
            return None
        opening = plan.now - timedelta(days=OPENED_DAYS_AGO[0] + 1)
        world = await _opened(tx, plan, PastIds(of_world.node, opening))
        clerk = Clerk(
            tx=tx,
            world=world,
            past=PastIds(of_orders.node, opening),
            maker=of_world,
            terms=_terms(settings),
            confirm_after=timedelta(days=settings.confirm_days),
        )
        return await _lived(clerk, plan)


async def _opened(tx: Tx, plan: Plan, ids: PastIds) -> World:
    password_hash = await accounts.hash_password(PASSWORD)
    world = await open_people(tx, plan, ids, password_hash)
    await open_shops(tx, plan, ids, world)
    await set_up(tx, plan, world)
    await hire(tx, plan, ids, world, password_hash)
    await receive_stock(tx, plan, world)
    return world


async def _lived(clerk: Clerk, plan: Plan) -> tuple[list[Written], list[Returned]]:
    """The month, with prices reduced where they were."""
    before = [story for story in plan.stories if story.placed_at < plan.reduced_at]
    written = await write_month(clerk, before)
    await reduce_prices(clerk.tx, plan, clerk.world)
    written += await write_month(clerk, plan.stories[len(before) :])
    returned = await refund_month(clerk, written)
    await close_up(clerk.tx, plan, clerk.world)
    await make_offers(clerk.tx, clerk.maker, plan, clerk.world)
    await price_parcels(clerk.tx, clerk.maker, plan, clerk.world)
    returned += await speak(clerk, plan, written)
    await _fill_cart(clerk, plan)
    return written, returned


async def _fill_cart(clerk: Clerk, plan: Plan) -> None:
    """The printed buyer has been looking around already."""
    owner = CartOwner(clerk.world.buyers[0], is_visitor=False)
    well = [place for place, left in plan.left.items() if left > 10 and place[:2] in plan.for_sale]  # noqa: PLR2004
    for number, place in enumerate(well[7 :: len(well) // CART][:CART]):
        piece = plan.shops[place[0]].goods[place[1]].pieces[place[2]]
        await carts.add_line(
            clerk.tx,
            owner,
            clerk.world.skus[place],
            quantity=1 + number % 2,
            price_minor=piece.price_minor,
            now=plan.now - timedelta(hours=number + 2),
        )


def _terms(settings: Settings) -> Terms:
    return Terms(
        provider=PROVIDER,
        currency=settings.currency,
        fee_bp=settings.fee_bp,
        unpaid_for=timedelta(minutes=settings.unpaid_minutes),
    )
