"""HTTP for the checkout: what is bought, where it goes, one tap to place it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from secrets import token_urlsafe
from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.flows.checkout import rules, storage
from jishi.flows.checkout.coupons import choices
from jishi.flows.checkout.quoting import Buyer, destination_of_address, show
from jishi.flows.checkout.routes_cart import join_visitor
from jishi.flows.checkout.types import AddressMissing, LinesMalformed, Quote, Saving, Wanted
from jishi.flows.place_orders import CheckoutAsked, LineAsked, Placed
from jishi.flows.place_orders.rules import COUPONS_MAX, NOTE_MAX, QUANTITY_MAX
from jishi.flows.quote import BEST
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import AccountId, AddressId, SkuId, parse_id
from jishi.kit.text import clean
from jishi.modules import carts, places, pricing
from jishi.modules.carts import CartOwner
from jishi.modules.fulfilment import freight_reason
from jishi.modules.pricing import KINDS, PAYERS, UNFIT_WORDS, Payer, coupon_text
from jishi.web.answer import redirect
from jishi.web.errors import status_of
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

FROM_CART: Final = "cart"
KEY_MAX: Final = 64
CHANNEL: Final = "direct"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A checkout as its page holds it."""

    wanted: Sequence[Wanted]
    key: str
    source: str  # FROM_CART, or "now" for goods bought past the cart
    address_id: int | None = None
    notes: Mapping[int, str] = field(default_factory=dict)
    coupons: Sequence[int] | None = BEST  # ids of claims
    code: str = ""
    expected_minor: int | None = None


@get("/checkout")
async def get_checkout(request: web.AnyRequest) -> Response[Any]:
    """GET /checkout (buy, n | nothing: what is chosen in the cart; address): 200; 303 empty-handed.

    What has changed since the buyer saw it is told at its line.
    """
    asked = request.query_params
    bought = parse_id(asked.get("buy", ""))
    account = CartOwner(web.signed_in(request).account_id, is_visitor=False)
    async with web.transaction(request) as tx:
        await join_visitor(tx, request)
        if bought is not None:
            goods = await storage.goods_of(tx, locale_of(request), [SkuId(bought)])
            seen = goods[SkuId(bought)].price_minor if goods else 0
            quantity = carts.quantity_of(asked.get("n", "1"), field="n")
            wanted = [Wanted(sku_id=SkuId(bought), quantity=quantity, seen_minor=seen)]
        else:
            wanted = [
                Wanted(sku_id=it.sku_id, quantity=it.quantity, seen_minor=it.seen_minor)
                for it in await carts.list_lines(tx, account)
                if it.is_chosen
            ]
    if not wanted:
        return redirect("/cart")
    draft = Draft(
        wanted=wanted,
        key=token_urlsafe(18),
        source="now" if bought is not None else FROM_CART,
        address_id=parse_id(asked.get("address", "")),
    )
    return await checkout_page(request, draft)


@post("/checkout/quote")
async def post_quote(request: web.AnyRequest) -> Response[Any]:
    """POST /checkout/quote (the checkout's form): 200 the page anew for another address or other
    coupons; with ``code`` a coupon is claimed first and used where it fits. Nothing is placed."""
    draft = await read_draft(request)
    if not draft.code:
        return await checkout_page(request, draft)
    account_id = web.signed_in(request).account_id
    try:
        async with web.transaction(request) as tx:
            claim_id = await pricing.claim_by_code(
                tx, web.ids(request), draft.code, buyer_id=account_id, now=web.now(request)
            )
    except Refusal as refusal:
        return await checkout_page(request, draft, problems=[refusal], is_quote=True)
    held = list(draft.coupons or ())
    return await checkout_page(request, replace(draft, coupons=[*held, claim_id], code=""))


@post("/checkout")
async def post_checkout(request: web.AnyRequest) -> Response[Any]:
    """POST /checkout (key, source, line…, address_id, note.<shop>): 303 to pay.

    409 or 422 the page again, each refusal at its line with what holds now; nothing was placed.
    The key makes a second tap find the first one's orders.
    """
    draft = await read_draft(request)
    buyer_id = web.signed_in(request).account_id
    problems = _problems(draft)
    if problems:
        return await checkout_page(request, draft, problems=problems)
    verdict = await web.service(request, "place_orders")(_asked(request, draft, buyer_id))
    if not isinstance(verdict, Placed):
        return await checkout_page(request, draft, problems=list(verdict.refusals))
    answer: Response[Any] = redirect(f"/pay/{verdict.payment_id}")
    if draft.source == FROM_CART:
        answer = await _empty(request, answer, [each.sku_id for each in draft.wanted])
    return answer


async def read_draft(request: web.AnyRequest) -> Draft:
    """The page's form. Raises LinesMalformed when it does not come from such a page."""
    form = await request.form()
    wanted = [rules.read_line(str(text)) for text in form.getall("line", [])]
    key = str(form.get("key", ""))
    if any(each is None for each in wanted) or not 1 <= len(key) <= KEY_MAX:
        raise LinesMalformed(retry="/cart")
    notes = {
        shop_id: clean(str(value))[:NOTE_MAX]
        for name, value in form.multi_items()
        if name.startswith("note.") and (shop_id := parse_id(name.removeprefix("note.")))
    }
    coupons = [parse_id(str(each)) for each in form.getall("coupon", [])]
    total = str(form.get("expected_minor", ""))
    return Draft(
        wanted=[each for each in wanted if each is not None],
        key=key,
        source=FROM_CART if form.get("source") == FROM_CART else "now",
        address_id=parse_id(str(form.get("address_id", ""))),
        notes=notes,
        coupons=[each for each in coupons if each is not None][:COUPONS_MAX],
        code=clean(str(form.get("code", "")))[:KEY_MAX],
        expected_minor=int(total) if rules.is_number(total) else None,
    )


