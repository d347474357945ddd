import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi import verify
from jishi.kit.errors import Refusal
from jishi.kit.ids import AccountId, CaseId, OrderId, ShopId, SkuId
from jishi.kit.moves import reachable
from jishi.modules.aftersale import (
    DEEDS,
    MOVES,
    REASONS,
    Act,
    Case,
    CaseKind,
    CaseState,
    Decision,
    Deed,
    Facts,
    Hearing,
    LineStands,
    Parcel,
    Ruling,
    RulingAsked,
    Side,
    Stage,
    Wish,
    check_wish,
    decide,
    ruling,
    ruling_by_clock,
)
from jishi.modules.aftersale.rules_money import money_back
from jishi.modules.aftersale.types import CLOCKS, ENDED, FREIGHT_MAX_MINOR
from jishi.modules.aftersale.types_refusals import (
    AmountFixed,
    AmountMissing,
    AmountTooMuch,
    AppealUsed,
    CaseMoved,
    ClaimedByOther,
    DeadlinePassed,
    EvidenceOpen,
    FreightNotDue,
    FreightTooMuch,
    GoodsLeft,
    NoChangeOfMind,
    NotDelivered,
    NothingToAsk,
    NothingToReturn,
    NotInDispute,
    NotTheLoser,
    NotYours,
    OfferTooMuch,
    PartyRules,
    PicturesNeeded,
    PriceNotFallen,
    PriceOnce,
    PriceTooLate,
    ReasonsMissing,
    ReasonUnfit,
    ReceiptMissing,
    RefusalReasonMissing,
    RuleUnknown,
    RulingAmount,
    RulingFinal,
    RulingTooLate,
    SameOperator,
    SwapUnfit,
    TextMissing,
    TextTooLong,
    TooManyPictures,
    UnitsMissing,
    UnitsTooMany,
    WindowOver,
)
from jishi.modules.aftersale.types_rules import BY_CODE, RULES
from jishi.modules.aftersale.words import CLOCK_WORDS, KINDS, REASON_WORDS, STATES

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
_S = CaseState
BUYER, CLERK, JUDGE, OTHER = (AccountId(at) for at in (11, 12, 13, 14))
ADDRESS = {"receiver": "Returns", "phone": "0571-8888", "address": "1 Dock Road"}


def a_line(**changes: object) -> LineStands:
    facts: dict[str, object] = {
        "is_alive": True,
        "completed_at": None,
        "paid_at": NOON - timedelta(days=1),
        "window": timedelta(days=15),
        "change_mind": timedelta(days=7),
        "price_within": timedelta(days=7),
        "quantity": 3,
        "units_left": 3,
        "to_ship": 0,
        "at_buyer": 3,
        "buyer_minor": 3_000,
        "all_payers_minor": 3_000,
        "goods_paid_minor": 3_000,
        "price_now_minor": 1_000,
        "had_price": False,
        "swaps": frozenset({8}),
        "cap": lambda quantity: 1_000 * quantity,
    }
    return LineStands(**{**facts, **changes})  # type: ignore[arg-type]


def a_case(state: CaseState = _S.ASKED, **changes: object) -> Case:
    facts: dict[str, object] = {
        "id": CaseId(1),
        "shop_id": ShopId(2),
        "order_id": OrderId(3),
        "buyer_id": BUYER,
        "line": 1,
        "sku_id": SkuId(7),
        "quantity": 2,
        "kind": CaseKind.RETURN,
        "stage": Stage.SHIPPED,
        "reason": "damaged",
        "state": state,
        "amount_minor": 2_000,
        "offer_minor": 500 if state is _S.OFFERED else None,
        "deadline": None if state in ENDED else NOON + CLOCKS[state],
        "evidence_until": NOON + timedelta(hours=48)
        if state in (_S.DISPUTED, _S.APPEALED)
        else None,
        "asked_at": NOON,
        "moved_at": NOON,
    }
    return Case(**{**facts, **changes})  # type: ignore[arg-type]


