"""HTTP for what a buyer does with an order: confirm receipt, cancel, take the money back."""

from collections.abc import Awaitable
from typing import Any, Final

from litestar import Response, post

from jishi import web
from jishi.flows.cancel_orders import Cancellation
from jishi.flows.complete_orders import Completion
from jishi.flows.refund_orders import RefundAsked
from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import OrderId
from jishi.kit.text import mark as _
from jishi.modules import aftersale
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

CONFIRMED: Final = _("Receipt confirmed. The shop gets its money now.")
CANCELLED: Final = _("Cancelled. Nothing was charged.")
CASE_RUNS: Final = _("An after-sale case about this order is running. Confirm once more to go on.")
REFUNDED: Final = _("Refunded. The money is on its way back to you.")


@post("/orders/{order_id:str}/confirm")
async def post_confirm(request: web.AnyRequest) -> Response[Any]:
    """POST /orders/{order_id}/confirm: 303 to the order with what became of it; 404."""
    order_id, buyer_id = _order(request), web.signed_in(request).account_id
    if not (await request.form()).get("sure"):
        async with web.read(request) as tx:
            if await aftersale.has_open_case(tx, order_id, buyer_id):
                said = translator(locale_of(request))(CASE_RUNS)
                return flash(redirect(f"/orders/{order_id}#confirm"), "warn", said)
    asked = Completion(order_id=order_id, buyer_id=buyer_id, at=web.now(request))
    return await _done(request, web.service(request, "complete_orders")(asked), CONFIRMED)


@post("/orders/{order_id:str}/cancel")
async def post_cancel(request: web.AnyRequest) -> Response[Any]:
    """POST /orders/{order_id}/cancel: 303 to the order with what became of it; 404."""
    buyer_id = web.signed_in(request).account_id
    asked = Cancellation(
        order_id=_order(request),
        actor="buyer",
        at=web.now(request),
        why="buyer_cancelled",
        buyer_id=buyer_id,
        actor_id=buyer_id,
    )
    return await _done(request, web.service(request, "cancel_orders")(asked), CANCELLED)


@post("/orders/{order_id:str}/refund")
async def post_refund(request: web.AnyRequest) -> Response[Any]:
    """POST /orders/{order_id}/refund: 303 to the order with what became of it; 404."""
    buyer_id = web.signed_in(request).account_id
    asked = RefundAsked(
        order_id=_order(request),
        actor="buyer",
        at=web.now(request),
        why="buyer_refunded",
        buyer_id=buyer_id,
        actor_id=buyer_id,
    )
    return await _done(request, web.service(request, "refund_orders")(asked), REFUNDED)


async def _done(request: web.AnyRequest, doing: Awaitable[Any], said: str) -> Response[Any]:
    """Back to the order. An order that has moved on says so there; one of others is not found."""
    answer = redirect(f"/orders/{_order(request)}")
    try:
        await doing
    except Refusal as refusal:
        if refusal.kind is Kind.NOT_FOUND:
            raise
        return flash(answer, "bad", web.words(request, refusal))
    return flash(answer, "ok", translator(locale_of(request))(said))


def _order(request: web.AnyRequest) -> OrderId:
    return OrderId(web.path_id(request, "order_id"))


routes = [post_confirm, post_cancel, post_refund]
