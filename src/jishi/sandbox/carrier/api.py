"""The signed API of the carrier. Every route is behind ``edge.check_signature``."""

from typing import Annotated, Any

from litestar import Response, Router, post
from litestar.params import Parameter

from jishi.sandbox import edge
from jishi.sandbox.carrier import desk
from jishi.sandbox.carrier.types import CreateTrack, CreateWaybill, SetFate
from jishi.sandbox.edge import Asked

Code = Annotated[str, Parameter(pattern=r"^[a-z0-9_]{1,40}$")]
Number = Annotated[str, Parameter(pattern=r"^[0-9A-Za-z\-]{4,40}$")]
CREATED, KNOWN = 201, 200


@post("/waybills", status_code=CREATED)
async def post_waybill(request: Asked) -> Response[dict[str, Any]]:
    """POST /carrier/v1/waybills: 201 new, 200 known; 409 the number stands for another; 422."""
    ask = edge.read_json(await request.body(), CreateWaybill)
    made, is_new = desk.create_waybill(edge.carrier(request), ask)
    said = {"number": made.number, "route": made.route, "carrier": made.carrier}
    return Response(said, status_code=CREATED if is_new else KNOWN)


@post("/waybills/{carrier:str}/{number:str}/cancel", status_code=KNOWN)
async def post_cancel(request: Asked, carrier: Code, number: Number) -> dict[str, Any]:
    """POST …/cancel: 200, also a second time; 404; 409 on its way already."""
    desk.cancel_waybill(edge.carrier(request), carrier, number, now=edge.now())
    return {"code": "cancelled"}


@post("/tracks", status_code=KNOWN)
async def post_track(request: Asked) -> dict[str, Any]:
    """POST /carrier/v1/tracks: 200 the scans so far, more by callback; 409 cancelled; 422."""
    ask = edge.read_json(await request.body(), CreateTrack)
    scans = desk.follow(edge.carrier(request), ask, now=edge.now())
    return {"carrier": ask.carrier, "number": ask.number, "scans": scans}


@post("/tracks/{carrier:str}/{number:str}/fate", status_code=KNOWN)
async def post_fate(request: Asked, carrier: Code, number: Number) -> dict[str, Any]:
    """POST …/fate {"fate": delivered · returned · lost · silent}: 200; 404; 422."""
    ask = edge.read_json(await request.body(), SetFate)
    desk.set_fate(edge.carrier(request), carrier, number, ask.fate, now=edge.now())
    return {"code": "set"}


router = Router(
    "/carrier/v1",
    route_handlers=[post_waybill, post_cancel, post_track, post_fate],
    before_request=edge.check_signature,
)
