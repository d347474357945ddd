"""The quote as pages and programs show it: what stands in the cart or checkout, by all rules."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from jishi.db import Tx
from jishi.flows import quote as quoting
from jishi.flows.checkout import rules, storage
from jishi.flows.checkout.types import Quote, Wanted
from jishi.flows.place_orders.rules import QUANTITY_MAX
from jishi.flows.quote import Quoted
from jishi.kit.ids import AccountId
from jishi.kit.regions import NOWHERE_YET, Destination, destination_of
from jishi.modules import places
from jishi.modules.places import Address
from jishi.modules.pricing import Claim, Unfit


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who buys, where to, with which coupons (ids of claims; quote.BEST: the best of theirs)."""

    id: AccountId | None
    destination: Destination
    coupons: Sequence[int] | None = quoting.BEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A quote and what it was made from; ``quoted`` is None when nothing can be bought."""

    quote: Quote
    quoted: Quoted | None

    def why_not(self, claim: Claim) -> tuple[Unfit | None, int]:
        """Why a coupon cannot lower this purchase by itself, and what is missing to its threshold."""
        return self.quoted.why_not(claim) if self.quoted else (Unfit.OTHER_GOODS, 0)

    @property
    def used(self) -> list[int]:
        """Coupons that lower the purchase."""
        return [each.claim_id for each in self.quoted.priced.used] if self.quoted else []


async def show(
    tx: Tx, locale: str, purchases: Sequence[Sequence[Wanted]], buyer: Buyer, *, now: datetime
) -> list[Shown]:
    """Purchases as they stand now, from one reading of the market. The first holds all goods."""
    ids = list(dict.fromkeys(each.sku_id for wanted in purchases for each in wanted))
    goods = await storage.goods_of(tx, locale, ids)
    asked = [_asked(wanted, buyer, now) for wanted in purchases]
    market = await quoting.load(tx, asked)
    shown = []
    for wanted, each in zip(purchases, asked, strict=True):
        left = quoting.available(each, market)
        here = {sku: replace(it, left=left.get(sku, 0)) for sku, it in goods.items()}
        lines = [rules.quote_line(it, here.get(it.sku_id)) for it in wanted]
        pieces = [quoting.Piece(it.wanted.sku_id, it.quantity) for it in lines if it.quantity]
        quoted = quoting.quote_of(replace(each, pieces=pieces), market) if pieces else None
        shown.append(Shown(quote=rules.quote(lines, quoted), quoted=quoted))
    return shown


async def buyer_of(tx: Tx, account_id: AccountId | None) -> Buyer:
    """Who asks (None: a visitor), and where parcels go unless they say otherwise."""
    if account_id is None:
        return Buyer(id=None, destination=NOWHERE_YET)
    home = await places.find_default(tx, account_id)
    return Buyer(id=account_id, destination=destination_of_address(home))


def destination_of_address(address: Address | None) -> Destination:
    if address is None:
        return NOWHERE_YET
    return destination_of({"country": address.country, "region_code": address.region_code})


def _asked(wanted: Sequence[Wanted], buyer: Buyer, now: datetime) -> quoting.Asked:
    return quoting.Asked(
        buyer_id=buyer.id,
        pieces=[
            quoting.Piece(each.sku_id, min(max(each.quantity, 1), QUANTITY_MAX)) for each in wanted
        ],
        destination=buyer.destination,
        coupons=buyer.coupons if buyer.id is not None else (),
        now=now,
    )
