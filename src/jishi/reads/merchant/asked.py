"""What a request asks of the merchant's reads: shop, role, filters, page size."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from jishi import web
from jishi.kit.errors import FieldInvalid
from jishi.kit.ids import ShopId
from jishi.kit.paging import PAGE_SIZE, PAGE_SIZE_MAX
from jishi.reads.merchant.search import Q_MAX
from jishi.reads.merchant.types import BY_CODE, Wanted
from jishi.web import ShopRole

LEADING: Final = frozenset({ShopRole.OWNER, ShopRole.MANAGER})
SELLING: Final = frozenset({*LEADING, ShopRole.CLERK})


def shop_id_of(request: web.AnyRequest) -> ShopId:
    """The shop in the path. Raises NotFound."""
    return ShopId(web.path_id(request, "shop_id"))


def role_of(request: web.AnyRequest) -> ShopRole:
    """The reader's role in that shop; the guard has seen to it that there is one."""
    role = web.signed_in(request).shops.get(shop_id_of(request))
    assert role is not None
    return ShopRole(role)


def zone_of(request: web.AnyRequest) -> str:
    """The zone days are counted in: a setting of the market."""
    return web.settings(request).zone


def wanted_of(request: web.AnyRequest) -> Wanted:
    """The filters of the order list. Unknown states and bad dates count as not given on pages.

    Raises FieldInvalid for them below /api/.
    """
    params = request.query_params
    zone = ZoneInfo(zone_of(request))
    strict = web.wants_json(request)
    state = params.get("state", "")
    if strict and state and state not in BY_CODE:
        raise FieldInvalid(field="state", detail=", ".join(BY_CODE))
    until = _day(params.get("to", ""), zone, field="to", strict=strict)
    return Wanted(
        shop_id=shop_id_of(request),
        now=web.now(request),
        state=BY_CODE.get(state),
        q=params.get("q", "").strip()[:Q_MAX],
        late=params.get("late", "") in {"1", "true"},
        since=_day(params.get("from", ""), zone, field="from", strict=strict),
        until=until + timedelta(days=1) if until else None,
    )


def size_of(request: web.AnyRequest) -> int:
    """``limit`` of an API list, 1 to 100. Raises FieldInvalid."""
    text = request.query_params.get("limit", "")
    if not text:
        return PAGE_SIZE
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= PAGE_SIZE_MAX):
        raise FieldInvalid(field="limit", detail=f"1 … {PAGE_SIZE_MAX}")
    return int(text)


def _day(text: str, zone: ZoneInfo, *, field: str, strict: bool) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=zone) if text else None
    except ValueError as problem:
        if strict:
            raise FieldInvalid(field=field, detail="YYYY-MM-DD") from problem
        return None