def a_ruling(decision: Decision = Decision.BUYER, **changes: object) -> Ruling:
    facts: dict[str, object] = {
        "round": 1,
        "operator_id": JUDGE,
        "decision": decision,
        "amount_minor": {"buyer": 2_000, "part": 700, "shop": 0}[decision.value],
        "goods_back": False,
        "rule_code": "AS-1",
        "rule_version": 1,
        "reasons": "Seen on the pictures.",
        "ruled_at": NOON,
    }
    return Ruling(**{**facts, **changes})  # type: ignore[arg-type]


def facts(line: LineStands | None = None, **changes: object) -> Facts:
    return Facts(line=line or a_line(), **{"return_address": ADDRESS, **changes})  # type: ignore[arg-type]


def an_act(deed: Deed, side: Side | None = None, **changes: object) -> Act:
    who = side or min(DEEDS[deed][0])
    plain: dict[str, object] = {
        "at": NOON,
        "account_id": {Side.BUYER: BUYER, Side.SHOP: CLERK, Side.OPERATOR: JUDGE}.get(who),
        "text": "So it is.",
        "reason": "used",
        "amount_minor": 300,
        "has_pictures": True,
        "wish": a_wish(pictures=(1,)),
        "parcel": Parcel(
            direction="back", carrier="SF", waybill="SF1", quantity=2, actor_id=BUYER, sent_at=NOON
        ),
        "ruling": a_ruling(),
    }
    return Act(deed=deed, side=who, **{**plain, **changes})  # type: ignore[arg-type]


def a_wish(**changes: object) -> Wish:
    plain: dict[str, object] = {
        "line": 1,
        "kind": CaseKind.RETURN,
        "reason": "damaged",
        "quantity": 1,
        "pictures": (1,),
    }
    return Wish(**{**plain, **changes})  # type: ignore[arg-type]


# Tables ---------------------------------------------------------------------------------------


def test_every_state_is_reached_and_every_open_one_has_a_clock() -> None:
    assert set(MOVES) == set(_S) == set(STATES) == reachable(_S.ASKED, MOVES)
    assert set(CLOCKS) == set(CLOCK_WORDS) == set(_S) - ENDED
    assert {state for state in _S if not MOVES[state]} == ENDED
    assert all(reachable(state, MOVES) & ENDED for state in _S)


def test_everything_has_its_words() -> None:
    assert set(KINDS) == set(CaseKind)
    assert set(REASON_WORDS) == set(REASONS)
    assert {rule.code for rule in RULES} == set(BY_CODE)


def test_verify_knows_the_same_moves() -> None:
    text = verify.text_of("cases_follow_moves")
    values = text[text.index("VALUES") : text.index("SELECT s.case_id")]
    assert set(re.findall(r"\('(\w+)', '(\w+)'\)", values)) == {
        (a.value, b.value) for a, targets in MOVES.items() for b in targets
    }


@pytest.mark.parametrize("deed", Deed)
@pytest.mark.parametrize("state", _S)
@pytest.mark.parametrize("side", Side)
def test_a_deed_moves_a_case_along_the_table_or_is_refused(
    deed: Deed, state: _S, side: Side
) -> None:
    case = a_case(state)
    at = NOON + timedelta(days=99) if deed is Deed.LAPSE else NOON
    around = facts(last_ruling=a_ruling())
    if deed is Deed.REJECT:
        around = facts()
    try:
        moved = decide(case, an_act(deed, side, at=at), around)
    except Refusal as refusal:
        allowed = side in DEEDS[deed][0] and state in DEEDS[deed][1]
        assert not allowed or isinstance(refusal, NotTheLoser)  # noqa: PT017
        return
    assert moved.case.state in MOVES[state]
    assert moved.case.version == case.version + 1
    assert (moved.case.deadline is None) == (moved.case.state in ENDED)
    assert (moved.money is not None) <= (moved.case.state is _S.SETTLED)


def test_who_acts_when_the_time_is_over_is_too_late() -> None:
    for state in CLOCKS:
        case = a_case(state)
        late = NOON + CLOCKS[state]
        for deed, (sides, states) in DEEDS.items():
            if state not in states or Side.CLOCK in sides:
                continue
            with pytest.raises(DeadlinePassed):
                decide(case, an_act(deed, at=late), facts(last_ruling=a_ruling()))
    with pytest.raises(RulingTooLate):
        decide(
            a_case(_S.DISPUTED),
            an_act(Deed.RULE, Side.OPERATOR, at=NOON + CLOCKS[_S.DISPUTED]),
            facts(),
        )


