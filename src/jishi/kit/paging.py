"""Cursor paging: a page is what comes after a cursor; a cursor is opaque outside."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import ID_MAX

T = TypeVar("T")

PAGE_SIZE = 20
PAGE_SIZE_MAX = 100


class CursorInvalid(Refusal):
    kind, code = Kind.INVALID, "paging.cursor_invalid"
    text = "This page link is not valid any more. Start from the first page."


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items in order, and the cursor of the next page; None when this is the last one."""

    items: list[T]
    next_cursor: str | None


def page_of(rows: Sequence[T], size: int, key: Callable[[T], tuple[Any, ...]]) -> Page[T]:
    """A page from ``size + 1`` fetched rows; ``key`` gives what the next query starts after."""
    items = list(rows[:size])
    return Page(items, encode_cursor(key(items[-1])) if len(rows) > size else None)


def encode_cursor(parts: tuple[Any, ...]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(parts)).decode().rstrip("=")


def decode_cursor(cursor: str | None, *types: type) -> tuple[Any, ...] | None:
    """The parts of a cursor, one of each of ``types``; None without one. Raises CursorInvalid."""
    if not cursor:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        parts: tuple[Any, ...] = msgspec.json.decode(raw, type=tuple[types])  # type: ignore[valid-type]
    except (ValueError, msgspec.DecodeError) as problem:
        raise CursorInvalid(field="cursor") from problem
    return parts


def id_below(cursor: str | None) -> int:
    """Where a list of ids, the largest first, goes on: below this one; without a cursor from the top.

    Raises CursorInvalid.
    """
    parts = decode_cursor(cursor, int)
    below = parts[0] if parts else ID_MAX
    if not 0 < below <= ID_MAX:
        raise CursorInvalid(field="cursor")
    return int(below)
