"""The words of this module: states and moves of a case, kinds, reasons, clocks, deeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from jishi.kit.ids import AccountId, CaseId, OrderId, RefundId, ShopId, SkuId

# How long each side has before the clock acts. Source: docs/money/aftersale.md, section Clocks.
ANSWER_WITHIN: Final = timedelta(hours=48)  # the shop answers, else it has agreed
REPLY_WITHIN: Final = timedelta(days=7)  # the buyer changes, accepts or escalates, else it is over
SEND_BACK_WITHIN: Final = timedelta(days=7)  # the buyer ships back, else it is over
RECEIVE_WITHIN: Final = timedelta(days=7)  # the shop confirms receipt, else it is refunded
RESEND_WITHIN: Final = timedelta(days=5)  # the shop sends the replacement, else it is refunded
ACCEPT_WITHIN: Final = timedelta(days=10)  # the buyer confirms the replacement, else it counts so
EVIDENCE_WITHIN: Final = timedelta(hours=48)  # both sides of a dispute add what they have
RULE_WITHIN: Final = timedelta(days=7)  # the operator rules, else it is decided for the buyer
APPEAL_WITHIN: Final = timedelta(days=7)  # the loser appeals, else the ruling is carried out
CLAIM_FOR: Final = timedelta(hours=4)  # how long a claimed dispute is nobody else's

# What a category without terms of its own has (table aftersale_term).
WINDOW: Final = timedelta(days=15)  # after completion
CHANGE_MIND: Final = timedelta(days=7)  # after completion, for a return without a reason
PRICE_WITHIN: Final = timedelta(days=7)  # after payment, for price protection

FREIGHT_MAX_MINOR: Final = 50_000  # of one parcel back. Source: docs/money/aftersale.md
PICTURES_MAX: Final = 9  # of one message
TEXT_MAX: Final = 1_000
REASONS_MAX: Final = 2_000
MESSAGES_MAX: Final = 100  # of one side in one case
LINES_MAX: Final = 20  # cases opened at once
BULK_MAX: Final = 100  # cases answered at once


class CaseState(StrEnum):
    ASKED = "asked"  # the shop is to answer
    OFFERED = "offered"  # the shop offers an amount without return; the buyer is to answer
    REFUSED = "refused"  # the buyer may change it or call the market
    RETURNING = "returning"  # agreed; the buyer is to send it back
    RETURNED = "returned"  # under way to the shop, which is to confirm receipt
    TO_SEND = "to_send"  # the shop is to send the replacement
    SENT = "sent"  # the replacement is under way
    DISPUTED = "disputed"  # before an operator
    RULED = "ruled"  # the loser may appeal
    APPEALED = "appealed"  # before another operator
    SETTLED = "settled"  # money went back, the whole order's too, or the replacement arrived
    CLOSED = "closed"  # ended without either


_S = CaseState
MOVES: Final[Mapping[CaseState, frozenset[CaseState]]] = {
    _S.ASKED: frozenset(
        {_S.ASKED, _S.OFFERED, _S.REFUSED, _S.RETURNING, _S.TO_SEND, _S.SETTLED, _S.CLOSED}
    ),
    _S.OFFERED: frozenset({_S.ASKED, _S.OFFERED, _S.DISPUTED, _S.SETTLED, _S.CLOSED})
    | {_S.RETURNING, _S.TO_SEND},
    _S.REFUSED: frozenset({_S.ASKED, _S.OFFERED, _S.DISPUTED, _S.SETTLED, _S.CLOSED})
    | {_S.RETURNING, _S.TO_SEND},
    _S.RETURNING: frozenset({_S.RETURNED, _S.SETTLED, _S.CLOSED}),
    _S.RETURNED: frozenset({_S.SETTLED, _S.TO_SEND, _S.DISPUTED, _S.CLOSED}),
    _S.TO_SEND: frozenset({_S.SENT, _S.SETTLED, _S.CLOSED}),
    _S.SENT: frozenset({_S.SETTLED, _S.DISPUTED, _S.CLOSED}),
    _S.DISPUTED: frozenset({_S.RULED, _S.SETTLED, _S.RETURNING, _S.TO_SEND, _S.CLOSED}),
    _S.RULED: frozenset({_S.APPEALED, _S.SETTLED, _S.RETURNING, _S.CLOSED}),
    _S.APPEALED: frozenset({_S.SETTLED, _S.RETURNING, _S.CLOSED}),
    _S.SETTLED: frozenset(),
    _S.CLOSED: frozenset(),
}
ENDED: Final = frozenset({_S.SETTLED, _S.CLOSED})
IN_DISPUTE: Final = frozenset({_S.DISPUTED, _S.APPEALED})
CLOCKS: Final[Mapping[CaseState, timedelta]] = {
    _S.ASKED: ANSWER_WITHIN,
    _S.OFFERED: REPLY_WITHIN,
    _S.REFUSED: REPLY_WITHIN,
    _S.RETURNING: SEND_BACK_WITHIN,
    _S.RETURNED: RECEIVE_WITHIN,
    _S.TO_SEND: RESEND_WITHIN,
    _S.SENT: ACCEPT_WITHIN,
    _S.DISPUTED: RULE_WITHIN,
    _S.RULED: APPEAL_WITHIN,
    _S.APPEALED: RULE_WITHIN,
}


class CaseKind(StrEnum):
    """What the buyer wants."""

    REFUND = "refund"  # money, nothing comes back
    RETURN = "return"  # money, the goods go back
    EXCHANGE = "exchange"  # the goods go back, a replacement comes
    RESEND = "resend"  # what was missing or wrong is sent (again)
    PRICE = "price"  # the difference to today's price


class Stage(StrEnum):
    UNSHIPPED = "unshipped"
    SHIPPED = "shipped"


class Side(StrEnum):
    BUYER = "buyer"
    SHOP = "shop"
    OPERATOR = "operator"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a buyer asks. ``fault``: who bears the freight of a return."""

    stage: Stage
    kinds: frozenset[CaseKind]
    fault: Side
    needs_pictures: bool = False


