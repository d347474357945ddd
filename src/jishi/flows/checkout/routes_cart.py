"""HTTP for the cart. One form holds all of it, so that it works without script as a whole."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.db import Tx
from jishi.flows.checkout import rules, storage
from jishi.flows.checkout.quoting import buyer_of, show
from jishi.flows.checkout.types import Change, Goods, NoSuchCombination, Quote, Wanted
from jishi.flows.place_orders.rules import refusal_of
from jishi.flows.place_orders.types import LineAsked
from jishi.kit.errors import Refusal
from jishi.kit.ids import ProductId, SkuId, parse_id
from jishi.kit.text import mark as _
from jishi.modules import carts
from jishi.modules.carts import CartLine, CartOwner
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of, query_url

ADDED: Final = _("Added to cart")
REMOVED: Final = _("Taken out of the cart")
VERDICTS: Final = {
    Change.GONE: "gone",
    Change.CLOSED: "shop_closed",
    Change.SOLD_OUT: "short",
    Change.SHORT: "short",
}


class Picked(msgspec.Struct, kw_only=True):
    """The form of a product: a SKU, or the values that make one out."""

    product_id: str = ""
    sku_id: str = ""
    d0: str = ""
    d1: str = ""
    d2: str = ""
    quantity: str = "1"
    go: str = "cart"


@get("/cart")
async def get_cart(request: web.AnyRequest) -> Response[Any]:
    """GET /cart: 200. A visitor's cart joins the account's at the first look after signing in."""
    async with web.transaction(request) as tx:
        await join_visitor(tx, request)
        return await cart_page(tx, request)


@post("/cart")
async def post_cart(request: web.AnyRequest) -> Response[Any]:
    """POST /cart (q.<sku>, chosen, choose=all|none, remove, go=checkout): 303 to the cart or on.

    422 the cart with what to mend at its line; everything else is kept.
    """
    form, owner = await request.form(), carts.owner_of(request)
    if owner is None:
        return redirect("/cart")
    taken_out = [SkuId(it) for it in map(parse_id, str(form.get("remove", "")).split(",")) if it]
    async with web.transaction(request) as tx:
        await join_visitor(tx, request)
        if taken_out:
            await carts.remove_lines(tx, owner, taken_out)
        lines = await carts.list_lines(tx, owner)
        typed = {line.sku_id: str(form.get(f"q.{line.sku_id}", line.quantity)) for line in lines}
        chosen = _chosen(lines, form.getall("chosen", []), str(form.get("choose", "")))
        wrong = await _save(tx, request, owner, lines, typed, chosen)
        if wrong:
            return await cart_page(tx, request, status=422, wrong=wrong, typed=typed)
    if form.get("go") == "checkout":
        return redirect("/checkout")
    answer = redirect("/cart")
    return flash(answer, "ok", translator(locale_of(request))(REMOVED)) if taken_out else answer


@post("/cart/lines")
async def post_line(request: web.AnyRequest) -> Response[Any]:
    """POST /cart/lines: 303 to the product (go=cart) or the checkout (go=buy).

    What cannot be sold as asked is told on the product's page.
    """
    picked = await web.read_form(request, Picked)
    back = f"/p/{picked.product_id}" if parse_id(picked.product_id) else "/"
    try:
        async with web.transaction(request) as tx:
            sku_id = await _sku(tx, picked)
            quantity = carts.quantity_of(picked.quantity)
            goods = await sellable(tx, request, sku_id, quantity)
            if picked.go == "buy":
                return redirect(query_url("/checkout", buy=sku_id, n=quantity))
            owner, lines = await put_in(tx, request, goods, quantity)
    except Refusal as refusal:
        return flash(redirect(back), "bad", web.words(request, refusal))
    back = query_url(f"/p/{goods.product_id}", sku=sku_id)
    answer = flash(redirect(back), "ok", translator(locale_of(request))(ADDED))
    return carts.keep(request, answer, owner, lines)


async def join_visitor(tx: Tx, request: web.AnyRequest) -> None:
    """Let the cart this browser had before signing in join the account's."""
    identity, visitor = web.identity(request), carts.visitor_of(request)
    if identity is not None and visitor is not None:
        account = CartOwner(identity.account_id, is_visitor=False)
        await carts.join(tx, visitor, account, now=web.now(request))


