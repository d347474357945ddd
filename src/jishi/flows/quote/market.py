"""Read what quotes are made of: a fixed small number of statements for a batch of purchases."""

from collections.abc import Mapping, Sequence
from typing import Final

from jishi.db import Row, Tx, load_sql
from jishi.db.columns import columns
from jishi.flows.quote import rules
from jishi.flows.quote.types import BEST, Asked, MarketFacts, Quoted, SkuFacts
from jishi.kit.ids import ShopId, SkuId, WarehouseId
from jishi.modules import fulfilment, pricing, stock
from jishi.modules.fulfilment import TemplateId
from jishi.modules.pricing import Claim, Scope, Standing

_SKUS: Final = load_sql(__package__, "sku_facts")
_STANDINGS: Final = load_sql(__package__, "standings")
_LIMITS: Final = load_sql(__package__, "limits")
_CATEGORIES: Final = "SELECT id, path FROM category WHERE id = ANY ($1::int[])"


async def quote(tx: Tx, asked: Asked, *, fee_bp: int = 0) -> Quoted:
    """The quote of one purchase whose SKUs all exist."""
    return rules.quote_of(asked, await load(tx, [asked], fee_bp=fee_bp))


async def load(
    tx: Tx,
    asked: Sequence[Asked],
    *,
    fee_bp: int = 0,
    lock: bool = False,
    prices_only: bool = False,
) -> MarketFacts:
    """What the quotes of these purchases need. ``lock``: hold the coupons they name until ``tx`` ends.
    ``prices_only``: nothing of stock and freight.

    Three statements; one more each where there are freight templates, coupons, audiences, limits per
    buyer, coupons for categories.
    """
    rows = await _rows(tx, asked, fee_bp)
    shop_ids = list({row["shop_id"] for row in rows})
    on_shelf = {} if prices_only else await stock.on_shelf(tx, [row["sku_id"] for row in rows])
    warehouses = {} if prices_only else await stock.warehouses_of(tx, shop_ids)
    skus = {row["sku_id"]: _facts(row, warehouses, on_shelf) for row in rows}
    named = {sku.freight_template_id for sku in skus.values()} - {None}
    templates = {TemplateId(each) for each in named if each is not None and not prices_only}
    claims, claims_of = await _claims(tx, asked, shop_ids, lock=lock)
    scoped = any(claim.terms.scope is Scope.CATEGORIES for claim in claims.values())
    categories = {sku.category_id for sku in skus.values()} if scoped else set()
    return MarketFacts(
        skus=skus,
        on_shelf=on_shelf,
        warehouses=warehouses,
        templates=await fulfilment.templates_of(tx, templates) if templates else {},
        claims=claims,
        claims_of=claims_of,
        standings=await _standings(tx, asked, skus, list(claims.values())),
        categories={
            row["id"]: row["path"] for row in await tx.fetch(_CATEGORIES, sorted(categories))
        }
        if categories
        else {},
    )


async def _rows(tx: Tx, asked: Sequence[Asked], fee_bp: int) -> Sequence[Row]:
    wanted = list(dict.fromkeys(piece.sku_id for each in asked for piece in each.pieces))
    if not wanted:
        return []
    instants = [each.now for each in asked]
    rows: Sequence[Row] = await tx.fetch(_SKUS, wanted, fee_bp, min(instants), max(instants))
    return rows


def _facts(
    row: Row,
    warehouses: Mapping[ShopId, Sequence[stock.Warehouse]],
    on_shelf: Mapping[tuple[SkuId, WarehouseId], int],
) -> SkuFacts:
    """A SKU's facts; where the shop has one warehouse that sends everywhere, it is the sender."""
    facts = dict(row)
    of_shop = warehouses.get(row["shop_id"], ())
    if len(of_shop) == 1 and not of_shop[0].is_closed and not of_shop[0].only_there:
        facts["warehouse_id"] = of_shop[0].id
        facts["on_hand"] = on_shelf.get((row["sku_id"], of_shop[0].id), 0)
    return SkuFacts(**facts)


async def _claims(
    tx: Tx, asked: Sequence[Asked], shop_ids: Sequence[int], *, lock: bool
) -> tuple[dict[int, Claim], dict[int, list[int]]]:
    """Claims by id, those of other people left out; what each buyer may choose from."""
    named = [
        (each.buyer_id, claim)
        for each in asked
        if each.buyer_id is not None
        for claim in each.coupons or ()
    ]
    found = await pricing.claims_by_id(tx, named, lock=lock) if named else {}
    held: dict[int, list[int]] = {}
    for each in asked:
        if each.coupons is BEST and each.buyer_id is not None and each.buyer_id not in held:
            usable = await pricing.usable_claims(tx, each.buyer_id, shop_ids, now=each.now)
            held[each.buyer_id] = [claim.id for claim in usable]
            found |= {claim.id: claim for claim in usable}
    return found, held


async def _standings(
    tx: Tx, asked: Sequence[Asked], skus: dict[SkuId, SkuFacts], claims: Sequence[Claim]
) -> dict[int, Standing]:
    """What the buyers are to the shops; nothing is read where no offer and no coupon asks."""
    limited = [
        (each.buyer_id, row["id"], piece.sku_id)
        for each in asked
        if each.buyer_id is not None
        for piece in each.pieces
        if piece.sku_id in skus
        for row in skus[piece.sku_id].offers or ()
        if row["limited"]
    ]
    limits: dict[int, dict[tuple[int, int], int]] = {}
    if limited:
        for row in await tx.fetch(_LIMITS, *columns(limited)):
            limits.setdefault(row["buyer"], {})[row["offer"], row["sku"]] = row["units"]
    pairs = (
        {
            (each.buyer_id, skus[piece.sku_id].shop_id)
            for each in asked
            if each.buyer_id is not None
            for piece in each.pieces
            if piece.sku_id in skus
        }
        if rules.needs_standing(skus, claims)
        else set()
    )
    of_buyer: dict[int, list[Row]] = {buyer: [] for buyer in limits}
    for row in await tx.fetch(_STANDINGS, *columns(list(pairs))) if pairs else ():
        of_buyer.setdefault(row["buyer"], []).append(row)
    return {
        buyer: Standing(
            is_new=any(row["is_new"] for row in rows),
            new_to=frozenset(row["shop"] for row in rows if row["is_new_to"]),
            follows=frozenset(row["shop"] for row in rows if row["follows"]),
            member_of=frozenset(row["shop"] for row in rows if row["is_member"]),
            limits=limits.get(buyer, {}),
        )
        for buyer, rows in of_buyer.items()
    }
