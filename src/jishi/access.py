"""The one table of who may use which route. A route that is missing here stops the start.

Keys are ``METHOD /path`` as the routes are written. Sections in the order of the house.
"""

from typing import Final

from jishi.web.auth import (
    OPERATOR,
    PUBLIC,
    SHOP_ANY,
    SHOP_CLERK,
    SHOP_MANAGER,
    SHOP_OWNER,
    SHOP_WAREHOUSE,
    SIGNED_IN,
    Rule,
)

ACCESS: Final[dict[str, Rule]] = {
    # frame
    "GET /health": PUBLIC,
    "GET /static/{path:path}": PUBLIC,
    "POST /preferences": PUBLIC,
    "GET /manifest.webmanifest": PUBLIC,
    # accounts
    "GET /sign-in": PUBLIC,
    "POST /sign-in": PUBLIC,
    "GET /sign-in/code": PUBLIC,
    "POST /sign-in/code": PUBLIC,
    "POST /sign-in/code/entry": PUBLIC,
    "GET /sign-up": PUBLIC,
    "POST /sign-up": PUBLIC,
    "POST /sign-out": PUBLIC,
    "POST /api/v1/session": PUBLIC,
    "POST /api/v1/accounts": PUBLIC,
    "DELETE /api/v1/session": SIGNED_IN,
    "GET /api/v1/me": SIGNED_IN,
    "GET /me": SIGNED_IN,
    "GET /me/profile": SIGNED_IN,
    "POST /me/profile": SIGNED_IN,
    "GET /me/security": SIGNED_IN,
    "POST /me/password": SIGNED_IN,
    "POST /me/logins": SIGNED_IN,
    "POST /me/logins/confirm": SIGNED_IN,
    "POST /me/logins/remove": SIGNED_IN,
    "POST /me/sessions/{session_id:str}/end": SIGNED_IN,
    "POST /me/sessions/end-all": SIGNED_IN,
    "POST /me/close": SIGNED_IN,
    "GET /messages": SIGNED_IN,
    "POST /messages/read": SIGNED_IN,
    "POST /messages/{position:str}/open": SIGNED_IN,
    "GET /api/v1/messages": SIGNED_IN,
    "GET /dev/inbox": PUBLIC,
    # places
    "GET /me/addresses": SIGNED_IN,
    "GET /me/addresses/new": SIGNED_IN,
    "POST /me/addresses": SIGNED_IN,
    "GET /me/addresses/{address_id:str}": SIGNED_IN,
    "POST /me/addresses/{address_id:str}": SIGNED_IN,
    "POST /me/addresses/{address_id:str}/delete": SIGNED_IN,
    "POST /me/addresses/{address_id:str}/default": SIGNED_IN,
    "GET /regions": PUBLIC,
    "GET /api/v1/addresses": SIGNED_IN,
    "POST /api/v1/addresses": SIGNED_IN,
    "GET /api/v1/addresses/{address_id:str}": SIGNED_IN,
    "PUT /api/v1/addresses/{address_id:str}": SIGNED_IN,
    "DELETE /api/v1/addresses/{address_id:str}": SIGNED_IN,
    "POST /api/v1/addresses/{address_id:str}/default": SIGNED_IN,
    "GET /api/v1/regions": PUBLIC,
    # shops
    # catalogue, media
    # storefront
    # carts, checkout
    "POST /api/v1/checkouts": SIGNED_IN,
    # payments
    "POST /callbacks/{provider:str}": PUBLIC,  # signed by the provider
    # buyer's orders
    "POST /api/v1/orders/{order_id:str}/confirm": SIGNED_IN,
    "POST /api/v1/orders/{order_id:str}/cancel": SIGNED_IN,
    "POST /api/v1/orders/{order_id:str}/refund": SIGNED_IN,
    # merchant console
    "POST /api/v1/shops/{shop_id:str}/shipments": SHOP_WAREHOUSE,
    "POST /api/v1/shops/{shop_id:str}/orders/{order_id:str}/cancel": SHOP_CLERK,
    "POST /api/v1/shops/{shop_id:str}/orders/{order_id:str}/refund": SHOP_CLERK,
    # operator console
}

ROLES: Final = (
    OPERATOR,
    PUBLIC,
    SHOP_ANY,
    SHOP_CLERK,
    SHOP_MANAGER,
    SHOP_OWNER,
    SHOP_WAREHOUSE,
    SIGNED_IN,
)
