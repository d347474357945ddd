"""Who is asking and what they may do. The table of routes is ``jishi.access``; this enforces it.

``app`` plugs in how a session becomes an Identity; nothing here knows accounts or shops.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Scope

from jishi.kit.errors import Forbidden, NotFound, SignInNeeded
from jishi.kit.ids import AccountId, ShopId, parse_id

Connection = ASGIConnection[Any, Any, Any, Any]


class ShopRole(StrEnum):
    OWNER = "owner"
    MANAGER = "manager"
    CLERK = "clerk"
    WAREHOUSE = "warehouse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A signed-in person as every request sees them."""

    account_id: AccountId
    name: str
    session_id: int = 0
    locale: str | None = None
    platform_roles: frozenset[str] = frozenset()  # "operator"
    shops: Mapping[ShopId, ShopRole] = field(default_factory=dict)
    shop_names: Mapping[ShopId, str] = field(default_factory=dict)
    by_token: bool = False  # bearer token rather than cookie: no CSRF check

    @property
    def is_operator(self) -> bool:
        return "operator" in self.platform_roles


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Who may use a route."""

    name: str
    signed_in: bool = True
    shop_roles: frozenset[ShopRole] | None = None  # path parameter shop_id names the shop
    operator: bool = False

    def check(self, identity: Identity | None, shop_id: str | None) -> None:
        """Raises SignInNeeded, Forbidden; NotFound for a shop one has nothing to do with."""
        if not self.signed_in:
            return
        if identity is None:
            raise SignInNeeded
        if self.operator and not identity.is_operator:
            raise Forbidden
        if self.shop_roles is not None:
            shop = parse_id(shop_id or "")
            role = identity.shops.get(ShopId(shop)) if shop else None
            if role is None:
                raise NotFound
            if role not in self.shop_roles:
                raise Forbidden(role=role)


PUBLIC: Final = Rule(name="public", signed_in=False)
SIGNED_IN: Final = Rule(name="signed in")
OPERATOR: Final = Rule(name="operator", operator=True)


def shop(*roles: ShopRole) -> Rule:
    """Staff of the shop in the path with one of ``roles``; the owner always may."""
    allowed = frozenset({*roles, ShopRole.OWNER})
    return Rule(name="shop: " + ", ".join(sorted(allowed)), shop_roles=allowed)


SHOP_OWNER: Final = shop()
SHOP_MANAGER: Final = shop(ShopRole.MANAGER)
SHOP_CLERK: Final = shop(ShopRole.MANAGER, ShopRole.CLERK)
SHOP_WAREHOUSE: Final = shop(ShopRole.MANAGER, ShopRole.WAREHOUSE)
SHOP_ANY: Final = shop(*ShopRole)

Identify = Callable[[Connection], Awaitable[Identity | None]]


def make_guard(
    table: Mapping[str, Rule], identify: Identify
) -> Callable[[Connection, BaseRouteHandler], Awaitable[None]]:
    """The guard of every route: finds who asks, then asks the table."""

    async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        rule = handler.opt.get("rule")
        if rule is None:
            rule = handler.opt["rule"] = rule_of(table, connection.scope, handler)
        identity = await identify(connection)
        connection.state.identity = identity
        rule.check(identity, connection.path_params.get("shop_id"))

    return guard


def rule_of(table: Mapping[str, Rule], scope: Scope, handler: BaseRouteHandler) -> Rule:
    method = "GET" if scope.get("method") == "HEAD" else scope.get("method", "WS")
    for path in sorted(handler.paths):
        found = table.get(f"{method} {path}")
        if found is not None:
            return found
    raise LookupError(f"{method} {sorted(handler.paths)} is missing in jishi.access.ACCESS")
