"""The operator's page about search."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.flows.tend_search import flow
from jishi.kit.errors import NotFound, Refusal
from jishi.kit.paging import PAGE_SIZE
from jishi.kit.text import mark as _
from jishi.modules.search import service
from jishi.modules.search.types import TermsInvalid
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

HOME: Final = "/operator/search"
ID_DIGITS: Final = 9


class SynonymForm(msgspec.Struct):
    terms: str = ""
    one_way: str = ""


class QueryForm(msgspec.Struct):
    query: str = ""
    hidden: str = ""


@get(HOME)
async def get_search_care(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/search (term, before, after): synonyms, and what is searched for most; 200."""
    return await _shown(request)


@post(f"{HOME}/synonyms")
async def post_synonym(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/search/synonyms (terms: one a line, one_way): 303; 422 with the form."""
    form = await web.read_form(request, SynonymForm)
    terms = form.terms[:2_000].splitlines()
    try:
        async with web.transaction(request) as tx:
            await flow.add_synonym(
                tx,
                terms,
                is_one_way=form.one_way == "1",
                operator_id=web.signed_in(request).account_id,
                now=web.now(request),
            )
    except TermsInvalid as refused:
        return await _shown(request, problem=refused, typed=form)
    return _told(request, _("The synonyms count from the next minute on."))


@post(f"{HOME}/synonyms/{{synonym_id:str}}/delete")
async def post_delete(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/search/synonyms/{synonym_id}/delete: 303; 404 when it is gone."""
    text = str(request.path_params["synonym_id"])
    if not (text.isascii() and text.isdigit() and len(text) <= ID_DIGITS):
        raise NotFound
    async with web.transaction(request) as tx:
        await flow.drop_synonym(
            tx, int(text), operator_id=web.signed_in(request).account_id, now=web.now(request)
        )
    return _told(request, _("The synonyms are gone from the next minute on."))


@post(f"{HOME}/queries")
async def post_query(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/search/queries (query, hidden): 303; 404 when nobody searched for it."""
    form = await web.read_form(request, QueryForm)
    async with web.transaction(request) as tx:
        is_there = await flow.set_hidden(
            tx,
            form.query[:40],
            hidden=form.hidden == "1",
            operator_id=web.signed_in(request).account_id,
            now=web.now(request),
        )
    if not is_there:
        raise NotFound
    said = (
        _("It is not suggested any more.")
        if form.hidden == "1"
        else _("It may be suggested again.")
    )
    return _told(request, said)


async def _shown(
    request: web.AnyRequest, problem: Refusal | None = None, typed: SynonymForm | None = None
) -> Response[Any]:
    asked = request.query_params
    term, before = asked.get("term", "")[:40], asked.get("before", "")
    last = (
        int(before) if before.isascii() and before.isdigit() and len(before) <= ID_DIGITS else None
    )
    async with web.read(request) as tx:
        sets = await service.list_synonyms(tx, before=last, term=term, limit=PAGE_SIZE + 1)
        queries = await service.most_searched(tx, asked.get("after"), size=PAGE_SIZE)
    return web.page(
        request,
        "tend_search/search.html",
        status=422 if problem else 200,
        sets=sets[:PAGE_SIZE],
        next_set=sets[PAGE_SIZE - 1].id if len(sets) > PAGE_SIZE else None,
        queries=queries,
        term=term,
        problem=translator(locale_of(request)).gettext(problem.text) if problem else "",
        typed=typed or SynonymForm(),
    )


def _told(request: web.AnyRequest, text: str) -> Response[Any]:
    return flash(redirect(HOME), "ok", translator(locale_of(request)).gettext(text))


routes = [get_search_care, post_synonym, post_delete, post_query]
