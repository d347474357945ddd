"""Idempotency-Key for unsafe API calls outside the hot path, which keeps its keys itself.

The key is claimed in the transaction of the effect, so a repeat never has a second one; the answer is
kept right after. Should the process die in between, a repeat is told so instead of being carried out.
A refused call leaves no claim. Routes with ``own_key=True`` in their opt are left alone.
"""

from contextvars import ContextVar
from typing import Any, Final

from litestar import Response

from jishi.db import Pool
from jishi.db.idempotency import Claim, find, keep
from jishi.kit.errors import KeyReused, Kind, Refusal
from jishi.web.request import (
    AnyRequest,
    idempotency_key,
    identity,
    now,
    pool,
    request_hash,
)

UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
ANSWER_BYTES_MAX: Final = 100_000


# The claim of the request being answered: an after_request hook is handed the answer only.
_claimed: ContextVar[tuple[Claim, Pool] | None] = ContextVar("jishi_claim", default=None)


class AnswerLost(Refusal):
    kind, code = Kind.CONFLICT, "idempotency.answer_lost"
    text = (
        "This request took effect, but its answer was lost. Look at the result; do not repeat it."
    )


async def replay(request: AnyRequest) -> Response[Any] | None:
    """The first answer to the same key and body; None when the call is to be carried out.

    Raises KeyReused for another body, AnswerLost, KeyMissing for a key that is too long.
    """
    _claimed.set(None)  # whoever answers several requests in one context starts clean
    me = identity(request)
    if (
        me is None
        or request.method not in UNSAFE
        or "idempotency-key" not in request.headers
        or not request.url.path.startswith("/api/")
        or request.route_handler.opt.get("own_key")
    ):
        return None
    key, hashed = idempotency_key(request), request_hash(await _content(request))
    row = await find(pool(request), me.account_id, key)
    if row is None:
        claim = Claim(me.account_id, key, request.url.path, hashed, now(request))
        request.state.claim = claim
        _claimed.set((claim, pool(request)))
        return None
    if row["request_hash"] != hashed:
        raise KeyReused
    if not row["status"]:
        raise AnswerLost
    return Response(
        row["answer"],
        status_code=row["status"],
        media_type="application/json",
        headers={"idempotency-replayed": "true"},
    )


async def keep_answer(answer: Response[Any]) -> Response[Any]:
    """Keep what was answered under the key the request claimed; an ``after_request`` hook."""
    held = _claimed.get()
    if held is None:
        return answer
    claim, connections = held
    content = answer.content if isinstance(answer.content, bytes) else b""
    if len(content) <= ANSWER_BYTES_MAX:  # a repeat of a larger one is told that it was lost
        await keep(connections, claim, status=answer.status_code or 200, answer=content)
    return answer


async def _content(request: AnyRequest) -> bytes:
    """What tells one call from another: method, address and body."""
    return f"{request.method} {request.url.path}\n".encode() + await request.body()
