"""Pages of a shop's withdrawals and bank accounts."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.db import Tx
from jishi.flows.withdraw import api, edge, news, operator, storage
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.money import format_plain
from jishi.kit.paging import PAGE_SIZE
from jishi.kit.text import mark as _
from jishi.modules.payouts import LIMITS, State, Withdrawal, rules, service
from jishi.modules.payouts.types import AccountState
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

FUNDS: Final = "/merchant/{shop_id:str}/funds"
PAYOUTS: Final = f"{FUNDS}/payouts"
ONE: Final = PAYOUTS + "/{withdrawal_id:str}"
ACCOUNT: Final = FUNDS + "/accounts/{account_id:str}"
ASKED = {
    State.PREPARED: _("Prepared. The owner has to ask for it."),
    State.ASKED: _("Asked for and reserved. It leaves once it is approved."),
    State.APPROVED: _("Asked for. The money leaves within minutes."),
}
STEP_WORDS = {
    "prepared": _("Prepared"),
    "asked": _("Asked for, money reserved"),
    "seconded": _("Approved by a second person"),
    "passed": _("Approved by the market"),
    "approved": _("Approved"),
    "sent": _("Given to the bank"),
    "paid": _("Paid out"),
    "failed": _("Came back"),
    "returned": _("Returned by the bank"),
    "refused": _("Refused"),
}
# Ended, and its money is the shop's again: it can be asked for once more.
RETRIABLE: Final = frozenset({State.FAILED, State.RETURNED, State.REFUSED})


class AskForm(msgspec.Struct):
    amount: str = ""
    account_id: str = ""
    key: str = ""


class AccountForm(msgspec.Struct):
    holder: str = ""
    bank: str = ""
    number: str = ""


class AmountForm(msgspec.Struct):
    amount: str = ""


@get(PAYOUTS)
async def get_payouts(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/funds/payouts (after): what can be withdrawn, accounts, withdrawals; 200."""
    return await _overview(request)


@post(PAYOUTS)
async def post_payout(request: web.AnyRequest) -> Response[Any]:
    """POST /merchant/{shop_id}/funds/payouts (amount, account_id, key): 303; 404, 409, 422, 429 the form."""
    form = await web.read_form(request, AskForm)
    try:
        minor = edge.read_amount(request, form.amount)
        it = await edge.ask(request, account=form.account_id, amount_minor=minor, key=form.key)
    except (Refusal, Refusals) as problem:
        return await _overview(request, problem, asked=form)
    return _told(request, f"/payouts/{it.id}", ASKED.get(it.state, STEP_WORDS[it.state]))


