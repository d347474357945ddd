"""HTTP for banks: their news comes in here. It only wakes the question; the answer to that counts."""

from typing import Any

from litestar import Response, post

from jishi import web
from jishi.flows.withdraw import flow
from jishi.modules.payouts import PayoutProvider
from jishi.modules.payouts.types import ProviderUnknown
from jishi.web.answer import json


@post("/api/v1/payouts/callbacks/{provider:str}", csrf=False, status_code=200)
async def post_news(request: web.AnyRequest) -> Response[Any]:
    """POST /api/v1/payouts/callbacks/{provider}: 200 taken, once or again; 401 bad signature; 404 no such
    bank or withdrawal; 422 makes no sense. Anything but 2xx makes the bank try again later."""
    name = str(request.path_params["provider"])
    provider: PayoutProvider = web.service(request, "payout_provider")
    if name != provider.name:
        raise ProviderUnknown(provider=name)
    headers = {key.lower(): value for key, value in request.headers.items()}
    now = web.now(request)
    withdrawal_id = provider.read_news(headers, await request.body(), now=now)
    if withdrawal_id is not None:
        async with web.transaction(request) as tx:
            await flow.hear(tx, name, withdrawal_id, now=now)
    return json({"taken": True})


routes = [post_news]
