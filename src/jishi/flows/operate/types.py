"""What an operator's form names."""

import msgspec

from jishi.kit.errors import Kind, Refusal


class ParkedEvent(msgspec.Struct, frozen=True):
    """A parked event as the form names it."""

    cell: int
    listener: str
    position: int


class EventNotParked(Refusal):
    kind, code = Kind.CONFLICT, "events.not_parked"
    text = "This event is not parked any more. It was taken, or someone put it away."
