"""Which provinces of China lie beside which: for goods from nearby. Codes of two digits. Pure."""

from typing import Final

# Land borders, each once; Hainan, Taiwan and the islands by their usual crossing.
_BORDERS: Final = (
    "11-12 11-13 12-13 13-14 13-15 13-21 13-37 13-41 14-15 14-41 14-61 15-21 15-22 15-23 15-61 15-62 15-64 "
    "21-22 22-23 31-32 31-33 32-33 32-34 32-37 33-34 33-35 33-36 34-36 34-37 34-41 34-42 35-36 35-44 35-71 "
    "36-42 36-43 36-44 37-41 41-42 41-61 42-43 42-50 42-61 43-44 43-45 43-50 43-52 44-45 44-46 44-81 44-82 "
    "45-52 45-53 50-51 50-52 50-61 51-52 51-53 51-54 51-61 51-62 51-63 52-53 53-54 54-63 54-65 61-62 61-64 "
    "62-63 62-64 62-65 63-65"
)
_PAIRS: Final = [(int(it[:2]), int(it[3:])) for it in _BORDERS.split()]


def beside(province: int) -> list[int]:
    """Codes of the neighbours of a province, in order; none for one that is not known."""
    found = [other for one, other in _PAIRS if one == province]
    return sorted(found + [one for one, other in _PAIRS if other == province])
