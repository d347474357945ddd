"""Find one of our categories by the words another platform uses. Pure once built."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jishi.data.files import CategoryRow, read_categories

UNCATEGORISED = "na"  # code of the category for what has none


@dataclass(frozen=True, slots=True)
class CategoryIndex:
    """Categories by code, by full English path, and by a name only one of them has."""

    by_code: dict[str, int]
    by_path: dict[tuple[str, ...], int]
    by_name: dict[str, int]

    def match(self, path: str, kind: str) -> int | None:
        """The category of a path such as ``Home & Garden > Decor``, as deep as it is known here;
        else the one category called like ``kind`` or its last words; None when neither is known.
        """
        steps = tuple(_plain(step) for step in path.split(">") if step.strip())
        for depth in range(len(steps), 0, -1):
            found = self.by_path.get(steps[:depth])
            if found:
                return found
        words = _plain(kind).split()
        for start in range(len(words)):  # "fixed gear bicycle" is a bicycle
            name = " ".join(words[start:])
            found = self.by_name.get(name) or self.by_name.get(f"{name}s")
            if found:
                return found
        return None


def build_index(rows: Sequence[CategoryRow] | None = None) -> CategoryIndex:
    """From ``rows``, or from the categories shipped with Jishi."""
    rows = read_categories() if rows is None else rows
    names = {row.id: row.name_en for row in rows}
    return CategoryIndex(
        by_code={row.code: row.id for row in rows},
        by_path={tuple(_plain(names[above]) for above in row.path): row.id for row in rows},
        by_name=_unambiguous(rows),
    )


def _unambiguous(rows: Iterable[CategoryRow]) -> dict[str, int]:
    """By name; of several with the same name the one nearest to the root, if it stands alone."""
    best: dict[str, tuple[int, int | None]] = {}
    for row in rows:
        for name in {_plain(row.name_en), _plain(row.name_zh)}:
            level, _ = best.get(name, (99, None))
            if row.level < level:
                best[name] = (row.level, row.id)
            elif row.level == level:
                best[name] = (level, None)
    return {name: found for name, (_, found) in best.items() if found}


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
