"""Many goods at once: list, delist, and the table of prices and stock."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.flows.list_products import flow, guard, queries
from jishi.flows.list_products.types import PriceRow, RowRefused, RowWaiting
from jishi.kit.errors import Refusal
from jishi.kit.ids import ProductId, SkuId, parse_id
from jishi.kit.money import format_plain
from jishi.kit.pictures import picture_src
from jishi.kit.text import mark as _
from jishi.kit.typed import read_minor, read_whole
from jishi.modules import catalogue, stock
from jishi.modules.catalogue import BULK_MAX, ChangeVerdict, InAudit, TooManyRows
from jishi.modules.shops import Errors, ShopHere, shop_here
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import local_path, locale_of, query_url

LISTED: Final = (_("{n} product is on sale."), _("{n} products are on sale."))
DELISTED: Final = (_("{n} product was taken off sale."), _("{n} products were taken off sale."))
WAITING: Final = (
    _("{n} is looked at by a person before buyers see it."),
    _("{n} are looked at by people before buyers see them."),
)
SAVED: Final = (_("{n} row saved."), _("{n} rows saved."))
REFUSED: Final = _("{n} stayed as they were: {why}")
NOTHING: Final = _("Choose products first.")
UNCHANGED: Final = _("Nothing was changed.")


class ChosenForm(msgspec.Struct, kw_only=True):
    product_id: list[str] = msgspec.field(default_factory=list)
    next: str = ""


class PricesForm(msgspec.Struct, kw_only=True):
    """Lists run in step, one element per row; ``was_…`` is what stood there when the page was made."""

    sku_id: list[str] = msgspec.field(default_factory=list)
    price: list[str] = msgspec.field(default_factory=list)
    list_price: list[str] = msgspec.field(default_factory=list)
    on_hand: list[str] = msgspec.field(default_factory=list)
    was_price: list[str] = msgspec.field(default_factory=list)
    was_list_price: list[str] = msgspec.field(default_factory=list)
    was_on_hand: list[str] = msgspec.field(default_factory=list)
    here: str = ""


@dataclass(slots=True)
class Typed:
    """One row of the table as typed, with what stood there and what was wrong."""

    price: str
    list_price: str
    on_hand: str
    was_price: str
    was_list_price: str
    was_on_hand: str
    errors: Errors

    @property
    def is_changed(self) -> bool:
        now = (self.price.strip(), self.list_price.strip(), self.on_hand.strip())
        return now != (self.was_price, self.was_list_price, self.was_on_hand)


@post("/merchant/{shop_id:str}/goods/list")
async def post_list(request: web.AnyRequest) -> Response[Any]:
    """POST …/goods/list (product_id …): 303 back, telling how many and why not the others."""
    return await _move(request, listing=True)


@post("/merchant/{shop_id:str}/goods/delist")
async def post_delist(request: web.AnyRequest) -> Response[Any]:
    """POST …/goods/delist (product_id …): 303 back."""
    return await _move(request, listing=False)


@get("/merchant/{shop_id:str}/goods/prices")
async def get_prices(request: web.AnyRequest) -> Response[Any]:
    """GET …/goods/prices (product_id …, q, after): the table; 200, 422 a broken cursor."""
    return await _table(request, shop_here(request), {})


@post("/merchant/{shop_id:str}/goods/prices")
async def post_prices(request: web.AnyRequest) -> Response[Any]:
    """POST …/goods/prices: 303 when every changed row was saved; 422 the table with the rows that
    were refused as they were typed. Rows that were good are saved either way."""
    here = shop_here(request)
    form = await web.read_form(request, PricesForm)
    if len(form.sku_id) > BULK_MAX:
        raise TooManyRows(limit=BULK_MAX, count=len(form.sku_id))
    typed = _typed(form)
    changed = {sku_id: row for sku_id, row in typed.items() if row.is_changed}
    currency = web.settings(request).currency
    rows = [_row(sku_id, row, currency) for sku_id, row in changed.items()]
    async with web.transaction(request) as tx:
        verdicts = await flow.apply_rows(
            tx,
            here.id,
            rows,
            actor_id=web.signed_in(request).account_id,
            ids=web.ids(request),
            now=web.now(request),
        )
    refused: dict[int, Typed] = {}
    for row, verdict in zip(rows, verdicts, strict=True):
        if isinstance(verdict, RowRefused):
            kept = refused[row.sku_id] = changed[row.sku_id]
            kept.errors = _texts(request, verdict.problems)
    if refused:
        return await _table(request, here, refused, saved=len(rows) - len(refused))
    words = translator(locale_of(request))
    waiting = sum(isinstance(it, RowWaiting) for it in verdicts)
    text = words.ngettext(*SAVED, len(rows)) if rows else words.gettext(UNCHANGED)
    text += " " + words.ngettext(*WAITING, waiting) if waiting else ""
    back = local_path(form.here) if form.here else f"{here.base}/goods/prices"
    return flash(redirect(back), "ok" if rows else "info", text)


async def _move(request: web.AnyRequest, *, listing: bool) -> Response[Any]:
    here = shop_here(request)
    form = await web.read_form(request, ChosenForm)
    ids = [ProductId(it) for it in map(parse_id, dict.fromkeys(form.product_id)) if it]
    if len(ids) > BULK_MAX:
        raise TooManyRows(limit=BULK_MAX, count=len(ids))
    by, at = web.signed_in(request).account_id, web.now(request)
    async with web.transaction(request) as tx:
        verdicts = (
            await guard.list_products(tx, here.id, ids, maker=web.ids(request), by=by, now=at)
            if listing
            else await catalogue.delist(tx, here.id, ids, by=by, now=at)
        )
    back = redirect(local_path(form.next) if form.next else f"{here.base}/goods")
    kind, text = _told(request, verdicts, LISTED if listing else DELISTED)
    return flash(back, kind, text)


def _told(
    request: web.AnyRequest, verdicts: Sequence[ChangeVerdict], done: tuple[str, str]
) -> tuple[str, str]:
    words = translator(locale_of(request))
    refused = [it for it in verdicts if isinstance(it, catalogue.Refused)]
    waiting = sum(isinstance(it, InAudit) for it in verdicts)
    good = len(verdicts) - len(refused) - waiting
    if not verdicts:
        return "warn", words.gettext(NOTHING)
    texts = [words.ngettext(*done, good)] if good else []
    texts += [words.ngettext(*WAITING, waiting)] if waiting else []
    if refused:
        reasons = dict.fromkeys(web.words(request, it.problems[0]) for it in refused)
        texts.append(words.gettext(REFUSED, n=len(refused), why=" ".join(list(reasons)[:3])))
    return ("warn" if refused else "info" if waiting else "ok"), " ".join(texts)


async def _table(
    request: web.AnyRequest,
    here: ShopHere,
    refused: dict[int, Typed],
    *,
    saved: int = 0,
) -> Response[Any]:
    asked = request.query_params
    chosen = [
        ProductId(it) for it in map(parse_id, asked.getall("product_id", [])[:BULK_MAX]) if it
    ]
    word = asked.get("q", "").strip()[:100]
    async with web.read(request) as tx:
        warehouse_id = (await stock.default_warehouses(tx, [here.id]))[here.id]
        page = await queries.price_rows(
            tx, here.id, warehouse_id, product_ids=chosen, word=word, cursor=asked.get("after")
        )
    currency = web.settings(request).currency
    rows = [(row, refused.get(row["sku_id"]) or _standing(row, currency)) for row in page.items]
    following = _next_url(here, chosen, word, page.next_cursor)
    return web.page(
        request,
        "list_products/prices.html",
        status=422 if refused else 200,
        shop=here,
        rows=rows,
        word=word,
        chosen=chosen,
        next_url=following,
        saved=saved,
        refused=len(refused),
        picture_src=picture_src,
    )


def _next_url(here: ShopHere, chosen: Sequence[ProductId], word: str, cursor: str | None) -> str:
    if cursor is None:
        return ""
    url = query_url(f"{here.base}/goods/prices", q=word, after=cursor)
    return url + "".join(f"&product_id={it}" for it in chosen)


def _standing(row: Any, currency: str) -> Typed:
    price = format_plain(row["price_minor"], currency)
    earlier = row["list_price_minor"]
    list_price = "" if earlier is None else format_plain(earlier, currency)
    on_hand = str(row["on_hand"])
    return Typed(price, list_price, on_hand, price, list_price, on_hand, Errors())


def _typed(form: PricesForm) -> dict[SkuId, Typed]:
    columns = (
        form.price,
        form.list_price,
        form.on_hand,
        form.was_price,
        form.was_list_price,
        form.was_on_hand,
    )
    if any(len(column) != len(form.sku_id) for column in columns):
        raise TooManyRows(limit=BULK_MAX, count=len(form.sku_id))
    found: dict[SkuId, Typed] = {}
    for at, sku_id in enumerate(map(parse_id, form.sku_id)):
        price, list_price, on_hand, *was = (column[at] for column in columns)
        if sku_id is not None:
            found[SkuId(sku_id)] = Typed(
                price, list_price, on_hand, was[0], was[1], was[2], Errors()
            )
    return found


def _row(sku_id: SkuId, typed: Typed, currency: str) -> PriceRow:
    """Only what was changed; what is no number becomes one that every rule refuses."""
    earlier = typed.list_price.strip()
    prices_now = (typed.price.strip(), earlier)
    is_priced = prices_now != (typed.was_price, typed.was_list_price)
    is_counted = typed.on_hand.strip() != typed.was_on_hand
    return PriceRow(
        sku_id=sku_id,
        price_minor=read_minor(typed.price, currency) if is_priced else None,
        list_price_minor=read_minor(earlier, currency) if earlier else None,
        on_hand=read_whole(typed.on_hand) if is_counted else None,
        seen=read_whole(typed.was_on_hand) if is_counted else None,
    )


def _texts(request: web.AnyRequest, problems: Sequence[Refusal]) -> Errors:
    return Errors({it.field or "": web.words(request, it) for it in problems})


routes = [post_list, post_delist, get_prices, post_prices]
