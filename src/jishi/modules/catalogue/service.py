"""What the rest of Jishi may ask of the catalogue. Each call runs inside the caller's transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from jishi.db import Tx, outbox
from jishi.kit.errors import NotFound, Refusal, Refusals
from jishi.kit.ids import AccountId, ProductId, ShopId, SkuId
from jishi.kit.moves import MoveForbidden
from jishi.modules.catalogue import (
    audit_rules,
    audits,
    history,
    policy,
    rules,
    storage,
    versions,
)
from jishi.modules.catalogue.types import (
    MOVES,
    Added,
    AddVerdict,
    Category,
    Changed,
    ChangeVerdict,
    Known,
    NewPrice,
    NewProduct,
    NewSku,
    Product,
    ProductChanged,
    ProductDelisted,
    ProductEdited,
    ProductListed,
    ProductNotFound,
    ProductState,
    Refused,
    ShopUnknown,
    SkuNotFound,
)
from jishi.modules.catalogue.versions import Snapshot, product_of
from jishi.modules.catalogue.words import search_text

REWORD_CHUNK = 500  # products locked at once while a shop's new name is written

_TOLD: Mapping[ProductState, type[ProductListed | ProductDelisted | ProductChanged]] = {
    ProductState.LISTED: ProductListed,
    ProductState.DELISTED: ProductDelisted,
}
Words = tuple[str, str, str]  # of the title, of brand and category, of the shop


async def add_products(
    tx: Tx, products: Sequence[NewProduct], *, now: datetime, any_level: bool = False
) -> list[AddVerdict]:
    """Write many products with their SKUs, of any shops, in a handful of statements.

    One verdict per product, same order: Added; Known when its external id is there already; Refused
    with every problem. State LISTED asks what listing asks; ``any_level`` then lets a category be
    no leaf; goods the audit's rules for newcomers find something in are written as drafts, and asked
    again when their shop lists them. Ids come with the products, in the cell of their shop.
    """
    ready = [rules.cleaned(product) for product in products]
    held = await _held_back(tx, ready)
    ready = [replace(it, state=ProductState.DRAFT) if it.id in held else it for it in ready]
    known = await _known(tx, ready)
    categories = await storage.categories(tx, [it.category_id for it in ready])
    names = await storage.shop_names(tx, [it.shop_id for it in ready])
    verdicts: dict[int, AddVerdict] = {}
    accepted: dict[int, NewProduct] = {}
    for at, product in enumerate(ready):
        before = known.get((product.shop_id, product.external_id or ""))
        problems = _problems(product, categories, names, any_level=any_level)
        if before is not None:
            verdicts[at] = Known(before)
        elif problems:
            verdicts[at] = Refused(tuple(problems))
        else:
            known[(product.shop_id, product.external_id or f"#{at}")] = product.id
            accepted[at] = product
    verdicts |= await _write(tx, accepted, categories, names, held, now=now)
    return [verdicts[at] for at in range(len(ready))]


async def get_product(tx: Tx, shop_id: ShopId, product_id: ProductId) -> Product:
    """A product of the shop with its SKUs. Raises ProductNotFound."""
    found = await storage.find_product(tx, shop_id, product_id)
    if found is None:
        raise ProductNotFound(product_id=product_id)
    return found


async def edit_product(tx: Tx, product: NewProduct, *, version: int, now: datetime) -> int:
    """Put ``product`` in the place of what stood under its id: the new version.

    The state stays as it is; ``product.state`` is not looked at. SKUs are known by their options:
    the same combination keeps its id, one left out is retired. A listed product must stay one that
    may be listed. Raises ProductNotFound; ProductEdited when ``version`` is not the newest; Refusals.
    """
    held = await storage.lock_products(tx, product.shop_id, [product.id])
    if product.id not in held:
        raise ProductNotFound(product_id=product.id)
    state, newest = held[product.id]
    if newest != version:
        raise ProductEdited(version=newest)
    ready = rules.cleaned(replace(product, state=state))
    categories = await storage.categories(tx, [ready.category_id])
    names = await storage.shop_names(tx, [ready.shop_id])
    problems = _problems(ready, categories, names)
    if problems:
        raise Refusals(problems)
    words = _words(ready, categories[ready.category_id], names[ready.shop_id])
    written = await storage.rewrite_product(tx, ready, words, now=now)
    await storage.write_skus(tx, list(_sku_rows([ready])), now=now)
    await _announce(tx, ready.shop_id, [ready.id], now=now)
    return written


async def list_products(
    tx: Tx,
    shop_id: ShopId,
    ids: Sequence[ProductId],
    *,
    now: datetime,
    to: ProductState = ProductState.LISTED,
    by: AccountId | None = None,
    cause: str = "listed",
) -> list[ChangeVerdict]:
    """Put products on sale. One verdict each, same order; listed already counts as Changed.

    ``to`` IN_AUDIT hands them to people instead. Refused: ProductNotFound, PictureMissing,
    NothingToSell, CategoryNotLeaf. Keeps a version of each (``history.kept``).
    """
    async with history.kept(tx, shop_id, ids, cause=cause, by=by, now=now):
        return await _list(tx, shop_id, ids, to, now=now)


async def _list(
    tx: Tx, shop_id: ShopId, ids: Sequence[ProductId], to: ProductState, *, now: datetime
) -> list[ChangeVerdict]:
    held = await storage.lock_products(tx, shop_id, ids)
    facts = {row["id"]: row for row in await storage.listing_facts(tx, list(held))}
    categories = await storage.categories(tx, [row["category_id"] for row in facts.values()])
    refused: dict[ProductId, tuple[Refusal, ...]] = {}
    for product_id, row in facts.items():
        problems = rules.lacking(
            pictures=row["pictures"],
            is_sellable=row["is_sellable"],
            category=categories.get(row["category_id"]),
        )
        if problems and held[product_id][0] is not ProductState.LISTED:
            refused[product_id] = tuple(problems)
    good = [it for it in held if it not in refused]
    return await _moved(tx, shop_id, ids, good, refused, held, to, now=now)


async def leave_audit(tx: Tx, shop_id: ShopId, product_id: ProductId, *, now: datetime) -> None:
    """Back to where a product stood before people were asked: off sale, or a draft."""
    row = await storage.lock_products(tx, shop_id, [product_id])
    if product_id not in row or row[product_id][0] is not ProductState.IN_AUDIT:
        return
    product = await get_product(tx, shop_id, product_id)
    to = ProductState.DELISTED if product.listed_at else ProductState.DRAFT
    await storage.move_products(tx, [product_id], to, [ProductState.IN_AUDIT], now=now)
    await _announce(tx, shop_id, [product_id], now=now)


async def delist(
    tx: Tx,
    shop_id: ShopId,
    ids: Sequence[ProductId],
    *,
    now: datetime,
    by: AccountId | None = None,
) -> list[ChangeVerdict]:
    """Take products off sale; drafts are refused (MoveForbidden). One verdict each, same order.

    What waits in the audit is withdrawn. Keeps a version of each (``history.kept``).
    """
    async with history.kept(tx, shop_id, ids, cause="delisted", by=by, now=now):
        verdicts = await _delist(tx, shop_id, ids, now=now)
    await audits.withdraw(tx, shop_id, ids)
    return verdicts


async def _delist(
    tx: Tx, shop_id: ShopId, ids: Sequence[ProductId], *, now: datetime
) -> list[ChangeVerdict]:
    held = await storage.lock_products(tx, shop_id, ids)
    refused: dict[ProductId, tuple[Refusal, ...]] = {
        it: (MoveForbidden(state=state, to=ProductState.DELISTED),)
        for it, (state, _) in held.items()
        if state is ProductState.DRAFT
    }
    good = [it for it in held if it not in refused]
    return await _moved(tx, shop_id, ids, good, refused, held, ProductState.DELISTED, now=now)


async def change_prices(
    tx: Tx, shop_id: ShopId, prices: Mapping[SkuId, NewPrice], *, now: datetime
) -> dict[SkuId, ChangeVerdict]:
    """Set prices of a shop's SKUs. One verdict per SKU: SkuNotFound, PriceInvalid, ListPriceInvalid."""
    owner = await storage.products_of_skus(tx, shop_id, list(prices))
    verdicts: dict[SkuId, ChangeVerdict] = {}
    good: dict[SkuId, NewPrice] = {}
    for sku_id, price in prices.items():
        problems = rules.price_problems(price.price_minor, price.list_price_minor)
        if sku_id not in owner:
            problems = [SkuNotFound(field="sku_id", sku_id=sku_id)]
        if problems:
            verdicts[sku_id] = Refused(tuple(problems))
        else:
            verdicts[sku_id] = Changed()
            good[sku_id] = price
    if good:
        await storage.lock_products(tx, shop_id, [owner[sku_id] for sku_id in good])
        touched = await storage.change_skus(
            tx, shop_id, list(good), prices=list(good.values()), now=now
        )
        await _announce(tx, shop_id, touched, now=now)
    return verdicts