_K = CaseKind
_MONEY = frozenset({_K.REFUND, _K.RETURN})
_ALL = frozenset({_K.REFUND, _K.RETURN, _K.EXCHANGE, _K.RESEND})
REASONS: Final[Mapping[str, Reason]] = {
    "not_wanted": Reason(Stage.UNSHIPPED, frozenset({_K.REFUND}), Side.BUYER),
    "ordered_wrong": Reason(Stage.UNSHIPPED, frozenset({_K.REFUND}), Side.BUYER),
    "too_slow": Reason(Stage.UNSHIPPED, frozenset({_K.REFUND}), Side.SHOP),
    "agreed_before": Reason(Stage.UNSHIPPED, frozenset({_K.REFUND}), Side.SHOP),
    "not_arrived": Reason(Stage.SHIPPED, frozenset({_K.REFUND, _K.RESEND}), Side.SHOP),
    "missing": Reason(Stage.SHIPPED, frozenset({_K.REFUND, _K.RESEND}), Side.SHOP, True),
    "wrong_goods": Reason(Stage.SHIPPED, _ALL, Side.SHOP, True),
    "damaged": Reason(Stage.SHIPPED, _ALL, Side.SHOP, True),
    "defective": Reason(Stage.SHIPPED, _ALL, Side.SHOP, True),
    "not_as_described": Reason(Stage.SHIPPED, _MONEY | {_K.EXCHANGE}, Side.SHOP, True),
    "wrong_size": Reason(Stage.SHIPPED, frozenset({_K.RETURN, _K.EXCHANGE}), Side.BUYER),
    "changed_mind": Reason(Stage.SHIPPED, frozenset({_K.RETURN}), Side.BUYER),
    "agreed": Reason(Stage.SHIPPED, _ALL, Side.SHOP),
    "price_fell": Reason(Stage.SHIPPED, frozenset({_K.PRICE}), Side.SHOP),
}
REFUSAL_REASONS: Final = (
    "as_described",
    "used",
    "too_late",
    "not_proven",
    "custom_made",
    "other",
)


class Deed(StrEnum):
    """What someone does with a case; each is one step of its journal, named by its past tense."""

    CHANGE = "change"
    WITHDRAW = "withdraw"
    ACCEPT = "accept"
    DECLINE = "decline"
    SEND_BACK = "send-back"
    CONFIRM = "confirm"
    ESCALATE = "escalate"
    AGREE = "agree"
    REFUSE = "refuse"
    OFFER = "offer"
    RECEIVE = "receive"
    REJECT = "reject"
    SEND = "send"
    APPEAL = "appeal"
    RULE = "rule"
    LAPSE = "lapse"  # the clock
    VOID = "void"  # the whole order was refunded


