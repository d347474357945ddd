"""Pages about deliveries for buyer, merchant and operator, and the API's."""

from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from litestar import Response, get

from jishi import web
from jishi.db import Row
from jishi.kit.errors import NotFound
from jishi.kit.ids import AccountId, OrderId, ShopId
from jishi.kit.paging import PAGE_SIZE, Page
from jishi.kit.text import mark as _
from jishi.modules.fulfilment import Progress, carrier_name
from jishi.modules.fulfilment.lanes import ABROAD, UNKNOWN
from jishi.reads.deliveries import queries
from jishi.web import answer
from jishi.web.auth import SHOP_WAREHOUSE, ShopRole
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

DAYS: Final = 30
FIRST: Final = 10  # parcels of each list that the report shows
ELSEWHERE: Final = _("Abroad")
NOT_KNOWN: Final = _("not known")


@get("/orders/{order_id:str}/parcels")
async def get_buyer_parcels(request: web.AnyRequest) -> Response[Any]:
    """GET /orders/{order_id}/parcels: where the buyer's parcels are; 200, 404 for another's."""
    return await _parcels(request, "store", buyer_id=web.signed_in(request).account_id)


@get("/merchant/{shop_id:str}/orders/{order_id:str}/parcels")
async def get_shop_parcels(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/orders/{order_id}/parcels: the same for the shop; 200, 404."""
    return await _parcels(request, "console", shop_id=ShopId(web.path_id(request, "shop_id")))


@get("/api/v1/orders/{order_id:str}/parcels")
async def api_parcels(request: web.AnyRequest) -> Response[Any]:
    """GET /api/v1/orders/{order_id}/parcels: 200 promises and parcels with their scans; 404."""
    order_id, now = OrderId(web.path_id(request, "order_id")), web.now(request)
    async with web.read(request) as tx:
        order = await queries.find_order(tx, order_id, buyer_id=web.signed_in(request).account_id)
        if order is None:
            raise NotFound
        found = await queries.parcels(tx, order_id, locale=locale_of(request), now=now)
    return answer.json(
        {
            "order_id": str(order_id),
            "ship_by": order["ship_by"],
            "arrive_by": order["arrive_by"],
            "compensation_minor": order["compensation_minor"] or 0,
            "parcels": [
                {
                    "id": str(it.id),
                    "carrier": it.carrier,
                    "waybill": it.waybill,
                    "progress": it.progress.value,
                    "shipped_at": it.shipped_at,
                    "promised_arrival_at": it.promised_at,
                    "arrived_at": it.arrived_at,
                    "is_late": it.is_late,
                    "scans": [
                        {"at": scan.at, "place": scan.place, "detail": scan.detail}
                        for scan in it.scans
                    ],
                }
                for it in found
            ],
        }
    )


@get("/merchant/{shop_id:str}/deliveries")
async def get_shop_deliveries(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/deliveries: promises kept and broken in 30 days; 200."""
    return await _report(request, ShopId(web.path_id(request, "shop_id")))


@get("/merchant/{shop_id:str}/deliveries/late")
async def get_late_parcels(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/deliveries/late (after): parcels that should have arrived; 200."""
    return await _parcel_list(request, is_late=True)


@get("/merchant/{shop_id:str}/deliveries/ended")
async def get_ended_parcels(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/deliveries/ended (after): parcels that came back or were lost; 200."""
    return await _parcel_list(request, is_late=False)


@get("/operator/deliveries")
async def get_operator_deliveries(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/deliveries: the same of the whole market, by carrier and lane; 200."""
    return await _report(request, None)


@get("/merchant/{shop_id:str}/deliveries/compensations")
async def get_shop_compensations(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/deliveries/compensations (after): what late orders cost; 200."""
    return await _compensations(request, ShopId(web.path_id(request, "shop_id")))


@get("/operator/deliveries/compensations")
async def get_operator_compensations(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/deliveries/compensations (after): of all shops, newest first; 200."""
    return await _compensations(request, None)


async def _parcels(
    request: web.AnyRequest,
    frame: str,
    *,
    buyer_id: AccountId | None = None,
    shop_id: ShopId | None = None,
) -> Response[Any]:
    order_id, now = OrderId(web.path_id(request, "order_id")), web.now(request)
    async with web.read(request) as tx:
        order = await queries.find_order(tx, order_id, buyer_id=buyer_id, shop_id=shop_id)
        if order is None:
            raise NotFound
        found = await queries.parcels(tx, order_id, locale=locale_of(request), now=now)
    return web.page(
        request,
        f"deliveries/parcels_{frame}.html",
        block="course" if web.is_htmx(request) else None,
        order=order,
        parcels=found,
        shop_id=shop_id,
        is_buyer=shop_id is None,
        may_correct=_role(request, shop_id) in (SHOP_WAREHOUSE.shop_roles or ()),
        Progress=Progress,
    )


def _role(request: web.AnyRequest, shop_id: ShopId | None) -> ShopRole | None:
    return web.signed_in(request).shops.get(shop_id) if shop_id else None


async def _report(request: web.AnyRequest, shop_id: ShopId | None) -> Response[Any]:
    now = web.now(request)
    today = now.astimezone(ZoneInfo(web.settings(request).zone)).date()
    since = today - timedelta(days=DAYS)
    async with web.read(request) as tx:
        carriers = await queries.by_carrier(tx, shop_id, since=since)
        lanes = await queries.by_lane(tx, shop_id, since=since)
        names = await queries.lane_names(tx)
        paid = await queries.compensated(tx, shop_id, since=now - timedelta(days=DAYS))
        late: Page[Row] = Page([], None)
        ended = late
        if shop_id:
            late = await queries.late_parcels(tx, shop_id, now=now, cursor=None, size=FIRST)
            ended = await queries.ended_parcels(tx, shop_id, cursor=None, size=FIRST)
    return web.page(
        request,
        "deliveries/report.html",
        shop_id=shop_id,
        home=f"/merchant/{shop_id}" if shop_id else "/operator",
        days=DAYS,
        totals=_totals(carriers),
        carriers=carriers,
        lanes=lanes,
        late=late,
        ended=ended,
        paid=paid,
        carrier_of=lambda code: carrier_name(code, locale_of(request)),
        place_of=lambda code: _place(request, names, code),
        progress_of=lambda value: Progress(value).words,
    )


async def _parcel_list(request: web.AnyRequest, *, is_late: bool) -> Response[Any]:
    shop_id = ShopId(web.path_id(request, "shop_id"))
    after = request.query_params.get("after")
    async with web.read(request) as tx:
        if is_late:
            now = web.now(request)
            found = await queries.late_parcels(tx, shop_id, now=now, cursor=after, size=PAGE_SIZE)
        else:
            found = await queries.ended_parcels(tx, shop_id, cursor=after, size=PAGE_SIZE)
    return web.page(
        request,
        "deliveries/parcels.html",
        home=f"/merchant/{shop_id}",
        found=found,
        after=after,
        is_late=is_late,
        carrier_of=lambda code: carrier_name(code, locale_of(request)),
        progress_of=lambda value: Progress(value).words,
    )


async def _compensations(request: web.AnyRequest, shop_id: ShopId | None) -> Response[Any]:
    after = request.query_params.get("after")
    async with web.read(request) as tx:
        found = await queries.compensations(tx, shop_id, cursor=after, size=PAGE_SIZE)
    return web.page(
        request,
        "deliveries/compensations.html",
        shop_id=shop_id,
        home=f"/merchant/{shop_id}" if shop_id else "/operator",
        found=found,
        after=after,
    )


def _totals(carriers: list[Row]) -> dict[str, int]:
    names = ("parcels", "shipped_late", "arrived", "arrived_late", "returned", "lost", "hours")
    return {name: sum(row[name] for row in carriers) for name in names}


def _place(request: web.AnyRequest, names: dict[int, str], code: int) -> str:
    words = translator(locale_of(request))
    if code == ABROAD:
        return words(ELSEWHERE)
    return words(NOT_KNOWN) if code == UNKNOWN else names.get(code, str(code))


routes = [
    get_buyer_parcels,
    get_shop_parcels,
    api_parcels,
    get_shop_deliveries,
    get_late_parcels,
    get_ended_parcels,
    get_operator_deliveries,
    get_shop_compensations,
    get_operator_compensations,
]