async def set_on_sale(
    tx: Tx, shop_id: ShopId, wanted: Mapping[SkuId, bool], *, now: datetime
) -> dict[SkuId, ChangeVerdict]:
    """Switch SKUs on or off; they are on sale while their product is listed. One verdict per SKU."""
    owner = await storage.products_of_skus(tx, shop_id, list(wanted))
    good = {sku_id: on for sku_id, on in wanted.items() if sku_id in owner}
    if good:
        await storage.lock_products(tx, shop_id, [owner[sku_id] for sku_id in good])
        touched = await storage.change_skus(
            tx, shop_id, list(good), enabled=list(good.values()), now=now
        )
        await _announce(tx, shop_id, touched, now=now)
    return {
        sku_id: Changed() if sku_id in good else Refused((SkuNotFound(sku_id=sku_id),))
        for sku_id in wanted
    }


async def skus_of_shop(tx: Tx, shop_id: ShopId, sku_ids: Sequence[SkuId]) -> dict[SkuId, ProductId]:
    """Those of the SKUs that are the shop's and stand, with their products."""
    return await storage.products_of_skus(tx, shop_id, sku_ids)


async def hold_products(tx: Tx, shop_id: ShopId, ids: Sequence[ProductId]) -> None:
    """Hold products against change until ``tx`` ends; flows do so before they lock stock."""
    await storage.lock_products(tx, shop_id, ids)


