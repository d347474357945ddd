"""HTTP for providers: their news comes in here."""

from typing import Any

from litestar import Response, post

from jishi import web
from jishi.modules.payments import NewsVerdict, ProviderUnknown
from jishi.web import answer


@post("/api/v1/payments/callbacks/{provider:str}", csrf=False, status_code=200)
async def post_callback(request: web.AnyRequest) -> Response[Any]:
    """POST /api/v1/payments/callbacks/{provider}: 200 taken, once or again.

    401 bad signature; 404 no such payment; 422 makes no sense. Anything but 2xx makes the provider
    try again later.
    """
    provider = str(request.path_params["provider"])
    providers = web.service(request, "providers")
    if provider not in providers:
        raise ProviderUnknown(provider=provider)
    headers = {name.lower(): value for name, value in request.headers.items()}
    now = web.now(request)
    news = providers[provider].verify_callback(headers, await request.body(), now=now)
    verdict = await web.service(request, "provider_news")(news, now=now)
    status = 404 if verdict == NewsVerdict.UNKNOWN else 200
    return answer.json({"verdict": str(verdict)}, status=status)


routes = [post_callback]
