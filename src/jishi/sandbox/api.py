"""The signed API for merchants. Every route is behind ``edge.check_signature``."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from litestar import MediaType, Response, Router, get, post
from litestar.params import Parameter

from jishi.sandbox import desk, edge
from jishi.sandbox.edge import Asked
from jishi.sandbox.types import (
    BadRequest,
    CreatePayment,
    CreateRefund,
    Payment,
    PayNow,
    Refund,
)

Number = Annotated[str, Parameter(pattern=r"^[A-Za-z0-9_\-]{1,64}$")]
CREATED, KNOWN = 201, 200


@post("/payments", status_code=CREATED)
async def post_payment(request: Asked) -> Response[dict[str, Any]]:
    """POST /v1/payments: 201 new, 200 known; 409 the number stands for other money; 422."""
    ask = edge.read_json(await request.body(), CreatePayment)
    payment, is_new = desk.create_payment(edge.place(request).desk, ask, now=edge.now())
    return Response(show_payment(request, payment), status_code=CREATED if is_new else KNOWN)


@get("/payments/{out_trade_no:str}")
async def get_payment(request: Asked, out_trade_no: Number) -> dict[str, Any]:
    """GET /v1/payments/{out_trade_no}: 200; 404."""
    found = desk.get_payment(edge.place(request).desk, out_trade_no, now=edge.now())
    return show_payment(request, found)


@post("/payments/{out_trade_no:str}/close", status_code=KNOWN)
async def post_close(request: Asked, out_trade_no: Number) -> dict[str, Any]:
    """POST /v1/payments/{out_trade_no}/close: 200, also when closed before; 404; 409 paid."""
    closed = desk.close_payment(edge.place(request).desk, out_trade_no, now=edge.now())
    return show_payment(request, closed)


@post("/payments/{out_trade_no:str}/pay", status_code=KNOWN)
async def post_pay(request: Asked, out_trade_no: Number) -> dict[str, Any]:
    """POST /v1/payments/{out_trade_no}/pay: pay as a person would on the page.

    200 paid, or ``state: open`` when the behaviour was to fail; 404; 409 paid or closed; 422.
    """
    body = await request.body()
    how = edge.read_json(body, PayNow) if body else PayNow()
    paid = desk.pay(edge.place(request).desk, out_trade_no, how, now=edge.now())
    return show_payment(request, paid)


@post("/refunds", status_code=CREATED)
async def post_refund(request: Asked) -> Response[dict[str, Any]]:
    """POST /v1/refunds: 201 new, 200 known; 404; 409 not paid, too large, or number taken; 422."""
    ask = edge.read_json(await request.body(), CreateRefund)
    refund, is_new = desk.create_refund(edge.place(request).desk, ask, now=edge.now())
    return Response(show_refund(refund), status_code=CREATED if is_new else KNOWN)


@get("/refunds/{out_refund_no:str}")
async def get_refund(request: Asked, out_refund_no: Number) -> dict[str, Any]:
    """GET /v1/refunds/{out_refund_no}: 200; 404."""
    return show_refund(desk.get_refund(edge.place(request).desk, out_refund_no, now=edge.now()))


@get("/bills/{day:str}", media_type=MediaType.TEXT)
async def get_bill(request: Asked, day: str) -> Response[str]:
    """GET /v1/bills/{YYYY-MM-DD}: 200 CSV; 422."""
    try:
        asked = date.fromisoformat(day)
    except ValueError as error:
        raise BadRequest(detail="the day must read YYYY-MM-DD") from error
    here = edge.place(request)
    bill = desk.write_bill(here.desk, here.bank, asked)
    return Response(bill, media_type="text/csv; charset=utf-8")


def show_payment(request: Asked, payment: Payment) -> dict[str, Any]:
    shown = _shown(payment, hidden=("notify_url", "return_url", "refund_behaviour"))
    return shown | {"pay_url": f"{edge.place(request).base_url}/pay/{payment.trade_no}"}


def show_refund(refund: Refund) -> dict[str, Any]:
    return _shown(refund, hidden=())


def _shown(value: msgspec.Struct, *, hidden: tuple[str, ...]) -> dict[str, Any]:
    facts = msgspec.structs.asdict(value)
    return {
        name: fact.isoformat() if isinstance(fact, datetime) else fact
        for name, fact in facts.items()
        if name not in hidden
    }


router = Router(
    "/v1",
    route_handlers=[
        post_payment,
        get_payment,
        post_close,
        post_pay,
        post_refund,
        get_refund,
        get_bill,
    ],
    before_request=edge.check_signature,
)
