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
PAYOUT_PASSED: Final = "payout.passed"
PAYOUT_REFUSED: Final = "payout.refused"
REVIEW_CLAIMED: Final = "review.claimed"
APPLICATION_DECIDED: Final = "application.decided"
PERMIT_DECIDED: Final = "permit.decided"
DEPOSIT_RECORDED: Final = "deposit.recorded"
CASE_OPENED: Final = "case.opened"
CASE_RULED: Final = "case.ruled"
CASE_JUDGED: Final = "case.judged"
SYNONYM_ADDED: Final = "search.synonym_added"
SYNONYM_REMOVED: Final = "search.synonym_removed"
SEARCH_HIDDEN: Final = "search.hidden"
SEARCH_SHOWN: Final = "search.shown"
BILL_EXPLAINED: Final = "bill.explained"
REVIEW_HIDDEN: Final = "review.hidden"  # of a buyer
REVIEW_SHOWN: Final = "review.shown_again"
REVIEW_LEFT: Final = "review.left"
GOODS_CLAIMED: Final = "goods.claimed"
GOODS_DECIDED: Final = "goods.decided"
GOODS_WORD_SET: Final = "goods.word_set"
GOODS_POLICY_SET: Final = "goods.policy_set"

ACTION_WORDS: Final[Mapping[str, str]] = {
    REFUND_SENT_AGAIN: _("Sent a failed refund again"),
    EVENT_REPLAYED: _("Replayed a parked event"),
    EVENT_DISCARDED: _("Discarded a parked event"),
    PAYOUT_PASSED: _("Let a withdrawal pass"),
    PAYOUT_REFUSED: _("Refused a withdrawal"),
    BILL_EXPLAINED: _("Explained a difference to a provider's bill"),
    REVIEW_CLAIMED: _("Took on a review"),
    APPLICATION_DECIDED: _("Decided on an application"),
    PERMIT_DECIDED: _("Decided on a permit"),
    DEPOSIT_RECORDED: _("Recorded a deposit by bank transfer"),
    CASE_OPENED: _("Opened a case against a shop"),
    CASE_RULED: _("Ruled on a case"),
    CASE_JUDGED: _("Judged an appeal of a case"),
    SYNONYM_ADDED: _("Added synonyms"),
    SYNONYM_REMOVED: _("Removed synonyms"),
    SEARCH_HIDDEN: _("Hid a search from suggestions"),
    SEARCH_SHOWN: _("Returned a search to suggestions"),
    REVIEW_HIDDEN: _("Hid a review"),
    REVIEW_SHOWN: _("Let a review be seen"),
    REVIEW_LEFT: _("Left a reported review as it is"),
    GOODS_CLAIMED: _("Took on an audit of goods"),
    GOODS_DECIDED: _("Decided on an audit of goods"),
    GOODS_WORD_SET: _("Changed the words goods may not carry"),
    GOODS_POLICY_SET: _("Changed what the rules for goods measure by"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    position: int
    account_id: AccountId
    action: str
    subject: str
    facts: Mapping[str, Any]
    occurred_at: datetime
