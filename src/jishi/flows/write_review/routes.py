"""Pages for writing: a review, its change, a follow-up."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Response, get, post

from jishi import web
from jishi.flows.write_review import flow, forms, routes_answer, routes_api, routes_react
from jishi.flows.write_review.types import ReviewForm
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import MediaId, ReviewId, ShopId
from jishi.kit.text import mark as _
from jishi.modules import reviews
from jishi.modules.media import picture_src
from jishi.modules.reviews.rules import check_edit, check_follow_up, check_purchase
from jishi.modules.reviews.types import PICTURES_MAX, TEXT_MAX, Review
from jishi.modules.shops import Errors

LINE: Final = "/orders/{order_id:str}/lines/{line:int}/review"
MINE: Final = "/me/reviews"
THANKS: Final = _("Thank you. Your review is on the product's page.")
CHANGED: Final = _("Your review is changed.")
ADDED: Final = _("Your follow-up stands below your review.")
HELD: Final = _("Thank you. A person looks at it first, because of some of its words.")
PICTURE: Final = 160


@get(LINE)
async def get_write(request: web.AnyRequest) -> Response[Any]:
    """GET /orders/{order_id}/lines/{line}/review: 200 the form; 404; 409 not yet or too late."""
    async with web.read(request) as tx:
        bought = await flow.get_bought(tx, *forms.line_of(request), forms.me(request))
    check_purchase(bought.purchase, forms.me(request), now=web.now(request))
    return _page(request, ReviewForm(), [], bought=bought, action=request.url.path)


@post(LINE)
async def post_write(request: web.AnyRequest) -> Response[Any]:
    """POST /orders/{order_id}/lines/{line}/review (stars, text, files …): 303; 409; 422 the form."""
    await forms.spent(request, forms.WRITING)
    order_id, line = forms.line_of(request)
    form, me, now = await web.read_form(request, ReviewForm), forms.me(request), web.now(request)
    async with web.read(request) as tx:
        bought = await flow.get_bought(tx, order_id, line, me)
    check_purchase(bought.purchase, me, now=now)
    ids, shop_id = forms.media_ids(form.kept), bought.purchase.shop_id
    try:
        new = await _add_pictures(request, shop_id, ids)
        async with web.transaction(request) as tx:
            await flow.check_pictures(tx, shop_id, me, ids, known=new)
            words = forms.words_of(form, forms.pictures_of(ids))
            maker = web.ids(request)
            review = await flow.write(tx, order_id, line, words, maker, writer_id=me, now=now)
    except (Refusal, Refusals) as problem:
        return _page(request, form, ids, bought=bought, action=request.url.path, problem=problem)
    return forms.told(request, MINE, HELD if review.is_held else THANKS)


@get("/reviews/{review_id:str}/edit")
async def get_edit(request: web.AnyRequest) -> Response[Any]:
    """GET /reviews/{review_id}/edit: 200 the form filled; 404; 409 once it stays as it is."""
    review, bought = await _own(request)
    check_edit(review, forms.me(request), now=web.now(request))
    form = ReviewForm(
        stars=str(review.stars),
        dispatch_stars=str(review.dispatch_stars or ""),
        service_stars=str(review.service_stars or ""),
        text=review.text,
        is_anonymous="1" if review.is_anonymous else "",
    )
    ids = forms.ids_of(review.pictures)
    return _page(request, form, ids, bought=bought, action=request.url.path, is_edit=True)


@post("/reviews/{review_id:str}/edit")
async def post_edit(request: web.AnyRequest) -> Response[Any]:
    """POST /reviews/{review_id}/edit: 303; 404; 409; 422 the form."""
    await forms.spent(request, forms.WRITING)
    review, bought = await _own(request)
    form, me, now = await web.read_form(request, ReviewForm), forms.me(request), web.now(request)
    check_edit(review, me, now=now)
    ids = forms.media_ids(form.kept)
    try:
        new = await _add_pictures(request, review.shop_id, ids)
        async with web.transaction(request) as tx:
            known = [*new, *forms.ids_of(review.pictures)]
            await flow.check_pictures(tx, review.shop_id, me, ids, known=known)
            words = forms.words_of(form, forms.pictures_of(ids))
            after = await flow.edit(tx, review.id, words, writer_id=me, now=now)
    except (Refusal, Refusals) as problem:
        path = request.url.path
        return _page(request, form, ids, bought=bought, action=path, problem=problem, is_edit=True)
    return forms.told(request, MINE, HELD if after.is_held else CHANGED)


@get("/reviews/{review_id:str}/follow-up")
async def get_follow_up(request: web.AnyRequest) -> Response[Any]:
    """GET /reviews/{review_id}/follow-up: 200 the form; 404; 409 when there is one, or too late."""
    review, bought = await _own(request)
    check_follow_up(review, forms.me(request), now=web.now(request))
    return _follow_up_page(request, review, bought, ReviewForm(), [])


@post("/reviews/{review_id:str}/follow-up")
async def post_follow_up(request: web.AnyRequest) -> Response[Any]:
    """POST /reviews/{review_id}/follow-up (text, files): 303; 404; 409; 422 the form."""
    await forms.spent(request, forms.WRITING)
    review, bought = await _own(request)
    form, me, now = await web.read_form(request, ReviewForm), forms.me(request), web.now(request)
    check_follow_up(review, me, now=now)
    ids = forms.media_ids(form.kept)
    try:
        new = await _add_pictures(request, review.shop_id, ids)
        async with web.transaction(request) as tx:
            await flow.check_pictures(tx, review.shop_id, me, ids, known=new)
            pictures = forms.pictures_of(ids)
            after = await flow.follow_up(tx, review.id, form.text, pictures, writer_id=me, now=now)
    except (Refusal, Refusals) as problem:
        return _follow_up_page(request, review, bought, form, ids, problem=problem)
    return forms.told(request, MINE, HELD if after.is_held else ADDED)


async def _own(request: web.AnyRequest) -> tuple[Review, Any]:
    me = forms.me(request)
    async with web.read(request) as tx:
        review = await reviews.get_own(tx, ReviewId(web.path_id(request, "review_id")), me)
        assert review.order_id is not None
        assert review.line is not None
        return review, await flow.get_bought(tx, review.order_id, review.line, me)


async def _add_pictures(
    request: web.AnyRequest, shop_id: ShopId, ids: list[MediaId]
) -> list[MediaId]:
    """Keeps what was uploaded and adds it to ``ids``. Raises Refusals for what is no picture."""
    new, refused = await forms.uploaded(request, shop_id)
    ids += [each for each in new if each not in ids]
    if refused:
        raise Refusals(refused)
    return new


def _shown(ids: Sequence[MediaId]) -> list[tuple[str, str | None]]:
    return [(str(each), picture_src({"media_id": str(each)}, PICTURE)) for each in ids]


def _page(
    request: web.AnyRequest,
    form: ReviewForm,
    ids: Sequence[MediaId],
    *,
    bought: Any,
    action: str,
    problem: Refusal | Refusals | None = None,
    is_edit: bool = False,
) -> Response[Any]:
    return web.page(
        request,
        "write_review/write.html",
        status=web.status_of(problem) if problem else 200,
        form=form,
        pictures=_shown(ids),
        bought=bought,
        action=action,
        is_edit=is_edit,
        errors=Errors(web.field_errors(request, problem) if problem else {}),
        limits={"text": TEXT_MAX, "pictures": PICTURES_MAX},
        picture=picture_src(bought.picture, PICTURE),
    )


def _follow_up_page(
    request: web.AnyRequest,
    review: Review,
    bought: Any,
    form: ReviewForm,
    ids: Sequence[MediaId],
    *,
    problem: Refusal | Refusals | None = None,
) -> Response[Any]:
    return web.page(
        request,
        "write_review/follow_up.html",
        status=web.status_of(problem) if problem else 200,
        form=form,
        review=review,
        bought=bought,
        pictures=_shown(ids),
        errors=Errors(web.field_errors(request, problem) if problem else {}),
        limits={"text": TEXT_MAX, "pictures": PICTURES_MAX},
        picture=picture_src(bought.picture, PICTURE),
    )


routes = [
    get_write,
    post_write,
    get_edit,
    post_edit,
    get_follow_up,
    post_follow_up,
    *routes_react.routes,
    *routes_answer.routes,
    *routes_api.routes,
]
