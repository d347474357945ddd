"""A small market of one's own for a test: shops, goods, buyers; and an order's way through it.

Everything is made with fresh ids, so tests share a database without meeting. What takes ``tx`` runs
the real flows inside the caller's transaction.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from jishi.db import Pool, Tx, transaction
from jishi.flows.complete_orders import Completion, complete
from jishi.flows.place_orders import CheckoutAsked, LineAsked, Placed, place
from jishi.flows.place_orders.flow import Terms
from jishi.flows.ship_orders import LineShipped, Shipment, ShipVerdict, ship
from jishi.flows.take_payment import record
from jishi.flows.take_payment.flow import settle
from jishi.kit.errors import Refusal
from jishi.kit.ids import (
    AccountId,
    AddressId,
    IdMaker,
    OrderId,
    PaymentId,
    ProductId,
    ShopId,
    SkuId,
    WarehouseId,
    cell_of,
)
from jishi.modules.payments import CallbackNews, NewsKind, NewsVerdict

NOON = datetime(2025, 11, 22, 12, tzinfo=UTC)  # past, so that clocks of other tests stand later
UNPAID_FOR = timedelta(minutes=30)
CONFIRM_AFTER = timedelta(days=10)
TERMS = Terms(provider="sandbox", currency="CNY", fee_bp=60, unpaid_for=UNPAID_FOR)
HASH = b"the same request"
T = TypeVar("T")

_SHOPS = """
INSERT INTO shop (cell, id, owner_id, name, state, freight_minor, free_freight_from_minor, fee_bp,
    ship_within_hours, opened_at)
SELECT cell_of(id), id, 1, 'Shop ' || at, $2, $3, $4, $5, $6, $7
FROM unnest($1::bigint[]) WITH ORDINALITY s(id, at)
"""
_WAREHOUSES = """
INSERT INTO warehouse (cell, id, shop_id, name, is_default, created_at)
SELECT cell_of(w.id), w.id, w.shop, 'Main', true, $3 FROM unnest($1::bigint[], $2::bigint[]) w(id, shop)
"""
_PRODUCTS = """
INSERT INTO product (cell, id, shop_id, category_id, state, title, pictures, price_from_minor,
    price_to_minor, created_at, updated_at, listed_at)
SELECT cell_of(p.id), p.id, p.shop, 1, 'listed', 'Thing ' || at, '[{"art": "tea"}]', p.price, p.price,
    $4, $4, $4
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY p(id, shop, price, at)
"""
_SKUS = """
INSERT INTO sku (cell, id, product_id, shop_id, options, price_minor, on_sale, updated_at)
SELECT cell_of(k.id), k.id, k.product, k.shop, '{red}', k.price, true, $5
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) k(id, product, shop, price)
"""
_STOCK = """
WITH received AS (
    INSERT INTO stock_move (cell, sku_id, warehouse_id, kind, quantity, why, occurred_at)
    SELECT cell_of(s.sku), s.sku, s.warehouse, 'receive', s.pieces, 'test', $5
    FROM unnest($1::bigint[], $2::bigint[], $4::bigint[]) s(sku, warehouse, pieces) WHERE s.pieces > 0
)
INSERT INTO stock (cell, sku_id, warehouse_id, shop_id, on_hand, received)
SELECT cell_of(s.sku), s.sku, s.warehouse, s.shop, s.pieces, s.pieces
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) s(sku, warehouse, shop, pieces)
"""
_ADDRESSES = """
INSERT INTO address (cell, id, account_id, country, receiver, phone, detail, city, created_at, updated_at)
SELECT cell_of(a.id), a.id, a.account, 'SG', 'A Buyer', '+6560000000', '1 Harbour Road', 'Singapore',
    $3, $3
