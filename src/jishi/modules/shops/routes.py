"""HTTP for shops: one's shops, settings, and what happens to staff. The staff page is a read."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import AccountId, parse_id
from jishi.kit.pictures import picture_src
from jishi.kit.text import mark as _
from jishi.modules.shops import api, forms, service
from jishi.modules.shops.edge import Errors, ShopHere, shop_here
from jishi.modules.shops.types import INVITATION_LIFE, InvitationId, MemberNotFound
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

SAVED: Final = _("Settings saved.")
ROLE_CHANGED: Final = _("Role changed.")
REMOVED: Final = _("Removed from the staff.")
LEFT: Final = _("You no longer work in this shop.")
REVOKED: Final = _("Invitation withdrawn.")
HANDED_OVER: Final = _("The shop has a new owner. You are a manager now.")
JOINED: Final = _("Welcome. You are part of the staff now.")


class RoleForm(msgspec.Struct, kw_only=True):
    role: str = ""


class MemberForm(msgspec.Struct, kw_only=True):
    account_id: str = ""


@get("/merchant")
async def get_shops(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant: the shops one works in; 200."""
    async with web.read(request) as tx:
        found = await service.shops_of(tx, web.signed_in(request).account_id)
    return web.page(request, "shops/shops.html", found=found, picture_src=picture_src)


@get("/merchant/{shop_id:str}/settings")
async def get_settings(request: web.AnyRequest) -> Response[Any]:
    """GET …/settings: 200."""
    here = shop_here(request)
    async with web.read(request) as tx:
        shop = await service.get_shop(tx, here.id)
    return _settings_page(request, here, forms.form_of(shop, web.settings(request).currency))


@post("/merchant/{shop_id:str}/settings")
async def post_settings(request: web.AnyRequest) -> Response[Any]:
    """POST …/settings: 303; 422 the form with what to mend; 409 when someone else saved."""
    here = shop_here(request)
    form = await web.read_form(request, forms.SettingsForm)
    settings = form.settings(web.settings(request).currency)
    try:
        async with web.transaction(request) as tx:
            await service.change_settings(
                tx, here.id, settings, version=form.version, now=web.now(request)
            )
    except (Refusal, Refusals) as problem:
        return _settings_again(request, here, form, problem)
    return _told(request, f"{here.base}/settings", SAVED)


@post("/merchant/{shop_id:str}/staff/invitations")
async def post_invitation(request: web.AnyRequest) -> Response[Any]:
    """POST …/staff/invitations (role): 200 the link, shown this once; 303 back with the refusal."""
    here = shop_here(request)
    form = await web.read_form(request, RoleForm)
    try:
        token = await api.invite(request, here.id, form.role)
    except (Refusal, Refusals) as problem:
        return _refused(request, here, problem)
    link = f"{web.settings(request).base_url}/invitations/{token}"
    return web.page(
        request,
        "shops/invited.html",
        shop=here,
        link=link,
        role=form.role,
        ends=web.now(request) + INVITATION_LIFE,
    )


@post("/merchant/{shop_id:str}/staff/invitations/{invitation_id:str}/revoke")
async def post_revoke(request: web.AnyRequest) -> Response[Any]:
    """POST …/revoke: 303."""
    here = shop_here(request)
    invitation_id = InvitationId(web.path_id(request, "invitation_id"))
    try:
        async with web.transaction(request) as tx:
            await service.revoke_invitation(tx, here.id, invitation_id, now=web.now(request))
    except (Refusal, Refusals) as problem:
        return _refused(request, here, problem)
    return _told(request, f"{here.base}/staff", REVOKED)


@post("/merchant/{shop_id:str}/staff/{account_id:str}/role")
async def post_role(request: web.AnyRequest) -> Response[Any]:
    """POST …/role (role): 303."""
    here = shop_here(request)
    form = await web.read_form(request, RoleForm)
    try:
        async with web.transaction(request) as tx:
            await service.change_role(
                tx, here.id, _member(request), form.role, actor_id=_actor(request)
            )
    except (Refusal, Refusals) as problem:
        return _refused(request, here, problem)
    return _told(request, f"{here.base}/staff", ROLE_CHANGED)


