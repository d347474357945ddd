"""Percentiles and the printing of figures."""

import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from typing import Any


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of ``values`` lie; 0 of nothing."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def latency_ms(seconds: Sequence[float], name: str) -> dict[str, float]:
    """p50, p95 and p99 in milliseconds, named ``<name>_p50_ms`` …"""
    return {
        f"{name}_p{round(share * 100)}_ms": round(percentile(seconds, share) * 1000, 2)
        for share in (0.50, 0.95, 0.99)
    }


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def show(figures: Mapping[str, Any], *, as_json: bool) -> None:
    """People get a line per figure; programs one object, last on standard output."""
    out = sys.stderr if as_json else sys.stdout
    for name, value in figures.items():
        print(f"  {name:<28} {value}", file=out)
    if as_json:
        print(json.dumps(figures), flush=True)
