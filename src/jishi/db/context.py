"""What listeners and jobs of a process are made with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jishi.db import Pool
from jishi.kit.ids import IdMaker
from jishi.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """``services`` are things the composition root hangs up by name, such as payment providers."""

    pool: Pool
    maker: IdMaker
    settings: Settings
    services: Mapping[str, Any] = field(default_factory=dict)
