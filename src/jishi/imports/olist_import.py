"""Take an Olist data set in: people, shops and goods first, then orders batch by batch."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from jishi.db import Pool, transaction
from jishi.imports import storage
from jishi.imports.directory import Directory, chunks
from jishi.imports.history import Leftover, Story, plan
from jishi.imports.olist import Dataset, Order
from jishi.imports.olist_orders import SOURCE, take_in
from jishi.imports.olist_world import PERSON, SELLER, SKU, Builder
from jishi.imports.past_orders import Terms
from jishi.kit.ids import IdMaker

BATCH = 200  # orders of one transaction
Plan = Story | Leftover


def plan_all(orders: Sequence[Order], *, unpaid_window: timedelta) -> list[Plan]:
    """The life of every order, in the order of their purchases."""
    return [plan(order, unpaid_window=unpaid_window) for order in orders]


def counters_of(plans: Sequence[Plan]) -> dict[str, int]:
    """What these orders come to: all of a data set, or those a run has taken in."""
    stories = [it for it in plans if isinstance(it, Story)]
    ends = Counter(f"ending_{it.end}" for it in stories)
    return {
        "orders": len(plans),
        "checkouts_placed": len(stories),
        "orders_placed": sum(len(it.parts) for it in stories),
        "orders_recorded_only": len(plans) - len(stories),
        **dict(sorted(ends.items())),
        "amount_minor": sum(it.amount_minor for it in stories),
        "ledger_minor": sum(it.booked_minor for it in stories),
        "payments_minor": sum(it.order.payments_minor for it in plans),
    }


def oddities_of(plans: Sequence[Plan]) -> Mapping[str, int]:
    found = Counter(str(oddity) for it in plans for oddity in it.oddities)
    found.update(it.why for it in plans if isinstance(it, Leftover))
    return dict(sorted(found.items()))


async def take_in_all(
    pool: Pool,
    maker: IdMaker,
    dataset: Dataset,
    plans: Sequence[Plan],
    terms: Terms,
    step: Callable[[int], None],
) -> tuple[list[Plan], Mapping[str, int]]:
    """Write what is not known yet: the plans written, and the new things by kind.

    Each batch is kept as soon as it is done.
    """
    directory = Directory(pool=pool, run_id=terms.run_id)
    builder = Builder(directory=directory, maker=maker, now=terms.now)
    world = await builder.build(dataset, step)
    written: list[Plan] = []
    for batch in chunks(plans, BATCH):
        async with transaction(pool) as tx:
            known = await storage.known_orders(tx, SOURCE, [it.order.id for it in batch])
            new = [it for it in batch if it.order.id not in known]
            if new:
                await take_in(tx, new, world, maker, terms)
        written += new
        step(len(batch))
    return written, directory.counts


def world_counters(dataset: Dataset) -> dict[str, int]:
    """People, shops and goods the orders of a data set need, by kind."""
    goods = {(item.product_id, item.seller_id) for order in dataset.orders for item in order.items}
    return {
        PERSON: len({order.customer.person_id for order in dataset.orders}),
        SELLER: len(dataset.sellers),
        SKU: len(goods),
    }


def steps_of(dataset: Dataset) -> int:
    """How many things ``take_in_all`` tells ``step`` of."""
    return sum(world_counters(dataset).values()) + len(dataset.orders)
