"""A month of buying, planned before it is written: who buys what when, and how it ends. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Any, Final

from jishi.demo.shelves import DemoShop

DAYS: Final = 30
PER_DAY: Final = (9, 20)  # orders a day at the start and at the end of the month
WEEKEND_PERCENT: Final = 130
UNPAID_NOW: Final = 8  # placed in the last minutes
ZONE: Final = timedelta(hours=8)  # the market's day
# How the hours of a day share its orders, from midnight on.
HOURS: Final = (
    *(2, 1, 1, 1, 1, 2, 4, 7, 11, 14, 16, 18),
    *(20, 16, 14, 14, 15, 16, 18, 22, 28, 30, 22, 9),
)
NOTES: Final = (
    "请尽快发货,谢谢",
    "送人的,麻烦别放小票",
    "放门口快递柜就好",
    "周末再送,平时家里没人",
    "麻烦包结实一点",
    "Please ring the bell twice.",
)
NOTED_PERCENT: Final = 22
CARRIERS: Final = (
    ("shunfeng", "SF", 13), ("zhongtong", "78", 12), ("yuantong", "YT", 13), ("yunda", "43", 13),
    ("jtexpress", "JT", 13), ("jd", "JDV", 12),
)  # fmt: skip


class End(StrEnum):
    UNPAID = "unpaid"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"  # by the buyer, before paying
    REFUNDED = "refunded"  # paid, nothing shipped
    PAID = "paid"  # and on as far as the days allow


@dataclass(frozen=True, slots=True)
class Pick:
    """Pieces of a SKU: its place in the shelves. good in the shop, piece in the good."""

    shop: int
    good: int
    piece: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One checkout. A step without an instant has not happened."""

    number: int
    buyer: int
    picks: tuple[Pick, ...]
    note: str
    placed_at: datetime
    lapsed_at: datetime | None = None  # with paid_at: the money came too late, and was taken
    cancelled_at: datetime | None = None
    paid_at: datetime | None = None
    refunded_at: datetime | None = None
    refunded_by_shop: bool = False
    shipped_at: datetime | None = None
    is_part: bool = False  # the last line of an order with several stays behind
    completed_at: datetime | None = None
    confirmed_by_clock: bool = False
    carrier: str = ""
    waybill: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """``listed_at``: from when each good could be bought. ``scarce``: goods that take nothing back."""

    now: datetime
    unpaid_for: timedelta
    confirm_after: timedelta
    listed_at: dict[tuple[int, int], datetime]
    scarce: frozenset[tuple[int, int]]
    closed: frozenset[int]  # shops on holiday now: nothing new for two days


def make_history(
    random: Random, shops: Sequence[DemoShop], buyers: int, terms: Terms
) -> list[Story]:
    """Some 420 checkouts of the last 30 days in order of time, the newest still unpaid."""
    market = _Market(random, shops, buyers, terms)
    moments = sorted(_moments(random, terms.now))
    stories = [market.story(number, at) for number, at in enumerate(moments)]
    newest = [
        market.unpaid(len(stories) + nth, terms.now - timedelta(minutes=3 * nth + 1))
        for nth in reversed(range(UNPAID_NOW))
    ]
    return sorted(stories + newest, key=lambda story: story.placed_at)


def _moments(random: Random, now: datetime) -> list[datetime]:
    """When people bought: more each week, more at weekends, most after supper."""
    found = []
    today = (now + ZONE).replace(hour=0, minute=0, second=0, microsecond=0) - ZONE
    for day in range(DAYS):
        start = today - timedelta(days=DAYS - 1 - day)
        low, high = PER_DAY
        count = low + (high - low) * day // (DAYS - 1)
        if (start + ZONE).weekday() >= 5:  # noqa: PLR2004 - Saturday, Sunday
            count = count * WEEKEND_PERCENT // 100
        for hour in random.choices(range(24), HOURS, k=count):
            at = start + timedelta(hours=hour, seconds=random.randrange(3600))
            if at < now - timedelta(minutes=40):
                found.append(at)
    return found