FROM unnest($1::bigint[], $2::bigint[]) a(id, account)
"""


@dataclass(frozen=True, slots=True)
class Goods:
    """A SKU as tests order it."""

    sku_id: SkuId
    product_id: ProductId
    shop_id: ShopId
    warehouse_id: WarehouseId
    price_minor: int


@dataclass(frozen=True, slots=True)
class Buyer:
    account_id: AccountId
    address_id: AddressId


@dataclass(frozen=True, slots=True)
class Town:
    """Who buys what from whom; ``goods`` stand shop by shop."""

    shops: list[ShopId]
    goods: list[Goods]
    buyers: list[Buyer] = field(default_factory=list)

    def goods_of(self, shop_id: ShopId) -> list[Goods]:
        return [each for each in self.goods if each.shop_id == shop_id]


async def a_town(
    db: Pool | Tx,
    ids: IdMaker,
    *,
    shops: int = 2,
    skus: int = 2,
    buyers: int = 2,
    stock: int = 100,
    price_minor: int = 1_999,
    freight_minor: int = 0,
    free_freight_from_minor: int | None = None,
    fee_bp: int | None = None,
    ship_within_hours: int = 48,
    state: str = "open",
    cell: int | None = None,
    now: datetime = NOON,
) -> Town:
    """``shops`` in cells of their own (or all in ``cell``), each with ``skus`` products of one SKU.

    Prices go up by one minor unit from SKU to SKU, so that amounts tell goods apart.
    """
    start = ids.make(0) % 251
    cells = [cell if cell is not None else (start + at * 37) % 256 for at in range(shops)]
    shop_ids = [ShopId(ids.make(each)) for each in cells]
    warehouses = {shop_id: WarehouseId(ids.make(cell_of(shop_id))) for shop_id in shop_ids}
    goods = [
        Goods(
            SkuId(ids.make(cell_of(shop_id))),
            ProductId(ids.make(cell_of(shop_id))),
            shop_id,
            warehouses[shop_id],
            price_minor + at,
        )
        for shop_id in shop_ids
        for at in range(skus)
    ]
    people = [
        Buyer(AccountId(ids.make(each)), AddressId(ids.make(each)))
        for each in ((start + 101 * at) % 256 for at in range(buyers))
    ]
    terms = (state, freight_minor, free_freight_from_minor, fee_bp, ship_within_hours)
    await db.execute(_SHOPS, shop_ids, *terms, now)
    await db.execute(_WAREHOUSES, list(warehouses.values()), list(warehouses), now)
    product_ids, sku_ids = [g.product_id for g in goods], [g.sku_id for g in goods]
    of_shop, prices = [g.shop_id for g in goods], [g.price_minor for g in goods]
    await db.execute(_PRODUCTS, product_ids, of_shop, prices, now)
    await db.execute(_SKUS, sku_ids, product_ids, of_shop, prices, now)
    in_warehouse = [g.warehouse_id for g in goods]
    await db.execute(_STOCK, sku_ids, in_warehouse, of_shop, [stock] * len(goods), now)
    await db.execute(
        _ADDRESSES, [b.address_id for b in people], [b.account_id for b in people], now
    )
    return Town(shop_ids, goods, people)


def a_checkout(
    ids: IdMaker,
    buyer: Buyer,
    lines: Sequence[tuple[Goods, int]] | Goods,
    **changes: Any,
) -> CheckoutAsked:
    """A wish for ``lines`` (goods and pieces; or one piece) at the right price, with a fresh key."""
    pairs = [(lines, 1)] if isinstance(lines, Goods) else lines
    facts: dict[str, Any] = {
        "buyer_id": buyer.account_id,
        "address_id": buyer.address_id,
        "key": str(ids.make(0)),
        "request_hash": HASH,
        "lines": [
            LineAsked(sku_id=goods.sku_id, quantity=pieces, price_minor=goods.price_minor)
            for goods, pieces in pairs
        ],
        "now": NOON,
    }
    return CheckoutAsked(**{**facts, **changes})


def news_of(placed: Placed, **changes: Any) -> CallbackNews:
    """The provider's word that a checkout was paid in full."""
    facts: dict[str, Any] = {
        "provider": "sandbox",
        "event_id": f"paid-{placed.payment_id}",
        "kind": NewsKind.PAID,
        "payment_id": placed.payment_id,
        "refund_id": None,
        "amount_minor": placed.amount_minor,
        "currency": "CNY",
        "provider_ref": "SB1",
        "occurred_at": NOON,
    }
    return CallbackNews(**{**facts, **changes})


def refund_news(refund: Any, *, succeeded: bool = True, **changes: Any) -> CallbackNews:
    """The provider's word on a refund, given as a row of table ``refund``."""
    facts: dict[str, Any] = {
        "provider": refund["provider"],
        "event_id": f"refund-{refund['id']}-{succeeded}",
        "kind": NewsKind.REFUNDED if succeeded else NewsKind.REFUND_FAILED,
        "payment_id": refund["payment_id"],
        "refund_id": refund["id"],
        "amount_minor": refund["amount_minor"],
        "currency": None,
        "provider_ref": "RF1",
        "occurred_at": NOON,
    }
    return CallbackNews(**{**facts, **changes})


async def place_all(tx: Tx, ids: IdMaker, asked: Sequence[CheckoutAsked]) -> list[Placed]:
    """Place checkouts that nothing stands against."""
    verdicts = await place(tx, asked, ids, TERMS)
    for verdict in verdicts:
        assert isinstance(verdict, Placed), verdict
    return [verdict for verdict in verdicts if isinstance(verdict, Placed)]


async def pay_all(
    tx: Tx, ids: IdMaker, placed: Sequence[Placed], *, at: datetime = NOON
) -> list[NewsVerdict]:
    """Record the payments and let them reach their orders."""
    verdicts = await record(tx, [news_of(each, occurred_at=at) for each in placed])
    await settle(tx, [PaymentId(each.payment_id) for each in placed], ids)
    return verdicts


async def ship_all(
    tx: Tx, ids: IdMaker, order_ids: Sequence[OrderId], *, at: datetime = NOON
) -> list[ShipVerdict | Refusal]:
    """Ship all that is left of each order, for its own shop."""
    shipments = [a_shipment(each, await shop_of(tx, each), at=at) for each in order_ids]
    return await ship(tx, shipments, ids, confirm_after=CONFIRM_AFTER)