@get(ONE)
async def get_payout(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/funds/payouts/{withdrawal_id}: one withdrawal; 200, 404."""
    shop_id = edge.shop_of(request)
    async with web.read(request) as tx:
        it = await service.get_withdrawal(tx, shop_id, web.path_id(request, "withdrawal_id"))
        steps = await service.steps_of(tx, it.id)
        account = (await service.accounts_by_id(tx, [it.account_id]))[it.account_id]
        retry = await _retry(request, tx, it) if it.state in RETRIABLE else None
    return web.page(
        request,
        "withdraw/one.html",
        shop_id=shop_id,
        it=it,
        steps=steps,
        account=account,
        retry=retry,
        waits_for=rules.waits_for(it),
        lapses_at=rules.lapses_at(it),
        may=_may(request, it),
        is_owner=edge.is_owner(request),
        step_words=STEP_WORDS,
        why_words=rules.why_words,
    )


@post(f"{ONE}/ask")
async def post_ask(request: web.AnyRequest) -> Response[Any]:
    """POST …/payouts/{withdrawal_id}/ask: the owner asks for what was prepared; 303; 404; 409; 429."""
    it = await edge.ask_prepared(request)
    return _told(request, f"/payouts/{it.id}", ASKED[it.state])


@post(f"{ONE}/approve")
async def post_approve(request: web.AnyRequest) -> Response[Any]:
    """POST …/payouts/{withdrawal_id}/approve: a second person agrees; 303; 403; 404; 409."""
    it = await edge.approve(request)
    text = (
        _("Approved.") if it.state is State.APPROVED else _("Approved. The market looks at it now.")
    )
    return _told(request, f"/payouts/{it.id}", text)


@post(f"{ONE}/refuse")
async def post_refuse(request: web.AnyRequest) -> Response[Any]:
    """POST …/payouts/{withdrawal_id}/refuse: called off before it is sent; 303; 404; 409."""
    it = await edge.refuse(request, shop_id=edge.shop_of(request), why="withdrawn")
    return _told(request, f"/payouts/{it.id}", _("Called off. Its money is yours again."))


@post(f"{FUNDS}/accounts")
async def post_account(request: web.AnyRequest) -> Response[Any]:
    """POST …/funds/accounts (holder, bank, number): 303; 409, 422 the form."""
    form = await web.read_form(request, AccountForm)
    try:
        await edge.add_account(request, **msgspec.structs.asdict(form))
    except (Refusal, Refusals) as problem:
        return await _overview(request, problem, account=form)
    text = _("The bank sends a small deposit. Enter its amount to prove the account.")
    return _told(request, "/payouts#accounts", text)


@post(f"{ACCOUNT}/prove")
async def post_proof(request: web.AnyRequest) -> Response[Any]:
    """POST …/accounts/{account_id}/prove (amount): 303; 404; 409, 422, 503 the page."""
    form = await web.read_form(request, AmountForm)
    try:
        minor = edge.read_amount(request, form.amount)
        await edge.prove(request, minor)
    except (Refusal, Refusals) as problem:
        return await _overview(request, problem, proving=web.path_id(request, "account_id"))
    return _told(request, "/payouts#accounts", _("The account is verified."))


@post(f"{ACCOUNT}/default")
async def post_default(request: web.AnyRequest) -> Response[Any]:
    """POST …/accounts/{account_id}/default: 303; 404; 409 not verified."""
    await edge.set_default(request)
    return _told(request, "/payouts#accounts", _("Money goes to this account from now on."))


@post(f"{ACCOUNT}/remove")
async def post_remove(request: web.AnyRequest) -> Response[Any]:
    """POST …/accounts/{account_id}/remove: 303; 404; 409 while money is on its way there."""
    await edge.remove_account(request)
    return _told(request, "/payouts#accounts", _("The account is removed."))


async def _overview(
    request: web.AnyRequest,
    problem: Refusal | Refusals | None = None,
    *,
    asked: AskForm | None = None,
    account: AccountForm | None = None,
    proving: int = 0,
) -> Response[Any]:
    """The page, with what stands against a form that was just sent."""
    shop_id, now = edge.shop_of(request), web.now(request)
    cursor = request.query_params.get("after") if problem is None else None
    async with web.read(request) as tx:
        at = await storage.standing(tx, shop_id, now=now)
        zone = web.settings(request).zone
        released = await storage.releases(tx, shop_id, days=at.days, now=now, zone=zone)
        accounts = await service.list_accounts(tx, shop_id)
        found = await service.list_withdrawals(tx, shop_id, cursor=cursor, size=PAGE_SIZE)
    errors = web.field_errors(request, problem) if problem else {}
    usable = [it for it in accounts if it.is_usable(now)]
    default = next((it.id for it in usable if it.is_default), usable[0].id if usable else 0)
    return web.page(
        request,
        "withdraw/overview.html",
        status=web.status_of(problem) if problem else 200,
        shop_id=shop_id,
        at=at,
        releases=released,
        accounts=accounts,
        usable=usable,
        found=found,
        is_first=not cursor,
        is_owner=edge.is_owner(request),
        asked=asked or AskForm(account_id=str(default)),
        account=account or AccountForm(),
        wrong={
            "ask": errors if asked else {},
            "account": errors if account else {},
            "proof": errors if proving else {},
        },
        proving=proving,
        key=str(web.ids(request).make(0)),
        limits=LIMITS,
        waits_for=rules.waits_for,
        testing=AccountState.TESTING,
        bank_url=None if web.settings(request).is_production else _bank_url(request),
        why_words=rules.why_words,
    )


async def _retry(request: web.AnyRequest, tx: Tx, it: Withdrawal) -> dict[str, Any]:
    """What came of asking for its money once more, or the form for it: another account first."""
    key, now = f"again-{it.id}", web.now(request)
    again = await service.find_by_key(tx, it.shop_id, key)
    at = await storage.standing(tx, it.shop_id, now=now)
    accounts = await service.list_accounts(tx, it.shop_id)
    usable = [one for one in accounts if one.is_usable(now)]
    cooling = [one.usable_at for one in accounts if one.usable_at and one.usable_at > now]
    usable.sort(key=lambda one: (one.id == it.account_id, not one.is_default))
    minor = min(it.amount_minor, at.withdrawable_minor)
    currency = web.settings(request).currency
    return {
        "key": key,
        "again": again,
        "accounts": usable,
        "usable_at": min(cooling, default=None),
        "most_minor": at.withdrawable_minor,
        "amount": format_plain(minor, currency) if minor else "",
    }


def _bank_url(request: web.AnyRequest) -> str:
    """Where the sandbox shows what it sent; for trying things out."""
    return f"{web.settings(request).sandbox_url}/bank"


def _may(request: web.AnyRequest, it: Withdrawal) -> dict[str, bool]:
    """What this person can do with it; the steps check it again."""
    me = web.signed_in(request).account_id
    waits = it.state is State.ASKED and it.needs_second and it.seconded_by is None
    return {
        "ask": it.state is State.PREPARED and edge.is_owner(request),
        "approve": waits and me != it.asked_by,
        "refuse": it.state in {State.PREPARED, State.ASKED, State.APPROVED},
    }


def _told(request: web.AnyRequest, path: str, text: str) -> Response[Any]:
    """303 to a page of the shop's funds, which tells ``text``."""
    words = translator(locale_of(request))
    where = f"/merchant/{edge.shop_of(request)}/funds{path}"
    return flash(redirect(where), "ok", words(text))


routes = [
    get_payouts,
    post_payout,
    get_payout,
    post_ask,
    post_approve,
    post_refuse,
    post_account,
    post_proof,
    post_default,
    post_remove,
    *api.routes,
    *news.routes,
    *operator.routes,
]
