"""What a cart and a checkout show, and the refusals of this flow."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import OrderId, ProductId, ShopId, SkuId
from jishi.modules.fulfilment import FreightPart
from jishi.modules.pricing import AppliedOffer, OfferKind, PricedLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Some pieces of a SKU, the list price the buyer saw, and what the line was to cost by all rules."""

    sku_id: SkuId
    quantity: int
    seen_minor: int
    pay_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """What is known of a SKU at this moment, in the reader's language."""

    sku_id: SkuId
    product_id: ProductId
    name: str
    spec: str
    image: str | None
    price_minor: int
    on_sale: bool
    left: int  # the most any one warehouse can send at once
    shop_id: ShopId
    shop_name: str
    shop_state: str
    free_freight_from_minor: int | None
    ship_within_hours: int


class Change(StrEnum):
    """What is otherwise than the buyer saw or asked."""

    NONE = ""
    PRICE = "price"
    SHORT = "short"  # fewer pieces left than asked for
    SOLD_OUT = "sold_out"
    GONE = "gone"
    CLOSED = "closed"  # the shop takes no orders


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedLine:
    """``quantity`` pieces can be bought at ``goods.price_minor``; 0 when none can."""

    wanted: Wanted
    goods: Goods | None  # None: there is no such SKU
    change: Change
    quantity: int
    priced: PricedLine | None = None  # None: it cannot be bought
    is_undeliverable: bool = False

    @property
    def amount_minor(self) -> int:
        """At the list price."""
        return self.quantity * self.goods.price_minor if self.goods else 0

    @property
    def net_minor(self) -> int:
        """What the goods cost the buyer after all rules but those for freight."""
        return self.amount_minor - sum(rule.amount_minor for rule in self.rules)

    @property
    def rules(self) -> list[AppliedOffer]:
        """Why the goods cost less, in the order applied."""
        offers = self.priced.offers if self.priced else ()
        return [rule for rule in offers if rule.kind != OfferKind.FREE_FREIGHT]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """A rule with what it takes off a whole order or purchase."""

    title: str
    kind: str
    payer: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedShop:
    """One order to be: a shop's lines, in the order asked."""

    shop_id: ShopId
    name: str
    ship_within_hours: int
    lines: Sequence[QuotedLine]
    goods_minor: int
    freight_minor: int  # before coupons
    free_from_minor: int | None  # the threshold, while freight is still to pay
    savings: Sequence[Saving] = ()
    freight_parts: Sequence[FreightPart] = ()
    is_estimate: bool = False  # of the freight: nobody knows yet where to

    @property
    def amount_minor(self) -> int:
        """What the buyer pays for this order."""
        off = sum(saving.amount_minor for saving in self.savings)
        return self.goods_minor + self.freight_minor - off


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    shops: Sequence[QuotedShop]
    out: Sequence[QuotedLine]  # lines of which nothing can be bought

    @property
    def lines(self) -> list[QuotedLine]:
        return [line for shop in self.shops for line in shop.lines]

    @property
    def goods_minor(self) -> int:
        return sum(shop.goods_minor for shop in self.shops)

    @property
    def freight_minor(self) -> int:
        return sum(shop.freight_minor for shop in self.shops)

    @property
    def total_minor(self) -> int:
        """What the buyer pays for all of it."""
        return sum(shop.amount_minor for shop in self.shops)

    @property
    def savings(self) -> list[Saving]:
        return [saving for shop in self.shops for saving in shop.savings]

    @property
    def saved_minor(self) -> int:
        return sum(saving.amount_minor for saving in self.savings)

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def is_changed(self) -> bool:
        return bool(self.out) or any(line.change for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidOrder:
    """One order of a payment; ``outcome`` is None until money came, else as in payment_part."""

    id: OrderId
    state: int
    amount_minor: int
    shop_name: str
    title: str
    image: str | None
    pieces: int
    outcome: str | None


class OptionMissing(Refusal):
    code, text = "checkout.option_missing", "Choose {name} first."


class LinesMalformed(Refusal):
    code = "checkout.lines_malformed"
    text = "This page is out of date. Open the checkout from your cart again."


class AddressMissing(Refusal):
    code, text = "checkout.address_missing", "Choose where the parcels go."


class NoSuchCombination(Refusal):
    """A combination that has no SKU."""

    kind, code = Kind.CONFLICT, "checkout.no_such_combination"
    text = "This combination is not for sale. Choose another one."
