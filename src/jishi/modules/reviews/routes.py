"""HTTP for the shop's answers. Reading is in reads/reviews, writing in flows/write_review."""

from datetime import timedelta
from typing import Any, Final

import msgspec
from litestar import Response, post, put

from jishi import web
from jishi.kit.errors import Refusal
from jishi.kit.ids import ReviewId, ShopId
from jishi.kit.text import mark as _
from jishi.modules.reviews import service
from jishi.modules.reviews.types import Review, ReviewNotFound
from jishi.web.answer import json, redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.limits import Limit, spend
from jishi.web.pages import local_path, locale_of

READ_MAX: Final = 20_000  # characters read of an answer that will be refused for its length
ANSWERING: Final = Limit("reviews.answer", 300, timedelta(hours=1))
ANSWERED: Final = _("Your answer stands below the review.")


class AnswerBody(msgspec.Struct, forbid_unknown_fields=True):
    answer: str


@post("/merchant/{shop_id:str}/reviews/{review_id:str}/answer")
async def post_answer(request: web.AnyRequest) -> Response[Any]:
    """POST /merchant/{shop_id}/reviews/{review_id}/answer (answer, next): 303, told what is wrong; 404."""
    form, words = await request.form(), translator(locale_of(request))
    text = str(form.get("answer", ""))
    path = str(form.get("next") or f"/merchant/{request.path_params['shop_id']}/reviews")
    try:
        await _answer(request, text)
    except ReviewNotFound:
        raise
    except Refusal as problem:
        return flash(redirect(local_path(path)), "bad", web.words(request, problem))
    return flash(redirect(local_path(path)), "ok", words.gettext(ANSWERED))


@put("/api/v1/shops/{shop_id:str}/reviews/{review_id:str}/answer")
async def api_answer(request: web.AnyRequest) -> Response[bytes]:
    """PUT …/reviews/{review_id}/answer {"answer"}: 200; 404; 409 a day later, imported, hidden; 422."""
    body = await web.read_json(request, AnswerBody)
    review = await _answer(request, body.answer)
    at = review.answered_at
    return json(
        {
            "id": str(review.id),
            "answer": review.answer,
            "answered_at": at.isoformat() if at else None,
        }
    )


async def _answer(request: web.AnyRequest, text: str) -> Review:
    me = web.signed_in(request).account_id
    await spend(request, (ANSWERING, str(me)))
    async with web.transaction(request) as tx:
        return await service.answer(
            tx,
            ReviewId(web.path_id(request, "review_id")),
            text[:READ_MAX],
            shop_id=ShopId(web.path_id(request, "shop_id")),
            by=me,
            now=web.now(request),
        )


routes = [post_answer, api_answer]
