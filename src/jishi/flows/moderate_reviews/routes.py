"""HTTP for operators about reviews."""

from typing import Any, Final

import msgspec
from litestar import Response, delete, post, put

from jishi import web
from jishi.flows.moderate_reviews import flow
from jishi.kit.ids import AccountId, ReviewId
from jishi.kit.text import mark as _
from jishi.modules.reviews.rules import why_of
from jishi.modules.reviews.types import Review
from jishi.web.answer import json, redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import local_path, locale_of

QUEUE: Final = "/operator/reviews"
ONE: Final = QUEUE + "/{review_id:str}"
API: Final = "/api/v1/operator/reviews/{review_id:str}/hidden"
HIDDEN: Final = _("Hidden. Its writer can read why.")
SHOWN: Final = _("Shown again.")
LEFT: Final = _("Left as it is. The reports are settled.")


class HideBody(msgspec.Struct):
    """``why`` is one of the published reasons; the writer reads it with ``note``."""

    why: str = ""
    note: str = ""


@post(f"{ONE}/hide")
async def post_hide(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/reviews/{review_id}/hide (why, note, next): 303; 404; 422 without a reason."""
    await _hide(request, await web.read_form(request, HideBody))
    return await _told(request, HIDDEN)


@post(f"{ONE}/show")
async def post_show(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/reviews/{review_id}/show (next): 303; 404."""
    await _show(request)
    return await _told(request, SHOWN)


@post(f"{ONE}/leave")
async def post_leave(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/reviews/{review_id}/leave (next): 303; 404."""
    async with web.transaction(request) as tx:
        review_id, me = _review(request), _me(request)
        await flow.leave(tx, review_id, operator_id=me, now=web.now(request))
    return await _told(request, LEFT)


@put(API)
async def api_hide(request: web.AnyRequest) -> Response[bytes]:
    """PUT …/operator/reviews/{review_id}/hidden {"why", "note"}: 200; 404; 422 without a reason."""
    return _hidden_json(await _hide(request, await web.read_json(request, HideBody)))


@delete(API, status_code=200)
async def api_show(request: web.AnyRequest) -> Response[bytes]:
    """DELETE …/operator/reviews/{review_id}/hidden: 200 shown again; 404."""
    return _hidden_json(await _show(request))


async def _hide(request: web.AnyRequest, body: HideBody) -> Review:
    why = why_of(body.why)
    async with web.transaction(request) as tx:
        review_id, me, now = _review(request), _me(request), web.now(request)
        return await flow.hide(tx, review_id, why, body.note, operator_id=me, now=now)


async def _show(request: web.AnyRequest) -> Review:
    async with web.transaction(request) as tx:
        review_id, me = _review(request), _me(request)
        return await flow.show_again(tx, review_id, operator_id=me, now=web.now(request))


def _hidden_json(review: Review) -> Response[bytes]:
    return json(
        {
            "id": str(review.id),
            "is_hidden": review.hidden_at is not None,
            "why": review.hidden_why,
            "note": review.hidden_note,
        }
    )


def _review(request: web.AnyRequest) -> ReviewId:
    return ReviewId(web.path_id(request, "review_id"))


def _me(request: web.AnyRequest) -> AccountId:
    return web.signed_in(request).account_id


async def _told(request: web.AnyRequest, text: str) -> Response[Any]:
    path = str((await request.form()).get("next") or QUEUE)
    words = translator(locale_of(request))
    return flash(redirect(local_path(path)), "ok", words.gettext(text))


routes = [post_hide, post_show, post_leave, api_hide, api_show]
