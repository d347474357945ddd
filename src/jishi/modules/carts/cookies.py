"""Which cart a request means, and how many lines its badge shows, from what the request carries.

A visitor's cart id stands in a signed cookie. The count stands in a second one beside the id it
counts: it is only for the badge, so that no page pays a query for it, and every answer that changes a
cart writes it anew. A count of another cart (somebody else signed in) is not shown.
"""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from secrets import randbelow
from typing import Any, Final

from litestar import Response

from jishi import web
from jishi.kit.ids import CELLS, parse_id
from jishi.modules.carts.types import LINES_MAX, VISITOR_KEEPS, CartOwner
from jishi.web.csrf import is_secure, secret_of

CART: Final = "jishi_cart"
COUNT: Final = "jishi_cart_count"
SIGNATURE_BYTES: Final = 18


def owner_of(request: web.AnyRequest) -> CartOwner | None:
    """The account's cart, else the visitor's; None for a visitor without one."""
    identity = web.identity(request)
    return CartOwner(identity.account_id, is_visitor=False) if identity else visitor_of(request)


def owner_or_new(request: web.AnyRequest) -> CartOwner:
    """As ``owner_of``; a visitor without a cart gets an id in a random cell."""
    found = owner_of(request)
    return found or CartOwner(web.ids(request).make(randbelow(CELLS)), is_visitor=True)


def visitor_of(request: web.AnyRequest) -> CartOwner | None:
    """The cart this browser had before signing in, when the cookie's signature holds."""
    text, _, signature = request.cookies.get(CART, "").partition(".")
    cart_id = parse_id(text)
    if cart_id is None or not hmac.compare_digest(
        signature.encode("utf-8", "replace"), _signature(request, cart_id).encode()
    ):
        return None
    return CartOwner(cart_id, is_visitor=True)


def badge(request: web.AnyRequest) -> int | None:
    """How many lines the badge shows; None when this browser does not know."""
    text, _, count = request.cookies.get(COUNT, "").partition(".")
    if not (count.isascii() and count.isdigit() and len(count) <= 3):  # noqa: PLR2004 - 120 at most
        return None
    known = {owner.id for owner in (owner_of(request), visitor_of(request)) if owner}
    return min(int(count), LINES_MAX) if parse_id(text) in known else None


def keep(
    request: web.AnyRequest, answer: Response[Any], owner: CartOwner, lines: int
) -> Response[Any]:
    """``answer`` with the cookies that say whose cart it is and how many lines it has."""
    if owner.is_visitor:
        _set(request, answer, CART, f"{owner.id}.{_signature(request, owner.id)}")
    elif CART in request.cookies:
        answer.delete_cookie(CART, path="/")
    _set(request, answer, COUNT, f"{owner.id}.{lines}")
    return answer


def _set(request: web.AnyRequest, answer: Response[Any], name: str, value: str) -> None:
    answer.set_cookie(
        key=name,
        value=value,
        max_age=int(VISITOR_KEEPS.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_secure(request),
    )


def _signature(request: web.AnyRequest, cart_id: int) -> str:
    made = hmac.digest(secret_of(request), b"cart\0" + str(cart_id).encode(), sha256)
    return urlsafe_b64encode(made[:SIGNATURE_BYTES]).decode()
