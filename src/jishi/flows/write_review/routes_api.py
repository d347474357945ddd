"""The JSON API for writing about purchases."""

from typing import Any, Final

from litestar import Response, post, put

from jishi import web
from jishi.flows.write_review import flow, forms
from jishi.flows.write_review.types import FollowUpBody, ReportBody, ReviewBody, VoteBody
from jishi.kit.errors import FieldMissing, Refusals
from jishi.kit.ids import ReviewId
from jishi.modules import reviews
from jishi.modules.media import picture_src
from jishi.modules.reviews.rules import why_of
from jishi.modules.reviews.types import Review
from jishi.web.answer import json

LINE: Final = "/api/v1/orders/{order_id:str}/lines/{line:int}"
ONE: Final = "/api/v1/reviews/{review_id:str}"
PICTURE: Final = 960


@post(f"{LINE}/pictures")
async def api_upload(request: web.AnyRequest) -> Response[bytes]:
    """POST …/lines/{line}/pictures (multipart, field ``files``): 201 {"items"}; 404, 413, 422."""
    async with web.read(request) as tx:
        bought = await flow.get_bought(tx, *forms.line_of(request), forms.me(request))
    ids, refused = await forms.uploaded(request, bought.purchase.shop_id)
    if refused:
        raise Refusals(refused)
    if not ids:
        raise FieldMissing(field="files")
    items = [
        {"picture_id": str(it), "url": picture_src({"media_id": str(it)}, PICTURE)} for it in ids
    ]
    return json({"items": items}, status=201)


@post(f"{LINE}/review")
async def api_write(request: web.AnyRequest) -> Response[bytes]:
    """POST …/lines/{line}/review: 201 the review; 404 not bought; 409 not yet, again, too late; 422."""
    await forms.spent(request, forms.WRITING)
    body, me = await web.read_json(request, ReviewBody), forms.me(request)
    order_id, line = forms.line_of(request)
    words, now, maker = forms.words_of_body(body), web.now(request), web.ids(request)
    async with web.transaction(request) as tx:
        bought = await flow.get_bought(tx, order_id, line, me)
        ids = forms.media_ids(body.picture_ids)
        await flow.check_pictures(tx, bought.purchase.shop_id, me, ids)
        review = await flow.write(tx, order_id, line, words, maker, writer_id=me, now=now)
    return json(own_json(review), status=201)


@put(ONE)
async def api_edit(request: web.AnyRequest) -> Response[bytes]:
    """PUT /api/v1/reviews/{review_id}: 200 the review as changed; 404; 409 once it stays; 422."""
    await forms.spent(request, forms.WRITING)
    body, me = await web.read_json(request, ReviewBody), forms.me(request)
    review_id = _review(request)
    async with web.transaction(request) as tx:
        before = await reviews.get_own(tx, review_id, me)
        known = forms.ids_of(before.pictures)
        ids = forms.media_ids(body.picture_ids)
        await flow.check_pictures(tx, before.shop_id, me, ids, known=known)
        words = forms.words_of_body(body)
        review = await flow.edit(tx, review_id, words, writer_id=me, now=web.now(request))
    return json(own_json(review))


@post(f"{ONE}/follow-up")
async def api_follow_up(request: web.AnyRequest) -> Response[bytes]:
    """POST /api/v1/reviews/{review_id}/follow-up: 201 the review; 404; 409 again, too late; 422."""
    await forms.spent(request, forms.WRITING)
    body, me = await web.read_json(request, FollowUpBody), forms.me(request)
    review_id, ids = _review(request), forms.media_ids(body.picture_ids)
    async with web.transaction(request) as tx:
        before = await reviews.get_own(tx, review_id, me)
        await flow.check_pictures(tx, before.shop_id, me, ids)
        pictures, now = forms.pictures_of(ids), web.now(request)
        review = await flow.follow_up(tx, review_id, body.text, pictures, writer_id=me, now=now)
    return json(own_json(review), status=201)


@put(f"{ONE}/vote")
async def api_vote(request: web.AnyRequest) -> Response[bytes]:
    """PUT /api/v1/reviews/{review_id}/vote {"helpful"}: 200 the counts; 403 one's own; 404; 409."""
    await forms.spent(request, forms.VOTING)
    body, who = await web.read_json(request, VoteBody), web.signed_in(request)
    async with web.transaction(request) as tx:
        review = await flow.vote(
            tx,
            _review(request),
            who.account_id,
            is_helpful=body.helpful,
            staff_of=list(who.shops),
            now=web.now(request),
        )
    counts = {"helpful_count": review.helpful, "unhelpful_count": review.unhelpful}
    return json({"id": str(review.id), "helpful": body.helpful, **counts})


@post(f"{ONE}/report")
async def api_report(request: web.AnyRequest) -> Response[bytes]:
    """POST /api/v1/reviews/{review_id}/report {"why", "note"}: 202; 404; 422 without a reason."""
    await forms.spent(request, forms.REPORTING)
    body = await web.read_json(request, ReportBody)
    why = why_of(body.why)
    async with web.transaction(request) as tx:
        me, now = forms.me(request), web.now(request)
        await reviews.report(tx, _review(request), me, why, body.note, now=now)
    return json({"why": why}, status=202)


def own_json(review: Review) -> dict[str, Any]:
    """A review as its writer's programs read it."""
    return {
        "id": str(review.id),
        "product_id": str(review.product_id),
        "order_id": str(review.order_id) if review.order_id else None,
        "line": review.line,
        "stars": review.stars,
        "dispatch_stars": review.dispatch_stars,
        "service_stars": review.service_stars,
        "text": review.text,
        "picture_ids": [it.get("media_id") for it in review.pictures],
        "anonymous": review.is_anonymous,
        "follow_up": review.follow_up,
        "answer": review.answer,
        "held": review.is_held,
        "hidden_why": review.hidden_why,
        "hidden_note": review.hidden_note,
        "helpful_count": review.helpful,
        "created_at": review.created_at.isoformat(),
        "edited_at": review.edited_at.isoformat() if review.edited_at else None,
    }


def _review(request: web.AnyRequest) -> ReviewId:
    return ReviewId(web.path_id(request, "review_id"))


routes = [api_upload, api_write, api_edit, api_follow_up, api_vote, api_report]