async def sellable(tx: Tx, request: web.AnyRequest, sku_id: SkuId, quantity: int) -> Goods:
    """The goods, when that many can be bought now. Raises SkuGone, ShopClosed, StockShort."""
    goods = (await storage.goods_of(tx, locale_of(request), [sku_id])).get(sku_id)
    seen = goods.price_minor if goods else 0
    line = rules.quote_line(Wanted(sku_id=sku_id, quantity=quantity, seen_minor=seen), goods)
    if goods is None or line.change:
        asked = LineAsked(sku_id=sku_id, quantity=quantity, price_minor=seen)
        refusal = refusal_of(VERDICTS[line.change], 0, asked, goods.left if goods else 0)
        refusal.field = (refusal.field or "").rpartition(".")[2]
        raise refusal
    return goods


async def put_in(
    tx: Tx, request: web.AnyRequest, goods: Goods, quantity: int
) -> tuple[CartOwner, int]:
    """Put goods into the asker's cart; whose it is, and how many lines it has. Raises CartFull."""
    await join_visitor(tx, request)
    owner, now = carts.owner_or_new(request), web.now(request)
    await carts.add_line(
        tx, owner, goods.sku_id, quantity=quantity, price_minor=goods.price_minor, now=now
    )
    return owner, await carts.count_lines(tx, owner)


async def quote_cart(
    tx: Tx, request: web.AnyRequest, lines: Sequence[CartLine]
) -> tuple[Quote, Quote]:
    """All of a cart as it stands now, and what of it is chosen, with the best of one's coupons."""
    wanted = {line.sku_id: _wanted(line) for line in lines}
    chosen = [wanted[line.sku_id] for line in lines if line.is_chosen]
    identity = web.identity(request)
    buyer = await buyer_of(tx, identity.account_id if identity else None)
    whole, some = await show(
        tx, locale_of(request), [list(wanted.values()), chosen], buyer, now=web.now(request)
    )
    return whole.quote, some.quote


async def cart_page(
    tx: Tx,
    request: web.AnyRequest,
    *,
    status: int = 200,
    wrong: Mapping[SkuId, str] | None = None,
    typed: Mapping[SkuId, str] | None = None,
) -> Response[Any]:
    """The cart, or for htmx the part of the page that changes. ``wrong``: refusals by line."""
    owner = carts.owner_of(request)
    lines = await carts.list_lines(tx, owner) if owner else []
    whole, chosen = await quote_cart(tx, request, lines)
    answer = web.page(
        request,
        "checkout/cart.html",
        block="cart" if web.is_htmx(request) else None,
        status=status,
        shops=whole.shops,
        out=whole.out,
        quote=chosen,
        chosen={line.sku_id for line in lines if line.is_chosen},
        by_shop={shop.shop_id: shop for shop in chosen.shops},
        count_lines=len(lines),
        wrong=wrong or {},
        typed=typed or {},
        cart_count=len(lines) or None,
    )
    return carts.keep(request, answer, owner, len(lines)) if owner else answer


def _wanted(line: CartLine) -> Wanted:
    return Wanted(sku_id=line.sku_id, quantity=line.quantity, seen_minor=line.seen_minor)


def _chosen(lines: Sequence[CartLine], ticked: Sequence[Any], choose: str) -> set[SkuId]:
    if choose in {"all", "none"}:
        return {line.sku_id for line in lines} if choose == "all" else set()
    wanted = {parse_id(str(each)) for each in ticked}
    return {line.sku_id for line in lines if line.sku_id in wanted}


async def _save(
    tx: Tx,
    request: web.AnyRequest,
    owner: CartOwner,
    lines: Sequence[CartLine],
    typed: Mapping[SkuId, str],
    chosen: set[SkuId],
) -> dict[SkuId, str]:
    """Keep pieces and choice; the refusals of pieces that are none, by line."""
    wrong: dict[SkuId, str] = {}
    changed: list[tuple[SkuId, int, bool]] = []
    for line in lines:
        quantity = line.quantity
        try:
            quantity = carts.quantity_of(typed[line.sku_id], field=f"q.{line.sku_id}")
        except carts.QuantityInvalid as refusal:
            wrong[line.sku_id] = web.words(request, refusal)
        changed.append((line.sku_id, quantity, line.sku_id in chosen))
    await carts.save_lines(tx, owner, changed, now=web.now(request))
    return wrong


async def _sku(tx: Tx, picked: Picked) -> SkuId:
    sku_id = parse_id(picked.sku_id)
    if sku_id is not None:
        return SkuId(sku_id)
    product_id = parse_id(picked.product_id)
    if product_id is None:
        raise NoSuchCombination(field="sku_id")
    options = [value for value in (picked.d0, picked.d1, picked.d2) if value]
    return await storage.pick_sku(tx, ProductId(product_id), options)


routes = [get_cart, post_cart, post_line]
