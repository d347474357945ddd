"""Forms of the operator's console."""

from typing import Any, Final

from litestar import Response, post

from jishi import web
from jishi.flows.operate.flow import resend_refund, settle_parked
from jishi.flows.operate.types import EventNotParked, ParkedEvent
from jishi.kit.ids import CELLS, RefundId
from jishi.kit.text import mark as _
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import local_path, locale_of

PARKED: Final = "/operator/parked"
BIGINT_MAX: Final = 2**63 - 1


@post("/operator/refunds/{refund_id:str}/send")
async def post_send(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/refunds/{refund_id}/send (next): 303 back; 404; 409 when it has not failed."""
    async with web.transaction(request) as tx:
        await resend_refund(
            tx,
            RefundId(web.path_id(request, "refund_id")),
            operator_id=web.signed_in(request).account_id,
            now=web.now(request),
        )
    after = str((await request.form()).get("next") or "/operator/refunds")
    return _told(request, after, _("The refund goes to its provider again within seconds."))


@post(f"{PARKED}/replay")
async def post_replay(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/parked/replay (cell, listener, position): 303; 409 when it is not parked."""
    await _settle(request, replay=True)
    return _told(request, PARKED, _("The event is tried again within seconds."))


@post(f"{PARKED}/discard")
async def post_discard(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/parked/discard (cell, listener, position): 303; 409 when it is not parked."""
    await _settle(request, replay=False)
    return _told(request, PARKED, _("The event is put away. The audit record keeps what it was."))


async def _settle(request: web.AnyRequest, *, replay: bool) -> None:
    event = await web.read_form(request, ParkedEvent)
    if not (0 <= event.cell < CELLS and 0 <= event.position <= BIGINT_MAX):
        raise EventNotParked
    async with web.transaction(request) as tx:
        await settle_parked(
            tx,
            event,
            replay=replay,
            operator_id=web.signed_in(request).account_id,
            now=web.now(request),
        )


def _told(request: web.AnyRequest, path: str, text: str) -> Response[Any]:
    return flash(redirect(local_path(path)), "ok", translator(locale_of(request))(text))


routes = [post_send, post_replay, post_discard]
