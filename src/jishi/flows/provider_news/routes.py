"""HTTP for providers: their news comes in here."""

from typing import Any

from litestar import Response, post

from jishi import web
from jishi.modules.payments import NOTED, NewsVerdict, Provider, ProviderUnknown
from jishi.web import answer


@post("/api/v1/payments/callbacks/{provider:str}", csrf=False, status_code=200)
async def post_callback(request: web.AnyRequest) -> Response[Any]:
    """POST /api/v1/payments/callbacks/{provider}: 200 taken, once or again.

    401 bad signature; 403 meant for another merchant; 404 no such payment; 422 makes no sense.
    Anything but 2xx makes the provider try again later.
    """
    provider = str(request.path_params["provider"])
    providers = web.service(request, "providers")
    if provider not in providers:
        raise ProviderUnknown(provider=provider)
    headers = {name.lower(): value for name, value in request.headers.items()}
    now = web.now(request)
    news = await providers[provider].verify_callback(headers, await request.body(), now=now)
    if news is None:
        return _taken(providers[provider], NOTED)
    verdict = await web.service(request, "provider_news")(news, now=now)
    if verdict == NewsVerdict.UNKNOWN:
        return answer.json({"verdict": str(verdict)}, status=404)
    return _taken(providers[provider], verdict)


def _taken(provider: Provider, verdict: str) -> Response[Any]:
    """What the provider reads as "taken"; Alipay wants a word of its own."""
    if provider.answer is None:
        return answer.json({"verdict": str(verdict)})
    return Response(provider.answer.body, media_type=provider.answer.media_type)


routes = [post_callback]