class _Market:
    """Draws stories; every draw comes from ``random``, so the same seed tells the same month."""

    def __init__(
        self, random: Random, shops: Sequence[DemoShop], buyers: int, terms: Terms
    ) -> None:
        self._random = random
        self._shops = shops
        self._terms = terms
        self._buyers = random.choices(
            range(buyers), [3] + [1 + random.expovariate(0.7) for _ in range(buyers - 1)], k=4096
        )
        # The first shop is the one whose people sign in: it sells most. The rest fall off slowly.
        self._weights = [40.0] + [14 / (1 + at * 0.35) + 1 for at in range(len(shops) - 1)]
        self._fame = [[1 / (1 + rank) for rank in range(len(shop.goods))] for shop in shops]
        for fame in self._fame:
            random.shuffle(fame)

    def unpaid(self, number: int, at: datetime) -> Story:
        """One of the printed buyer's among them, to try paying with."""
        buyer = 0 if number % UNPAID_NOW == 0 else self._random.choice(self._buyers)
        return self._begun(number, at, buyer=buyer)

    def story(self, number: int, at: datetime) -> Story:
        begun = self._begun(number, at, buyer=self._random.choice(self._buyers))
        end = self._random.choices(
            (End.LAPSED, End.CANCELLED, End.REFUNDED, End.PAID), (5, 3, 4, 88)
        )[0]
        if any((pick.shop, pick.good) in self._terms.scarce for pick in begun.picks):
            end = End.PAID
        return self._ended(begun, end)

    def _begun(self, number: int, at: datetime, *, buyer: int) -> Story:
        shops = self._shops_at(at)
        picks = [pick for shop in shops for pick in self._picks(shop, at)]
        is_noted = self._random.randrange(100) < NOTED_PERCENT
        note = self._random.choice(NOTES) if is_noted else ""
        return Story(number=number, buyer=buyer, picks=tuple(picks), note=note, placed_at=at)

    def _shops_at(self, at: datetime) -> list[int]:
        recent = self._terms.now - at < timedelta(days=2)
        open_then = [
            number
            for number in range(len(self._shops))
            if self._goods_at(number, at) and not (recent and number in self._terms.closed)
        ]
        weights = [self._weights[number] for number in open_then]
        wanted = self._random.choices((1, 2, 3), (86, 12, 2))[0]
        return list(dict.fromkeys(self._random.choices(open_then, weights, k=wanted)))

    def _goods_at(self, shop: int, at: datetime) -> list[int]:
        goods = range(len(self._shops[shop].goods))
        never = self._terms.now
        return [it for it in goods if self._terms.listed_at.get((shop, it), never) <= at]

    def _picks(self, shop: int, at: datetime) -> list[Pick]:
        goods = self._goods_at(shop, at)
        weights = [self._fame[shop][good] for good in goods]
        wanted = self._random.choices((1, 2, 3), (72, 21, 7))[0]
        chosen = dict.fromkeys(self._random.choices(goods, weights, k=wanted))
        return [
            Pick(
                shop,
                good,
                self._random.randrange(len(self._shops[shop].goods[good].pieces)),
                self._random.choices((1, 2, 3, 4), (78, 15, 5, 2))[0],
            )
            for good in chosen
        ]

    def _ended(self, begun: Story, end: End) -> Story:
        match end:
            case End.UNPAID:
                return begun
            case End.LAPSED:
                return self._lapsed(begun)
            case End.CANCELLED:
                after = timedelta(seconds=self._random.randrange(60, 1500))
                return _with(begun, cancelled_at=begun.placed_at + after)
            case End.REFUNDED:
                return self._refunded(begun)
            case End.PAID:
                after = timedelta(seconds=15 + int(self._random.expovariate(1 / 90)) % 1500)
                return self._sent(_with(begun, paid_at=begun.placed_at + after))

    def _lapsed(self, begun: Story) -> Story:
        """One in eight was paid too late, while the pieces were still there."""
        at = begun.placed_at + self._terms.unpaid_for + timedelta(seconds=1)
        late = at + timedelta(minutes=self._random.randrange(1, 20))
        if at > self._terms.now:
            return begun
        if self._random.random() < 1 / 8 and late < self._terms.now:
            return self._sent(_with(begun, lapsed_at=at, paid_at=late))
        return _with(begun, lapsed_at=at)

    def _refunded(self, begun: Story) -> Story:
        paid_at = begun.placed_at + timedelta(seconds=self._random.randrange(20, 400))
        at = paid_at + timedelta(minutes=self._random.randrange(20, 600))
        if at >= self._terms.now:
            return self._ended(begun, End.PAID)
        by_shop = self._random.random() < 0.35  # noqa: PLR2004
        return _with(begun, paid_at=paid_at, refunded_at=at, refunded_by_shop=by_shop)

    def _sent(self, paid: Story) -> Story:
        assert paid.paid_at
        hours = min(self._shops[pick.shop].ship_within_hours for pick in paid.picks)
        slow = self._random.random() < 0.05  # noqa: PLR2004 - these ship too late
        share = self._random.uniform(0.1, 0.85) if not slow else self._random.uniform(1.1, 1.4)
        at = paid.paid_at + timedelta(seconds=int(hours * 3600 * share))
        if at >= self._terms.now:
            return paid
        carrier, head, digits = self._random.choice(CARRIERS)
        waybill = head + "".join(self._random.choices("0123456789", k=digits))
        sent = _with(paid, shipped_at=at, carrier=carrier, waybill=waybill)
        fresh = self._terms.now - at < timedelta(days=3)
        if fresh and len(paid.picks) > len({it.shop for it in paid.picks}):
            return _with(sent, is_part=self._random.random() < 0.4)  # noqa: PLR2004
        return self._received(sent)

    def _received(self, sent: Story) -> Story:
        assert sent.shipped_at
        by_clock = self._random.random() < 0.2  # noqa: PLR2004
        days = self._random.uniform(1.2, 4)
        after = self._terms.confirm_after if by_clock else timedelta(days=days)
        at = sent.shipped_at + min(after, self._terms.confirm_after)
        if at >= self._terms.now:
            return sent
        return _with(sent, completed_at=at, confirmed_by_clock=by_clock)


def _with(story: Story, **changes: Any) -> Story:
    return replace(story, **changes)
