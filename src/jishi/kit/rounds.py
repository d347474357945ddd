"""Work that may touch each thing once at a time, dealt out in rounds."""

from collections import Counter
from collections.abc import Hashable, Iterable


def rounds(keys: Iterable[Hashable | None]) -> list[list[int]]:
    """Positions of ``keys`` in rounds that hold each key once, in their order; None is left out."""
    made: list[list[int]] = []
    seen = Counter[Hashable]()
    for at, key in enumerate(keys):
        if key is None:
            continue
        if seen[key] == len(made):
            made.append([])
        made[seen[key]].append(at)
        seen[key] += 1
    return made
