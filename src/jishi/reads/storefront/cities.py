"""The cities a list can be put in order from, kept by the process: they change with a release."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from jishi.db import Tx, load_sql

_CITIES: Final = load_sql(__package__, "cities")


@dataclass(frozen=True, slots=True)
class Province:
    name: str
    cities: list[tuple[int, str]]  # code of four digits, name


@dataclass(slots=True)
class Cities:
    """One per process (``app.state``); empty until first asked."""

    _found: list[Province] = field(default_factory=list)

    async def all(self, tx: Tx) -> Sequence[Province]:
        if not self._found:
            by_name: dict[str, Province] = {}
            for row in await tx.fetch(_CITIES):
                province = by_name.setdefault(row["province"], Province(row["province"], []))
                province.cities.append((row["code"], row["name"]))
            self._found = list(by_name.values())
        return self._found
