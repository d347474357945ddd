"""Every route with every role: who may not is told so, who may is let in."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio

from jishi import db
from jishi.access import ACCESS
from jishi.kit.ids import AccountId, IdMaker, ShopId, cell_of
from jishi.modules import accounts
from jishi.web.auth import Rule, ShopRole

ROLES = ("visitor", "buyer", "stranger", "warehouse", "clerk", "manager", "owner", "operator")
UNREADABLE = re.compile(r"\{(\w+)(?::\w+)?\}")
REFUSED = {401, 403, 404}


@dataclass(frozen=True, slots=True)
class Town:
    """A shop with staff of every role, an owner of another shop, an operator; their tokens."""

    shop_id: ShopId
    tokens: dict[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(pool: db.Pool, ids: IdMaker) -> AsyncIterator[Town]:
    async with db.transaction(pool) as tx:
        now = await tx.fetchval("SELECT now()")
        people: dict[str, AccountId] = {}
        tokens = {"visitor": ""}
        for role in ROLES[1:]:
            name = f"{role}{ids.make(0)}@market.example"
            people[role] = await accounts.open_account(tx, ids, name=role, logins=[name], now=now)
            tokens[role] = await accounts.open_session(tx, ids, people[role], is_api=True, now=now)
        await accounts.grant_role(tx, people["operator"], "operator", now=now)
        shop_id, other_id = ShopId(ids.make(7)), ShopId(ids.make(8))
        for each, owner in ((shop_id, people["owner"]), (other_id, people["stranger"])):
            await tx.execute(
                "INSERT INTO shop (cell, id, owner_id, name, state, opened_at)"
                " VALUES ($1, $2, $3, 'Walk', 'open', $4)",
                cell_of(each),
                each,
                owner,
                now,
            )
            await tx.execute(
                "INSERT INTO warehouse (cell, id, shop_id, name, is_default, created_at)"
                " VALUES ($1, $2, $3, 'Main', true, $4)",
                cell_of(each),
                ids.make(cell_of(each)),
                each,
                now,
            )
        staff = [(shop_id, people[role], str(role)) for role in map(str, ShopRole)]
        for each, account_id, role in [*staff, (other_id, people["stranger"], "owner")]:
            await tx.execute(
                "INSERT INTO shop_staff (cell, shop_id, account_id, role, added_at, added_by)"
                " VALUES ($1, $2, $3, $4, $5, $3)",
                cell_of(each),
                each,
                account_id,
                role,
                now,
            )
    yield Town(shop_id, tokens)


def may(rule: Rule, role: str, *, of_a_shop: bool) -> bool:
    """The table read aloud; written apart from the guard on purpose."""
    if not rule.signed_in:
        return True
    if role == "visitor" or (rule.operator and role != "operator"):
        return False
    if rule.shop_roles is None:
        return True
    return of_a_shop and role in {str(each) for each in rule.shop_roles}


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_not_is_refused_and_who_may_is_let_in(
    role: str, town: Town, client: httpx.AsyncClient
) -> None:
    headers = {"authorization": f"Bearer {town.tokens[role]}"} if role != "visitor" else {}
    wrong: list[str] = []
    for route, rule in ACCESS.items():
        method, _, path = route.partition(" ")
        allowed = may(rule, role, of_a_shop="{shop_id" in path)
        if method == "WS" or (allowed and method != "GET"):
            continue  # what these do is for the tests of their own
        filled = UNREADABLE.sub(lambda m: str(town.shop_id) if m[1] == "shop_id" else "1", path)
        answer = await client.request(method, filled, headers=headers)
        to_sign_in = answer.status_code == 303 and "/sign-in" in answer.headers["location"]
        is_refused = to_sign_in or answer.status_code in REFUSED
        if not allowed and not is_refused:
            wrong.append(f"{route}: {role} was let in ({answer.status_code})")
        if allowed and (to_sign_in or answer.status_code in {401, 403}):
            wrong.append(f"{route}: {role} was refused ({answer.status_code})")
        if answer.status_code >= 500:
            wrong.append(f"{route}: {role} got {answer.status_code}")
    assert not wrong
