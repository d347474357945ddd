"""Pages, files and API of a shop's statements."""

import asyncio
from datetime import timedelta
from typing import Any, Final

from litestar import Response, get
from litestar.response import Stream

from jishi import web
from jishi.kit.errors import NotFound
from jishi.kit.ids import ShopId
from jishi.kit.paging import PAGE_SIZE, PAGE_SIZE_MAX
from jishi.modules.ledger import kind_words
from jishi.reads.statements import asked, files, queries
from jishi.reads.statements.queries import Period, Statement
from jishi.web.answer import download, json
from jishi.web.i18n import translator
from jishi.web.pages import locale_of

FUNDS: Final = "/merchant/{shop_id:str}/funds"
SHOP: Final = "/api/v1/shops/{shop_id:str}"
CSV: Final = "text/csv; charset=utf-8"
LINES_SHOWN: Final = 100


@get(f"{FUNDS}/statements")
async def get_month(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/funds/statements (month): a row per day; 200; 422 for no month."""
    period = asked.month_asked(request)
    statement = await _statement(request, period)
    earlier = asked.month_of(period.since - timedelta(days=1))
    later = asked.month_of(period.until)
    return web.page(
        request,
        "statements/month.html",
        shop_id=asked.shop_of(request),
        statement=statement,
        parts=files.parts_of,
        part_words=files.PART_WORDS,
        earlier=earlier.name,
        later=later.name if later.since <= asked.today_of(request) else "",
    )


@get(FUNDS + "/statements/{day:str}")
async def get_day(request: web.AnyRequest) -> Response[Any]:
    """GET /merchant/{shop_id}/funds/statements/{day} (after): its transfers; 200; 404; 422 for no day."""
    period = _day(request)
    statement = await _statement(request, period)
    cursor = request.query_params.get("after")
    async with web.read(request) as tx:
        found = await queries.list_lines(
            tx,
            asked.shop_of(request),
            period.since,
            zone=asked.zone_of(request),
            cursor=cursor,
            size=LINES_SHOWN,
        )
    return web.page(
        request,
        "statements/day.html",
        shop_id=asked.shop_of(request),
        statement=statement,
        found=found,
        parts=files.parts_of,
        part_words=files.PART_WORDS,
        kind_words=kind_words,
        month=asked.month_of(period.since).name,
        is_first=not cursor,
    )


@get(f"{FUNDS}/statements.csv")
async def get_csv(request: web.AnyRequest) -> Stream:
    """GET /merchant/{shop_id}/funds/statements.csv (period: month or day): a row per transfer; 200; 422."""
    period = asked.period_asked(request)
    statement = await _statement(request, period)
    shop_id = asked.shop_of(request)
    chunks = files.csv_file(
        web.pool(request), shop_id, statement, _writer(request), zone=asked.zone_of(request)
    )
    name = f"statement-{shop_id}-{period.name}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Stream(chunks, media_type=CSV, headers=headers)


@get(f"{FUNDS}/statements.pdf")
async def get_pdf(request: web.AnyRequest) -> Response[bytes]:
    """GET /merchant/{shop_id}/funds/statements.pdf (period: month or day): sums and days; 200; 422."""
    period = asked.period_asked(request)
    statement = await _statement(request, period)
    shop_id = asked.shop_of(request)
    name = web.signed_in(request).shop_names.get(shop_id, str(shop_id))
    content = await asyncio.to_thread(_pdf_file, name, statement, _writer(request))
    file = f"statement-{shop_id}-{period.name}.pdf"
    return download(content, file, media_type="application/pdf")


@get(f"{SHOP}/statements")
async def get_statements(request: web.AnyRequest) -> Response[Any]:
    """GET /api/v1/shops/{shop_id}/statements (period: month or day): sums and days; 200; 422."""
    statement = await _statement(request, asked.period_asked(request))
    days = [
        {
            "day": it.day.isoformat(),
            "opening_minor": it.opening_minor,
            **{f"{part}_minor": minor for part, minor in files.parts_of(it.sums)},
            "closing_minor": it.closing_minor,
            "transfers": it.transfers,
            "is_closed": it.day in statement.closed,
        }
        for it in statement.days
    ]
    return json(
        {
            "period": statement.period.name,
            "currency": web.settings(request).currency,
            "opening_minor": statement.opening_minor,
            **{f"{part}_minor": minor for part, minor in files.parts_of(statement.sums)},
            "closing_minor": statement.closing_minor,
            "days": days,
        }
    )


@get(SHOP + "/statements/{day:str}")
async def get_statement_lines(request: web.AnyRequest) -> Response[Any]:
    """GET /api/v1/shops/{shop_id}/statements/{day} (cursor): its transfers, oldest first; 200; 422."""
    period = _day(request)
    async with web.read(request) as tx:
        found = await queries.list_lines(
            tx,
            asked.shop_of(request),
            period.since,
            zone=asked.zone_of(request),
            cursor=request.query_params.get("cursor"),
            size=min(PAGE_SIZE_MAX, PAGE_SIZE * 5),
        )
    items = [
        {
            "transfer_id": str(it.transfer_id),
            "kind": it.kind,
            "part": it.part,
            "order_id": str(it.order_id) if it.order_id else None,
            "subject_id": str(it.subject_id),
            "occurred_at": it.occurred_at,
            "change_minor": it.change_minor,
            "fee_minor": it.fee_minor,
        }
        for it in found.items
    ]
    return json({"items": items, "next_cursor": found.next_cursor})


async def _statement(request: web.AnyRequest, period: Period) -> Statement:
    shop_id: ShopId = asked.shop_of(request)
    async with web.read(request) as tx, tx.transaction(isolation="repeatable_read", readonly=True):
        return await queries.get_statement(tx, shop_id, period, zone=asked.zone_of(request))


def _pdf_file(shop_name: str, statement: Statement, writer: files.Writer) -> bytes:
    from jishi.reads.statements.pdf import pdf_file

    return pdf_file(shop_name, statement, writer)


def _day(request: web.AnyRequest) -> Period:
    """The day in the path. Raises FieldInvalid; NotFound for a month."""
    period = asked.read_period(str(request.path_params["day"]), field="day")
    if not period.is_day:
        raise NotFound
    return period


def _writer(request: web.AnyRequest) -> files.Writer:
    words = translator(locale_of(request))
    settings = web.settings(request)
    return files.Writer(words, currency=settings.currency, zone=settings.zone)


routes = [get_month, get_csv, get_pdf, get_day, get_statements, get_statement_lines]
