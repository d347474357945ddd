"""Rows of a batch as the arrays a SQL function takes."""

from collections.abc import Iterable, Sequence
from typing import Any

from jishi.kit.ids import cell_of


def columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    """The columns of rows of equal length. ``rows`` must not be empty."""
    return [list(column) for column in zip(*rows, strict=True)]


def cells(ids: Iterable[int]) -> list[int]:
    """The distinct cells of ids, in order: what the functions take as ``p_cells``."""
    return sorted({cell_of(each) for each in ids})
