"""Small charts as SVG paths: what the server draws so that no script has to. Pure geometry.

Every chart is drawn twice, wide and for phones, never scaled; the page shows one of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, log10

SPARK = (84, 26)
WIDE = (700, 262)
PHONE = (340, 190)
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 8, 28


@dataclass(frozen=True, slots=True)
class Label:
    x: float
    y: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """One chart at one size. ``line``, ``area`` and the dashed ``other`` are path data."""

    kind: str  # wide or phone, of which the page shows one; card is shown always
    width: int
    height: int
    grid: list[float]
    labels: list[Label]
    line: str = ""
    area: str = ""
    other: str = ""
    end: tuple[float, float] | None = None
    bars: tuple[Bar, ...] = ()


def spark_paths(points: Sequence[float]) -> tuple[str, str]:
    """Line and area of a sparkline, 84 × 26, lowest value at the bottom; empty below two points."""
    if len(points) < 2:  # noqa: PLR2004 - a line has two ends
        return "", ""
    width, height = SPARK
    low, high = min(points), max(points)
    step = width / (len(points) - 1)
    reach = (high - low) or 1
    line = _path(
        [(k * step, height - 2 - (p - low) / reach * (height - 4)) for k, p in enumerate(points)]
    )
    return line, f"{line}L{width} {height}L0 {height}Z"


def line_chart(
    values: Sequence[float],
    labels: Sequence[str],
    *,
    other: Sequence[float] = (),
    slots: int | None = None,
    small: bool = False,
    show: Callable[[float], str] = lambda v: f"{v:,.0f}",
) -> list[Drawing]:
    """``values`` as a line with its area, ``other`` dashed behind it; ``labels`` one per slot.

    ``slots`` is the length of the axis when the period is not over yet. ``show`` writes an amount
    at the left edge. ``small``: one drawing, for a card that takes a third of a row.
    """
    count = slots or max(len(values), len(other), 2)
    top = _nice_top(max([*values, *other, 0]))
    return [
        _line(
            kind,
            size,
            values=values,
            other=other,
            labels=labels,
            count=count,
            top=top,
            show=show,
        )
        for kind, size in (_SMALL if small else _SIZES)
    ]


def bar_chart(
    values: Sequence[float],
    labels: Sequence[str],
    *,
    small: bool = False,
    show: Callable[[float], str] = lambda v: f"{v:,.0f}",
) -> list[Drawing]:
    """One bar per value, 62 % of its slot, from zero. ``small``: for a third of a row."""
    top = _nice_top(max([*values, 0]))
    return [
        _bars(kind, size, values=values, labels=labels, top=top, show=show)
        for kind, size in (_SMALL if small else _SIZES)
    ]


_SIZES = (("wide", WIDE), ("phone", PHONE))
_SMALL = (("card", PHONE),)


def _line(
    kind: str,
    size: tuple[int, int],
    *,
    values: Sequence[float],
    other: Sequence[float],
    labels: Sequence[str],
    count: int,
    top: float,
    show: Callable[[float], str],
) -> Drawing:
    width, height = size
    plot_w, plot_h = width - _LEFT - _RIGHT, height - _TOP - _BOTTOM
    step = plot_w / max(count - 1, 1)

    def spots(series: Sequence[float]) -> list[tuple[float, float]]:
        return [(_LEFT + k * step, _TOP + plot_h - v / top * plot_h) for k, v in enumerate(series)]

    main = spots(values)
    line = _path(main)
    base = _TOP + plot_h
    area = f"{line}L{_n(main[-1][0])} {base}L{_LEFT} {base}Z" if len(main) > 1 else ""
    grid, texts = _grid(size, top, show)
    every = ceil(len(labels) / (13 if kind == "wide" else 5)) or 1
    texts += [
        Label(round(_LEFT + k * step, 1), height - 8, text, _anchor(k, len(labels)))
        for k, text in enumerate(labels)
        if k % every == 0
    ]
    return Drawing(
        kind=kind,
        width=width,
        height=height,
        grid=grid,
        labels=texts,
        line=line,
        area=area,
        other=_path(spots(other)),
        end=(round(main[-1][0], 1), round(main[-1][1], 1)) if main else None,
    )


def _bars(
    kind: str,
    size: tuple[int, int],
    *,
    values: Sequence[float],
    labels: Sequence[str],
    top: float,
    show: Callable[[float], str],
) -> Drawing:
    width, height = size
    plot_w, plot_h = width - _LEFT - _RIGHT, height - _TOP - _BOTTOM
    slot = plot_w / max(len(values), 1)
    bars = tuple(
        Bar(
            x=round(_LEFT + k * slot + slot * 0.19, 1),
            y=round(_TOP + plot_h - v / top * plot_h, 1),
            width=round(slot * 0.62, 1),
            height=round(v / top * plot_h, 1),
            title=f"{labels[k] if k < len(labels) else ''} {show(v)}".strip(),
        )
        for k, v in enumerate(values)
    )
    grid, texts = _grid(size, top, show)
    every = ceil(len(labels) / (14 if kind == "wide" else 5)) or 1
    texts += [
        Label(round(_LEFT + (k + 0.5) * slot, 1), height - 8, text, "middle")
        for k, text in enumerate(labels)
        if k % every == 0
    ]
    return Drawing(kind, width, height, grid, texts, bars=bars)


def _grid(
    size: tuple[int, int], top: float, show: Callable[[float], str]
) -> tuple[list[float], list[Label]]:
    plot_h = size[1] - _TOP - _BOTTOM
    lines = [round(_TOP + plot_h - k / 3 * plot_h, 1) for k in range(4)]
    return lines, [Label(_LEFT - 8, y + 4, show(top * k / 3), "end") for k, y in enumerate(lines)]


def _nice_top(high: float) -> float:
    """The top of the axis: three round steps, never below ``high``."""
    if high <= 0:
        return 3.0
    raw = high / 3
    unit = 10 ** int(log10(raw)) if raw >= 1 else 1
    for factor in (1, 2, 2.5, 4, 5, 10, 20, 25, 40, 50, 100):
        if factor * unit * 3 >= high:
            return factor * unit * 3
    return high


def _anchor(k: int, of: int) -> str:
    if k == 0:
        return "start"
    return "end" if k == of - 1 else "middle"


def _path(spots: Sequence[tuple[float, float]]) -> str:
    return "".join(f"{'L' if k else 'M'}{_n(x)} {_n(y)}" for k, (x, y) in enumerate(spots))


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
