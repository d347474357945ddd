"""Reading what people and programs send about a case: JSON, a form, or a form with pictures."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec
from litestar.datastructures import UploadFile

from jishi import web
from jishi.flows.answer_aftersale import storage
from jishi.kit.ids import AccountId, ShopId, SkuId, parse_id
from jishi.kit.money import parse_minor
from jishi.kit.text import clean, clean_lines
from jishi.modules.aftersale import Act, Case, CaseKind, Deed, Parcel, Side, Wish
from jishi.modules.aftersale.types import PICTURES_MAX, TEXT_MAX
from jishi.modules.aftersale.types_refusals import (
    AmountMissing,
    CarrierUnknown,
    KindUnknown,
    PictureNotYours,
    TextTooLong,
    TooManyPictures,
    WaybillInvalid,
)
from jishi.modules.fulfilment import clean_waybill, find_carrier, is_waybill
from jishi.modules.media import keep_paper

CARRIES: Final = {Deed.SEND_BACK: "back", Deed.SEND: "out"}


class DeedBody(msgspec.Struct, kw_only=True):
    """Everything a deed may need; each takes what it is about. ``amount`` is a plain decimal of a form."""

    version: int | None = None  # of the case as the person saw it
    text: str = ""
    reason: str = ""
    kind: str = ""
    quantity: int | None = None
    amount: str = ""
    amount_minor: int | None = None
    carrier: str = ""
    waybill: str = ""
    sku_id: str = ""
    condition: str = ""  # sellable · damaged
    picture_ids: list[str] = []


def confirm_after(request: web.AnyRequest) -> timedelta:
    return timedelta(days=web.settings(request).confirm_days)


async def read_body(request: web.AnyRequest) -> DeedBody:
    """JSON when it says so, else a form. Raises Malformed, FieldInvalid."""
    if request.headers.get("content-type", "").startswith("application/json"):
        return await web.read_json(request, DeedBody)
    return await web.read_form(request, DeedBody)


async def read_pictures(
    request: web.AnyRequest, shop_id: ShopId, picture_ids: Sequence[str] = ()
) -> list[int]:
    """Ids of evidence: uploaded with this form (field ``pictures``), or earlier by the same person.

    Raises TooManyPictures, PictureNotYours and what ``keep_paper`` refuses: a file counts by its content.
    """
    files = await _files(request)
    if len(files) + len(picture_ids) > PICTURES_MAX:
        raise TooManyPictures(field="pictures", limit=PICTURES_MAX)
    earlier = [parse_id(each) or 0 for each in picture_ids]
    if earlier:
        me = web.signed_in(request).account_id
        async with web.read(request) as tx:
            mine = await storage.own_papers(tx, shop_id, me, earlier)
        if set(earlier) - mine:
            raise PictureNotYours(field="pictures")
    kept = [await keep_paper(request, shop_id, each, field="pictures") for each in files]
    return list(dict.fromkeys([*earlier, *kept]))


def read_text(body: DeedBody) -> str:
    """The text, cleaned. Raises TextTooLong."""
    text = clean_lines(body.text)
    if len(text) > TEXT_MAX:
        raise TextTooLong(field="text", limit=TEXT_MAX)
    return text


def read_amount(request: web.AnyRequest, text: str, minor: int | None) -> int | None:
    """Minor units as a program says them, else of a form's decimal; None when nothing was said.

    Raises AmountMissing for what is no amount.
    """
    if minor is not None or not clean(text):
        return minor
    found = parse_minor(clean(text).lstrip("¥￥"), web.settings(request).currency)
    if found is None:
        raise AmountMissing(field="amount")
    return found


def act_of(
    request: web.AnyRequest,
    deed: Deed,
    side: Side,
    case: Case,
    body: DeedBody,
    pictures: Sequence[int],
) -> Act:
    """What a request does with a case. Raises CarrierUnknown, WaybillInvalid, KindUnknown, AmountMissing."""
    me, at = web.signed_in(request).account_id, web.now(request)
    amount = read_amount(request, body.amount, body.amount_minor)
    return Act(
        deed=deed,
        side=side,
        at=at,
        account_id=me,
        version=body.version,
        text=read_text(body),
        reason=body.reason,
        amount_minor=amount,
        wish=_wish(case, body, amount, pictures) if deed is Deed.CHANGE else None,
        parcel=_parcel(deed, case, body, me, at) if deed in CARRIES else None,
        has_pictures=bool(pictures),
        is_sellable=body.condition == "sellable",
    )


def read_kind(text: str) -> CaseKind:
    """Raises KindUnknown."""
    if text not in set(CaseKind):
        raise KindUnknown(field="kind")
    return CaseKind(text)


def _wish(case: Case, body: DeedBody, amount: int | None, pictures: Sequence[int]) -> Wish:
    return Wish(
        line=case.line,
        kind=read_kind(body.kind),
        reason=body.reason,
        quantity=case.quantity if body.quantity is None else body.quantity,
        amount_minor=amount,
        swap_sku_id=parse_id(body.sku_id),
        text=read_text(body),
        pictures=pictures,
    )


def _parcel(deed: Deed, case: Case, body: DeedBody, me: AccountId, at: Any) -> Parcel:
    carrier, waybill = find_carrier(clean(body.carrier)), clean_waybill(body.waybill)
    if carrier is None:
        raise CarrierUnknown(field="carrier")
    if not is_waybill(waybill):
        raise WaybillInvalid(field="waybill")
    sku_id = parse_id(body.sku_id)
    return Parcel(
        direction=CARRIES[deed],
        carrier=carrier.code,
        waybill=waybill,
        quantity=max(1, case.quantity),
        actor_id=me,
        sent_at=at,
        sku_id=SkuId(sku_id) if sku_id and deed is Deed.SEND else None,
    )


async def _files(request: web.AnyRequest) -> list[UploadFile]:
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return []
    found = (await request.form()).getall("pictures", [])
    return [each for each in found if isinstance(each, UploadFile) and each.filename]
