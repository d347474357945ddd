"""The staff page. Its forms post to the shops module."""

from typing import Any

from litestar import Response, get

from jishi import web
from jishi.modules.shops import MAY_GIVE, Role, shop_here
from jishi.reads.staff import queries


@get("/merchant/{shop_id:str}/staff")
async def get_staff(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/staff: 200."""
    here = shop_here(request)
    async with web.read(request) as tx:
        staff = await queries.staff_of(tx, here.id)
        invitations = await queries.invitations_of(tx, here.id, now=web.now(request))
    may_give = [role for role in Role if role in MAY_GIVE[Role(here.role)]]
    return web.page(
        request,
        "staff/staff.html",
        shop=here,
        staff=staff,
        invitations=invitations,
        may_give=[str(role) for role in may_give],
    )


routes = [get_staff]
