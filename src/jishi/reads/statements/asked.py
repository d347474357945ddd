"""Which day or month a request asks for."""

import re
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from jishi import web
from jishi.kit.errors import FieldInvalid
from jishi.kit.ids import ShopId
from jishi.reads.statements.queries import Period

MONTH: Final = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
DAY: Final = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")


def shop_of(request: web.AnyRequest) -> ShopId:
    return ShopId(web.path_id(request, "shop_id"))


def zone_of(request: web.AnyRequest) -> str:
    return web.settings(request).zone


def today_of(request: web.AnyRequest) -> date:
    return web.now(request).astimezone(ZoneInfo(zone_of(request))).date()


def month_of(day: date) -> Period:
    """The month a day lies in."""
    since = day.replace(day=1)
    return Period(since=since, until=(since + timedelta(days=32)).replace(day=1))


def read_period(text: str, *, field: str) -> Period:
    """``2026-03`` or ``2026-03-05``. Raises FieldInvalid."""
    if found := MONTH.fullmatch(text):
        return month_of(date(int(found[1]), int(found[2]), 1))
    if DAY.fullmatch(text):
        try:
            since = date.fromisoformat(text)
        except ValueError as problem:
            raise FieldInvalid(field=field, detail="YYYY-MM-DD") from problem
        return Period(since=since, until=since + timedelta(days=1))
    raise FieldInvalid(field=field, detail="YYYY-MM, YYYY-MM-DD")


def month_asked(request: web.AnyRequest) -> Period:
    """Query parameter ``month``, this one by default. Raises FieldInvalid."""
    text = request.query_params.get("month", "")
    return read_period(text, field="month") if text else month_of(today_of(request))


def period_asked(request: web.AnyRequest) -> Period:
    """Query parameter ``period``, a day or month; this month by default. Raises FieldInvalid."""
    text = request.query_params.get("period", "")
    return read_period(text, field="period") if text else month_of(today_of(request))