@post("/merchant/{shop_id:str}/staff/{account_id:str}/remove")
async def post_remove(request: web.AnyRequest) -> Response[Any]:
    """POST …/remove: 303."""
    here = shop_here(request)
    try:
        async with web.transaction(request) as tx:
            await service.remove_member(tx, here.id, _member(request), actor_id=_actor(request))
    except (Refusal, Refusals) as problem:
        return _refused(request, here, problem)
    return _told(request, f"{here.base}/staff", REMOVED)


@post("/merchant/{shop_id:str}/leave")
async def post_leave(request: web.AnyRequest) -> Response[Any]:
    """POST …/leave: 303 to one's shops."""
    here = shop_here(request)
    me = _actor(request)
    try:
        async with web.transaction(request) as tx:
            await service.remove_member(tx, here.id, me, actor_id=me)
    except (Refusal, Refusals) as problem:
        return _refused(request, here, problem)
    return _told(request, "/merchant", LEFT)


@post("/merchant/{shop_id:str}/owner")
async def post_owner(request: web.AnyRequest) -> Response[Any]:
    """POST …/owner (account_id): hand the shop over; 303."""
    here = shop_here(request)
    form = await web.read_form(request, MemberForm)
    heir = parse_id(form.account_id)
    try:
        if heir is None:
            raise MemberNotFound
        async with web.transaction(request) as tx:
            await service.hand_over(
                tx, here.id, AccountId(heir), actor_id=_actor(request), now=web.now(request)
            )
    except (Refusal, Refusals) as problem:
        return _refused(request, here, problem)
    return _told(request, f"{here.base}/staff", HANDED_OVER)


@get("/invitations/{token:str}")
async def get_invitation(request: web.AnyRequest) -> Response[Any]:
    """GET /invitations/{token}: 200 what one is asked to join; 404 used, withdrawn or run out."""
    token = str(request.path_params["token"])
    me = web.identity(request)
    async with web.read(request) as tx:
        invitation, shop = await service.find_invitation(tx, token, now=web.now(request))
    works_there = me is not None and shop.id in me.shops
    return web.page(
        request,
        "shops/invitation.html",
        invitation=invitation,
        found=shop,
        token=token,
        works_there=works_there,
        picture_src=picture_src,
        headers={"referrer-policy": "no-referrer"},
    )


@post("/invitations/{token:str}")
async def post_invitation_accept(request: web.AnyRequest) -> Response[Any]:
    """POST /invitations/{token}: 303 to the shop; 404 used meanwhile; 409 works there already."""
    token = str(request.path_params["token"])
    async with web.transaction(request) as tx:
        joined = await service.accept_invitation(
            tx, token, account_id=_actor(request), now=web.now(request)
        )
    return _told(request, f"/merchant/{joined.shop_id}", JOINED)


def _settings_again(
    request: web.AnyRequest,
    here: ShopHere,
    form: forms.SettingsForm,
    problem: Refusal | Refusals,
) -> Response[Any]:
    """The form as typed. After someone else's save it carries the newest version: saving again wins."""
    if isinstance(problem, Refusal) and "version" in problem.facts:
        form.version = problem.facts["version"]
    return _settings_page(request, here, form, problem)


def _settings_page(
    request: web.AnyRequest,
    here: ShopHere,
    form: forms.SettingsForm,
    problem: Refusal | Refusals | None = None,
) -> Response[Any]:
    return web.page(
        request,
        "shops/settings.html",
        status=web.status_of(problem) if problem else 200,
        shop=here,
        form=form,
        errors=Errors(web.field_errors(request, problem) if problem else {}),
    )


def _told(request: web.AnyRequest, path: str, text: str) -> Response[Any]:
    return flash(redirect(path), "ok", translator(locale_of(request)).gettext(text))


def _refused(request: web.AnyRequest, here: ShopHere, problem: Refusal | Refusals) -> Response[Any]:
    """Back to the staff page with the reason: these forms hold nothing that could be lost."""
    first = problem.items[0] if isinstance(problem, Refusals) else problem
    return flash(redirect(f"{here.base}/staff"), "bad", web.words(request, first))


def _member(request: web.AnyRequest) -> AccountId:
    return AccountId(web.path_id(request, "account_id"))


def _actor(request: web.AnyRequest) -> AccountId:
    return web.signed_in(request).account_id


routes = [
    get_shops,
    get_settings,
    post_settings,
    post_invitation,
    post_revoke,
    post_role,
    post_remove,
    post_leave,
    post_owner,
    get_invitation,
    post_invitation_accept,
    *api.routes,
]
