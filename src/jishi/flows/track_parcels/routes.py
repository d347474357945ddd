"""HTTP for carriers: their scans come in here."""

from typing import Any

from litestar import Response, post

from jishi import web
from jishi.flows.track_parcels.flow import record_scans
from jishi.flows.track_parcels.rules import NewsVerdict
from jishi.modules.fulfilment.types_tracking import CarrierUnknown
from jishi.web import answer


@post("/api/v1/carriers/callbacks/{carrier:str}", csrf=False, status_code=200)
async def post_callback(request: web.AnyRequest) -> Response[Any]:
    """POST /api/v1/carriers/callbacks/{carrier}: 200 taken, once or again.

    401 bad signature; 404 no such carrier or parcel; 422 makes no sense. Anything but 2xx makes the
    carrier try again later: a parcel may be scanned before the shop has said that it left.
    """
    carrier = str(request.path_params["carrier"])
    carriers = web.service(request, "carriers")
    if carrier not in carriers:
        raise CarrierUnknown(carrier=carrier)
    headers = {name.lower(): value for name, value in request.headers.items()}
    now = web.now(request)
    news = carriers[carrier].verify_callback(headers, await request.body(), now=now)
    async with web.transaction(request) as tx:
        (verdict,) = await record_scans(tx, [news], now=now, zone=web.settings(request).zone)
    status = 404 if verdict is NewsVerdict.UNKNOWN else 200
    return answer.json({"verdict": verdict.value}, status=status)


routes = [post_callback]
