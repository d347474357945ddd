"""Opens the written world: accounts, addresses, shops, staff, goods, stock. Inside one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Final

from jishi.data.files import read_categories
from jishi.db import Tx
from jishi.demo import accounts as sign_ins
from jishi.demo.past import PastIds
from jishi.demo.people import Home, make_phone
from jishi.demo.plan import (
    DELISTED,
    DELISTED_DAYS_AGO,
    DRAFTS,
    HOLIDAY,
    OPENED_DAYS_AGO,
    PiecePlace,
    Place,
    Plan,
)
from jishi.demo.shelves import DemoShop, Good, Piece, reduced_from
from jishi.flows.open_shop import open_shop
from jishi.kit.ids import (
    CELLS,
    AccountId,
    AddressId,
    ProductId,
    ShopId,
    SkuId,
    WarehouseId,
    cell_of,
)
from jishi.modules import accounts, catalogue, places, shops, stock
from jishi.modules.catalogue import Added, Attribute, NewPrice, NewProduct, NewSku, ProductState
from jishi.modules.shops import NewShop, Role, Shop
from jishi.modules.shops import service as shop_service
from jishi.modules.shops.types import InvitationId, ShopSettings

HOLIDAY_NOTE: Final = "店主休息几天,下周恢复发货。 Back and sending next week."
RECEIVED_WHY: Final = "首批入库"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the plan became, by the plan's numbers."""

    operator: AccountId
    owners: Sequence[AccountId]
    buyers: Sequence[AccountId]
    addresses: Sequence[Sequence[AddressId]]  # of each buyer, the default first
    shops: dict[int, ShopId] = field(default_factory=dict)
    warehouses: dict[int, WarehouseId] = field(default_factory=dict)
    products: dict[Place, ProductId] = field(default_factory=dict)
    skus: dict[PiecePlace, SkuId] = field(default_factory=dict)


async def open_people(tx: Tx, plan: Plan, ids: PastIds, password_hash: str) -> World:
    """The operator, owners, buyers and their addresses; a world without shops yet."""
    operator = await _open_account(tx, ids, plan.names[-1], sign_ins.OPERATOR, password_hash)
    await accounts.grant_role(tx, operator, "operator", now=ids.at)
    owners = [
        await _open_account(tx, ids, plan.names[at], sign_ins.owner_login(at), password_hash)
        for at in range(len(plan.shops))
    ]
    buyers, addresses = [], []
    for at, person in enumerate(plan.buyers):
        login = sign_ins.buyer_login(at)
        buyer = await _open_account(tx, ids, person.name, login, password_hash, person.locale)
        buyers.append(buyer)
        addresses.append([await _move_in(tx, ids, buyer, home) for home in person.homes])
    return World(operator=operator, owners=owners, buyers=buyers, addresses=addresses)


async def open_shops(tx: Tx, plan: Plan, ids: PastIds, world: World) -> None:
    """Shops with their staff and goods, each at its time, at the prices asked first."""
    categories = {row.code: row.id for row in read_categories()}
    random = Random("shop phones")
    for moment in sorted({*plan.opened_at, *plan.listed_at.values()}):
        ids.at = moment
        for number, opened_at in enumerate(plan.opened_at):
            if opened_at == moment:
                shop = _new_shop(plan.shops[number], make_phone(random))
                await _open_shop(tx, shop, number, ids, world)
        await _list_goods(tx, plan, ids, world, categories)


async def hire(tx: Tx, plan: Plan, ids: PastIds, world: World, password_hash: str) -> None:
    """Staff besides the owners, each by an invitation."""
    for nth, (number, role, login) in enumerate(sign_ins.POSTS):
        name = plan.names[len(plan.shops) + nth]
        account_id = await _open_account(tx, ids, name, login, password_hash)
        shop_id = world.shops[number]
        token = await shop_service.invite(
            tx,
            shop_id,
            Role(role),
            invitation_id=InvitationId(ids.maker.make(cell_of(shop_id))),
            actor_id=world.owners[number],
            now=ids.at,
        )
        await shop_service.accept_invitation(tx, token, account_id=account_id, now=ids.at)


async def receive_stock(tx: Tx, plan: Plan, world: World) -> None:
    """What the month will take, and what shall be left at its end."""
    demand = plan.demand
    changes = [
        stock.Change(
            sku_id=sku_id,
            warehouse_id=world.warehouses[place[0]],
            quantity=plan.left[place] + demand[place],
            why=RECEIVED_WHY,
        )
        for place, sku_id in world.skus.items()
        if plan.left[place] + demand[place]
    ]
    await stock.receive(tx, changes, now=plan.now - timedelta(days=OPENED_DAYS_AGO[1]))


async def reduce_prices(tx: Tx, plan: Plan, world: World) -> None:
    """The earlier price stays as list price: it was really asked."""
    by_shop: dict[int, dict[SkuId, NewPrice]] = {}
    for number, at in sorted(plan.reduced):
        for nth, piece in enumerate(plan.shops[number].goods[at].pieces):
            by_shop.setdefault(number, {})[world.skus[number, at, nth]] = NewPrice(
                price_minor=piece.price_minor, list_price_minor=reduced_from(piece.price_minor)
            )
    for number, prices in by_shop.items():
        await catalogue.change_prices(tx, world.shops[number], prices, now=plan.reduced_at)


