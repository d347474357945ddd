"""What every route of the sandbox shares: the desk, the clock, reading and refusing."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from jishi.kit.errors import Kind, Refusal
from jishi.sandbox import signing
from jishi.sandbox.bank_book import BankBook
from jishi.sandbox.carrier.desk import CarrierDesk
from jishi.sandbox.desk import Desk
from jishi.sandbox.types import BadRequest, BadSignature

log = logging.getLogger("jishi.sandbox")

Asked = Request[Any, Any, Any]
T = TypeVar("T")

STATUSES = {
    Kind.INVALID: 422,
    Kind.UNAUTHORISED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.TOO_LARGE: 413,
    Kind.LIMITED: 429,
    Kind.UNAVAILABLE: 503,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where this sandbox stands: what routes need besides the request."""

    desk: Desk
    bank: BankBook
    key: bytes
    base_url: str  # how payers reach it, without a closing slash
    carrier: CarrierDesk | None = None


def place(request: Asked) -> Place:
    return cast("Place", request.app.state["place"])


def carrier(request: Asked) -> CarrierDesk:
    found = place(request).carrier
    assert found is not None, "this sandbox was opened without a carrier"
    return found


def now() -> datetime:
    """The instant of this request, to the millisecond: as fine as the book keeps it."""
    instant = datetime.now(UTC)
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def read_json(body: bytes, shape: type[T]) -> T:
    """``body`` as ``shape``. Raises BadRequest."""
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadRequest(detail=str(error)) from error


async def check_signature(request: Asked) -> None:
    """Stands before every signed route. Raises BadSignature, also for a nonce used before."""
    here, at = place(request), now()
    nonce = signing.check(
        here.key,
        request.headers,
        method=request.method,
        path=path_of(request),
        body=await request.body(),
        now=at,
    )
    if not here.desk.book.use_nonce(nonce, now=at):
        raise BadSignature(detail="nonce used before")


def path_of(request: Asked) -> str:
    """The request line's path and query. Numbers in paths need no escapes, so decoded is raw."""
    query = request.scope["query_string"].decode("latin-1")
    return request.scope["path"] + (f"?{query}" if query else "")


def refuse(_request: Asked, refusal: Refusal) -> Response[dict[str, str]]:
    """A refusal as JSON: ``code`` for programs, ``message`` for their authors."""
    message = refusal.text.format(**{"field": refusal.field, **refusal.facts})
    return Response({"code": refusal.code, "message": message}, status_code=status_of(refusal))


def status_of(refusal: Refusal) -> int:
    return STATUSES[refusal.kind]


def fail(_request: Asked, error: Exception) -> Response[dict[str, str]]:
    """A fault of the sandbox itself: logged, and said to be one."""
    log.error("the sandbox failed", exc_info=error)
    said = {"code": "sandbox.failed", "message": "The sandbox failed; see its log."}
    return Response(said, status_code=500)


def refuse_plain(_request: Asked, error: HTTPException) -> Response[dict[str, str]]:
    """What the framework refuses (no such route, body too large), in the same shape."""
    code = f"sandbox.http_{error.status_code}"
    return Response({"code": code, "message": error.detail}, status_code=error.status_code)