async def complete_all(tx: Tx, order_ids: Sequence[OrderId], *, at: datetime = NOON) -> list[Any]:
    """Let the clock confirm receipt."""
    done = [Completion(order_id=each, buyer_id=None, at=at, actor="clock") for each in order_ids]
    return await complete(tx, done)


def a_shipment(
    order_id: OrderId, shop_id: ShopId, lines: Sequence[tuple[int, int]] = (), **changes: Any
) -> Shipment:
    """``lines``: line number and pieces of a partial parcel."""
    facts: dict[str, Any] = {
        "carrier": "SF",
        "waybill": "SF0000001",
        "actor_id": None,
        "at": NOON,
        "lines": [LineShipped(line=line, quantity=pieces) for line, pieces in lines],
    }
    return Shipment(order_id=order_id, shop_id=shop_id, **{**facts, **changes})


async def an_order(
    tx: Tx, ids: IdMaker, town: Town, *, until: str = "unpaid", pieces: int = 1, at: datetime = NOON
) -> OrderId:
    """One order of the first goods by the first buyer, brought as far as ``until`` says."""
    asked = a_checkout(ids, town.buyers[0], [(town.goods[0], pieces)], now=at)
    placed = (await place_all(tx, ids, [asked]))[0]
    return await brought(tx, ids, placed, until=until, at=at)


async def brought(tx: Tx, ids: IdMaker, placed: Placed, *, until: str, at: datetime) -> OrderId:
    """The first order of a checkout, brought to unpaid, to_ship, shipped or completed."""
    order_id = placed.order_ids[0]
    if until == "unpaid":
        return order_id
    await pay_all(tx, ids, [placed], at=at)
    if until == "to_ship":
        return order_id
    await ship_all(tx, ids, [order_id], at=at)
    if until == "shipped":
        return order_id
    assert until == "completed"
    await complete_all(tx, [order_id], at=at)
    return order_id


# What stands in the tables --------------------------------------------------------------------


async def order_row(db: Pool | Tx, order_id: OrderId) -> Any:
    return await db.fetchrow(
        "SELECT * FROM sale_order WHERE cell = $1 AND id = $2", cell_of(order_id), order_id
    )


async def state_of(db: Pool | Tx, order_id: OrderId) -> int:
    return int((await order_row(db, order_id))["state"])


async def shop_of(db: Pool | Tx, order_id: OrderId) -> ShopId:
    return ShopId((await order_row(db, order_id))["shop_id"])


async def stock_of(db: Pool | Tx, goods: Goods) -> tuple[int, int, int]:
    """On hand, held, sold."""
    row = await db.fetchrow(
        "SELECT on_hand, held, sold FROM stock WHERE cell = $1 AND sku_id = $2 AND warehouse_id = $3",
        cell_of(goods.sku_id),
        goods.sku_id,
        goods.warehouse_id,
    )
    return row["on_hand"], row["held"], row["sold"]


async def balance_of(db: Pool | Tx, kind: str, party_id: int, *, cell: int) -> int:
    """What an account holds for others: credit less debit."""
    found = await db.fetchval(
        "SELECT credit_minor - debit_minor FROM ledger_account"
        " WHERE cell = $1 AND kind = $2 AND party_id = $3",
        cell,
        kind,
        party_id,
    )
    return int(found or 0)


async def events_of(db: Pool | Tx, subject_id: int) -> list[str]:
    """Topics of what was announced about something, in order."""
    rows = await db.fetch(
        "SELECT topic FROM outbox WHERE cell = $1 AND subject_id = $2 ORDER BY position",
        cell_of(subject_id),
        subject_id,
    )
    return [row["topic"] for row in rows]


async def refunds_of(db: Pool | Tx, order_id: OrderId) -> list[Any]:
    found: list[Any] = await db.fetch(
        "SELECT * FROM refund WHERE cell = $1 AND order_id = $2 ORDER BY id",
        cell_of(order_id),
        order_id,
    )
    return found


# Races ----------------------------------------------------------------------------------------


async def committed(pool: Pool, work: Callable[[Tx], Awaitable[T]]) -> T:
    """``work`` in a transaction of its own. Not tried again: a deadlock fails the test."""
    async with transaction(pool) as tx:
        return await work(tx)


async def at_once(pool: Pool, *works: Callable[[Tx], Awaitable[T]]) -> list[T]:
    """Each in a connection and transaction of its own, all started together."""
    return list(await asyncio.gather(*(committed(pool, work) for work in works)))


async def is_waiting(pool: Pool, backend: int) -> bool:
    """Whether a connection waits for a lock that another one holds."""
    return bool(
        await pool.fetchval(
            "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $1", backend
        )
    )


async def until_waiting(pool: Pool, backend: int, *, seconds: float = 10) -> None:
    """Come back once a connection waits for a lock: a race without a guess how long it takes."""
    async with asyncio.timeout(seconds):
        while not await is_waiting(pool, backend):  # noqa: ASYNC110 — nobody tells
            await asyncio.sleep(0.005)