def test_the_clock_never_acts_early() -> None:
    for state in CLOCKS:
        with pytest.raises(CaseMoved):
            decide(a_case(state), an_act(Deed.LAPSE), facts(last_ruling=a_ruling()))


def test_who_saw_an_older_version_is_told() -> None:
    with pytest.raises(CaseMoved):
        decide(a_case(version=3), an_act(Deed.AGREE, version=2), facts())
    with pytest.raises(NotYours):
        decide(a_case(), an_act(Deed.AGREE, Side.BUYER), facts())


# Asking ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refusal", "wish", "line"),
    [
        (ReasonUnfit, a_wish(reason="no such"), a_line()),
        (ReasonUnfit, a_wish(reason="not_wanted"), a_line()),
        (NothingToAsk, a_wish(), a_line(is_alive=False)),
        (WindowOver, a_wish(), a_line(completed_at=NOON - timedelta(days=15))),
        (
            NoChangeOfMind,
            a_wish(reason="changed_mind"),
            a_line(completed_at=NOON - timedelta(days=7)),
        ),
        (NoChangeOfMind, a_wish(reason="changed_mind"), a_line(change_mind=timedelta(0))),
        (NotDelivered, a_wish(), a_line(at_buyer=0, to_ship=3)),
        (UnitsMissing, a_wish(quantity=0), a_line()),
        (UnitsTooMany, a_wish(quantity=4), a_line()),
        (UnitsTooMany, a_wish(quantity=3), a_line(at_buyer=2, to_ship=1)),
        (GoodsLeft, a_wish(kind=CaseKind.REFUND, reason="not_wanted"), a_line()),
        (AmountTooMuch, a_wish(amount_minor=1_001), a_line()),
        (AmountMissing, a_wish(amount_minor=0), a_line()),
        (AmountMissing, a_wish(amount_minor=-5), a_line()),
        (
            AmountFixed,
            a_wish(kind=CaseKind.REFUND, reason="not_wanted", amount_minor=5),
            a_line(to_ship=3, at_buyer=0),
        ),
        (PicturesNeeded, a_wish(pictures=()), a_line()),
        (TooManyPictures, a_wish(pictures=tuple(range(10))), a_line()),
        (TextTooLong, a_wish(text="x" * 1_001), a_line()),
        (SwapUnfit, a_wish(kind=CaseKind.EXCHANGE, swap_sku_id=9), a_line()),
        (PriceOnce, a_wish(kind=CaseKind.PRICE, reason="price_fell"), a_line(had_price=True)),
        (
            PriceTooLate,
            a_wish(kind=CaseKind.PRICE, reason="price_fell"),
            a_line(paid_at=NOON - timedelta(days=7)),
        ),
        (PriceNotFallen, a_wish(kind=CaseKind.PRICE, reason="price_fell"), a_line()),
        (
            PriceNotFallen,
            a_wish(kind=CaseKind.PRICE, reason="price_fell"),
            a_line(price_now_minor=None),
        ),
    ],
)
def test_what_may_not_be_asked(refusal: type[Refusal], wish: Wish, line: LineStands) -> None:
    with pytest.raises(refusal):
        check_wish(wish, line, now=NOON)


def test_the_last_instant_of_the_window_is_still_in_it() -> None:
    line = a_line(completed_at=NOON - timedelta(days=15) + timedelta(seconds=1))
    assert check_wish(a_wish(quantity=2), line, now=NOON).amount_minor == 2_000


def test_a_price_that_fell_gives_the_difference_of_the_units_left() -> None:
    wish = a_wish(kind=CaseKind.PRICE, reason="price_fell", quantity=2)
    made = check_wish(wish, a_line(price_now_minor=900, units_left=2), now=NOON)
    assert (made.quantity, made.amount_minor) == (0, 200)
    most = check_wish(wish, a_line(price_now_minor=1, to_ship=3, buyer_minor=50), now=NOON)
    assert most.amount_minor == 49


# Money ----------------------------------------------------------------------------------------


