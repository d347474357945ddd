"""HTTP for opening after-sale cases: the form, and the same for programs."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from litestar import Response, get, post

from jishi import web
from jishi.db import Row, Tx
from jishi.flows.answer_aftersale import lines_of, stands_of
from jishi.flows.answer_aftersale.forms import (
    DeedBody,
    read_amount,
    read_kind,
    read_pictures,
    read_text,
)
from jishi.flows.ask_aftersale.flow import ask
from jishi.kit.errors import Kind, NotFound, Refusal, Refusals
from jishi.kit.ids import OrderId, ShopId, parse_id
from jishi.kit.text import mark as _
from jishi.modules.aftersale import REASONS, Case, CaseKind, LineStands, Wish, case_json
from jishi.modules.aftersale.rules_ask import price_difference
from jishi.modules.aftersale.types import PICTURES_MAX
from jishi.modules.aftersale.types_refusals import AmountOfMany
from jishi.modules.aftersale.words import KIND_HINTS, KINDS, REASON_WORDS
from jishi.modules.media import picture_src
from jishi.web.answer import json, redirect
from jishi.web.flash import flash
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

ASKED: Final = _("Asked. The shop has 48 hours to answer; silence counts as yes.")
PICTURE: Final = 160
UNITS: Final = "q_"
ONE: Final = "/orders/{order_id:str}/aftersale"


@get(ONE)
async def get_ask(request: web.AnyRequest) -> Response[Any]:
    """GET /orders/{order_id}/aftersale (line, kind): the form; 200; 404 for somebody else's order."""
    asked = request.query_params.getall("line", [])
    chosen = {int(it[:4]): 1 for it in asked if it.isdecimal()}
    body = DeedBody(kind=request.query_params.get("kind", ""))
    return await _form(request, body, chosen, {})


@post(ONE)
async def post_ask(request: web.AnyRequest) -> Response[Any]:
    """POST /orders/{order_id}/aftersale (q_<line>, kind, reason, amount, sku_id, text, pictures).

    303 to the case, or to the list when there are several; 404; 409 and 422 the form with what to mend.
    """
    shop_id = await _shop(request)
    body = await web.read_form(request, DeedBody)
    units = await _units(request)
    try:
        made = await _ask(request, shop_id, body, units)
    except (Refusal, Refusals) as problem:
        first = problem.items[0] if isinstance(problem, Refusals) else problem
        if first.kind is Kind.NOT_FOUND:
            raise
        errors = web.field_errors(request, problem)
        return await _form(request, body, units, errors, web.status_of(problem))
    said = translator(locale_of(request))(ASKED)
    where = f"/aftersale/{made[0].id}" if len(made) == 1 else "/aftersale"
    return flash(redirect(where), "ok", said)


class LineBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    line: int
    quantity: int = 0


class AskBody(DeedBody, kw_only=True):
    lines: list[LineBody]


@get("/api/v1/orders/{order_id:str}/aftersale")
async def api_options(request: web.AnyRequest) -> Response[bytes]:
    """GET /api/v1/orders/{order_id}/aftersale: 200 what may be asked, per line with its bounds; 404."""
    rows, stands = await _lines(request)
    reasons = [
        {
            "reason": code,
            "kinds": sorted(it.kinds),
            "stage": it.stage.value,
            "needs_pictures": it.needs_pictures,
            "freight_on": it.fault.value,
        }
        for code, it in REASONS.items()
    ]
    lines = [_line_json(request, row, stands[row["line"]]) for row in rows]
    return json({"lines": lines, "reasons": reasons})


@post("/api/v1/orders/{order_id:str}/aftersale")
async def api_ask(request: web.AnyRequest) -> Response[bytes]:
    """POST /api/v1/orders/{order_id}/aftersale {"lines": [{"line", "quantity"}], "kind", "reason",
    "amount_minor", "text", "sku_id", "picture_ids"}: 201 {"items"}; 404; 409; 422."""
    shop_id = await _shop(request)
    body = await web.read_json(request, AskBody)
    units = {each.line: each.quantity for each in body.lines}
    made = await _ask(request, shop_id, body, units)
    return json({"items": [case_json(case) for case in made]}, status=201)


@post("/api/v1/orders/{order_id:str}/aftersale/pictures")
async def api_pictures(request: web.AnyRequest) -> Response[bytes]:
    """POST /api/v1/orders/{order_id}/aftersale/pictures (multipart): 201 {"picture_ids"}; 404."""
    shop_id = await _shop(request)
    kept = await read_pictures(request, shop_id)
    return json({"picture_ids": [str(each) for each in kept]}, status=201)


