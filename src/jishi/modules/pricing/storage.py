"""Coupons in people's hands, in PostgreSQL: read for quotes, used by placing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from jishi.db import Row, Tx, load_sql
from jishi.db.columns import columns
from jishi.kit.ids import AccountId, ShopId, cell_of
from jishi.modules.pricing.types import CLAIMS_MAX, Audience, Benefit, Claim, Payer, Scope, Terms

HELD_MAX: Final = 400  # of a person's usable coupons that are looked at for one purchase

_BY_ID: Final = """
SELECT c.id, c.terms, c.valid_from, c.valid_until, c.used_at
FROM unnest($1::bigint[], $2::bigint[]) w(buyer, id)
JOIN coupon_claim c ON c.cell = cell_of(w.id) AND c.id = w.id AND c.buyer_id = w.buyer
"""
_LOCK: Final = """
SELECT c.id, c.terms, c.valid_from, c.valid_until, c.used_at
FROM coupon_claim c
JOIN (SELECT DISTINCT * FROM unnest($1::bigint[], $2::bigint[]) w(buyer, id)) w
    ON c.cell = cell_of(w.id) AND c.id = w.id AND c.buyer_id = w.buyer
ORDER BY c.cell, c.id FOR NO KEY UPDATE OF c
"""
_USABLE: Final = load_sql(__package__, "usable_claims")
_USE: Final = load_sql(__package__, "use_claims")


async def claims_by_id(
    tx: Tx, wanted: Sequence[tuple[AccountId, int]], *, lock: bool
) -> dict[int, Claim]:
    """Claims of these people; those that are somebody else's or nobody's are missing."""
    rows = await tx.fetch(_LOCK if lock else _BY_ID, *columns(wanted))
    return {row["id"]: claim_of(row) for row in rows}


async def usable_claims(
    tx: Tx, buyer_id: AccountId, shop_ids: Sequence[ShopId | int], *, now: datetime
) -> list[Claim]:
    """A person's unused coupons of these shops and of the market, the earliest to expire first."""
    cell = cell_of(buyer_id)
    rows = await tx.fetch(_USABLE, cell, buyer_id, list(shop_ids), now, CLAIMS_MAX, HELD_MAX)
    return [claim_of(row) for row in rows]


async def use_claims(tx: Tx, uses: Sequence[tuple[int, int, int, int, datetime]]) -> None:
    """Write coupons down as used; per use: claim, checkout, order, amount, instant. They are held."""
    done = await tx.fetchval(_USE, *columns(uses))
    assert done == len({use[0] for use in uses}), "a coupon was not held while it was used"


def claim_of(row: Row) -> Claim:
    return Claim(
        id=row["id"],
        terms=read_terms(row["terms"]),
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        is_used=row["used_at"] is not None,
    )


def write_terms(terms: Terms) -> dict[str, Any]:
    """Terms as a claim keeps them; ids as text."""
    return {
        "coupon_id": str(terms.coupon_id),
        "title": terms.title,
        "payer": terms.payer,
        "benefit": terms.benefit,
        "shop_id": None if terms.shop_id is None else str(terms.shop_id),
        "creator_id": None if terms.creator_id is None else str(terms.creator_id),
        "amount_minor": terms.amount_minor,
        "rate_bp": terms.rate_bp,
        "cap_minor": terms.cap_minor,
        "threshold_minor": terms.threshold_minor,
        "scope": terms.scope,
        "scope_ids": [str(each) for each in sorted(terms.scope_ids)],
        "audience": terms.audience,
        "is_exclusive": terms.is_exclusive,
    }


def read_terms(kept: Mapping[str, Any]) -> Terms:
    """The reverse of ``write_terms``."""
    shop_id, creator_id = kept["shop_id"], kept["creator_id"]
    return Terms(
        coupon_id=int(kept["coupon_id"]),
        title=kept["title"],
        payer=Payer(kept["payer"]),
        benefit=Benefit(kept["benefit"]),
        shop_id=None if shop_id is None else ShopId(int(shop_id)),
        creator_id=None if creator_id is None else int(creator_id),
        amount_minor=kept["amount_minor"],
        rate_bp=kept["rate_bp"],
        cap_minor=kept["cap_minor"],
        threshold_minor=kept["threshold_minor"],
        scope=Scope(kept["scope"]),
        scope_ids=frozenset(int(each) for each in kept["scope_ids"]),
        audience=Audience(kept["audience"]),
        is_exclusive=kept["is_exclusive"],
    )
