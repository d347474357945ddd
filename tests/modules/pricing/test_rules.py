"""What a purchase comes to: random ones add up, chosen ones come to what is declared."""

from collections.abc import Sequence
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jishi.kit.ids import ShopId
from jishi.modules.orders.rules import units
from jishi.modules.pricing import rules
from jishi.modules.pricing.rules_offers import Tranche, bundles
from jishi.modules.pricing.types import (
    Audience,
    Benefit,
    Claim,
    Line,
    OfferKind,
    Payer,
    Priced,
    PricedLine,
    Scope,
    Standing,
    Unfit,
)
from tests.modules.pricing.wishes import (
    DAY,
    NOBODY,
    NOON,
    a_claim,
    a_line,
    a_price,
    a_set,
    claims_of,
    flat,
    lines_of,
    priced,
    standings_of,
)


def lines_in(found: Priced) -> dict[int, PricedLine]:
    return {line.sku_id: line for order in found.orders for line in order.lines}


def of_payer(line: PricedLine, payer: Payer, *, freight: bool = False) -> int:
    return sum(
        rule.amount_minor
        for rule in line.offers
        if rule.payer == payer and freight == (rule.kind == OfferKind.FREE_FREIGHT)
    )


@settings(max_examples=600)
@given(lines=lines_of(), claims=claims_of(), standing=standings_of(), freight=st.integers(0, 3_000))
def test_every_quote_adds_up_by_line_rule_and_payer(
    lines: list[Line], claims: list[Claim], standing: Standing, freight: int
) -> None:
    found = priced(lines, claims, freight=freight, standing=standing)
    assert sorted(lines_in(found)) == sorted(line.sku_id for line in lines)
    for order in found.orders:
        assert order.buyer_minor >= 1
        assert order.buyer_minor == order.total("amount_minor") - order.total(
            "platform_minor"
        ) - order.total("creator_minor")
        waived = sum(of_payer(line, Payer.SHOP, freight=True) for line in order.lines)
        assert order.total("freight_minor") + waived == freight
        for line in order.lines:
            assert 0 <= line.discount_minor <= line.goods_minor
            assert line.discount_minor == of_payer(line, Payer.SHOP)
            for payer, column in (
                (Payer.PLATFORM, line.platform_minor),
                (Payer.CREATOR, line.creator_minor),
            ):
                assert column == of_payer(line, payer) + of_payer(line, payer, freight=True)
                assert column >= 0
                assert sum(units(column, line.quantity)) == column
            assert min(line.buyer_minor, line.freight_minor) >= 0
            assert sum(units(line.amount_minor, line.quantity)) == line.amount_minor
            assert all(rule.amount_minor > 0 for rule in line.offers)
            assert 0 <= line.offer_quantity <= line.quantity
            assert (line.offer_id is None) == (line.offer_quantity == 0)
        assert (order.creator_id is None) == (order.total("creator_minor") == 0)
    saved = sum(verdict.amount_minor for verdict in found.used)
    by_coupon = [
        rule.amount_minor
        for line in lines_in(found).values()
        for rule in line.offers
        if rule.kind in {OfferKind.COUPON, OfferKind.FREE_FREIGHT}
    ]
    assert saved == sum(by_coupon)
    assert [verdict.claim_id for verdict in found.coupons] == [claim.id for claim in claims]


@settings(max_examples=300)
@given(
    lines=lines_of(),
    claims=claims_of(),
    standing=standings_of(),
    freight=st.integers(0, 3_000),
    turn=st.randoms(use_true_random=False),
)
def test_the_order_of_lines_and_coupons_changes_nothing(
    lines: list[Line], claims: list[Claim], standing: Standing, freight: int, turn: Any
) -> None:
    one = priced(lines, claims, freight=freight, standing=standing)
    turn.shuffle(lines)
    turn.shuffle(claims)
    other = priced(lines, claims, freight=freight, standing=standing)
    assert lines_in(one) == lines_in(other)
    assert {each.claim_id: each for each in one.coupons} == {
        each.claim_id: each for each in other.coupons
    }


@settings(max_examples=300)
@given(lines=lines_of(), claims=claims_of(), standing=standings_of())
def test_coupons_stack_as_declared(
    lines: list[Line], claims: list[Claim], standing: Standing
) -> None:
    found = priced(lines, claims, standing=standing, freight=500)
    terms = {claim.id: claim.terms for claim in claims}
    used = [(terms[each.claim_id], set(each.parts)) for each in found.used]
    shops = [each.shop_id for each, _ in used if each.benefit is not Benefit.FREE_FREIGHT
             and each.payer is not Payer.CREATOR and each.shop_id is not None]  # fmt: skip
    assert len(shops) == len(set(shops))
    assert sum(each.payer is Payer.CREATOR and each.benefit is not Benefit.FREE_FREIGHT
               for each, _ in used) <= 1  # fmt: skip
    for (one, here), (other, there) in combinations(used, 2):
        if here & there:
            assert not one.is_exclusive
            assert not other.is_exclusive
            both = one.benefit is other.benefit is Benefit.FREE_FREIGHT
            assert not both


