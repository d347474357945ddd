"""Ids that lie in the past, so that lists by id are lists by time."""

from datetime import UTC, datetime, timedelta

from jishi.kit.ids import EPOCH_MS, IdMaker

_EPOCH = datetime.fromtimestamp(EPOCH_MS / 1000, UTC)


class PastIds:
    """A maker whose clock is ``at``; set it forward only. ``node`` must be leased, by nobody else."""

    def __init__(self, node: int, at: datetime) -> None:
        self.at = at
        self.maker = IdMaker(node, clock_ms=self._clock_ms)

    def _clock_ms(self) -> int:
        return EPOCH_MS + (self.at - _EPOCH) // timedelta(milliseconds=1)