@given(
    left=st.integers(0, 5),
    shipped=st.integers(0, 5),
    amount=st.integers(0, 9_000),
    quantity=st.integers(1, 5),
    stage=st.sampled_from(Stage),
    came_back=st.booleans(),
    sellable=st.booleans(),
)
def test_money_goes_back_within_what_is_left(
    left: int,
    shipped: int,
    amount: int,
    quantity: int,
    stage: Stage,
    came_back: bool,  # noqa: FBT001
    sellable: bool,  # noqa: FBT001
) -> None:
    at_buyer = min(left, shipped)
    line = a_line(
        units_left=left,
        to_ship=left - at_buyer,
        at_buyer=at_buyer,
        buyer_minor=1_000 * left,
        all_payers_minor=1_000 * left,
    )
    case = a_case(quantity=quantity, stage=stage, amount_minor=amount)
    money = money_back(case, facts(line), amount, came_back=came_back, sellable=sellable)
    if money is None:
        assert left == 0 or amount == 0 or line.buyer_minor <= 1
        return
    assert money.quantity <= (line.to_ship if money.goods == "unshipped" else at_buyer)
    given_back = money.amount_minor
    if money.quantity:
        assert given_back is None or given_back <= line.cap(money.quantity)
    else:
        assert given_back is not None
        assert 0 < given_back <= line.buyer_minor - bool(line.to_ship)
    if money.goods == "returned":
        assert came_back
        assert sellable


def test_what_is_kept_for_less_can_still_be_returned_later() -> None:
    money = money_back(a_case(kind=CaseKind.REFUND), facts(), 1_999)
    assert money is not None
    assert (money.goods, money.quantity, money.amount_minor) == (
        "kept",
        0,
        1_999,
    )


def test_units_of_another_sku_never_go_on_the_first_ones_shelf() -> None:
    money = money_back(a_case(), facts(is_swapped=True), 2_000, came_back=True, sellable=True)
    assert money is not None
    assert money.goods == "kept"


# Shop and buyer -------------------------------------------------------------------------------


def test_the_shop_answers() -> None:
    agreed = decide(a_case(), an_act(Deed.AGREE), facts())
    assert (agreed.case.state, agreed.case.return_address) == (_S.RETURNING, ADDRESS)
    resend = decide(a_case(kind=CaseKind.RESEND), an_act(Deed.AGREE), facts())
    assert resend.case.state is _S.TO_SEND
    with pytest.raises(RefusalReasonMissing):
        decide(a_case(), an_act(Deed.REFUSE, reason=""), facts())
    for amount in (2_000, 5_000):
        with pytest.raises(OfferTooMuch):
            decide(a_case(), an_act(Deed.OFFER, amount_minor=amount), facts())
    with pytest.raises(AmountMissing):
        decide(a_case(), an_act(Deed.OFFER, amount_minor=None), facts())
    accepted = decide(a_case(_S.OFFERED), an_act(Deed.ACCEPT), facts())
    assert accepted.money is not None
    assert accepted.money.amount_minor == 500


def test_goods_that_left_meanwhile_are_not_refunded_as_unshipped() -> None:
    case = a_case(kind=CaseKind.REFUND, stage=Stage.UNSHIPPED)
    with pytest.raises(GoodsLeft):
        decide(case, an_act(Deed.AGREE), facts())
    by_clock = decide(case, an_act(Deed.LAPSE, at=NOON + timedelta(days=2)), facts())
    assert (by_clock.case.state, by_clock.why) == (_S.REFUSED, "shipped_meanwhile")


def test_a_shop_without_an_address_pays_for_its_silence() -> None:
    moved = decide(
        a_case(), an_act(Deed.LAPSE, at=NOON + timedelta(days=2)), facts(return_address=None)
    )
    assert (moved.case.state, moved.why) == (_S.SETTLED, "no_return_address")


def test_an_escalation_says_what_it_is_about() -> None:
    with pytest.raises(TextMissing):
        decide(a_case(_S.REFUSED), an_act(Deed.ESCALATE, text=""), facts())
    with pytest.raises(RulingFinal):
        decide(a_case(_S.RETURNED), an_act(Deed.REJECT), facts(last_ruling=a_ruling()))
    moved = decide(a_case(_S.REFUSED), an_act(Deed.ESCALATE), facts())
    assert moved.case.evidence_until == NOON + timedelta(hours=48)


