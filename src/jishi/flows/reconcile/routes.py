"""The operator's pages of reconciliation."""

from contextlib import suppress
from datetime import date
from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.flows.reconcile import flow, storage
from jishi.flows.reconcile.types import KIND_WORDS, FileMissing
from jishi.kit.errors import FieldInvalid, Refusal
from jishi.kit.paging import PAGE_SIZE
from jishi.kit.text import mark as _
from jishi.modules.payments import PROVIDER_WORDS, ProviderUnknown
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

HOME: Final = "/operator/reconcile"
STATES: Final = ("open", "explained", "noted", "gone")
POSITION_MAX: Final = 2**31 - 1
DIFFERENCES: Final = 50


class BillForm(msgspec.Struct, kw_only=True):
    provider: str = ""
    day: str = ""


class NoteForm(msgspec.Struct, kw_only=True):
    note: str = ""


@get(HOME)
async def get_checks(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/reconcile (after): bills checked so far, and the forms for another; 200."""
    return await _checks(request)


@post(HOME)
async def post_bill(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/reconcile (multipart: file, provider, day): 303 to the check; 422 again."""
    form = await web.read_form(request, BillForm)
    try:
        provider, day = form.provider or None, _day(form.day)
        sent = await web.upload(request, "file")
        if sent is None:
            raise FileMissing(field="file")
        raw = await sent.read()
        return await _check(request, raw, sent.filename, provider, day)
    except Refusal as refusal:
        return await _checks(request, refusal)


@post(f"{HOME}/fetch")
async def post_fetch(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/reconcile/fetch (provider, day): 303 to the check; 404, 422, 503 again."""
    form = await web.read_form(request, BillForm)
    try:
        providers, day = web.service(request, "providers"), _day(form.day)
        if day is None:
            raise FieldInvalid(field="day", detail="YYYY-MM-DD")
        if form.provider not in providers:
            raise ProviderUnknown(field="provider")
        raw = await flow.fetch_bill(providers[form.provider], day)
        name = f"{form.provider}-{day}"
        return await _check(request, raw, name, form.provider, day)
    except Refusal as refusal:
        return await _checks(request, refusal)


@get(HOME + "/{check_id:str}")
async def get_check(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/reconcile/{check_id} (state, after): sums and differences; 200, 404."""
    return await _one(request)


@post(HOME + "/{check_id:str}/differences/{position:int}/explain")
async def post_explain(request: web.AnyRequest) -> Response[Any]:
    """POST …/differences/{position}/explain (note): 303 back; 409 not open, 422 no note: again."""
    check_id, position = _ids(request)
    form = await web.read_form(request, NoteForm)
    try:
        async with web.transaction(request) as tx:
            await flow.explain_difference(
                tx,
                check_id,
                position,
                note=form.note,
                operator_id=web.signed_in(request).account_id,
                now=web.now(request),
            )
    except Refusal as refusal:
        return await _one(request, refusal)
    said = translator(locale_of(request))(_("Explained. It counts as settled from now on."))
    return flash(redirect(f"{HOME}/{check_id}"), "ok", said)


async def _check(
    request: web.AnyRequest, raw: bytes, name: str, provider: str | None, day: date | None
) -> Response[Any]:
    bill = await flow.read(raw, web.settings(request), provider=provider, day=day)
    async with web.transaction(request) as tx:
        checked = await flow.check_bill(
            tx,
            bill,
            raw,
            file_name=name,
            maker=web.ids(request),
            operator_id=web.signed_in(request).account_id,
            now=web.now(request),
        )
    said = _("Compared: {n} differences are open.") if checked.is_new else _AGAIN
    text = translator(locale_of(request))(said, n=checked.open_count)
    return flash(redirect(f"{HOME}/{checked.id}"), "ok", text)


_AGAIN: Final = _("This bill was compared before; looked at anew: {n} differences are open.")


async def _checks(request: web.AnyRequest, refusal: Refusal | None = None) -> Response[Any]:
    async with web.read(request) as tx:
        cursor = request.query_params.get("after")
        checks = await storage.list_checks(tx, cursor=cursor, size=PAGE_SIZE)
    return web.page(
        request,
        "reconcile/checks.html",
        status=web.status_of(refusal) if refusal else 200,
        checks=checks,
        providers=[(name, PROVIDER_WORDS[name]) for name in web.service(request, "providers")],
        words=PROVIDER_WORDS,
        problem=web.words(request, refusal) if refusal else "",
    )


async def _one(request: web.AnyRequest, refusal: Refusal | None = None) -> Response[Any]:
    check_id = web.path_id(request, "check_id")
    state = request.query_params.get("state", "")
    chosen = state if state in STATES else None
    async with web.read(request) as tx:
        check = await storage.get_check(tx, check_id)
        states = await storage.count_states(tx, check_id)
        differences = await storage.list_differences(
            tx, check_id, state=chosen, cursor=request.query_params.get("after"), size=DIFFERENCES
        )
    return web.page(
        request,
        "reconcile/check.html",
        status=web.status_of(refusal) if refusal else 200,
        check=check,
        differences=differences,
        states=states,
        chosen=chosen or "",
        words=PROVIDER_WORDS,
        kinds=KIND_WORDS,
        problem=web.words(request, refusal) if refusal else "",
    )


def _day(text: str) -> date | None:
    """None for nothing. Raises FieldInvalid."""
    if not text.strip():
        return None
    with suppress(ValueError):
        return date.fromisoformat(text.strip())
    raise FieldInvalid(field="day", detail="YYYY-MM-DD")


def _ids(request: web.AnyRequest) -> tuple[int, int]:
    position = int(request.path_params["position"])
    return web.path_id(request, "check_id"), min(max(position, 0), POSITION_MAX)


routes = [get_checks, post_bill, post_fetch, get_check, post_explain]
