"""HTTP for deposits: the shop pays in and closes, an operator records a bank transfer."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.flows.keep_deposits import flow, routes_payment
from jishi.flows.keep_deposits.edge import PayForm, deposit_page, facts_of, told
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import ShopId
from jishi.kit.money import parse_minor
from jishi.kit.text import mark as _
from jishi.modules import media, shops
from jishi.modules.shops import Errors, shop_here

HOME: Final = "/merchant/{shop_id:str}/deposit"
OPERATOR: Final = "/operator/shops/{shop_id:str}/deposit"
PAID: Final = _("Paid from the shop's earnings.")
RECORDED: Final = _("Recorded. The shop's deposit has grown.")
CLOSED: Final = _("The shop is closed. Its deposit goes back after thirty days.")


class TransferForm(msgspec.Struct, kw_only=True):
    amount: str = ""
    reference: str = ""


class CloseForm(msgspec.Struct, kw_only=True):
    name: str = ""


@get(HOME)
async def get_deposit(request: web.AnyRequest) -> Response[Any]:
    """GET …/deposit (after): what is asked, what is held, every move; 200."""
    return await deposit_page(request)


@post(HOME + "/pay")
async def post_pay(request: web.AnyRequest) -> Response[Any]:
    """POST …/deposit/pay (amount, provider): 303 back, or to the provider's page; 409 not earned, or the
    shop is closed, 422, 429 the page again; 503 the provider does not answer."""
    here = shop_here(request)
    form = await web.read_form(request, PayForm)
    currency = web.settings(request).currency
    try:
        if form.provider:
            payment_id = await routes_payment.open_payment(request, form)
            return await routes_payment.to_provider(request, payment_id)
        async with web.transaction(request) as tx:
            await flow.pay_from_earnings(
                tx,
                here.id,
                parse_minor(form.amount, currency) or 0,
                actor_id=web.signed_in(request).account_id,
                ids=web.ids(request),
                currency=currency,
                now=web.now(request),
            )
    except (Refusal, Refusals) as problem:
        return await deposit_page(request, form, problem)
    return told(request, f"{here.base}/deposit", PAID)


@post("/merchant/{shop_id:str}/close")
async def post_close(request: web.AnyRequest) -> Response[Any]:
    """POST …/close (name): 303; 409 orders or cases are open; 422 another name."""
    here = shop_here(request)
    form = await web.read_form(request, CloseForm)
    try:
        async with web.transaction(request) as tx:
            await flow.close_shop(tx, here.id, form.name, now=web.now(request))
    except (Refusal, Refusals) as problem:
        return await deposit_page(request, None, problem)
    return told(request, f"{here.base}/deposit", CLOSED)


@get(OPERATOR)
async def get_operator(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/shops/{shop_id}/deposit (after): 200, 404."""
    return await _operator_page(request, TransferForm())


@post(OPERATOR)
async def post_operator(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/shops/{shop_id}/deposit (amount, reference, paper): 303; 409 recorded before; 422."""
    shop_id = ShopId(web.path_id(request, "shop_id"))
    form = await web.read_form(request, TransferForm)
    try:
        async with web.read(request) as tx:
            await shops.get_shop(tx, shop_id)
        file = await web.upload(request, "paper")
        paper_id = await media.keep_paper(request, shop_id, file, field="paper")
        async with web.transaction(request) as tx:
            await flow.record_transfer(
                tx,
                shop_id,
                parse_minor(form.amount, web.settings(request).currency) or 0,
                form.reference,
                paper_id,
                operator_id=web.signed_in(request).account_id,
                ids=web.ids(request),
                now=web.now(request),
            )
    except (Refusal, Refusals) as problem:
        return await _operator_page(request, form, problem)
    return told(request, f"/operator/shops/{shop_id}/deposit", RECORDED)


async def _operator_page(
    request: web.AnyRequest, form: TransferForm, problem: Refusal | Refusals | None = None
) -> Response[Any]:
    shop_id = ShopId(web.path_id(request, "shop_id"))
    facts = await facts_of(request, shop_id)
    return web.page(
        request,
        "keep_deposits/operator.html",
        status=web.status_of(problem) if problem else 200,
        form=form,
        errors=Errors(web.field_errors(request, problem) if problem else {}),
        **facts,
    )


routes = [
    get_deposit,
    post_pay,
    post_close,
    get_operator,
    post_operator,
    *routes_payment.routes,
]