async def close_up(tx: Tx, plan: Plan, world: World) -> None:
    """What happened last: goods taken off sale, shops gone on holiday."""
    off_at = plan.now - timedelta(days=DELISTED_DAYS_AGO)
    for number, at in sorted(DELISTED):
        await catalogue.delist(tx, world.shops[number], [world.products[number, at]], now=off_at)
    for number in HOLIDAY:
        shop = await shops.get_shop(tx, world.shops[number])
        settings = _away(shop)
        closed_at = plan.now - timedelta(days=1)
        await shop_service.change_settings(
            tx, shop.id, settings, version=shop.version, now=closed_at
        )


def _away(shop: Shop) -> ShopSettings:
    """What the shop says of itself, and that it is on holiday."""
    return ShopSettings(
        name=shop.name,
        name_en=shop.name_en,
        about=shop.about,
        logo=shop.logo,
        phone=shop.phone,
        freight_minor=shop.freight_minor,
        free_freight_from_minor=shop.free_freight_from_minor,
        ship_within_hours=shop.ship_within_hours,
        is_on_holiday=True,
        holiday_note=HOLIDAY_NOTE,
    )


async def _open_account(
    tx: Tx, ids: PastIds, name: str, login: str, password_hash: str, locale: str = "zh-CN"
) -> AccountId:
    return await accounts.open_account(
        tx,
        ids.maker,
        name=name,
        logins=[login],
        password_hash=password_hash,
        locale=locale,
        verified_at=ids.at,
        now=ids.at,
    )


async def _move_in(tx: Tx, ids: PastIds, buyer: AccountId, home: Home) -> AddressId:
    draft = places.AddressDraft(
        receiver=home.receiver,
        phone=home.phone,
        detail=home.detail,
        country=home.country,
        region_code=home.region_code,
        city=home.city,
        state=home.state,
        postcode=home.postcode,
    )
    address_id = AddressId(ids.maker.make(cell_of(buyer)))
    written = await places.create_address(
        tx, draft, account_id=buyer, address_id=address_id, now=ids.at
    )
    return written.id


async def _open_shop(tx: Tx, shop: NewShop, number: int, ids: PastIds, world: World) -> None:
    cell = (number * CELLS // len(world.owners) + 3) % CELLS  # spread evenly
    world.shops[number], world.warehouses[number] = await open_shop(
        tx, shop, owner_id=world.owners[number], ids=ids.maker, now=ids.at, cell=cell
    )


def _new_shop(shop: DemoShop, phone: str) -> NewShop:
    return NewShop(
        name=shop.name,
        name_en=shop.name_en,
        about=shop.about,
        logo=shop.logo,
        phone=phone,
        freight_minor=shop.freight_minor,
        free_freight_from_minor=shop.free_freight_from_minor,
        ship_within_hours=shop.ship_within_hours,
    )


async def _list_goods(
    tx: Tx, plan: Plan, ids: PastIds, world: World, categories: Mapping[str, int]
) -> None:
    """Goods whose time is ``ids.at``, of all shops in one call."""
    due = [place for place, moment in plan.listed_at.items() if moment == ids.at]
    Random(len(due)).shuffle(due)
    products = [
        _new_product(place, plan, ids, world, categories, plan.shops[place[0]].goods[place[1]])
        for place in due
    ]
    verdicts = await catalogue.add_products(tx, products, now=ids.at)
    for place, product, verdict in zip(due, products, verdicts, strict=True):
        assert isinstance(verdict, Added), f"{product.title} was not added: {verdict}"
        world.products[place] = product.id
        for nth, sku in enumerate(product.skus):
            world.skus[(*place, nth)] = sku.id


def _new_product(
    place: Place,
    plan: Plan,
    ids: PastIds,
    world: World,
    categories: Mapping[str, int],
    good: Good,
) -> NewProduct:
    shop_id = world.shops[place[0]]
    cell = cell_of(shop_id)
    is_reduced = place in plan.reduced
    return NewProduct(
        id=ProductId(ids.maker.make(cell)),
        shop_id=shop_id,
        category_id=categories[good.category],
        title=good.title,
        title_en=good.title_en,
        description=good.description,
        attributes=[
            Attribute(name=choice.name, values=[value for value, _ in choice.values])
            for choice in good.choices
        ],
        pictures=good.pictures,
        state=ProductState.DRAFT if place in DRAFTS else ProductState.LISTED,
        skus=[_new_sku(piece, ids, cell, is_reduced=is_reduced) for piece in good.pieces],
    )


def _new_sku(piece: Piece, ids: PastIds, cell: int, *, is_reduced: bool) -> NewSku:
    price = reduced_from(piece.price_minor) if is_reduced else piece.price_minor
    return NewSku(
        id=SkuId(ids.maker.make(cell)),
        options=piece.options,
        price_minor=price,
        code=piece.code,
        weight_grams=piece.weight_grams,
    )