async def category(tx: Tx, category_id: int) -> Category | None:
    return (await storage.categories(tx, [category_id])).get(category_id)


async def rewrite_products(
    tx: Tx, shop_id: ShopId, targets: Mapping[ProductId, Snapshot], *, now: datetime
) -> dict[ProductId, ChangeVerdict]:
    """Put many held products into the shape of ``targets``: words, category and figures of SKUs.

    SKUs, attributes, pictures and state are those that stand. Refused as by ``edit_product``; a
    category that was no leaf before may stay. Three statements, however many.
    """
    standing = await history.snapshots(tx, list(targets))
    ready = {
        it.id: (it, rules.cleaned(replace(product_of(targets[it.id], shop_id, it.id, ()),
                                          state=ProductState(it.state))))
        for it in standing.values()
        if it.shop_id == shop_id
    }  # fmt: skip
    categories = await storage.categories(tx, [it.category_id for _, it in ready.values()])
    names = await storage.shop_names(tx, [shop_id])
    verdicts: dict[ProductId, ChangeVerdict] = {}
    good: list[tuple[NewProduct, Words | None]] = []
    for product_id, (was, product) in ready.items():
        same = product.category_id == was.snapshot["category_id"]
        problems = _problems(product, categories, names, any_level=same)
        verdicts[product_id] = Refused(tuple(problems)) if problems else Changed()
        if not problems:
            spoken = ("title", "title_en", "brand", "category_id")
            is_same = all(getattr(product, it) == was.snapshot[it] for it in spoken)
            category = categories[product.category_id]
            good.append((product, None if is_same else _words(product, category, names[shop_id])))
    if good:
        await storage.rewrite_products(tx, good, now=now)
        await storage.write_skus(tx, list(_sku_rows([it for it, _ in good])), now=now)
        await _announce(tx, shop_id, [it.id for it, _ in good], now=now)
    return verdicts


async def reword_shop(tx: Tx, shop_id: ShopId) -> int:
    """Write a shop's present name into the words its goods are found by: how many chunks of 500.

    Raises NotFound for an unknown shop.
    """
    names = await storage.shop_names(tx, [shop_id])
    if shop_id not in names:
        raise NotFound
    words, chunks = search_text(names[shop_id]), 0
    after: ProductId | None = ProductId(0)
    while after is not None:
        after = await storage.reword_shop(tx, shop_id, words, after=after, limit=REWORD_CHUNK)
        chunks += after is not None
    return chunks


