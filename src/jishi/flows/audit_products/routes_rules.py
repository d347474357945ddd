"""HTTP for what the rules measure by: figures, and the words goods may not carry."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.kit.errors import Refusal
from jishi.kit.text import mark as _
from jishi.modules import audit
from jishi.modules.audit.types import GOODS_POLICY_SET, GOODS_WORD_SET
from jishi.modules.catalogue import Policy, moderation, policy
from jishi.modules.catalogue.audit_rules import RULES_VERSION
from jishi.modules.shops import Errors
from jishi.web.answer import redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

RULES: Final = "/operator/audits/rules"
SAVED: Final = _("Saved.")


class PolicyForm(msgspec.Struct, kw_only=True):
    """Bands in whole percent."""

    is_on: str = ""
    picture_side_min: int = 0
    picture_shops_max: int = 0
    jump_low: int = 0
    jump_high: int = 0
    median_low: int = 0
    median_high: int = 0


class WordForm(msgspec.Struct, kw_only=True):
    word: str = ""
    level: str = ""  # empty: taken back
    place: str = moderation.GOODS


@get(RULES)
async def get_rules(request: web.AnyRequest) -> Response[Any]:
    """GET /operator/audits/rules: 200."""
    return await _page(request)


@post(RULES)
async def post_rules(request: web.AnyRequest) -> Response[Any]:
    """POST /operator/audits/rules: 303; 422 the page."""
    form = await web.read_form(request, PolicyForm)
    me, now = web.signed_in(request).account_id, web.now(request)
    try:
        async with web.transaction(request) as tx:
            before = await policy.policy(tx)
            wanted = Policy(
                is_on=form.is_on == "1",
                picture_side_min=form.picture_side_min,
                picture_shops_max=form.picture_shops_max,
                jump_low_bp=form.jump_low * 100,
                jump_high_bp=form.jump_high * 100,
                median_low_bp=form.median_low * 100,
                median_high_bp=form.median_high * 100,
                words_version=before.words_version,
            )
            await policy.set_policy(tx, wanted)
            names = wanted.__slots__
            facts = {
                name: f"{getattr(before, name)} → {getattr(wanted, name)}"
                for name in names
                if getattr(before, name) != getattr(wanted, name)
            }
            await audit.note(tx, me, GOODS_POLICY_SET, "policy", now=now, facts=facts)
    except Refusal as problem:
        return await _page(request, problem)
    return _told(request)


@post(RULES + "/words")
async def post_word(request: web.AnyRequest) -> Response[Any]:
    """POST …/words (word, level=block|look|off|empty, place=goods|talk|both): 303; 422 the page."""
    form = await web.read_form(request, WordForm)
    me, now = web.signed_in(request).account_id, web.now(request)
    try:
        async with web.transaction(request) as tx:
            if form.level:
                kept = await policy.set_word(
                    tx, form.word, form.level, form.place, operator_id=me, now=now
                )
                facts = {"level": form.level, "place": form.place}
            else:
                kept = await policy.drop_word(tx, form.word)
                facts = {"level": "removed"}
            await audit.note(tx, me, GOODS_WORD_SET, kept, now=now, facts=facts)
    except Refusal as problem:
        return await _page(request, problem)
    return _told(request)


async def _page(request: web.AnyRequest, problem: Refusal | None = None) -> Response[Any]:
    async with web.read(request) as tx:
        measured, own = await policy.policy(tx), await policy.list_words(tx)
    return web.page(
        request,
        "audit_products/rules.html",
        status=web.status_of(problem) if problem else 200,
        policy=measured,
        own=own,
        shipped=len(moderation.shipped()),
        rules_version=RULES_VERSION,
        errors=Errors(web.field_errors(request, problem) if problem else {}),
    )


def _told(request: web.AnyRequest) -> Response[Any]:
    return flash(redirect(RULES), "ok", translator(locale_of(request)).gettext(SAVED))


routes = [get_rules, post_rules, post_word]