@pytest.mark.parametrize(
    ("state", "becomes", "goods"),
    [
        (_S.ASKED, _S.RETURNING, None),
        (_S.OFFERED, _S.CLOSED, None),
        (_S.REFUSED, _S.CLOSED, None),
        (_S.RETURNING, _S.CLOSED, None),
        (_S.RETURNED, _S.SETTLED, "kept"),
        (_S.TO_SEND, _S.SETTLED, "returned"),
        (_S.SENT, _S.SETTLED, None),
        (_S.RULED, _S.SETTLED, "kept"),
        (_S.APPEALED, _S.SETTLED, "kept"),
    ],
)
def test_what_the_clock_does(state: _S, becomes: _S, goods: str | None) -> None:
    case = a_case(state, came_back="sellable" if state is _S.TO_SEND else None)
    act = an_act(Deed.LAPSE, at=NOON + timedelta(days=30), ruling=None)
    moved = decide(case, act, facts(last_ruling=a_ruling()))
    assert moved.case.state is becomes
    assert (moved.money.goods if moved.money else None) == goods


# Rulings --------------------------------------------------------------------------------------

HEARD = Hearing(is_party=False, both_heard=True)


def asked(**changes: object) -> RulingAsked:
    plain: dict[str, object] = {
        "operator_id": JUDGE,
        "decision": Decision.BUYER,
        "rule_code": "AS-1",
        "reasons": "Seen.",
    }
    return RulingAsked(**{**plain, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("refusal", "case", "wish", "around", "hearing", "at"),
    [
        (NotInDispute, a_case(_S.REFUSED), asked(), facts(), HEARD, NOON),
        (RulingTooLate, a_case(_S.DISPUTED), asked(), facts(), HEARD, NOON + timedelta(days=7)),
        (PartyRules, a_case(_S.DISPUTED), asked(), facts(), replace(HEARD, is_party=True), NOON),
        (SameOperator, a_case(_S.APPEALED), asked(), facts(last_ruling=a_ruling()), HEARD, NOON),
        (ClaimedByOther, a_case(_S.DISPUTED, claimed_by=OTHER, claimed_at=NOON), asked(), facts(), HEARD, NOON),
        (EvidenceOpen, a_case(_S.DISPUTED), asked(), facts(), replace(HEARD, both_heard=False), NOON),
        (RuleUnknown, a_case(_S.DISPUTED), asked(rule_code="AS-0"), facts(), HEARD, NOON),
        (ReasonsMissing, a_case(_S.DISPUTED), asked(reasons=""), facts(), HEARD, NOON),
        (TextTooLong, a_case(_S.DISPUTED), asked(reasons="x" * 2_001), facts(), HEARD, NOON),
        (RulingAmount, a_case(_S.DISPUTED), asked(decision=Decision.PART), facts(), HEARD, NOON),
        (
            RulingAmount,
            a_case(_S.DISPUTED),
            asked(decision=Decision.PART, amount_minor=2_000),
            facts(),
            HEARD,
            NOON,
        ),
        (NothingToReturn, a_case(_S.DISPUTED), asked(goods_back=True), facts(is_sent_back=True), HEARD, NOON),
    ],
)  # fmt: skip
def test_a_ruling_that_may_not_be(
    refusal: type[Refusal],
    case: Case,
    wish: RulingAsked,
    around: Facts,
    hearing: Hearing,
    at: datetime,
) -> None:
    with pytest.raises(refusal):
        ruling(case, wish, around, hearing, at)


def test_a_ruling_names_its_rule_and_version() -> None:
    made = ruling(
        a_case(_S.DISPUTED), asked(decision=Decision.PART, amount_minor=700), facts(), HEARD, NOON
    )
    assert (made.amount_minor, made.rule_code, made.rule_version, made.round) == (700, "AS-1", 1, 1)
    unheard = replace(HEARD, both_heard=False)
    later = ruling(a_case(_S.DISPUTED), asked(), facts(), unheard, NOON + timedelta(hours=48))
    assert later.amount_minor == 2_000


def test_the_loser_appeals_once() -> None:
    for decision, winner in ((Decision.BUYER, Side.BUYER), (Decision.SHOP, Side.SHOP)):
        around = facts(last_ruling=a_ruling(decision))
        with pytest.raises(NotTheLoser):
            decide(a_case(_S.RULED), an_act(Deed.APPEAL, winner), around)
    part = facts(last_ruling=a_ruling(Decision.PART))
    for side in (Side.BUYER, Side.SHOP):
        assert decide(a_case(_S.RULED), an_act(Deed.APPEAL, side), part).case.appealed_by is side
    with pytest.raises(AppealUsed):
        decide(a_case(_S.SETTLED, appealed_by=Side.SHOP), an_act(Deed.APPEAL, Side.SHOP), part)


def test_a_ruling_is_carried_out_after_the_goods_are_back() -> None:
    last = a_ruling(goods_back=True)
    act = an_act(Deed.LAPSE, at=NOON + timedelta(days=30))
    moved = decide(a_case(_S.RULED, kind=CaseKind.REFUND), act, facts(last_ruling=last))
    assert (moved.case.state, moved.case.kind, moved.money) == (_S.RETURNING, CaseKind.RETURN, None)
    for_shop = decide(a_case(_S.RULED), act, facts(last_ruling=a_ruling(Decision.SHOP)))
    assert for_shop.case.state is _S.CLOSED


def test_the_markets_own_silence_is_the_buyers_gain() -> None:
    made = ruling_by_clock(a_case(_S.DISPUTED), facts(), NOON)
    assert made is not None
    assert (made.decision, made.operator_id, made.goods_back) == (
        Decision.BUYER,
        None,
        True,
    )
    assert ruling_by_clock(a_case(_S.APPEALED), facts(), NOON) is None


# Freight of a return --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("_case", "refusal", "case", "more"),
    [
        ("the buyer's fault", FreightNotDue, {"reason": "changed_mind"}, {}),
        ("too much", FreightTooMuch, {}, {"amount_minor": FREIGHT_MAX_MINOR + 1}),
        ("no receipt", ReceiptMissing, {}, {"has_pictures": False}),
        ("below nothing", AmountMissing, {}, {"amount_minor": -1}),
    ],
)
def test_freight_that_is_not_the_shops_to_pay(
    _case: str, refusal: type[Refusal], case: dict[str, object], more: dict[str, object]
) -> None:
    with pytest.raises(refusal):
        decide(a_case(_S.RETURNING, **case), an_act(Deed.SEND_BACK, **more), facts())