async def _ask(
    request: web.AnyRequest, shop_id: ShopId, body: DeedBody, units: Mapping[int, int]
) -> list[Case]:
    kind, text = read_kind(body.kind), read_text(body)
    amount = read_amount(request, body.amount, body.amount_minor)
    if amount is not None and len(units) > 1:
        raise AmountOfMany(field="amount")
    pictures = await read_pictures(request, shop_id, body.picture_ids)
    wishes = [
        Wish(
            line=line,
            kind=kind,
            reason=body.reason,
            quantity=quantity,
            amount_minor=amount,
            swap_sku_id=parse_id(body.sku_id),
            text=text,
            pictures=pictures,
        )
        for line, quantity in sorted(units.items())
    ]
    async with web.transaction(request) as tx:
        return await ask(
            tx,
            OrderId(web.path_id(request, "order_id")),
            wishes,
            buyer_id=web.signed_in(request).account_id,
            maker=web.ids(request),
            now=web.now(request),
        )


async def _shop(request: web.AnyRequest) -> ShopId:
    """The shop of the asker's order. Raises NotFound."""
    async with web.read(request) as tx:
        return ShopId((await _own_lines(request, tx))[0]["shop_id"])


async def _lines(request: web.AnyRequest) -> tuple[list[Row], Mapping[int, LineStands]]:
    """The lines of the asker's order, and how each stands now by its number. Raises NotFound."""
    async with web.read(request) as tx:
        rows = await _own_lines(request, tx)
        return rows, await stands_of(tx, rows, web.now(request))


async def _own_lines(request: web.AnyRequest, tx: Tx) -> list[Row]:
    rows = await lines_of(tx, OrderId(web.path_id(request, "order_id")))
    if not rows or rows[0]["buyer_id"] != web.signed_in(request).account_id:
        raise NotFound
    return rows


async def _units(request: web.AnyRequest) -> dict[int, int]:
    """Units by line, of lines with more than none."""
    form = await request.form()
    found: dict[int, int] = {}
    for name, value in form.items():
        number, typed = name.removeprefix(UNITS), str(value).strip()
        if name.startswith(UNITS) and number.isdecimal() and typed and typed != "0":
            found[int(number[:4])] = int(typed[:5]) if typed.isdecimal() else 0
    return found


async def _form(
    request: web.AnyRequest,
    body: DeedBody,
    units: Mapping[int, int],
    errors: Mapping[str, str],
    status: int = 200,
) -> Response[Any]:
    rows, stands = await _lines(request)
    open_to = [row for row in rows if not row["has_open"] and stands[row["line"]].units_left]
    return web.page(
        request,
        "ask_aftersale/ask.html",
        status=status,
        order_id=rows[0]["order_id"],
        rows=open_to,
        stands=stands,
        busy=[row for row in rows if row["has_open"]],
        units=units,
        body=body,
        errors=errors,
        kinds=[(kind, KINDS[kind], KIND_HINTS[kind]) for kind in CaseKind],
        reasons=_reasons(list(stands.values())),
        prices={line: _price(request, it) for line, it in stands.items()},
        pictures_max=PICTURES_MAX,
        picture_of=lambda picture: picture_src(picture, PICTURE),
    )


def _reasons(lines: Sequence[LineStands]) -> list[tuple[str, str]]:
    """The reasons that can fit one of the lines, in words."""
    some_to_ship = any(it.to_ship for it in lines)
    some_there = any(it.at_buyer for it in lines)
    fits = {"unshipped": some_to_ship, "shipped": some_there}
    return [
        (code, REASON_WORDS[code])
        for code, it in REASONS.items()
        if fits[it.stage.value] or CaseKind.PRICE in it.kinds
    ]


def _price(request: web.AnyRequest, line: LineStands) -> int:
    """What price protection gives now; 0 for nothing."""
    try:
        return price_difference(line, now=web.now(request))
    except Refusal:
        return 0


def _line_json(request: web.AnyRequest, row: Row, line: LineStands) -> dict[str, Any]:
    return {
        "line": row["line"],
        "sku_id": str(row["sku_id"]),
        "name": row["title"],
        "options": " · ".join(row["options"]),
        "units_left": line.units_left,
        "to_ship": line.to_ship,
        "at_buyer": line.at_buyer,
        "cap_minor": line.cap(line.units_left),
        "price_fell_minor": _price(request, line),
        "has_open_case": row["has_open"],
        "exchange_for": [str(each) for each in row["swaps"]],
    }


routes = [get_ask, post_ask, api_options, api_ask, api_pictures]
