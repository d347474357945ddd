"""Uploading waybills: a sheet is read, shown row by row, and only then shipped."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Response, get, post

from jishi import web
from jishi.flows.dispatch import forms, rules, storage
from jishi.flows.dispatch.types import NothingChosen
from jishi.flows.ship_orders import Shipment, ShipVerdict
from jishi.kit.errors import Refusal
from jishi.kit.text import mark as _
from jishi.modules.fulfilment import (
    CheckedRow,
    SheetRow,
    carrier_name,
    check_rows,
    common_carriers,
    find_carrier,
    read_sheet,
)
from jishi.modules.fulfilment.sheets import ROWS_MAX
from jishi.web.answer import download
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

WAYBILLS: Final = "/merchant/{shop_id:str}/orders/waybills"
SHIP_AT_ONCE: Final = 500  # what ship_orders takes in one batch
HEADS: Final = (_("Order number"), _("Carrier"), _("Waybill number"), _("Receiver"), _("Goods"))
RISKY: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@get(WAYBILLS)
async def get_waybills(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/orders/waybills: where a sheet is uploaded or pasted; 200."""
    return await _upload_page(request)


@get(f"{WAYBILLS}.csv")
async def get_template(request: web.AnyRequest) -> Response[bytes]:
    """GET /merchant/{shop_id}/orders/waybills.csv: orders to ship, to be filled in; 200."""
    words = translator(locale_of(request))
    async with web.read(request) as tx:
        rows = await storage.template_rows(tx, forms.shop_of(request), limit=ROWS_MAX)
    lines = [",".join(words(head) for head in HEADS)]
    for row in rows:
        cells = (
            f"{row['id']}\t",
            "",
            "",
            str(row["address"].get("receiver", ""))[:1] + "**",
            row["goods"],
        )
        lines.append(",".join(_cell(cell) for cell in cells))
    return download("\ufeff" + "\r\n".join(lines) + "\r\n", "waybills.csv")


def _cell(text: str) -> str:
    plain = ("'" + text if text.startswith(RISKY) else text).replace('"', '""')
    return f'"{plain}"'


@post(WAYBILLS)
async def post_waybills(request: web.AnyRequest) -> Response[Any]:
    """POST /merchant/{shop_id}/orders/waybills (sheet or pasted; carrier): the sheet row by row.

    200 the preview, nothing is changed yet; 413 and 422 the upload page with what is wrong.
    """
    form = await request.form()
    carrier = str(form.get("carrier") or "")
    try:
        rows = read_sheet(await forms.read_upload(request))
    except Refusal as problem:
        return await _upload_page(request, problem=problem, pasted=str(form.get("pasted") or ""))
    checked = await _checked(request, rows, default_carrier=carrier)
    return _preview(request, checked)


@post(f"{WAYBILLS}/commit")
async def post_commit(request: web.AnyRequest) -> Response[Any]:
    """POST /merchant/{shop_id}/orders/waybills/commit (rows): ships them; 200 what became of each."""
    rows = forms.unpacked(str((await request.form()).get("rows") or ""))
    if not rows:
        raise NothingChosen
    checked = await _checked(request, rows)
    good = [row for row in checked if row.fault is None]
    answers = await _ship(request, good)
    shipped, refused = rules.parted(good, answers)
    faults = [
        (row, translator(locale_of(request))(row.fault.words)) for row in checked if row.fault
    ]
    faults += [(row, web.words(request, refusal)) for row, refusal in refused]
    return web.page(
        request,
        "dispatch/waybills_done.html",
        shop_id=forms.shop_of(request),
        shipped=shipped,
        faults=sorted(faults, key=lambda each: each[0].row.number),
        carrier_of=lambda code: carrier_name(code, locale_of(request)),
    )


async def _checked(
    request: web.AnyRequest, rows: Sequence[SheetRow], *, default_carrier: str = ""
) -> list[CheckedRow]:
    """What each row means, and whether its order can be shipped. One query."""
    checked = check_rows(rows, find_carrier, default_carrier=default_carrier)
    ids = sorted({row.order_id for row in checked if row.order_id and row.fault is None})
    async with web.read(request) as tx:
        states = await storage.states_of(tx, forms.shop_of(request), ids)
    return rules.judged(checked, states)


async def _ship(request: web.AnyRequest, rows: Sequence[CheckedRow]) -> list[ShipVerdict | Refusal]:
    """One answer per row, same order, in batches of 500."""
    who, now, shop_id = web.signed_in(request).account_id, web.now(request), forms.shop_of(request)
    shipments = [
        Shipment(
            order_id=row.order_id,
            shop_id=shop_id,
            carrier=row.carrier,
            waybill=row.waybill,
            actor_id=who,
            at=now,
        )
        for row in rows
        if row.order_id is not None
    ]
    answers: list[ShipVerdict | Refusal] = []
    for at in range(0, len(shipments), SHIP_AT_ONCE):
        batch = shipments[at : at + SHIP_AT_ONCE]
        answers += await web.service(request, "ship_orders")(batch)
    return answers


def _preview(request: web.AnyRequest, checked: Sequence[CheckedRow]) -> Response[Any]:
    good = [row for row in checked if row.fault is None]
    handed_on = [
        SheetRow(
            number=row.row.number, order=str(row.order_id), carrier=row.carrier, waybill=row.waybill
        )
        for row in good
    ]
    return web.page(
        request,
        "dispatch/waybills_preview.html",
        shop_id=forms.shop_of(request),
        checked=checked,
        good=good,
        packed=forms.packed(handed_on),
        carrier_of=lambda code: carrier_name(code, locale_of(request)),
    )


async def _upload_page(
    request: web.AnyRequest, *, problem: Refusal | None = None, pasted: str = ""
) -> Response[Any]:
    locale = locale_of(request)
    return web.page(
        request,
        "dispatch/waybills.html",
        status=web.status_of(problem) if problem else 200,
        shop_id=forms.shop_of(request),
        problem=web.words(request, problem) if problem else "",
        pasted=pasted,
        rows_max=ROWS_MAX,
        carriers=[(it.code, it.shown(locale)) for it in common_carriers()],
    )


routes = [get_waybills, get_template, post_waybills, post_commit]
