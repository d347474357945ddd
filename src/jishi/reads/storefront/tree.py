"""The categories that lead to listed goods, kept for a minute: they change when goods are listed."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from jishi.db import GONE, Pool, Tx, load_sql, reading
from jishi.modules.media import picture_src
from jishi.reads.storefront.queries import SMALL_IMAGE, category_name
from jishi.reads.storefront.types import CategoryGroup, CategoryLink, CategoryPage

KEPT_SECONDS: Final = 60.0
PAGES_MAX: Final = 5_000  # category pages kept between two readings
SHORTCUTS: Final = 12  # on the home page
BELOW_SHOWN: Final = 24  # below one root on the page of all categories
LEAVES_MAX: Final = 64  # of a branch whose list is merged from theirs

_USED: Final = load_sql(__package__, "used_categories")
_CATEGORY: Final = load_sql(__package__, "category")
_LEVEL: Final = "SELECT level FROM category WHERE id = $1"
_NAMES: Final = load_sql(__package__, "category_names")


@dataclass(frozen=True, slots=True)
class Used:
    """One category that leads to something: how much, and a picture of what sold most."""

    path: Sequence[int]
    listed: int
    image: str | None


@dataclass(slots=True)
class CategoryTree:
    """One per process (``app.state``); empty until first asked."""

    _used: dict[int, Used] = field(default_factory=dict)  # by id, from the roots to the leaves
    _leaves: dict[int, tuple[int, ...]] = field(
        default_factory=dict
    )  # that lead to goods, by branch
    _names: dict[int, dict[str, str]] = field(default_factory=dict)  # of roots and what lies below
    _pages: dict[tuple[str, int], CategoryPage | None] = field(default_factory=dict)
    _reading: asyncio.Task[None] | None = None
    _until: float = 0.0

    async def load(self, tx: Tx, pool: Pool | None = None) -> None:
        """Read anew when a minute has passed; beside the request when there is something to show."""
        if time.monotonic() < self._until:
            return
        self._until = time.monotonic() + KEPT_SECONDS  # nobody else begins meanwhile
        if pool is None or not self._used:
            await self._read(tx)
        else:
            self._reading = asyncio.get_running_loop().create_task(self._read_beside(pool))

    async def _read_beside(self, pool: Pool) -> None:
        try:
            async with reading(pool) as tx:
                await self._read(tx)
        except GONE:
            self._until = 0.0

    async def _read(self, tx: Tx) -> None:
        """One statement, a second for names not yet known."""
        rows = await tx.fetch(_USED)
        self._used, self._leaves = _summed(rows), _leaves_of(rows)
        wanted = [each for each, used in self._used.items() if len(used.path) <= 2]  # noqa: PLR2004
        missing = [each for each in wanted if each not in self._names]
        for row in await tx.fetch(_NAMES, missing) if missing else []:
            self._names[row["id"]] = {it: category_name(row, it) for it in ("zh-CN", "en")}
        self._pages.clear()
        self._until = time.monotonic() + KEPT_SECONDS

    def forget(self) -> None:
        """Read anew next time."""
        self._used, self._until = {}, 0.0

    def shortcuts(self, locale: str) -> list[CategoryLink]:
        """The dozen categories of the second level with most goods; roots that have no second."""
        deep = {used.path[0] for used in self._used.values() if len(used.path) >= 2}  # noqa: PLR2004
        found = [
            self._link(each, used, locale)
            for each, used in self._used.items()
            if len(used.path) == 2 or (len(used.path) == 1 and each not in deep)  # noqa: PLR2004
        ]
        return sorted(found, key=lambda link: (-link.listed, link.id))[:SHORTCUTS]

    def groups(self, locale: str) -> list[CategoryGroup]:
        """Every root that leads to something, with its second level; the fullest first."""
        below: dict[int, list[CategoryLink]] = defaultdict(list)
        for each, used in self._used.items():
            if len(used.path) == 2:  # noqa: PLR2004 - right below a root
                below[used.path[0]].append(self._link(each, used, locale))
        roots = [(each, used) for each, used in self._used.items() if len(used.path) == 1]
        roots.sort(key=lambda item: (-item[1].listed, item[0]))
        return [
            CategoryGroup(
                id=each,
                name=self._names[each][locale],
                below=sorted(below[each], key=lambda link: (-link.listed, link.id))[:BELOW_SHOWN],
            )
            for each, _ in roots
        ]

    async def find_page(self, tx: Tx, locale: str, category_id: int) -> CategoryPage | None:
        """A category, those above it and those below that lead to something; None: no such one."""
        if (locale, category_id) not in self._pages:
            if len(self._pages) > PAGES_MAX:
                self._pages.clear()
            self._pages[(locale, category_id)] = await self._page(tx, locale, category_id)
        return self._pages[(locale, category_id)]

    async def _page(self, tx: Tx, locale: str, category_id: int) -> CategoryPage | None:
        rows = await tx.fetch(_CATEGORY, category_id)
        links: dict[str, list[CategoryLink]] = {"above": [], "below": []}
        for row in rows:
            used = self._used.get(row["id"])
            if used is None and row["place"] == "below":
                continue
            links[row["place"]].append(
                CategoryLink(
                    id=row["id"],
                    name=category_name(row, locale),
                    image=used.image if used else None,
                    listed=used.listed if used else 0,
                )
            )
        below = sorted(links["below"], key=lambda link: (-link.listed, link.id))
        return CategoryPage(above=links["above"], below=below) if rows else None

    def leaves(self, category_id: int) -> tuple[int, ...]:
        """The leaves below a category that lead to goods; none where there are more than 64."""
        found = self._leaves.get(category_id, ())
        return found if len(found) <= LEAVES_MAX else ()

    async def level_of(self, tx: Tx, category_id: int) -> int | None:
        """How deep a category lies, 1 for a root; None: no such one."""
        used = self._used.get(category_id)
        level: int | None = len(used.path) if used else await tx.fetchval(_LEVEL, category_id)
        return level

    def _link(self, category_id: int, used: Used, locale: str) -> CategoryLink:
        name = self._names[category_id][locale]
        return CategoryLink(id=category_id, name=name, image=used.image, listed=used.listed)


def _leaves_of(rows: Sequence[Any]) -> dict[int, tuple[int, ...]]:
    found: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        for each in row["path"]:
            found[each].append(row["id"])
    return {each: tuple(leaves) for each, leaves in found.items()}


def _summed(rows: Sequence[Any]) -> dict[int, Used]:
    """Leaves and everything above them, counts added up; the picture of the fullest leaf below."""
    found: dict[int, Used] = {}
    for row in sorted(rows, key=lambda row: -row["listed"]):
        for level, each in enumerate(row["path"], start=1):
            held = found.get(each)
            listed = row["listed"] + (held.listed if held else 0)
            image = held.image if held else picture_src(row["picture"], SMALL_IMAGE)
            found[each] = Used(row["path"][:level], listed, image)
    return found
