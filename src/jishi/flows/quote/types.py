"""What a quote is asked for, what is known of the market, what comes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from jishi.kit.ids import AccountId, ProductId, ShopId, SkuId, WarehouseId
from jishi.kit.regions import Destination
from jishi.modules.fulfilment import Freight, Template, TemplateId
from jishi.modules.pricing import Claim, Prepared, Priced, Standing, Unfit, unfit
from jishi.modules.stock import Warehouse

BEST: Final = None  # coupons: the ones that save most of those the buyer holds


@dataclass(frozen=True, slots=True, kw_only=True)
class SkuFacts:
    """What is known of a SKU at this moment, and the warehouse that is to send it.

    ``offers``: rows of live offers as ``sql/sku_facts.sql`` gives them.
    """

    sku_id: SkuId
    product_id: ProductId
    shop_id: ShopId
    title: str
    options: Sequence[str]
    picture: Any
    price_minor: int
    on_sale: bool
    warehouse_id: WarehouseId | None
    on_hand: int
    shop_state: str
    freight_minor: int
    free_freight_from_minor: int | None
    fee_bp: int
    freight_template_id: int | None = None
    weight_grams: int = 0
    volume_cm3: int = 0
    category_id: int = 0
    offers: Sequence[Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """Some pieces of a SKU; each SKU once in a purchase."""

    sku_id: SkuId
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One purchase. ``coupons``: ids of claimed coupons, or BEST. A visitor has no ``buyer_id``."""

    buyer_id: AccountId | None
    pieces: Sequence[Piece]
    destination: Destination
    coupons: Sequence[int] | None = ()
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketFacts:
    """What quotes are made of, read at one moment for a batch of purchases."""

    skus: Mapping[SkuId, SkuFacts]
    on_shelf: Mapping[tuple[SkuId, WarehouseId], int]
    warehouses: Mapping[ShopId, Sequence[Warehouse]]
    templates: Mapping[TemplateId, Template] = field(default_factory=dict)
    claims: Mapping[int, Claim] = field(default_factory=dict)
    claims_of: Mapping[int, Sequence[int]] = field(default_factory=dict)  # buyer → claims
    standings: Mapping[int, Standing] = field(default_factory=dict)  # buyer → what they are
    categories: Mapping[int, Sequence[int]] = field(default_factory=dict)  # category → its path


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """What a purchase comes to. ``skus`` know who sends them; ``held``: coupons one may choose from.

    ``undeliverable`` SKUs do not go to the destination; they cost no freight here.
    """

    prepared: Prepared | None  # None: priced without asking any rule
    priced: Priced
    skus: Mapping[SkuId, SkuFacts]
    freights: Mapping[ShopId, Freight]
    undeliverable: frozenset[SkuId]
    claims: Mapping[int, Claim]
    held: Sequence[int]
    chosen: Sequence[int]

    def why_not(self, claim: Claim) -> tuple[Unfit | None, int]:
        """Why a coupon cannot lower this purchase by itself, and what is missing to its threshold."""
        assert self.prepared is not None
        return unfit(claim, self.prepared.lines, self.prepared.standing, self.prepared.now)