def test_a_parcel_without_freight_needs_no_receipt() -> None:
    act = an_act(Deed.SEND_BACK, amount_minor=None, has_pictures=False)
    moved = decide(a_case(_S.RETURNING, reason="changed_mind"), act, facts())
    assert (moved.case.state, moved.case.freight_minor) == (_S.RETURNED, 0)


@pytest.mark.parametrize("decision", Decision)
def test_only_a_ruling_for_the_whole_pays_the_freight(decision: Decision) -> None:
    case = a_case(_S.RULED, freight_minor=900)
    act = an_act(Deed.LAPSE, at=case.deadline)
    moved = decide(case, act, facts(is_sent_back=True, last_ruling=a_ruling(decision)))
    assert moved.freight_minor == (900 if decision is Decision.BUYER else 0)


@pytest.mark.parametrize("state", sorted(set(_S) - ENDED))
def test_a_whole_refund_settles_a_case_wherever_it_stands(state: CaseState) -> None:
    moved = decide(a_case(state), an_act(Deed.VOID), facts())
    assert (moved.case.state, moved.why, moved.money) == (_S.SETTLED, "refunded_whole", None)


def test_of_an_order_refunded_whole_every_deed_settles_the_case() -> None:
    for deed, state in (
        (Deed.AGREE, _S.ASKED),
        (Deed.WITHDRAW, _S.REFUSED),
        (Deed.SEND, _S.TO_SEND),
    ):
        moved = decide(a_case(state), an_act(deed), facts(a_line(is_alive=False)))
        assert (moved.case.state, moved.why, moved.parcel) == (_S.SETTLED, "refunded_whole", None)
