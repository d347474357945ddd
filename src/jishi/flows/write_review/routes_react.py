"""What readers do about a review: votes and reports."""

from typing import Any, Final

from litestar import Response, get, post

from jishi import web
from jishi.flows.write_review import flow, forms
from jishi.kit.errors import NotFound, Refusal
from jishi.kit.ids import ReviewId
from jishi.kit.text import mark as _
from jishi.modules import reviews
from jishi.modules.reviews.rules import why_of
from jishi.modules.reviews.types import NOTE_MAX, WHY_WORDS, Review
from jishi.modules.shops import Errors
from jishi.web.answer import redirect
from jishi.web.pages import local_path

TOLD: Final = _("Thank you. An operator will look at it.")


@post("/reviews/{review_id:str}/vote")
async def post_vote(request: web.AnyRequest) -> Response[Any]:
    """POST /reviews/{review_id}/vote (helpful: 1, 0 or empty; next): 303 back; 403 one's own; 404."""
    await forms.spent(request, forms.VOTING)
    form, who = await request.form(), web.signed_in(request)
    said = {"1": True, "0": False}.get(str(form.get("helpful", "")))
    review_id = ReviewId(web.path_id(request, "review_id"))
    async with web.transaction(request) as tx:
        review = await flow.vote(
            tx,
            review_id,
            who.account_id,
            is_helpful=said,
            staff_of=list(who.shops),
            now=web.now(request),
        )
    if web.is_htmx(request):
        return web.page(
            request, "write_review/voted.html", id=review.id, helpful=review.helpful, mine=said
        )
    return redirect(local_path(str(form.get("next") or f"/p/{review.product_id}/reviews")))


@get("/reviews/{review_id:str}/report")
async def get_report(request: web.AnyRequest) -> Response[Any]:
    """GET /reviews/{review_id}/report (next): 200 the form; 404."""
    async with web.read(request) as tx:
        review = await reviews.get_review(tx, ReviewId(web.path_id(request, "review_id")))
    if review.hidden_at is not None:
        raise NotFound
    return _report_page(request, review, back=request.query_params.get("next", ""))


@post("/reviews/{review_id:str}/report")
async def post_report(request: web.AnyRequest) -> Response[Any]:
    """POST /reviews/{review_id}/report (why, note, next): 303; 404; 422 without a reason."""
    await forms.spent(request, forms.REPORTING)
    form = await request.form()
    note, back = str(form.get("note", ""))[:NOTE_MAX], str(form.get("next", ""))
    async with web.transaction(request) as tx:
        review = await reviews.get_review(tx, ReviewId(web.path_id(request, "review_id")))
        try:
            why = why_of(str(form.get("why", "")))
        except Refusal as problem:
            return _report_page(request, review, note=note, back=back, problem=problem)
        await reviews.report(tx, review.id, forms.me(request), why, note, now=web.now(request))
    return forms.told(request, local_path(back or f"/p/{review.product_id}/reviews"), TOLD)


def _report_page(
    request: web.AnyRequest,
    review: Review,
    *,
    note: str = "",
    back: str = "",
    problem: Refusal | None = None,
) -> Response[Any]:
    return web.page(
        request,
        "write_review/report.html",
        status=web.status_of(problem) if problem else 200,
        review=review,
        whys=WHY_WORDS,
        note=note,
        back=local_path(back or f"/p/{review.product_id}/reviews"),
        note_max=NOTE_MAX,
        errors=Errors(web.field_errors(request, problem) if problem else {}),
    )


routes = [post_vote, get_report, post_report]
