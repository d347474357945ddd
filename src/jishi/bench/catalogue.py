"""Search, facets and lists over a large catalogue, through HTTP: how long the market takes to answer.

A throw-away market is filled with goods of realistic titles (made-up brands, the shipped categories, words
drawn by Zipf), then asked what people ask: common and rare words, two words, pinyin, slips, English,
narrowed searches, category lists in every order. Closed loop: each connection asks again at once.
"""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from jishi.bench import site
from jishi.bench.catalogue_fill import fill, is_filled, say
from jishi.bench.catalogue_goods import Plan, goods, plan_of
from jishi.bench.catalogue_words import QUALITIES, Zipf
from jishi.bench.figures import percentile
from jishi.bench.wire import Connection
from jishi.modules.search.words import is_han, pinyin_of

SEED: Final = 20260101
WARM_SECONDS: Final = 4.0
DIFFERENT: Final = 400  # queries of a kind; what is asked twice may be understood from memory
SHORT: Final = 5
SORTS: Final = ("sold", "newest", "price", "price_down")
HEADERS: Final = {"cookie": "lang=zh-CN"}

Asked = tuple[str, str]  # kind, path


async def run(
    dsn: str, *, products: int, seconds: float, concurrency: int, workers: int
) -> dict[str, Any]:
    """Figures by kind: how many, p50, p95 and p99 in milliseconds. A market filled before is kept."""
    plan = plan_of(SEED, datetime.now(UTC).replace(microsecond=0))
    started = time.monotonic()
    if not await asyncio.to_thread(is_filled, dsn):
        await asyncio.to_thread(fill, dsn, plan, products, SEED, say)
    filled = time.monotonic() - started
    asked = questions(plan, products)
    with site.running(dsn, workers=workers) as market:
        await _ask(market.port, asked, seconds=WARM_SECONDS, concurrency=concurrency)
        before = market.cpu_seconds()
        taken, wrong, spent = await _ask(
            market.port, asked, seconds=seconds, concurrency=concurrency
        )
        after = market.cpu_seconds()
    every = [each for several in taken.values() for each in several]
    return {
        "products": products,
        "fill_seconds": round(filled, 1),
        "concurrency": concurrency,
        "requests_a_second": round(len(every) / spent, 1),
        "web_cpu_seconds": round(after["web"] - before["web"], 1),
        **_figures("all", every),
        **{
            key: value
            for kind in sorted(taken)
            for key, value in _figures(kind, taken[kind]).items()
        },
        "errors": wrong,
    }


def _figures(name: str, seconds: Sequence[float]) -> dict[str, Any]:
    """One line per kind: asked, p50, p95, p99."""
    shares = [round(percentile(seconds, share) * 1000, 1) for share in (0.50, 0.95, 0.99)]
    return {
        f"{name}_ms": {"asked": len(seconds), "p50": shares[0], "p95": shares[1], "p99": shares[2]}
    }


def questions(plan: Plan, products: int) -> dict[str, list[str]]:
    """Paths of each kind, drawn as the goods were: what is common is also asked for more often."""
    chance = random.Random(SEED + 7)
    brands = Zipf(plan.brands, 0.9, chance).draw(DIFFERENT)
    leaves = Zipf(plan.leaves, 0.9, chance).draw(DIFFERENT)
    series = Zipf(plan.series, 0.3, chance).draw(DIFFERENT)
    common = [zh for zh, _ in QUALITIES[:24]]
    english = [en for _, en in QUALITIES]
    heads = [leaf.name_zh for leaf in leaves if is_han(leaf.name_zh) and len(leaf.name_zh) <= SHORT]
    spoken = [said[0] for head in heads if (said := pinyin_of(head))]
    latin = [leaf.name_en.split()[-1].lower() for leaf in leaves if leaf.name_en.isascii()]
    codes = [
        good.texts.codes[0]
        for good in next(iter(goods(plan, min(products, 5_000), SEED)))[:DIFFERENT]
    ]
    found = {
        "common": [_search(q=word) for word in common],
        "category_word": [_search(q=word) for word in heads],
        "two_words": [_search(q=f"{chance.choice(common)} {head}") for head in heads],
        "two_common": [_search(q=" ".join(chance.sample(common, 2))) for _ in range(DIFFERENT)],
        "brand": [_search(q=brand.zh) for brand in brands],
        "rare": [_search(q=name.latin) for name in series],
        "pinyin": [_search(q=word) for word in spoken],
        "slip": [_search(q=_slipped(word, chance)) for word in latin if len(word) >= 5],  # noqa: PLR2004
        "english": [_search(q=f"{chance.choice(english)} {word}") for word in latin],
        "code": [_search(q=code) for code in codes],
        "facet_brand": [_search(q=chance.choice(common), brand=brand.zh) for brand in brands],
        "facet_price": [
            _search(q=head, low=str(low), high=str(low * 4), stock="1")
            for head in heads
            for low in [chance.choice((5, 20, 50, 100))]
        ],
        "facet_value": [
            _search(q=chance.choice(common), a="颜色:黑色", free="1") for _ in range(DIFFERENT)
        ],
        "panel": [_search(q=word, panel="1") for word in [*common, *heads]],
        "nothing": [_search(q=f"qx{chance.randrange(10**9)}") for _ in range(DIFFERENT)],
    }
    for sort in SORTS:
        found[f"sorted_{sort}"] = [
            _search(q=chance.choice([*common, *heads]), sort=sort) for _ in heads
        ]
        ids = [each for leaf in leaves for each in leaf.path]
        found[f"list_{sort}"] = [f"/c/{each}?sort={sort}" for each in chance.sample(ids, DIFFERENT)]
    found["near"] = [_search(q=chance.choice(common), sort="near", near="4403") for _ in heads]
    return found


def _search(**asked: str) -> str:
    return f"/search?{urlencode(asked, quote_via=quote)}"


def _slipped(word: str, chance: random.Random) -> str:
    """A word with one letter left out, doubled or swapped with the next."""
    at = chance.randrange(1, len(word) - 1)
    ways: list[Callable[[], str]] = [
        lambda: word[:at] + word[at + 1 :],
        lambda: word[:at] + word[at] + word[at:],
        lambda: word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    ]
    return chance.choice(ways)()


async def _ask(
    port: int, asked: dict[str, list[str]], *, seconds: float, concurrency: int
) -> tuple[dict[str, list[float]], list[str], float]:
    """Seconds by kind, what went wrong, how long it took in all."""
    taken: dict[str, list[float]] = defaultdict(list)
    wrong: list[str] = []
    until = time.monotonic() + seconds

    async def visitor(number: int) -> None:
        chance = random.Random(number)
        kinds = list(asked)
        link = await Connection.open("127.0.0.1", port)
        while time.monotonic() < until:
            kind = chance.choice(kinds)
            path = chance.choice(asked[kind])
            started = time.perf_counter()
            status, _ = await link.get(path, HEADERS)
            taken[kind].append(time.perf_counter() - started)
            if status != 200 and len(wrong) < 20:  # noqa: PLR2004
                wrong.append(f"{status} {path}")
        link.close()

    started = time.monotonic()
    await asyncio.gather(*(visitor(number) for number in range(concurrency)))
    return taken, wrong, time.monotonic() - started
