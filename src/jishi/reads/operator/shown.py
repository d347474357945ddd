"""Words and sizes of the operator's pages. Pure."""

from typing import Final

from jishi.modules import ledger

KILO: Final = 1024
UNITS: Final = ("B", "KB", "MB", "GB", "TB")
_KINDS: Final = frozenset(kind.value for kind in ledger.TransferKind)


def kind_words(kind: str) -> str:
    """An English message id for a kind of transfer; the kind itself when it has no words."""
    return ledger.TransferKind(kind).words if kind in _KINDS else kind


def size_words(count: int) -> str:
    """Bytes in their largest unit: ``12.4 MB``."""
    value, unit = count * 10, 0
    while value >= KILO * 10 and unit < len(UNITS) - 1:
        value, unit = value // KILO, unit + 1
    whole, tenth = divmod(value, 10)
    return f"{whole:,}.{tenth} {UNITS[unit]}" if unit else f"{count} B"
