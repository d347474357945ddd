"""The shop's JSON: settings, staff, invitations."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response, delete, get, post, put

from jishi import web
from jishi.kit.ids import AccountId, ShopId, cell_of
from jishi.modules.shops import service
from jishi.modules.shops.types import InvitationId, Shop, ShopSettings
from jishi.web.answer import json


class SettingsBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """All of a shop's settings. ``version`` is the one they were read with."""

    version: int
    name: str
    name_en: str = ""
    about: str = ""
    logo: dict[str, str] | None = None
    phone: str = ""
    freight_minor: int = 0
    free_freight_from_minor: int | None = None
    ship_within_hours: int = 48
    is_on_holiday: bool = False
    holiday_note: str = ""

    def settings(self) -> ShopSettings:
        values = msgspec.structs.asdict(self)
        values.pop("version")
        return ShopSettings(**values)


class RoleBody(msgspec.Struct, forbid_unknown_fields=True):
    role: str


@get("/api/v1/shops")
async def api_shops(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/shops: 200 {"items": […]}: the shops one works in, with one's role."""
    async with web.read(request) as tx:
        found = await service.shops_of(tx, web.signed_in(request).account_id)
    return json({"items": [{**shown(shop), "role": role} for shop, role in found]})


@get("/api/v1/shops/{shop_id:str}")
async def api_get(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/shops/{shop_id}: 200 its settings."""
    async with web.read(request) as tx:
        return json(shown(await service.get_shop(tx, _shop(request))))


@put("/api/v1/shops/{shop_id:str}")
async def api_put(request: web.AnyRequest) -> Response[bytes]:
    """PUT /api/v1/shops/{shop_id}: 200 the settings as they are now; 409 another version; 422."""
    body = await web.read_json(request, SettingsBody)
    async with web.transaction(request) as tx:
        shop = await service.change_settings(
            tx, _shop(request), body.settings(), version=body.version, now=web.now(request)
        )
    return json(shown(shop))


@get("/api/v1/shops/{shop_id:str}/staff")
async def api_staff(request: web.AnyRequest) -> Response[bytes]:
    """GET …/staff: 200 {"items": […], "invitations": […]}."""
    async with web.read(request) as tx:
        members = await service.list_members(tx, _shop(request))
        invitations = await service.open_invitations(tx, _shop(request), now=web.now(request))
    staff = [
        {"account_id": str(it.account_id), "role": it.role, "added_at": it.added_at}
        for it in members
    ]
    opened = [
        {"id": str(it.id), "role": it.role, "expires_at": it.expires_at} for it in invitations
    ]
    return json({"items": staff, "invitations": opened})


@post("/api/v1/shops/{shop_id:str}/invitations")
async def api_invite(request: web.AnyRequest) -> Response[bytes]:
    """POST …/invitations {"role"}: 201 {"url"}, told this once; 403, 409, 422."""
    body = await web.read_json(request, RoleBody)
    token = await invite(request, _shop(request), body.role)
    return json({"url": f"{web.settings(request).base_url}/invitations/{token}"}, status=201)


@delete("/api/v1/shops/{shop_id:str}/invitations/{invitation_id:str}", status_code=204)
async def api_revoke(request: web.AnyRequest) -> None:
    """DELETE …/invitations/{invitation_id}: 204; 404 when it is not open."""
    invitation_id = InvitationId(web.path_id(request, "invitation_id"))
    async with web.transaction(request) as tx:
        await service.revoke_invitation(tx, _shop(request), invitation_id, now=web.now(request))


@put("/api/v1/shops/{shop_id:str}/staff/{account_id:str}")
async def api_role(request: web.AnyRequest) -> Response[bytes]:
    """PUT …/staff/{account_id} {"role"}: 200; 403, 404, 409, 422."""
    body = await web.read_json(request, RoleBody)
    member = AccountId(web.path_id(request, "account_id"))
    async with web.transaction(request) as tx:
        await service.change_role(
            tx, _shop(request), member, body.role, actor_id=web.signed_in(request).account_id
        )
    return json({"account_id": str(member), "role": body.role})


@delete("/api/v1/shops/{shop_id:str}/staff/{account_id:str}", status_code=204)
async def api_remove(request: web.AnyRequest) -> None:
    """DELETE …/staff/{account_id}: 204; one's own id to leave; 403, 404, 409 the owner."""
    member = AccountId(web.path_id(request, "account_id"))
    async with web.transaction(request) as tx:
        await service.remove_member(
            tx, _shop(request), member, actor_id=web.signed_in(request).account_id
        )


async def invite(request: web.AnyRequest, shop_id: ShopId, role: str) -> str:
    """The token of a new invitation."""
    invitation_id = InvitationId(web.ids(request).make(cell_of(shop_id)))
    async with web.transaction(request) as tx:
        return await service.invite(
            tx,
            shop_id,
            role,
            invitation_id=invitation_id,
            actor_id=web.signed_in(request).account_id,
            now=web.now(request),
        )


def shown(shop: Shop) -> Mapping[str, Any]:
    return {
        "id": str(shop.id),
        "owner_id": str(shop.owner_id),
        "name": shop.name,
        "name_en": shop.name_en,
        "about": shop.about,
        "logo": shop.logo,
        "phone": shop.phone,
        "state": shop.state,
        "holiday_note": shop.holiday_note,
        "freight_minor": shop.freight_minor,
        "free_freight_from_minor": shop.free_freight_from_minor,
        "ship_within_hours": shop.ship_within_hours,
        "version": shop.version,
        "opened_at": shop.opened_at,
    }


def _shop(request: web.AnyRequest) -> ShopId:
    return ShopId(web.path_id(request, "shop_id"))


routes = [
    api_shops,
    api_get,
    api_put,
    api_staff,
    api_invite,
    api_revoke,
    api_role,
    api_remove,
]
