"""The coupons one may choose from at the checkout, with what each does there."""

from collections.abc import Sequence
from dataclasses import dataclass

from jishi.flows.checkout.quoting import Shown
from jishi.flows.checkout.types import Quote
from jishi.modules.pricing import Claim, Unfit


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A coupon at the checkout. ``unfit`` None: it is used, or can be; ``short_minor`` to its threshold."""

    claim: Claim
    shop_name: str  # empty: the whole market
    is_used: bool
    amount_minor: int
    unfit: Unfit | None
    short_minor: int


def choices(held: Sequence[Claim], shown: Shown, quote: Quote) -> list[Choice]:
    """Used coupons first, then those that can be used, then the others with why not."""
    names = {shop.shop_id: shop.name for shop in quote.shops}
    verdicts = {each.claim_id: each for each in shown.quoted.priced.coupons} if shown.quoted else {}
    known = {claim.id: claim for claim in held}
    if shown.quoted:
        known |= {each: shown.quoted.claims[each] for each in shown.used}
    found = []
    for claim in known.values():
        verdict = verdicts.get(claim.id)
        used = verdict is not None and verdict.unfit is None
        why, short = shown.why_not(claim)
        found.append(
            Choice(
                claim=claim,
                shop_name=names.get(claim.terms.shop_id, "") if claim.terms.shop_id else "",
                is_used=used,
                amount_minor=verdict.amount_minor if used and verdict else 0,
                unfit=None if used else why,
                short_minor=short,
            )
        )
    found.sort(
        key=lambda it: (not it.is_used, it.unfit is not None, it.claim.valid_until, it.claim.id)
    )
    return found
