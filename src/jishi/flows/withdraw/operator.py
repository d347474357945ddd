"""The operator's queue of withdrawals: what waits for the market, what came back, totals by day."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.flows.withdraw import edge, flow, storage
from jishi.kit.paging import PAGE_SIZE
from jishi.kit.text import mark as _
from jishi.kit.typed import read_line
from jishi.modules.payouts import State, rules
from jishi.modules.payouts.types import WHY_MAX
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

QUEUE: Final = "/operator/payouts"
ONE: Final = QUEUE + "/{withdrawal_id:str}"
# name in the address → states; "waiting" also asks for the market's turn
VIEWS: Final = {
    "waiting": (State.ASKED,),
    "way": (State.APPROVED, State.SENT),
    "failed": (State.FAILED, State.RETURNED),
    "all": tuple(State),
}
DAYS_SHOWN: Final = 14


class WhyForm(msgspec.Struct):
    why: str = ""


@get(QUEUE)
async def get_queue(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/payouts (view, after): withdrawals of all shops, the newest first; 200."""
    view = request.query_params.get("view", "")
    view = view if view in VIEWS else "waiting"
    async with web.read(request) as tx:
        found = await storage.list_all(
            tx,
            VIEWS[view],
            for_market=view == "waiting",
            cursor=request.query_params.get("after"),
            size=PAGE_SIZE,
        )
        days = await storage.totals_by_day(
            tx, now=web.now(request), zone=web.settings(request).zone, days=DAYS_SHOWN
        )
    return web.page(
        request,
        "withdraw/queue.html",
        view=view,
        found=found,
        days=days,
        state_words=lambda state: State(state).words,
        why_words=rules.why_words,
    )


@post(f"{ONE}/pass")
async def post_pass(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/payouts/{withdrawal_id}/pass: 303; 404; 409 not the market's turn."""
    async with web.transaction(request) as tx:
        await flow.pass_on(
            tx,
            web.path_id(request, "withdrawal_id"),
            operator_id=web.signed_in(request).account_id,
            now=web.now(request),
        )
    return _told(request, _("Approved. It leaves within minutes."))


@post(f"{ONE}/refuse")
async def post_refuse(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/payouts/{withdrawal_id}/refuse (why): 303; 404; 409 it was sent; 422 no reason."""
    form = await web.read_form(request, WhyForm)
    await edge.refuse(request, shop_id=None, why=read_line(form.why, "why", WHY_MAX))
    return _told(request, _("Refused. The shop is told why."))


def _told(request: web.AnyRequest, text: str) -> Response[Any]:
    return flash(redirect(QUEUE), "ok", translator(locale_of(request))(text))


routes = [get_queue, post_pass, post_refuse]
