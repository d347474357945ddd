"""HTTP for a deposit paid through a payment provider: pay it, see how it stands."""

from typing import Any, Final

from litestar import Response, get, post

from jishi import web
from jishi.flows.checkout.qr import qr_code
from jishi.flows.checkout.routes_pay import CODE, NEAR, is_phone
from jishi.flows.keep_deposits import paying
from jishi.flows.keep_deposits.edge import PayForm
from jishi.kit.errors import Refusal
from jishi.kit.ids import PaymentId
from jishi.kit.money import parse_minor
from jishi.kit.text import mark as _
from jishi.modules import deposits, payments
from jishi.modules.deposits import DepositPayment
from jishi.modules.payments import (
    PROVIDER_WORDS,
    Payment,
    PaymentState,
    Visit,
    offered_providers,
)
from jishi.modules.payments.types import ProviderNotOffered
from jishi.modules.shops import shop_here
from jishi.web.answer import redirect
from jishi.web.i18n import translator
from jishi.web.limits import client_address
from jishi.web.pages import locale_of

ONE: Final = "/merchant/{shop_id:str}/deposit/payments/{payment_id:str}"
SUBJECT: Final = _("Deposit of the shop {name}")
SUBJECT_MAX: Final = 128


@get(ONE)
async def get_payment(request: web.AnyRequest) -> Response[Any]:
    """GET …/deposit/payments/{payment_id}: 200 paid, to be paid, or over; 404.

    While it waits the provider is asked, at most every 15 seconds, whoever looks.
    """
    asked, payment = await _ours(request)
    if payment.state is not PaymentState.PAID and payment.asked_at is not None:
        news = await payments.check_payment_now(
            web.pool(request), web.service(request, "providers"), payment.id, now=web.now(request)
        )
        if news is not None:
            await web.service(request, "provider_news")(news, now=web.now(request))
            asked, payment = await _ours(request)
    return _page(request, asked, payment)


@post(ONE)
async def post_again(request: web.AnyRequest) -> Response[Any]:
    """POST …/deposit/payments/{payment_id}: 303 to the provider's page, asked for again if it must be, or
    to this one once it is over; 404; 503 this page when the provider does not answer."""
    asked, payment = await _ours(request)
    if _standing(request, payment) != "waiting":
        return redirect(_path(request, asked.payment_id))
    return await to_provider(request, asked.payment_id)


async def open_payment(request: web.AnyRequest, form: PayForm) -> PaymentId:
    """The payment a form asks for. Raises ProviderNotOffered and what ``paying.open_payment`` raises."""
    settings = web.settings(request)
    if form.provider not in offered_providers(settings):
        raise ProviderNotOffered(field="provider")
    async with web.transaction(request) as tx:
        return await paying.open_payment(
            tx,
            shop_here(request).id,
            parse_minor(form.amount, settings.currency) or 0,
            form.provider,
            actor_id=web.signed_in(request).account_id,
            ids=web.ids(request),
            currency=settings.currency,
            now=web.now(request),
        )


async def to_provider(request: web.AnyRequest, payment_id: PaymentId) -> Response[Any]:
    """Ask for the pay page and lead there. No transaction is open meanwhile."""
    here, path = shop_here(request), _path(request, payment_id)
    words = translator(locale_of(request))
    try:
        opened = await payments.open_at_provider(
            web.pool(request),
            web.service(request, "providers"),
            payment_id,
            subject=words(SUBJECT, name=here.name)[:SUBJECT_MAX],
            return_url=web.settings(request).base_url + path,
            visit=Visit(ip=client_address(request), is_phone=is_phone(request)),
            now=web.now(request),
        )
    except Refusal as refusal:
        asked, payment = await _ours(request, payment_id)
        return _page(request, asked, payment, refusal)
    assert opened.pay_url
    # Only this one's page may follow a form; others open by a link on the payment's page.
    if opened.provider == NEAR:
        return Response(None, status_code=303, headers={"location": opened.pay_url})
    return redirect(path)


def _page(
    request: web.AnyRequest,
    asked: DepositPayment,
    payment: Payment,
    problem: Refusal | None = None,
) -> Response[Any]:
    standing, url = _standing(request, payment), payment.pay_url or ""
    is_code = url.startswith(CODE)
    return web.page(
        request,
        "keep_deposits/payment.html",
        status=web.status_of(problem) if problem else 200,
        block="standing" if web.is_htmx(request) else None,
        shop=shop_here(request),
        payment=payment,
        asked=asked,
        standing=standing,
        code=qr_code(url) if standing == "waiting" and is_code else None,
        leads_to=url if url and not is_code and payment.provider != NEAR else "",
        words=PROVIDER_WORDS,
        problem=web.words(request, problem) if problem else "",
    )


def _standing(request: web.AnyRequest, payment: Payment) -> str:
    """``paid``, ``waiting`` or ``over``."""
    if payment.state is PaymentState.PAID:
        return "paid"
    return "waiting" if web.now(request) < payment.expires_at else "over"


async def _ours(
    request: web.AnyRequest, payment_id: PaymentId | None = None
) -> tuple[DepositPayment, Payment]:
    """The payment in the path (or this one) of the shop in the path. Raises PaymentNotFound."""
    here = shop_here(request)
    number = payment_id or PaymentId(web.path_id(request, "payment_id"))
    async with web.read(request) as tx:
        asked = await deposits.get_payment(tx, here.id, number)
        payment = await payments.find_payment(tx, number)
    assert payment is not None, f"payment {number} of a deposit is missing"
    return asked, payment


def _path(request: web.AnyRequest, payment_id: PaymentId) -> str:
    return f"{shop_here(request).base}/deposit/payments/{payment_id}"


routes = [get_payment, post_again]