def all_sets(claims: Sequence[Claim]) -> list[list[Claim]]:
    return [
        [claim for claim, taken in zip(claims, mask, strict=True) if taken]
        for mask in product([False, True], repeat=len(claims))
    ]


@settings(max_examples=200)
@given(lines=lines_of(), claims=claims_of(most=4), standing=standings_of())
def test_no_coupon_alone_beats_the_best_choice(
    lines: list[Line], claims: list[Claim], standing: Standing
) -> None:
    prepared = rules.prepare(lines, standing, flat(700), now=NOON)
    chosen = rules.best(prepared, claims)
    least = rules.price(prepared, chosen)
    assert not least.unfit
    assert least.buyer_minor <= rules.price(prepared).buyer_minor
    for claim in claims:
        alone = rules.price(prepared, [claim]).buyer_minor
        assert least.buyer_minor <= alone
    assert [each.id for each in chosen] == [each.id for each in rules.best(prepared, claims[::-1])]


def test_the_best_choice_is_the_best_of_all_where_thresholds_and_percents_mix() -> None:
    lines = [a_line(1, 20_000, 1), a_line(2, 9_900, 2, shop_id=ShopId(2))]
    claims = [
        a_claim(1, amount_minor=1_500, threshold_minor=15_000),
        a_claim(2, benefit=Benefit.PERCENT, rate_bp=1_000, cap_minor=1_800),
        a_claim(3, shop_id=ShopId(2), amount_minor=500),
        a_claim(4, payer=Payer.PLATFORM, benefit=Benefit.PERCENT, rate_bp=500),
        a_claim(5, payer=Payer.PLATFORM, amount_minor=1_900, threshold_minor=30_000),
        a_claim(6, benefit=Benefit.FREE_FREIGHT),
        a_claim(7, payer=Payer.CREATOR, amount_minor=300),
    ]
    prepared = rules.prepare(lines, NOBODY, flat(800), now=NOON)
    chosen = rules.price(prepared, rules.best(prepared, claims))
    least = min(rules.price(prepared, each).buyer_minor for each in all_sets(claims))
    assert chosen.buyer_minor == least
    assert [each.claim_id for each in chosen.used] == [6, 2, 3, 5, 7]


# Unit prices ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("_case", "changes", "discount", "drawn"),
    [
        ("no quota", {}, 600, 0),
        ("enough left", {"left": 3}, 600, 3),
        ("two left", {"left": 2}, 400, 2),
        ("none left", {"left": 0}, 0, 0),
        ("not below the list price", {"price_minor": 1_000}, 0, 0),
        ("for members only", {"audience": Audience.MEMBERS}, 0, 0),
    ],
)
def test_a_timed_price_goes_as_far_as_it_lasts(
    _case: str, changes: dict[str, Any], discount: int, drawn: int
) -> None:
    line = lines_in(priced([a_line(quantity=3, prices=[a_price(**changes)])]))[1]
    assert (line.discount_minor, line.offer_quantity) == (discount, drawn)


def test_a_buyer_gets_no_more_than_the_limit() -> None:
    wish = [a_line(quantity=5, prices=[a_price(50, 100, kind=OfferKind.FLASH, left=9)])]
    line = lines_in(priced(wish, standing=Standing(limits={(50, 1): 2})))[1]
    assert (line.discount_minor, line.offer_id, line.offer_quantity) == (1_800, 50, 2)


def test_the_lowest_price_wins_and_never_both() -> None:
    flash = a_price(50, 700, kind=OfferKind.FLASH, left=2)
    member = a_price(51, 900, kind=OfferKind.MEMBER, audience=Audience.MEMBERS)
    wish = [a_line(quantity=3, prices=[member, flash])]
    line = lines_in(priced(wish, standing=Standing(member_of=frozenset({1}))))[1]
    assert [(rule.kind, rule.amount_minor) for rule in line.offers] == [
        ("flash", 600),
        ("member", 100),
    ]
    cheaper = a_price(52, 600, kind=OfferKind.MEMBER, audience=Audience.MEMBERS)
    wish = [a_line(quantity=3, prices=[cheaper, flash])]
    line = lines_in(priced(wish, standing=Standing(member_of=frozenset({1}))))[1]
    assert (line.discount_minor, line.offer_id) == (1_200, None)


