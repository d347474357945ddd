"""The ledger browser: kinds, accounts, postings, transfers, and the equation that must hold."""

from typing import Any, Final

from litestar import Response, get

from jishi import web
from jishi.kit.errors import NotFound
from jishi.kit.ids import CELLS, ID_MAX
from jishi.kit.paging import PAGE_SIZE
from jishi.modules import ledger
from jishi.reads.merchant.types import number_tail

LEDGER: Final = "/operator/ledger"
ACCOUNTS: Final = LEDGER + "/accounts/{kind:str}"
ACCOUNT: Final = ACCOUNTS + "/{cell:int}/{party_id:int}"
KIND_MAX: Final = 60


@get(LEDGER)
async def get_ledger(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/ledger: balances by kind over all cells, held beside owed; 200."""
    async with web.read(request) as tx:
        kinds = await ledger.list_kinds(tx)
    held, owed, off = ledger.equation(kinds)
    return web.page(
        request,
        "operator/ledger.html",
        kinds=kinds,
        held=held,
        owed=owed,
        off_minor=off,
        words_of=ledger.account_words,
        balance_of=ledger.shown_balance,
    )


@get(ACCOUNTS)
async def get_accounts(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/ledger/accounts/{kind} (after): the accounts of a kind; 200."""
    kind = _kind(request)
    async with web.read(request) as tx:
        cursor = request.query_params.get("after")
        accounts = await ledger.list_accounts(tx, kind, cursor=cursor, size=PAGE_SIZE)
    return web.page(
        request,
        "operator/accounts.html",
        kind=kind,
        accounts=accounts,
        words_of=ledger.account_words,
        balance_of=ledger.shown_balance,
    )


@get(ACCOUNT)
async def get_account(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/ledger/accounts/{kind}/{cell}/{party_id} (after): its postings; 200, 404."""
    kind, cell, party_id = _account(request)
    async with web.read(request) as tx:
        account = await ledger.get_account(tx, cell, kind, party_id)
        entries = await ledger.statement(
            tx, cell, [kind], party_id, cursor=request.query_params.get("after"), size=PAGE_SIZE
        )
    return web.page(
        request,
        "operator/account.html",
        account=account,
        entries=entries,
        words_of=ledger.account_words,
        balance_of=ledger.shown_balance,
        kind_words=ledger.kind_words,
        number_tail=number_tail,
    )


@get(ACCOUNT + "/check")
async def get_check(request: web.AnyRequest) -> Response[Any]:
    """GET …/check: the account added up again from its postings; to htmx the part alone; 200."""
    kind, cell, party_id = _account(request)
    async with web.read(request) as tx:
        found = await ledger.recount(tx, cell, [kind], party_id)
    part = "part" if web.is_htmx(request) else None
    return web.page(request, "operator/check.html", block=part, kind=kind, recounts=found)


@get(LEDGER + "/transfers/{cell:int}/{transfer_id:int}")
async def get_transfer(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/ledger/transfers/{cell}/{transfer_id}: a transfer and its postings; 200, 404."""
    cell = _within(request.path_params["cell"], CELLS - 1)
    number = _within(request.path_params["transfer_id"], ID_MAX)
    async with web.read(request) as tx:
        transfer = await ledger.get_transfer(tx, cell, number)
    return web.page(
        request,
        "operator/transfer.html",
        transfer=transfer,
        adds_up=ledger.adds_up(transfer.postings),
        words_of=ledger.account_words,
        kind_words=ledger.kind_words,
        number_tail=number_tail,
    )


def _kind(request: web.AnyRequest) -> str:
    kind = str(request.path_params["kind"])
    if len(kind) > KIND_MAX or not kind.isprintable():
        raise NotFound
    return kind


def _account(request: web.AnyRequest) -> tuple[str, int, int]:
    cell = _within(request.path_params["cell"], CELLS - 1)
    return _kind(request), cell, _within(request.path_params["party_id"], ID_MAX)


def _within(value: int, top: int) -> int:
    if not 0 <= value <= top:
        raise NotFound
    return value


routes = [get_ledger, get_accounts, get_account, get_check, get_transfer]
