"""HTTP for the shop's answers to reviews."""

from typing import Any, Final

import msgspec
from litestar import Response, post, put

from jishi import web
from jishi.flows.write_review import flow, forms
from jishi.flows.write_review.types import FORM_TEXT_MAX
from jishi.kit.errors import Refusal
from jishi.kit.ids import ReviewId, ShopId
from jishi.kit.text import mark as _
from jishi.modules.reviews.types import Review, ReviewNotFound
from jishi.web.answer import json, redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import local_path, locale_of

ANSWERED: Final = _("Your answer stands below the review.")


class AnswerBody(msgspec.Struct, forbid_unknown_fields=True):
    answer: str


@post("/merchant/{shop_id:str}/reviews/{review_id:str}/answer")
async def post_answer(request: web.AnyRequest) -> Response[Any]:
    """POST /merchant/{shop_id}/reviews/{review_id}/answer (answer, next): 303, told what is wrong; 404.

    To htmx what is wrong stands beside what was typed, with its status.
    """
    form, words = await request.form(), translator(locale_of(request))
    asked = str(form.get("next") or f"/merchant/{request.path_params['shop_id']}/reviews")
    path, is_htmx = local_path(asked), web.is_htmx(request)
    try:
        await _answer(request, str(form.get("answer", "")))
    except ReviewNotFound:
        raise
    except Refusal as problem:
        text = web.words(request, problem)
        if is_htmx:
            status = web.status_of(problem)
            return web.page(request, "write_review/refused.html", status=status, text=text)
        return flash(redirect(path), "bad", text)
    done = Response(None, headers={"hx-redirect": path}) if is_htmx else redirect(path)
    return flash(done, "ok", words.gettext(ANSWERED))


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
    await forms.spent(request, forms.ANSWERING)
    async with web.transaction(request) as tx:
        return await flow.answer(
            tx,
            ReviewId(web.path_id(request, "review_id")),
            text[:FORM_TEXT_MAX],
            shop_id=ShopId(web.path_id(request, "shop_id")),
            by=forms.me(request),
            now=web.now(request),
        )


routes = [post_answer, api_answer]
