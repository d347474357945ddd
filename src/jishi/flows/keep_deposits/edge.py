"""What the pages of a shop's deposit share."""

from typing import Any

import msgspec
from litestar import Response

from jishi import web
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import ShopId
from jishi.kit.money import format_plain
from jishi.kit.paging import PAGE_SIZE
from jishi.modules import deposits, ledger, shops
from jishi.modules.deposits.types import RETURN_AFTER
from jishi.modules.payments import PROVIDER_WORDS, offered_providers
from jishi.modules.shops import Errors, shop_here
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of


class PayForm(msgspec.Struct, kw_only=True):
    """``provider`` empty: from the shop's earnings."""

    amount: str = ""
    provider: str = ""


async def deposit_page(
    request: web.AnyRequest,
    form: PayForm | None = None,
    problem: Refusal | Refusals | None = None,
) -> Response[Any]:
    """The shop's page, with what stands against a form that was just sent."""
    here, settings = shop_here(request), web.settings(request)
    facts = await facts_of(request, here.id)
    async with web.read(request) as tx:
        waiting = await deposits.open_payments(tx, here.id, now=web.now(request))
    lacks = deposits.lacking(facts["held"].required_minor, facts["held"].held_minor)
    amount = format_plain(lacks, settings.currency) if lacks else ""
    words = translator(locale_of(request))
    offered = [(name, words(PROVIDER_WORDS[name])) for name in offered_providers(settings)]
    return web.page(
        request,
        "keep_deposits/deposit.html",
        status=web.status_of(problem) if problem else 200,
        shop=here,
        form=form or PayForm(amount=amount, provider=offered[0][0]),
        offered=offered,
        waiting=waiting,
        words=PROVIDER_WORDS,
        lacks=lacks,
        errors=Errors(web.field_errors(request, problem) if problem else {}),
        return_days=RETURN_AFTER.days,
        **facts,
    )


async def facts_of(request: web.AnyRequest, shop_id: ShopId) -> dict[str, Any]:
    """What the shop's page and the operator's have in common."""
    async with web.read(request) as tx:
        shop = await shops.get_shop(tx, shop_id)
        held = await deposits.deposit_of(tx, shop_id)
        cursor = request.query_params.get("after")
        moves = await deposits.list_moves(tx, shop_id, cursor=cursor, size=PAGE_SIZE)
        totals = await ledger.shop_totals(tx, shop_id)
    return {"row": shop, "held": held, "moves": moves, "earned_minor": totals.payable_minor}


def told(request: web.AnyRequest, path: str, text: str) -> Response[Any]:
    """303 to ``path``, which tells ``text``."""
    return flash(redirect(path), "ok", translator(locale_of(request)).gettext(text))
