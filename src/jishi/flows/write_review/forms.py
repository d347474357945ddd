"""What the handlers share: limits, reading what is sent with its pictures, saying that it is done."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from litestar import Response
from litestar.datastructures import UploadFile

from jishi import web
from jishi.flows.write_review.types import FORM_TEXT_MAX, KEPT_MAX, ReviewBody, ReviewForm
from jishi.kit.errors import NotFound, Refusal
from jishi.kit.ids import AccountId, MediaId, OrderId, ShopId, parse_id
from jishi.modules.media import keep_uploads
from jishi.modules.reviews.types import Pictures, Words
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.limits import Limit, spend
from jishi.web.pages import locale_of

WRITING: Final = Limit("reviews.write", 60, timedelta(hours=1))
UPLOADING: Final = Limit("reviews.upload", 120, timedelta(hours=1))
VOTING: Final = Limit("reviews.vote", 300, timedelta(hours=1))
REPORTING: Final = Limit("reviews.report", 30, timedelta(hours=1))
ANSWERING: Final = Limit("reviews.answer", 300, timedelta(hours=1))
LINE_MAX: Final = 1000  # a smallint, and far more than an order holds


def line_of(request: web.AnyRequest) -> tuple[OrderId, int]:
    """The order line in the path. Raises NotFound."""
    line = int(request.path_params["line"])
    if not 0 < line <= LINE_MAX:
        raise NotFound
    return OrderId(web.path_id(request, "order_id")), line


def words_of(form: ReviewForm, pictures: Pictures) -> Words:
    """Stars that are none become 0, which the rule refuses by name."""
    return Words(
        stars=_stars(form.stars) or 0,
        dispatch_stars=_stars(form.dispatch_stars),
        service_stars=_stars(form.service_stars),
        text=form.text[:FORM_TEXT_MAX],
        is_anonymous=form.is_anonymous == "1",
        pictures=pictures,
    )


def words_of_body(body: ReviewBody) -> Words:
    return Words(
        stars=body.stars,
        dispatch_stars=body.dispatch_stars,
        service_stars=body.service_stars,
        text=body.text[:FORM_TEXT_MAX],
        is_anonymous=body.anonymous,
        pictures=pictures_of(media_ids(body.picture_ids)),
    )


def media_ids(texts: Sequence[str]) -> list[MediaId]:
    """Each once, in order; what is no id is left out."""
    found = [MediaId(it) for text in texts[:KEPT_MAX] if (it := parse_id(text)) is not None]
    return list(dict.fromkeys(found))


def ids_of(pictures: Pictures) -> list[MediaId]:
    """Of pictures as they are kept."""
    return media_ids([it.get("media_id", "") for it in pictures])


def pictures_of(ids: Sequence[MediaId]) -> Pictures:
    return [{"media_id": str(each)} for each in ids]


async def uploaded(request: web.AnyRequest, shop_id: ShopId) -> tuple[list[MediaId], list[Refusal]]:
    """The pictures of a form's field ``files``, kept; a refusal for each that is none."""
    posted = (await request.form()).getall("files", [])
    files = [it for it in posted if isinstance(it, UploadFile) and it.filename]
    if not files:
        return [], []
    await spent(request, UPLOADING)
    kept, refused = await keep_uploads(request, shop_id, files)
    return [it.id for it in kept], refused


def me(request: web.AnyRequest) -> AccountId:
    return web.signed_in(request).account_id


async def spent(request: web.AnyRequest, limit: Limit) -> None:
    """Raises Limited."""
    await spend(request, (limit, str(me(request))))


def _stars(text: str) -> int | None:
    plain = text.strip()
    return int(plain) if plain in {"1", "2", "3", "4", "5"} else None


def told(request: web.AnyRequest, path: str, text: str) -> Response[Any]:
    """303 to a page that says so once."""
    return flash(redirect(path), "ok", translator(locale_of(request)).gettext(text))
