"""The JSON API of a shop's withdrawals and bank accounts."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Response, delete, get, post
from msgspec import Meta

from jishi import web
from jishi.flows.withdraw import edge, storage
from jishi.kit.errors import FieldInvalid
from jishi.kit.paging import PAGE_SIZE, PAGE_SIZE_MAX
from jishi.modules.payouts import BankAccount, Withdrawal, rules, service
from jishi.web.answer import json

SHOP: Final = "/api/v1/shops/{shop_id:str}"
ONE: Final = SHOP + "/withdrawals/{withdrawal_id:str}"
ACCOUNT: Final = SHOP + "/bank-accounts/{account_id:str}"
CREATED: Final = 201


class AskBody(msgspec.Struct, forbid_unknown_fields=True):
    amount_minor: Annotated[int, Meta(ge=0, le=10**15)]
    account_id: str


class AccountBody(msgspec.Struct, forbid_unknown_fields=True):
    holder: str
    bank: str
    number: str


class ProofBody(msgspec.Struct, forbid_unknown_fields=True):
    amount_minor: Annotated[int, Meta(ge=0, le=10**6)]


@get(f"{SHOP}/withdrawable")
async def get_withdrawable(request: web.AnyRequest) -> Response[Any]:
    """GET /api/v1/shops/{shop_id}/withdrawable: what can be withdrawn, and why not the rest; 200."""
    shop_id, now = edge.shop_of(request), web.now(request)
    async with web.read(request) as tx:
        at = await storage.standing(tx, shop_id, now=now)
        zone = web.settings(request).zone
        released = await storage.releases(tx, shop_id, days=at.days, now=now, zone=zone)
    return json(
        {
            "currency": web.settings(request).currency,
            "withdrawable_minor": at.withdrawable_minor,
            "payable_minor": at.payable_minor,
            "owed_minor": at.owed_minor,
            "in_cycle_minor": at.in_cycle_minor,
            "disputed_minor": at.disputed_minor,
            "on_way_minor": at.on_way_minor,
            "settlement_days": at.days,
            "releases": [
                {"day": it.day.isoformat(), "orders": it.orders, "amount_minor": it.minor}
                for it in released
            ],
        }
    )


@get(f"{SHOP}/withdrawals")
async def get_withdrawals(request: web.AnyRequest) -> Response[Any]:
    """GET /api/v1/shops/{shop_id}/withdrawals (cursor, limit): newest first; 200."""
    async with web.read(request) as tx:
        found = await service.list_withdrawals(
            tx,
            edge.shop_of(request),
            cursor=request.query_params.get("cursor"),
            size=size_of(request),
        )
    items = [show(it) for it in found.items]
    return json({"items": items, "next_cursor": found.next_cursor})


@post(f"{SHOP}/withdrawals")
async def post_withdrawal(request: web.AnyRequest) -> Response[Any]:
    """POST /api/v1/shops/{shop_id}/withdrawals {amount_minor, account_id}, header Idempotency-Key.

    201; the owner asks, a manager prepares. 404 no such account; 409 beyond what can be withdrawn, the shop
    owes, the account is not verified or cooling off; 422; 429 the day's limit.
    """
    body = await web.read_json(request, AskBody)
    it = await edge.ask(
        request,
        account=body.account_id,
        amount_minor=body.amount_minor,
        key=web.idempotency_key(request),
    )
    return json(show(it), status=CREATED)


@get(ONE)
async def get_withdrawal(request: web.AnyRequest) -> Response[Any]:
    """GET /api/v1/shops/{shop_id}/withdrawals/{withdrawal_id}: with its steps; 200, 404."""
    shop_id = edge.shop_of(request)
    async with web.read(request) as tx:
        it = await service.get_withdrawal(tx, shop_id, web.path_id(request, "withdrawal_id"))
        steps = await service.steps_of(tx, it.id)
    told = [
        {"step": each.step, "actor": each.actor, "why": each.why, "occurred_at": each.occurred_at}
        for each in steps
    ]
    return json({**show(it), "steps": told})


@post(f"{ONE}/ask", status_code=200)
async def post_ask(request: web.AnyRequest) -> Response[Any]:
    """POST …/withdrawals/{withdrawal_id}/ask: the owner asks for what a manager prepared; 200; 404; 409."""
    return json(show(await edge.ask_prepared(request)))


@post(f"{ONE}/approve", status_code=200)
async def post_approve(request: web.AnyRequest) -> Response[Any]:
    """POST …/withdrawals/{withdrawal_id}/approve: 200; 403 the same person; 404; 409."""
    return json(show(await edge.approve(request)))


@post(f"{ONE}/refuse", status_code=200)
async def post_refuse(request: web.AnyRequest) -> Response[Any]:
    """POST …/withdrawals/{withdrawal_id}/refuse: called off before it is sent; 200; 404; 409."""
    return json(show(await edge.refuse(request, shop_id=edge.shop_of(request), why="withdrawn")))


@get(f"{SHOP}/bank-accounts")
async def get_accounts(request: web.AnyRequest) -> Response[Any]:
    """GET /api/v1/shops/{shop_id}/bank-accounts: all of them, numbers as their last four digits; 200."""
    async with web.read(request) as tx:
        found = await service.list_accounts(tx, edge.shop_of(request))
    return json({"items": [show_account(request, it) for it in found]})


@post(f"{SHOP}/bank-accounts")
async def post_account(request: web.AnyRequest) -> Response[Any]:
    """POST /api/v1/shops/{shop_id}/bank-accounts {holder, bank, number}: 201; 409 known; 422; 429."""
    body = await web.read_json(request, AccountBody)
    made = await edge.add_account(request, **msgspec.structs.asdict(body))
    return json(show_account(request, made), status=CREATED)


@post(f"{ACCOUNT}/prove", status_code=200)
async def post_proof(request: web.AnyRequest) -> Response[Any]:
    """POST …/bank-accounts/{account_id}/prove {amount_minor} of the test deposit: 200; 404; 409; 422; 503."""
    body = await web.read_json(request, ProofBody)
    return json(show_account(request, await edge.prove(request, body.amount_minor)))


@post(f"{ACCOUNT}/default", status_code=200)
async def post_default(request: web.AnyRequest) -> Response[Any]:
    """POST …/bank-accounts/{account_id}/default: money goes there from now on; 200; 404; 409."""
    await edge.set_default(request)
    return json({"ok": True})


@delete(ACCOUNT, status_code=200)
async def delete_account(request: web.AnyRequest) -> Response[Any]:
    """DELETE /api/v1/shops/{shop_id}/bank-accounts/{account_id}: 200; 404; 409 money is on its way there."""
    await edge.remove_account(request)
    return json({"ok": True})


def size_of(request: web.AnyRequest) -> int:
    """``limit`` of a list, 1 to 100. Raises FieldInvalid."""
    text = request.query_params.get("limit", "")
    if not text:
        return PAGE_SIZE
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= PAGE_SIZE_MAX):
        raise FieldInvalid(field="limit", detail=f"1 … {PAGE_SIZE_MAX}")
    return int(text)


def show(it: Withdrawal) -> dict[str, Any]:
    return {
        "id": str(it.id),
        "account_id": str(it.account_id),
        "amount_minor": it.amount_minor,
        "state": it.state.value,
        "needs_second": it.needs_second,
        "needs_operator": it.needs_operator,
        "waits_for": rules.waits_for(it),
        "why": it.why,
        "prepared_at": it.prepared_at,
        "asked_at": it.asked_at,
        "approved_at": it.approved_at,
        "sent_at": it.sent_at,
        "ended_at": it.ended_at,
        "returned_at": it.returned_at,
        "provider": it.provider,
        "provider_ref": it.provider_ref,
    }


def show_account(request: web.AnyRequest, it: BankAccount) -> dict[str, Any]:
    return {
        "id": str(it.id),
        "holder": it.holder,
        "bank": it.bank,
        "last4": it.last4,
        "state": it.state.value,
        "is_default": it.is_default,
        "is_usable": it.is_usable(web.now(request)),
        "usable_at": it.usable_at,
        "tries_left": it.tries_left,
        "why": it.why,
    }


routes = [
    get_withdrawable,
    get_withdrawals,
    post_withdrawal,
    get_withdrawal,
    post_ask,
    post_approve,
    post_refuse,
    get_accounts,
    post_account,
    post_proof,
    post_default,
    delete_account,
]
