"""HTTP for paying: the page that leads to the provider, and the one people come back to."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Response, get, post

from jishi import web
from jishi.flows.checkout import storage
from jishi.flows.checkout.qr import qr_code
from jishi.flows.checkout.types import PaidOrder
from jishi.kit.errors import NotFound, Refusal
from jishi.kit.ids import PaymentId
from jishi.kit.text import mark as _
from jishi.modules import payments
from jishi.modules.payments import (
    PROVIDER_WORDS,
    Payment,
    PaymentState,
    Visit,
    offered_providers,
)
from jishi.web.answer import redirect
from jishi.web.i18n import translator
from jishi.web.limits import client_address
from jishi.web.pages import locale_of

SUBJECT: Final = _("Jishi order, {count} shops")
SUBJECT_MAX: Final = 128
RETURNED: Final = "returned"
CODE: Final = "weixin://"  # to be scanned, not followed
NEAR: Final = "sandbox"  # the one provider our content policy names


@get("/pay/{payment_id:str}")
async def get_pay(request: web.AnyRequest) -> Response[Any]:
    """GET /pay/{payment_id}: 200 amount, orders, time left; 303 to the result once it is over; 404."""
    payment, orders = await _mine(request)
    if not is_open(payment, request):
        return redirect(f"/pay/{payment.id}/result")
    return _pay_page(request, payment, orders)


@post("/pay/{payment_id:str}")
async def post_pay(request: web.AnyRequest) -> Response[Any]:
    """POST /pay/{payment_id} (provider): 303 to the provider's page, or to the code to scan; 303 to
    the result once it is over; 404; 422 this page again for a provider that is not on offer.

    503 this page again when the provider does not answer. No transaction is open meanwhile.
    """
    payment, orders = await _mine(request)
    chosen = str((await request.form()).get("provider") or "") or None
    if not is_open(payment, request):
        return redirect(f"/pay/{payment.id}/result")
    base = web.settings(request).base_url
    try:
        opened = await payments.open_at_provider(
            web.pool(request),
            web.service(request, "providers"),
            payment.id,
            provider=chosen,
            offered=_offered(request, payment),
            subject=_subject(request, orders),
            return_url=f"{base}/pay/{payment.id}/result",
            visit=Visit(ip=client_address(request), is_phone=is_phone(request)),
            now=web.now(request),
        )
    except Refusal as refusal:
        status = web.status_of(refusal)
        return _pay_page(
            request, payment, orders, problem=web.words(request, refusal), status=status
        )
    assert opened.pay_url
    if opened.pay_url.startswith(CODE):
        return redirect(f"/pay/{payment.id}/result")
    if opened.provider == NEAR:
        return Response(None, status_code=303, headers={"location": opened.pay_url})
    # Browsers hold a form's redirects to the pages our policy names; a page that leads on is free.
    return web.page(request, "checkout/leave.html", payment=opened, words=PROVIDER_WORDS)


@get("/pay/{payment_id:str}/result")
async def get_result(request: web.AnyRequest) -> Response[Any]:
    """GET /pay/{payment_id}/result: 200 paid, waiting, over or sent back; 404.

    While it waits the provider is asked, at most every 15 seconds, whoever looks.
    """
    payment, orders = await _mine(request)
    if payment.state is not PaymentState.PAID and payment.asked_at is not None:
        news = await payments.check_payment_now(
            web.pool(request), web.service(request, "providers"), payment.id, now=web.now(request)
        )
        if news is not None:
            await web.service(request, "provider_news")(news, now=web.now(request))
            payment, orders = await _mine(request)
    standing = standing_of(payment, orders, is_open=is_open(payment, request))
    return web.page(
        request,
        "checkout/result.html",
        block="result" if web.is_htmx(request) else None,
        payment=payment,
        orders=orders,
        standing=standing,
        code=_code(payment, standing),
        words=PROVIDER_WORDS,
        kept=[order for order in orders if order.outcome != RETURNED],
        sent_back=[order for order in orders if order.outcome == RETURNED],
    )


def is_phone(request: web.AnyRequest) -> bool:
    return "Mobi" in request.headers.get("user-agent", "")


def _offered(request: web.AnyRequest, payment: Payment) -> tuple[str, ...]:
    """What the buyer may choose; where the payment is now stays a choice."""
    offered = offered_providers(web.settings(request))
    return offered if payment.provider in offered else (*offered, payment.provider)


def _code(payment: Payment, standing: str) -> str | None:
    """The code to scan, drawn, while it can be paid; None where the provider has a page."""
    url = payment.pay_url or ""
    return qr_code(url) if standing == "waiting" and url.startswith(CODE) else None


def is_open(payment: Payment, request: web.AnyRequest) -> bool:
    return payment.state is PaymentState.OPEN and web.now(request) < payment.expires_at


def standing_of(payment: Payment, orders: Sequence[PaidOrder], *, is_open: bool) -> str:
    """``paid``, ``part`` (some of it sent back), ``returned`` (all of it), ``waiting`` or ``over``."""
    if payment.state is PaymentState.PAID:
        back = [order.outcome == RETURNED for order in orders]
        return "returned" if all(back) else "part" if any(back) else "paid"
    return "waiting" if is_open else "over"


def _pay_page(
    request: web.AnyRequest,
    payment: Payment,
    orders: Sequence[PaidOrder],
    *,
    problem: str = "",
    status: int = 200,
) -> Response[Any]:
    return web.page(
        request,
        "checkout/pay.html",
        status=status,
        payment=payment,
        orders=orders,
        problem=problem,
        providers=[(it, PROVIDER_WORDS.get(it, it)) for it in _offered(request, payment)],
    )


async def _mine(request: web.AnyRequest) -> tuple[Payment, list[PaidOrder]]:
    """The payment in the path and its orders. Raises NotFound, also when there is none."""
    payment_id, buyer_id = PaymentId(web.path_id(request, "payment_id")), web.signed_in(request)
    async with web.read(request) as tx:
        found = await payments.find_payment(tx, payment_id)
        if found is None or found.buyer_id != buyer_id.account_id:
            raise NotFound
        orders = await storage.orders_of(tx, locale_of(request), found.id, found.order_ids)
    return found, orders


def _subject(request: web.AnyRequest, orders: Sequence[PaidOrder]) -> str:
    """What the provider's page calls the purchase."""
    if len(orders) == 1:
        return f"{orders[0].shop_name} · {orders[0].title}"[:SUBJECT_MAX]
    return translator(locale_of(request))(SUBJECT, count=len(orders))


routes = [get_pay, post_pay, get_result]