async def checkout_page(
    request: web.AnyRequest,
    draft: Draft,
    *,
    problems: Sequence[Refusal] = (),
    is_quote: bool = False,
) -> Response[Any]:
    """The checkout as things stand now; ``problems`` are why the last try placed nothing.

    ``is_quote``: nothing was to be placed, so nothing is said of it.
    """
    account_id = web.signed_in(request).account_id
    async with web.read(request) as tx:
        book = await places.list_addresses(tx, account_id)
        by_id = {address.id: address for address in book}
        address = by_id.get(draft.address_id or 0, book[0] if book else None)  # type: ignore[call-overload]
        buyer = Buyer(
            id=account_id, destination=destination_of_address(address), coupons=draft.coupons
        )
        asked = web.now(request)
        (shown,) = await show(tx, locale_of(request), [draft.wanted], buyer, now=asked)
        shops = [shop.shop_id for shop in shown.quote.shops]
        held = await pricing.usable_claims(tx, account_id, shops, now=asked) if shops else []
    quote = shown.quote
    at_lines, other = _told(request, problems, draft, quote)
    return web.page(
        request,
        "checkout/checkout.html",
        status=status_of(Refusals(problems)) if problems else 200,
        quote=quote,
        draft=draft,
        addresses=book,
        chosen_address=address.id if address else None,
        mask=_masked_phone,
        line_of=rules.write_line,
        at_lines=at_lines,
        errors=other,
        was_refused=bool(problems) and not is_quote,
        back_here=_back(draft),
        note_max=NOTE_MAX,
        unpaid_minutes=web.settings(request).unpaid_minutes,
        coupons=choices(held, shown, quote),
        reason=freight_reason,
        words=translator(locale_of(request)),
        unfit_words=UNFIT_WORDS,
        coupon_text=coupon_text,
        kinds=KINDS,
        saving_rows=partial(_saving_rows, request),
    )


def _problems(draft: Draft) -> list[Refusal]:
    """What can be told before placing is asked."""
    return [] if draft.address_id is not None else [AddressMissing(field="address_id")]


def _asked(request: web.AnyRequest, draft: Draft, buyer_id: AccountId) -> CheckoutAsked:
    lines = [
        LineAsked(
            sku_id=each.sku_id,
            quantity=each.quantity,
            price_minor=each.seen_minor,
            pay_minor=each.pay_minor,
        )
        for each in draft.wanted
    ]
    coupons = list(draft.coupons or ())
    notes = {shop: note for shop, note in sorted(draft.notes.items()) if note}
    said = [
        [[line.sku_id, line.quantity, line.price_minor] for line in lines],
        draft.address_id,
        [[shop, note] for shop, note in notes.items()],
        coupons,
        draft.expected_minor,
    ]
    return CheckoutAsked(
        buyer_id=buyer_id,
        key=f"page:{draft.key}",
        request_hash=web.request_hash(msgspec.json.encode(said)),
        address_id=AddressId(draft.address_id or 0),
        lines=lines,
        notes=notes,
        coupons=coupons,
        expected_minor=draft.expected_minor,
        channel=CHANNEL,
        now=web.now(request),
    )


def _told(
    request: web.AnyRequest, problems: Sequence[Refusal], draft: Draft, quote: Quote
) -> tuple[dict[SkuId, str], dict[str, str]]:
    """Refusals in the reader's words: by line, for lines the quote says nothing of, and others."""
    told = {line.wanted.sku_id for line in [*quote.lines, *quote.out] if line.change}
    at_lines: dict[SkuId, str] = {}
    other: dict[str, str] = {}
    for problem in problems:
        at = _line_at(problem.field or "")
        if at is None or at >= len(draft.wanted):
            other[problem.field or ""] = web.words(request, problem)
        elif draft.wanted[at].sku_id not in told:
            at_lines[draft.wanted[at].sku_id] = web.words(request, problem)
    return at_lines, other


def _line_at(name: str) -> int | None:
    """``lines[3].quantity`` → 3."""
    if not name.startswith("lines["):
        return None
    digits = name.removeprefix("lines[").partition("]")[0]
    return int(digits) if digits.isdigit() else None


def _saving_rows(request: web.AnyRequest, savings: Sequence[Saving]) -> list[tuple[str, int, str]]:
    """Rules as rows of a sum: what each takes off, and who pays it when it is not the shop."""
    words = translator(locale_of(request))
    rows = []
    for saving in savings:
        payer = "" if saving.payer == Payer.SHOP else f" ({words(PAYERS[Payer(saving.payer)])})"
        rows.append((f"{saving.title}{payer}", -saving.amount_minor, "minus"))
    return rows


def _masked_phone(phone: str) -> str:
    """Enough of a number to know it by: the book is shown where others may look on."""
    return str(places.masked({"receiver": "", "phone": phone})["phone"])


def _back(draft: Draft) -> str:
    """The address of this checkout, for the way to the address book and back."""
    if draft.source == FROM_CART or len(draft.wanted) != 1:
        return "/checkout"
    line = draft.wanted[0]
    return f"/checkout?buy={line.sku_id}&n={min(max(line.quantity, 1), QUANTITY_MAX)}"


async def _empty(
    request: web.AnyRequest, answer: Response[Any], sku_ids: Sequence[SkuId]
) -> Response[Any]:
    """Take what was bought out of the cart."""
    account = CartOwner(web.signed_in(request).account_id, is_visitor=False)
    async with web.transaction(request) as tx:
        await carts.remove_lines(tx, account, sku_ids)
        left = await carts.count_lines(tx, account)
    return carts.keep(request, answer, account, left)


routes = [get_checkout, post_quote, post_checkout]