# Who may do a deed, and in which states. The moves themselves are in MOVES.
DEEDS: Final[Mapping[Deed, tuple[frozenset[Side], frozenset[CaseState]]]] = {
    Deed.CHANGE: (frozenset({Side.BUYER}), frozenset({_S.ASKED, _S.OFFERED, _S.REFUSED})),
    Deed.WITHDRAW: (
        frozenset({Side.BUYER}),
        frozenset({_S.ASKED, _S.OFFERED, _S.REFUSED, _S.RETURNING, _S.DISPUTED}),
    ),
    Deed.ACCEPT: (frozenset({Side.BUYER}), frozenset({_S.OFFERED})),
    Deed.DECLINE: (frozenset({Side.BUYER}), frozenset({_S.OFFERED})),
    Deed.SEND_BACK: (frozenset({Side.BUYER}), frozenset({_S.RETURNING})),
    Deed.CONFIRM: (frozenset({Side.BUYER}), frozenset({_S.SENT})),
    Deed.ESCALATE: (frozenset({Side.BUYER}), frozenset({_S.REFUSED, _S.OFFERED, _S.SENT})),
    Deed.AGREE: (
        frozenset({Side.SHOP}),
        frozenset({_S.ASKED, _S.OFFERED, _S.REFUSED, _S.DISPUTED}),
    ),
    Deed.REFUSE: (frozenset({Side.SHOP}), frozenset({_S.ASKED})),
    Deed.OFFER: (frozenset({Side.SHOP}), frozenset({_S.ASKED, _S.OFFERED, _S.REFUSED})),
    Deed.RECEIVE: (frozenset({Side.SHOP}), frozenset({_S.RETURNED})),
    Deed.REJECT: (frozenset({Side.SHOP}), frozenset({_S.RETURNED})),
    Deed.SEND: (frozenset({Side.SHOP}), frozenset({_S.TO_SEND})),
    Deed.APPEAL: (frozenset({Side.BUYER, Side.SHOP}), frozenset({_S.RULED})),
    Deed.RULE: (frozenset({Side.OPERATOR, Side.CLOCK}), IN_DISPUTE),
    Deed.LAPSE: (frozenset({Side.CLOCK}), frozenset(_S) - ENDED),
    Deed.VOID: (frozenset({Side.CLOCK}), frozenset(_S) - ENDED),
}


class Decision(StrEnum):
    BUYER = "buyer"
    PART = "part"
    SHOP = "shop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """``operator_id`` None: the clock, because no operator ruled in time."""

    round: int
    operator_id: AccountId | None
    decision: Decision
    amount_minor: int
    goods_back: bool
    rule_code: str
    rule_version: int
    reasons: str
    ruled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    id: CaseId
    shop_id: ShopId
    order_id: OrderId
    buyer_id: AccountId
    line: int
    sku_id: SkuId
    quantity: int  # units; 0: money only (price protection)
    kind: CaseKind
    stage: Stage
    reason: str
    state: CaseState
    amount_minor: int  # the buyer's money asked for; of an exchange: what is due when it fails
    offer_minor: int | None = None
    refunded_minor: int = 0
    refund_id: RefundId | None = None
    swap_sku_id: SkuId | None = None
    came_back: str | None = None  # sellable · damaged, as the shop received it
    freight_minor: int = 0  # what the buyer laid out to send it back, for the shop to pay
    freight_refund_id: RefundId | None = None
    freight_refunded_minor: int = 0
    freight_owed_minor: int = 0  # beyond what was left of the order's money
    return_address: Mapping[str, Any] | None = None
    evidence_until: datetime | None = None
    appealed_by: Side | None = None
    claimed_by: AccountId | None = None
    claimed_at: datetime | None = None
    deadline: datetime | None
    version: int = 1
    asked_at: datetime
    moved_at: datetime

    @property
    def is_open(self) -> bool:
        return self.state not in ENDED

    @property
    def freight_due_minor(self) -> int:
        """The freight named and not paid or booked as owed."""
        return self.freight_minor - self.freight_refunded_minor - self.freight_owed_minor

    @property
    def is_freight_on_shop(self) -> bool:
        """Whether the shop bears what sending the goods back costs: the reason is its fault."""
        goes_back = self.kind in (CaseKind.RETURN, CaseKind.EXCHANGE)
        return goes_back and REASONS[self.reason].fault is Side.SHOP


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    direction: str  # back · out
    carrier: str
    waybill: str
    quantity: int
    actor_id: AccountId
    sent_at: datetime
    sku_id: SkuId | None = None
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAddress:
    receiver: str
    phone: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A line of a case's journal."""

    version: int
    state: CaseState
    actor: Side
    actor_id: AccountId | None
    why: str
    text: str
    amount_minor: int | None
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    position: int
    side: Side
    account_id: AccountId
    text: str
    pictures: Sequence[int]
    said_at: datetime
