"""Pages: one Jinja environment per language, the frame every page shares, and preferences.

Templates of a package stand in its ``pages/`` folder and are named ``package/file.html``; the frame
and the macros stand in ``jishi/templates``. Macros see the request through globals, so
``{% from "m.html" import price %}`` needs no ``with context``.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
    nodes,
)
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from litestar import Response, get, post
from markupsafe import Markup

import jishi
from jishi.web import charts, csrf, i18n, navigation, parts
from jishi.web.flash import flashes, forget
from jishi.web.folding import Folding
from jishi.web.i18n import choose_locale, choose_theme, translator
from jishi.web.request import AnyRequest
from jishi.web.shown import Market, Shown
from jishi.web.static_files import url_art, url_static

ROOT: Final = Path(jishi.__file__).parent
TEMPLATES: Final = ROOT / "templates"
YEAR: Final = timedelta(days=365)
HTML: Final = "text/html; charset=utf-8"
FORMATTERS: Final = (
    *("money", "change", "fen", "money_parts", "sign", "count", "percent"),
    *("when", "stamp", "iso", "day", "left", "span", "urgency"),
)


@dataclass(slots=True)
class _Wiring:
    """What the composition root plugs in with ``configure``."""

    market: Market = field(default_factory=Market)
    reload: bool = False
    cart_count: Callable[[AnyRequest], int | None] = lambda _request: None


_wiring = _Wiring()
_request: ContextVar[AnyRequest | None] = ContextVar("jishi_page_request", default=None)


def configure(
    *,
    market: Market | None = None,
    reload: bool | None = None,
    cart_count: Callable[[AnyRequest], int | None] | None = None,
) -> None:
    """Set the market's currency and zone, template reloading, and how the cart is counted.

    ``cart_count`` runs for every page: it must answer from what the request already holds.
    """
    _wiring.market = market or _wiring.market
    _wiring.reload = _wiring.reload if reload is None else reload
    _wiring.cart_count = cart_count or _wiring.cart_count
    environment.cache_clear()


def page_folders() -> dict[str, Path]:
    """Every package that brings pages, by the name its templates are addressed with."""
    found: dict[str, Path] = {}
    for group in ("modules", "flows", "reads"):
        for folder in sorted((ROOT / group).glob("*/pages")):
            name = folder.parent.name
            if name in found:
                raise RuntimeError(
                    f"two packages called {name} bring pages: {found[name]}, {folder}"
                )
            found[name] = folder
    return found


def _loader() -> BaseLoader:
    mounted = {name: FileSystemLoader(folder) for name, folder in page_folders().items()}
    return ChoiceLoader([FileSystemLoader(TEMPLATES), PrefixLoader(mounted)])


class _Template(Template):
    """Macros are made once: all they use are the environment's globals, never those of one page."""

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        del ctx
        return super()._get_default_module()


class _Environment(Environment):
    template_class = _Template

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        Folding(self.globals).visit(tree)
        return tree