# n for a price ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("_case", "prices", "pieces", "for_minor", "saved"),
    [
        ("three of one", [(1_000, 3)], 3, 2_000, 1_000),
        ("two are not three", [(1_000, 2)], 3, 2_000, 0),
        ("six are two bundles", [(1_000, 6)], 3, 2_000, 2_000),
        ("the dearest are bundled", [(1_000, 2), (500, 2)], 3, 2_000, 500),
        ("a bundle that costs more is none", [(1_000, 3), (500, 3)], 3, 2_000, 1_000),
        ("exactly as dear is none", [(1_000, 2)], 2, 2_000, 0),
        ("over a bundle's edge", [(1_000, 4), (900, 2)], 3, 2_000, 1_800),
    ],
)
def test_any_n_for_a_price(
    _case: str, prices: list[tuple[int, int]], pieces: int, for_minor: int, saved: int
) -> None:
    offer = a_set(pieces=pieces, price=for_minor)
    wish = [a_line(at, price, n, sets=[offer]) for at, (price, n) in enumerate(prices, start=1)]
    assert sum(line.discount_minor for line in lines_in(priced(wish)).values()) == saved


@given(
    tranches=st.lists(st.tuples(st.integers(1, 60), st.integers(1, 7)), min_size=1, max_size=4),
    pieces=st.integers(2, 4),
    price=st.integers(1, 200),
)
def test_no_other_arrangement_of_bundles_saves_more(
    tranches: list[tuple[int, int]], pieces: int, price: int
) -> None:
    singles = sorted((worth for worth, units in tranches for _ in range(units)), reverse=True)
    most = max(
        sum(singles[: pieces * count]) - price * count
        for count in range(len(singles) // pieces + 1)
    )
    ordered = sorted(
        (Tranche(at, units, worth) for at, (worth, units) in enumerate(tranches)),
        key=lambda each: -each.price_minor,
    )
    saved = sum(
        times * (sum(each.units * each.price_minor for each in bundle) - price)
        for times, bundle in bundles(ordered, pieces, price)
    )
    assert saved == most


def test_what_an_exclusive_offer_sold_takes_no_coupon() -> None:
    exclusive = a_price(50, 400, left=1, is_exclusive=True)
    wish = [a_line(1, 1_000, 2, prices=[exclusive])]
    found = priced(wish, [a_claim(benefit=Benefit.PERCENT, rate_bp=1_000)])
    line = lines_in(found)[1]
    assert [rule.amount_minor for rule in line.offers] == [600, 100]  # a tenth of the ordinary one
    none = priced([a_line(1, 1_000, 1, prices=[exclusive])], [a_claim()])
    assert none.unfit[0].unfit is Unfit.OTHER_GOODS


# Coupons ----------------------------------------------------------------------------------------

TWO = [a_line(1, 6_000), a_line(2, 4_000, categories=(7, 8))]


@pytest.mark.parametrize(
    ("_case", "claim", "why", "short"),
    [
        ("used", {"is_used": True}, Unfit.USED, 0),
        ("expired this instant", {"valid_until": NOON}, Unfit.EXPIRED, 0),
        ("not yet", {"valid_from": NOON + DAY}, Unfit.NOT_YET, 0),
        ("another shop's", {"shop_id": ShopId(2)}, Unfit.OTHER_GOODS, 0),
        ("other goods", {"scope": Scope.PRODUCTS, "scope_ids": frozenset({5})}, Unfit.OTHER_GOODS, 0),
        ("new buyers", {"audience": Audience.NEW}, Unfit.AUDIENCE, 0),
        ("followers", {"audience": Audience.FOLLOWERS}, Unfit.AUDIENCE, 0),
        ("one short", {"threshold_minor": 10_001}, Unfit.THRESHOLD, 1),
        ("the threshold itself", {"threshold_minor": 10_000}, None, 0),
        ("a category above", {"scope": Scope.CATEGORIES, "scope_ids": frozenset({7}),
                              "threshold_minor": 4_001}, Unfit.THRESHOLD, 1),
        ("no freight to free", {"benefit": Benefit.FREE_FREIGHT}, Unfit.NO_FREIGHT, 0),
    ],
)  # fmt: skip
def test_why_a_coupon_does_not_fit(
    _case: str, claim: dict[str, Any], why: Unfit | None, short: int
) -> None:
    (verdict,) = priced(TWO, [a_claim(**claim)]).coupons
    assert (verdict.unfit, verdict.short_minor) == (why, short)


def test_a_coupon_is_split_over_lines_by_what_they_cost() -> None:
    lines = lines_in(priced(TWO, [a_claim(amount_minor=1_001)]))
    assert [lines[1].discount_minor, lines[2].discount_minor] == [601, 400]


def test_a_market_coupon_is_split_over_shops_and_paid_by_the_market() -> None:
    wish = [a_line(1, 10_000), a_line(2, 5_000, shop_id=ShopId(2)), a_line(3, 1, shop_id=ShopId(3))]
    found = priced(wish, [a_claim(payer=Payer.PLATFORM, amount_minor=3_000)])
    assert [order.total("platform_minor") for order in found.orders] == [2_000, 1_000, 0]
    assert [order.total("discount_minor") for order in found.orders] == [0, 0, 0]
    assert [order.total("amount_minor") for order in found.orders] == [10_000, 5_000, 1]


def test_the_buyer_of_every_order_pays_at_least_one() -> None:
    wish = [a_line(1, 100), a_line(2, 300, shop_id=ShopId(2))]
    claims = [a_claim(1, amount_minor=9_999), a_claim(2, payer=Payer.PLATFORM, amount_minor=9_999)]
    assert [order.buyer_minor for order in priced(wish, claims).orders] == [1, 1]


def test_a_percent_is_rounded_down_once_and_capped() -> None:
    wish = [a_line(1, 333), a_line(2, 333), a_line(3, 333)]
    tenth = a_claim(benefit=Benefit.PERCENT, rate_bp=1_000)
    found = priced(wish, [tenth])
    assert [line.discount_minor for line in lines_in(found).values()] == [33, 33, 33]
    assert (
        priced(wish, [a_claim(benefit=Benefit.PERCENT, rate_bp=5_000, cap_minor=7)])
        .used[0]
        .amount_minor
        == 7
    )


@pytest.mark.parametrize(
    ("payer", "freight", "platform"), [(Payer.SHOP, 0, 0), (Payer.PLATFORM, 801, 801)]
)
def test_who_grants_free_freight_bears_it(payer: Payer, freight: int, platform: int) -> None:
    found = priced(TWO, [a_claim(payer=payer, benefit=Benefit.FREE_FREIGHT)], freight=801)
    (order,) = found.orders
    assert (order.total("freight_minor"), order.total("platform_minor")) == (freight, platform)
    assert order.buyer_minor == 10_000


def test_a_second_coupon_of_a_sort_and_an_exclusive_one_are_told() -> None:
    second = priced(TWO, [a_claim(1), a_claim(2)])
    assert [each.unfit for each in second.coupons] == [None, Unfit.SECOND]
    alone = priced(TWO, [a_claim(1), a_claim(2, payer=Payer.PLATFORM, is_exclusive=True)])
    assert [each.unfit for each in alone.coupons] == [None, Unfit.EXCLUSIVE]


# Known answers of other systems' defects; prices here contain their tax. ------------------------


def test_tax_is_in_the_price_so_a_total_has_no_fraction() -> None:
    """24.99 with 10.75 % (2.69 rounded half up) put into the price, freight 6.44: 34.12."""
    tax = (2_499 * 1_075 + 5_000) // 10_000
    found = priced([a_line(1, 2_499 + tax)], freight=644)
    assert (tax, found.buyer_minor) == (269, 3_412)


def test_tax_contained_is_shown_from_the_sum_as_declared() -> None:
    """8.50 and 1.65 at 7 % inside: 0.66 from the sum, not 0.56 + 0.11 = 0.67."""
    total = priced([a_line(1, 850), a_line(2, 165)]).buyer_minor
    assert (total, (total * 700 * 2 + 10_700) // (10_700 * 2)) == (1_015, 66)


def test_three_pieces_and_a_coupon_make_no_fraction() -> None:
    """3 × 70.00 less 5.00: 20 % of what is left is 41.00, whole or as the sum over its pieces."""
    found = priced([a_line(1, 70_00, 3)], [a_claim(amount_minor=500)])
    assert found.buyer_minor == sum(units(found.buyer_minor, 3)) == 205_00
    assert found.buyer_minor * 2_000 // 10_000 == 41_00


def test_a_credit_over_two_lines_adds_up() -> None:
    found = priced(
        [a_line(1, 100), a_line(2, 100)], [a_claim(payer=Payer.PLATFORM, amount_minor=103)]
    )
    assert [line.platform_minor for line in lines_in(found).values()] == [52, 51]


def test_twelve_units_differ_by_one_at_most() -> None:
    line = lines_in(priced([a_line(1, 999, 12)], [a_claim(amount_minor=1_000)]))[1]
    parts = units(line.buyer_minor, 12)
    assert sum(parts) == 999 * 12 - 1_000
    assert max(parts) - min(parts) == 1


def test_what_was_paid_can_be_refunded_in_full() -> None:
    found = priced([a_line(1, 87_96)])
    assert sum(units(found.buyer_minor, 1)) == 87_96
