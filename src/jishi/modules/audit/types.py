"""The words of this module."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from jishi.kit.ids import AccountId
from jishi.kit.text import mark as _

REFUND_SENT_AGAIN: Final = "refund.sent_again"
EVENT_REPLAYED: Final = "event.replayed"
EVENT_DISCARDED: Final = "event.discarded"

ACTION_WORDS: Final[Mapping[str, str]] = {
    REFUND_SENT_AGAIN: _("Sent a failed refund again"),
    EVENT_REPLAYED: _("Replayed a parked event"),
    EVENT_DISCARDED: _("Discarded a parked event"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    position: int
    account_id: AccountId
    action: str
    subject: str
    facts: Mapping[str, Any]
    occurred_at: datetime
