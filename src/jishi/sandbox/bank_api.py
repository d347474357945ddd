"""The bank over HTTP: the signed API for merchants, and a page for whoever runs the sandbox."""

from typing import Annotated, Any

from litestar import MediaType, Response, Router, get, post
from litestar.params import Parameter
from litestar.types import ControllerRouterHandler

from jishi.sandbox import bank, edge, pages
from jishi.sandbox.bank_book import Account, Transfer
from jishi.sandbox.edge import Asked

CREATED, KNOWN, SEE_OTHER = 201, 200, 303
SHOWN = 50
Number = Annotated[str, Parameter(pattern=r"^[A-Za-z0-9_\-]{1,64}$")]


@post("/accounts", status_code=KNOWN)
async def post_account(request: Asked) -> dict[str, Any]:
    """POST /v1/bank/accounts: 200 a deposit is on its way, also when it was before; 409; 422; 503."""
    ask = edge.read_json(await request.body(), bank.TestAccount)
    return show_account(bank.test_account(edge.place(request).bank, ask, now=edge.now()))


@post("/accounts/{number:str}/proofs", status_code=KNOWN)
async def post_proof(request: Asked, number: str) -> dict[str, Any]:
    """POST /v1/bank/accounts/{number}/proofs: 200 ``state: verified`` or ``testing``; 404; 409; 422."""
    how = edge.read_json(await request.body(), bank.Prove)
    return show_account(bank.prove(edge.place(request).bank, number, how))


@post("/transfers", status_code=CREATED)
async def post_transfer(request: Asked) -> Response[dict[str, Any]]:
    """POST /v1/bank/transfers: 201 new, 200 known; 409 closed, or the number stands for another; 422; 503."""
    here, ask = edge.place(request), edge.read_json(await request.body(), bank.AskTransfer)
    transfer, is_new = bank.ask_transfer(here.bank, here.desk, ask, now=edge.now())
    return Response(show_transfer(transfer), status_code=CREATED if is_new else KNOWN)


@get("/transfers/{number:str}")
async def get_transfer(request: Asked, number: str) -> dict[str, Any]:
    """GET /v1/bank/transfers/{number}: 200; 404."""
    return show_transfer(bank.get_transfer(edge.place(request).bank, number, now=edge.now()))


@get("/bank", media_type=MediaType.HTML)
async def get_bank(request: Asked) -> Response[str]:
    """GET /bank: 200 test deposits and transfers, newest first; 403 unless asked from this machine."""
    book = edge.place(request).bank
    transfers = [bank.settle(book, it, now=edge.now()) for it in book.list_transfers(SHOWN)]
    return pages.show_here(
        request, "bank.html", accounts=book.list_accounts(SHOWN), transfers=transfers
    )


@post("/bank/transfers/{number:str}/return", media_type=MediaType.HTML)
async def post_return(request: Asked, number: Number) -> Response[str]:
    """POST /bank/transfers/{number}/return: the receiving bank sends it back; 303; 403; 404; 409."""
    pages.require_here(request)
    pages.check_origin(request)
    here = edge.place(request)
    bank.send_back(here.bank, here.desk, number, now=edge.now())
    return Response("", status_code=SEE_OTHER, headers={"location": "/bank"})


def show_account(account: Account) -> dict[str, Any]:
    """What the merchant may know: never how much the deposit was."""
    return {"out_account_no": account.out_account_no, "state": account.state}


def show_transfer(transfer: Transfer) -> dict[str, Any]:
    return {
        "out_transfer_no": transfer.out_transfer_no,
        "transfer_no": transfer.transfer_no,
        "amount_minor": transfer.amount_minor,
        "currency": transfer.currency,
        "state": transfer.shown_state,
        "why": transfer.why,
        "ended_at": transfer.ended_at.isoformat() if transfer.ended_at else None,
        "returned_at": transfer.returned_at.isoformat() if transfer.returned_at else None,
    }


router = Router(
    "/v1/bank",
    route_handlers=[post_account, post_proof, post_transfer, get_transfer],
    before_request=edge.check_signature,
)
routes: list[ControllerRouterHandler] = [router, get_bank, post_return]
