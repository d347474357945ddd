"""HTTP for deposits: the shop pays in and closes, an operator records a bank transfer."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.flows.keep_deposits import flow
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import ShopId
from jishi.kit.money import format_plain, parse_minor
from jishi.kit.paging import PAGE_SIZE
from jishi.kit.text import mark as _
from jishi.modules import deposits, ledger, media, shops
from jishi.modules.deposits.types import RETURN_AFTER
from jishi.modules.shops import Errors, shop_here
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

HOME: Final = "/merchant/{shop_id:str}/deposit"
OPERATOR: Final = "/operator/shops/{shop_id:str}/deposit"
PAID: Final = _("Paid from the shop's earnings.")
RECORDED: Final = _("Recorded. The shop's deposit has grown.")
CLOSED: Final = _("The shop is closed. Its deposit goes back after thirty days.")


class PayForm(msgspec.Struct, kw_only=True):
    amount: str = ""


class TransferForm(msgspec.Struct, kw_only=True):
    amount: str = ""
    reference: str = ""


class CloseForm(msgspec.Struct, kw_only=True):
    name: str = ""


@get(HOME)
async def get_deposit(request: web.AnyRequest) -> Response[Any]:
    """GET …/deposit (after): what is asked, what is held, every move; 200."""
    return await _page(request, PayForm())


@post(HOME + "/pay")
async def post_pay(request: web.AnyRequest) -> Response[Any]:
    """POST …/deposit/pay (amount): 303; 409 not earned; 422."""
    here = shop_here(request)
    form = await web.read_form(request, PayForm)
    currency = web.settings(request).currency
    try:
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
        return await _page(request, form, problem)
    return _told(request, f"{here.base}/deposit", PAID)


@post("/merchant/{shop_id:str}/close")
async def post_close(request: web.AnyRequest) -> Response[Any]:
    """POST …/close (name): 303; 409 orders or cases are open; 422 another name."""
    here = shop_here(request)
    form = await web.read_form(request, CloseForm)
    try:
        async with web.transaction(request) as tx:
            await flow.close_shop(tx, here.id, form.name, now=web.now(request))
    except (Refusal, Refusals) as problem:
        return await _page(request, PayForm(), problem)
    return _told(request, f"{here.base}/deposit", CLOSED)


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
    return _told(request, f"/operator/shops/{shop_id}/deposit", RECORDED)


async def _page(
    request: web.AnyRequest, form: PayForm, problem: Refusal | Refusals | None = None
) -> Response[Any]:
    here = shop_here(request)
    facts = await _facts(request, here.id)
    lacks = deposits.lacking(facts["held"].required_minor, facts["held"].held_minor)
    currency = web.settings(request).currency
    shown = form.amount or (format_plain(lacks, currency) if lacks else "")
    return web.page(
        request,
        "keep_deposits/deposit.html",
        status=web.status_of(problem) if problem else 200,
        shop=here,
        amount=shown,
        lacks=lacks,
        errors=Errors(web.field_errors(request, problem) if problem else {}),
        return_days=RETURN_AFTER.days,
        **facts,
    )


async def _operator_page(
    request: web.AnyRequest, form: TransferForm, problem: Refusal | Refusals | None = None
) -> Response[Any]:
    shop_id = ShopId(web.path_id(request, "shop_id"))
    facts = await _facts(request, shop_id)
    return web.page(
        request,
        "keep_deposits/operator.html",
        status=web.status_of(problem) if problem else 200,
        form=form,
        errors=Errors(web.field_errors(request, problem) if problem else {}),
        **facts,
    )


async def _facts(request: web.AnyRequest, shop_id: ShopId) -> dict[str, Any]:
    async with web.read(request) as tx:
        shop = await shops.get_shop(tx, shop_id)
        held = await deposits.deposit_of(tx, shop_id)
        cursor = request.query_params.get("after")
        moves = await deposits.list_moves(tx, shop_id, cursor=cursor, size=PAGE_SIZE)
        totals = await ledger.shop_totals(tx, shop_id)
    return {"row": shop, "held": held, "moves": moves, "earned_minor": totals.payable_minor}


def _told(request: web.AnyRequest, path: str, text: str) -> Response[Any]:
    return flash(redirect(path), "ok", translator(locale_of(request)).gettext(text))


routes = [get_deposit, post_pay, post_close, get_operator, post_operator]