@lru_cache(maxsize=len(i18n.LOCALES))
def environment(locale: str) -> Environment:
    """The environment of one locale: its words and formatters are globals of every template."""
    made = _Environment(
        loader=_loader(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=_wiring.reload,
        cache_size=600,
    )
    words = translator(locale, markup=True)
    shown = Shown(locale, _wiring.market)
    price = parts.price_of(shown, words)
    formatters = {name: getattr(shown, name) for name in FORMATTERS}
    made.globals |= formatters
    made.globals |= {
        "_": words.gettext,
        "gettext": words.gettext,
        "ngettext": words.ngettext,
        "pgettext": words.pgettext,
        "locale": locale,
        "url_static": url_static,
        "url_art": url_art,
        "csrf_field": csrf_field,
        "csrf_token": csrf_token,
        "tint": parts.tint,
        "initial": parts.initial,
        "icon_part": parts.icon,
        "picture_part": parts.picture,
        "price_part": price,
        "product_card_part": parts.product_card_of(shown, words, price),
        "query_url": query_url,
        "spark_paths": charts.spark_paths,
        "line_chart": charts.line_chart,
        "bar_chart": charts.bar_chart,
    }
    made.filters |= formatters
    return made


def page(
    request: AnyRequest,
    name: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    block: str | None = None,
    **ctx: Any,
) -> Response[str]:
    """Render template ``name`` with ``ctx`` and the frame's own values; ``block`` only that block.

    A block is what htmx swaps: it is rendered without the frame around it.
    """
    locale = locale_of(request)
    frame = frame_context(request, locale) | {"status": status}
    token = _request.set(request)
    try:
        template = environment(locale).get_template(name)
        if block is None:
            text = template.render(frame | ctx)
        else:
            context = template.new_context(frame | ctx)
            text = "".join(template.blocks[block](context))
    finally:
        _request.reset(token)
    kept = {"vary": "Cookie, Accept-Language, HX-Request", "cache-control": "no-store"}
    answer = Response(
        text,
        status_code=status,
        media_type=HTML,
        headers={**kept, "content-language": locale, **(headers or {})},
    )
    if frame["flashes"] and block is None:
        forget(answer)
    return answer


def frame_context(request: AnyRequest, locale: str) -> dict[str, Any]:
    """The values every frame uses. What the request does not carry is None or empty."""
    me = getattr(request.state, "identity", None)
    path = request.scope["path"]
    return {
        "me": me,
        "theme": choose_theme(request.cookies.get(i18n.THEME_COOKIE)),
        "path": path,
        "here": here(request),
        "now": getattr(request.state, "now", None) or datetime.now(UTC),
        "q": request.query_params.get("q", "")[:100],
        "cart_count": _wiring.cart_count(request),
        "flashes": flashes(request),
        "nav": navigation.console_of(path, me),
        "locale": locale,
    }


def locale_of(request: AnyRequest) -> str:
    """The request's locale: as decided earlier for this request, else from cookie and headers."""
    decided = getattr(request.state, "locale", None)
    if decided in i18n.LOCALES:
        return str(decided)
    return choose_locale(
        cookie=request.cookies.get(i18n.COOKIE),
        account=getattr(getattr(request.state, "identity", None), "locale", None),
        accept_language=request.headers.get("accept-language", ""),
    )


def csrf_token() -> str:
    """The token of the request being answered; empty outside a market, as in the gallery."""
    request = _request.get()
    if request is None:
        return ""
    if not hasattr(getattr(request.scope.get("litestar_app"), "state", None), "settings"):
        return str(getattr(request.state, "csrf", None) or "")
    return csrf.ensure(request)


def csrf_field() -> Markup:
    """The hidden field every unsafe form carries."""
    return Markup('<input type="hidden" name="_csrf" value="{}">').format(csrf_token())


def here(request: AnyRequest) -> str:
    """The address of this page within the site, to come back to."""
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


def query_url(path: str, **params: Any) -> str:
    """``path`` with the parameters that say something; None, empty and False are left out."""
    pairs = [f"{k}={quote(str(v), safe='')}" for k, v in params.items() if v or v == 0]
    return f"{path}?{'&'.join(pairs)}" if pairs else path


def local_path(asked: str) -> str:
    """``asked`` when it is an address within this site, else the home page."""
    plain = asked.isprintable() and "\\" not in asked and " " not in asked
    return asked if plain and asked.startswith("/") and not asked.startswith("//") else "/"


@post("/preferences", include_in_schema=False)
async def post_preferences(request: AnyRequest) -> Response[None]:
    """POST /preferences (lang, theme, next): keeps language and theme in cookies; 303 to next."""
    form = await request.form()
    answer = Response(None, status_code=303)
    answer.headers["location"] = local_path(str(form.get("next", "/")))
    chosen = ((i18n.COOKIE, "lang", i18n.LOCALES), (i18n.THEME_COOKIE, "theme", i18n.THEMES))
    for cookie, name, known in chosen:
        value = form.get(name)
        if value in known:
            _keep(answer, cookie, str(value), secure=request.url.scheme == "https")
        elif value == "auto":
            answer.delete_cookie(cookie)
    return answer


def _keep(answer: Response[None], cookie: str, value: str, *, secure: bool) -> None:
    answer.set_cookie(
        key=cookie,
        value=value,
        max_age=int(YEAR.total_seconds()),
        path="/",
        samesite="lax",
        secure=secure,
        httponly=False,  # the theme button changes it without a round trip
    )


@get("/manifest.webmanifest", include_in_schema=False, sync_to_thread=False)
def get_manifest(request: AnyRequest) -> Response[dict[str, Any]]:
    """GET /manifest.webmanifest: what a device needs to install the storefront."""
    words = translator(locale_of(request))
    icons = [
        {
            "src": url_static(f"built/seal-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": "any maskable",
        }
        for size in (192, 512)
    ]
    icons.append({"src": url_static("seal.svg"), "sizes": "any", "type": "image/svg+xml"})
    body = {
        "name": words("Jishi"),
        "short_name": words("Jishi"),
        "lang": words.locale,
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#F3F4F6",
        "theme_color": "#F3F4F6",
        "icons": icons,
    }
    kept = {"cache-control": "public, max-age=3600", "vary": "Cookie, Accept-Language"}
    return Response(body, media_type="application/manifest+json", headers=kept)


routes = [post_preferences, get_manifest]
