"""Shop rules without a database."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import AccountId, ShopId
from jishi.modules.shops import rules
from jishi.modules.shops.types import (
    Invitation,
    InvitationId,
    InvitationInvalid,
    Member,
    NewShop,
    OwnerStays,
    Role,
    RoleInvalid,
    RoleNotYours,
)
from tests.support.goods import NOW


def a_member(role: Role, account: int = 2) -> Member:
    return Member(
        shop_id=ShopId(1),
        account_id=AccountId(account),
        role=role,
        added_at=NOW,
        added_by=AccountId(1),
    )


def an_invitation(**fields: Any) -> Invitation:
    plain = Invitation(
        id=InvitationId(9),
        shop_id=ShopId(1),
        role=Role.CLERK,
        created_by=AccountId(1),
        created_at=NOW,
        expires_at=NOW + timedelta(days=7),
        accepted_by=None,
        accepted_at=None,
        revoked_at=None,
    )
    return replace(plain, **fields)


@pytest.mark.parametrize(
    ("_case", "fields", "field"),
    [
        ("nameless", {"name": "  "}, "name"),
        ("long name", {"name": "店" * 61}, "name"),
        ("long about", {"about": "a" * 1001}, "about"),
        ("phone", {"phone": "call me"}, "phone"),
        ("freight below 0", {"freight_minor": -1}, "freight_minor"),
        ("absurd freight", {"freight_minor": 10**12}, "freight_minor"),
        ("free from", {"free_freight_from_minor": -5}, "free_freight_from_minor"),
        ("no time", {"ship_within_hours": 0}, "ship_within_hours"),
        ("all the time", {"ship_within_hours": 721}, "ship_within_hours"),
        ("logo", {"logo": {"url": "http://x"}}, "logo"),
    ],
)
def test_each_wrong_field_is_refused_by_name(
    _case: str, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refusals) as refused:
        rules.starting_settings(NewShop(**{"name": "店", **fields}))
    assert [it.field for it in refused.value.items] == [field]


OWNER, MANAGER, CLERK, WAREHOUSE = Role


@pytest.mark.parametrize(
    ("actor", "member", "new", "refusal"),
    [
        (OWNER, MANAGER, "clerk", None),
        (OWNER, CLERK, "manager", None),
        (MANAGER, CLERK, "warehouse", None),
        (MANAGER, CLERK, "manager", RoleNotYours),
        (MANAGER, MANAGER, "clerk", RoleNotYours),
        (CLERK, WAREHOUSE, "clerk", RoleNotYours),
        (MANAGER, OWNER, "clerk", OwnerStays),
        (OWNER, CLERK, "owner", RoleInvalid),
        (OWNER, CLERK, "king", RoleInvalid),
    ],
)
def test_who_may_give_which_role(
    actor: Role, member: Role, new: str, refusal: type[Refusal] | None
) -> None:
    changing = (a_member(actor, 1), a_member(member, 2), new)
    if refusal is None:
        assert rules.check_role_change(*changing) == new
    else:
        with pytest.raises(refusal):
            rules.check_role_change(*changing)


def test_nobody_raises_themselves_and_all_but_the_owner_may_leave() -> None:
    me = a_member(MANAGER, 1)
    with pytest.raises(RoleNotYours):
        rules.check_role_change(me, me, "clerk")
    for role in (MANAGER, CLERK, WAREHOUSE):
        rules.check_removal(a_member(role, 1), a_member(role, 1))
    with pytest.raises(OwnerStays):
        rules.check_removal(a_member(OWNER, 1), a_member(OWNER, 1))


@pytest.mark.parametrize(
    ("_case", "invitation"),
    [
        ("used", an_invitation(accepted_at=NOW, accepted_by=AccountId(3))),
        ("withdrawn", an_invitation(revoked_at=NOW)),
        ("run out this very instant", an_invitation(expires_at=NOW)),
    ],
)
def test_an_invitation_that_is_over_is_refused(_case: str, invitation: Invitation) -> None:
    with pytest.raises(InvitationInvalid):
        rules.check_open(invitation, now=NOW)


def test_a_token_reads_back_and_anything_else_is_refused() -> None:
    token = rules.token_of(InvitationId(123), "s" * 43)
    assert rules.read_token(token) == (123, rules.hash_of("s" * 43))
    for wrong in ("", "123", "-" + "s" * 43, token + "x", "9" * 25 + "-" + "s" * 43, "1-'; DROP"):
        with pytest.raises(InvitationInvalid):
            rules.read_token(wrong)
