"""What the demo market will be, drawn from a seed before anything is written. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from jishi.data.files import read_regions
from jishi.demo import accounts
from jishi.demo.history import Story, Terms, make_history
from jishi.demo.people import Person, make_buyers, make_names
from jishi.demo.shelves import DemoShop, Good, read_shops

OPENED_DAYS_AGO: Final = (240, 40)  # the first shop and the last but one
WAVES: Final = 10  # shops open, and list their goods, together
NEW_SHOP_DAYS_AGO: Final = 6  # the last shop
NEWEST_LINE: Final = 4  # of a shop: listed in the last weeks
ARRIVALS_DAYS_AGO: Final = (23, 18, 12, 7, 2)
REDUCED_DAYS_AGO: Final = 11
DELISTED_DAYS_AGO: Final = 5
HOLIDAY: Final = frozenset({17})  # shops on holiday now, by number
# The first shop's people are the ones who look: it has a draft and something taken off sale.
DRAFTS: Final = frozenset({(0, 14), (5, 13), (12, 14), (26, 12)})
DELISTED: Final = frozenset({(0, 11), (8, 9), (21, 10), (33, 5)})
REDUCED_PERCENT, SOLD_OUT_PERCENT, LOW_PERCENT, PIECE_OUT_PERCENT = 9, 2, 8, 4
LOW, WELL = (1, 6), (18, 420)  # pieces on the shelf

Place = tuple[int, int]  # shop, good in the shop
PiecePlace = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``listed_at`` holds every good; those never for sale in the last month are in the sets."""

    now: datetime
    shops: Sequence[DemoShop]
    buyers: Sequence[Person]
    names: Sequence[str]  # of owners, then staff, the operator last
    opened_at: Sequence[datetime]
    listed_at: Mapping[Place, datetime]
    reduced: frozenset[Place]  # cost more until ``reduced_at``
    stories: Sequence[Story]
    left: Mapping[PiecePlace, int]  # on the shelf at the end, returns not counted

    @property
    def reduced_at(self) -> datetime:
        return self.now - timedelta(days=REDUCED_DAYS_AGO)

    @property
    def for_sale(self) -> frozenset[Place]:
        """Goods that can be bought now, holidays apart."""
        return frozenset(self.listed_at) - DRAFTS - DELISTED

    @property
    def demand(self) -> Counter[PiecePlace]:
        """Pieces the month takes, returned ones included."""
        picks = (pick for story in self.stories for pick in story.picks)
        taken: Counter[PiecePlace] = Counter()
        for pick in picks:
            taken[pick.shop, pick.good, pick.piece] += pick.quantity
        return taken


def make_plan(seed: str, now: datetime, *, unpaid_for: timedelta, confirm_after: timedelta) -> Plan:
    """The same seed and instant make the same market."""
    random = Random(seed)
    shops = read_shops()
    buyers = make_buyers(random, read_regions(), accounts.BUYERS)
    names = make_names(random, len(shops) + len(accounts.POSTS) + 1)
    opened_at = _openings(random, len(shops), now)
    listed_at = {
        (number, at): _listing(number + at, good, opened_at[number], now)
        for number, shop in enumerate(shops)
        for at, good in enumerate(shop.goods)
    }
    for_sale = [place for place in listed_at if place not in DRAFTS | DELISTED]
    old = [place for place in for_sale if listed_at[place] < now - timedelta(days=REDUCED_DAYS_AGO)]
    sold_out = frozenset(random.sample(for_sale, len(for_sale) * SOLD_OUT_PERCENT // 100))
    terms = Terms(
        now=now,
        unpaid_for=unpaid_for,
        confirm_after=confirm_after,
        listed_at={place: listed_at[place] for place in for_sale},
        scarce=sold_out,
        closed=HOLIDAY,
    )
    return Plan(
        now=now,
        shops=shops,
        buyers=buyers,
        names=names,
        opened_at=opened_at,
        listed_at=listed_at,
        reduced=frozenset(random.sample(old, len(old) * REDUCED_PERCENT // 100)),
        stories=make_history(random, shops, len(buyers), terms),
        left={
            (*place, piece): _left(random, is_sold_out=place in sold_out)
            for place in sorted(listed_at)
            for piece in range(len(shops[place[0]].goods[place[1]].pieces))
        },
    )


def _openings(random: Random, count: int, now: datetime) -> list[datetime]:
    """Shops open a few at a time over the months, the first first, the last just now."""
    first, last = OPENED_DAYS_AGO
    waves = [
        now - timedelta(days=first - (first - last) * wave // (WAVES - 1)) for wave in range(WAVES)
    ]
    middle = [waves[at * WAVES // (count - 2)] for at in range(count - 2)]
    random.shuffle(middle)
    return [waves[0], *middle, now - timedelta(days=NEW_SHOP_DAYS_AGO)]


def _listing(turn: int, good: Good, opened_at: datetime, now: datetime) -> datetime:
    """With the shop; the newest line kind by kind, so that what is new comes from many shops."""
    if good.line < NEWEST_LINE:
        return opened_at
    days = ARRIVALS_DAYS_AGO[turn % len(ARRIVALS_DAYS_AGO)]
    return max(opened_at, now - timedelta(days=days))


def _left(random: Random, *, is_sold_out: bool) -> int:
    """Pieces of one SKU; drawn whether or not it matters, so that draws stay in step."""
    draw = random.randrange(100)
    low, well = random.randrange(*LOW), random.randrange(*WELL)
    if is_sold_out or draw < PIECE_OUT_PERCENT:
        return 0
    return low if draw < PIECE_OUT_PERCENT + LOW_PERCENT else well