async def _held_back(tx: Tx, products: Sequence[NewProduct]) -> dict[ProductId, tuple[str, ...]]:
    """Of goods that shall be on sale at once, those the rules find something in: codes of the rules."""
    listed = [it for it in products if it.state is ProductState.LISTED]
    measured = await policy.policy(tx) if listed else None
    if measured is None or not measured.is_on:
        return {}
    words = await policy.goods_words(tx, measured.words_version)
    found = {it.id: audit_rules.newcomer_findings(versions.snapshot_of(it), words) for it in listed}
    return {
        product_id: tuple(dict.fromkeys(it.code for it in its))
        for product_id, its in found.items()
        if its
    }


async def _known(tx: Tx, products: Sequence[NewProduct]) -> dict[tuple[ShopId, str], ProductId]:
    pairs = [(it.shop_id, it.external_id) for it in products if it.external_id]
    return await storage.known_externals(tx, pairs) if pairs else {}


def _problems(
    product: NewProduct,
    categories: Mapping[int, Category],
    names: Mapping[ShopId, tuple[str, str]],
    *,
    any_level: bool = False,
) -> list[Refusal]:
    if product.shop_id not in names:
        return [ShopUnknown(field="shop_id", shop_id=product.shop_id)]
    category = categories.get(product.category_id)
    found = rules.problems_of(product, category)
    if product.state is ProductState.LISTED:
        found += rules.listing_problems(product, category, any_level=any_level)
    return found


async def _write(
    tx: Tx,
    accepted: Mapping[int, NewProduct],
    categories: Mapping[int, Category],
    names: Mapping[ShopId, tuple[str, str]],
    held: Mapping[ProductId, tuple[str, ...]],
    *,
    now: datetime,
) -> dict[int, AddVerdict]:
    products = list(accepted.values())
    if not products:
        return {}
    words = [_words(it, categories[it.category_id], names[it.shop_id]) for it in products]
    written = await storage.insert_products(tx, products, words, now=now)
    kept = [it for it in products if it.id in written]
    await storage.write_skus(tx, list(_sku_rows(kept)), now=now)
    listed = [it for it in kept if it.state is ProductState.LISTED]
    await outbox.append(
        tx, [ProductListed(subject_id=it.id, shop_id=it.shop_id, occurred_at=now) for it in listed]
    )
    if len(kept) < len(products):  # written by someone else since we looked
        known = await _known(tx, products)
    return {
        at: Added(it.id, held.get(it.id, ()))
        if it.id in written
        else Known(known[(it.shop_id, it.external_id or "")])
        for at, it in accepted.items()
    }


def _sku_rows(
    products: Iterable[NewProduct],
) -> Iterable[tuple[ProductId, ShopId, ProductState, int, NewSku]]:
    for product in products:
        for position, sku in enumerate(product.skus):
            yield product.id, product.shop_id, product.state, position, sku


def _words(product: NewProduct, category: Category, shop: tuple[str, str]) -> Words:
    names = [*category.names_zh, *category.names_en]
    return (
        search_text((product.title, product.title_en)),
        search_text((product.brand, *names)),
        search_text(shop),
    )


async def _moved(
    tx: Tx,
    shop_id: ShopId,
    asked: Sequence[ProductId],
    good: Sequence[ProductId],
    refused: Mapping[ProductId, tuple[Refusal, ...]],
    held: Mapping[ProductId, object],
    to: ProductState,
    *,
    now: datetime,
) -> list[ChangeVerdict]:
    sources = [state for state, targets in MOVES.items() if to in targets]
    moved = await storage.move_products(tx, good, to, sources, now=now) if good else set()
    kind = _TOLD.get(to, ProductChanged)
    await outbox.append(
        tx, [kind(subject_id=it, shop_id=shop_id, occurred_at=now) for it in sorted(moved)]
    )
    return [
        Refused(refused[it])
        if it in refused
        else Changed()
        if it in held
        else Refused((ProductNotFound(product_id=it),))
        for it in asked
    ]


async def _announce(tx: Tx, shop_id: ShopId, ids: Sequence[ProductId], *, now: datetime) -> None:
    await outbox.append(
        tx, [ProductChanged(subject_id=it, shop_id=shop_id, occurred_at=now) for it in ids]
    )
