"""Taking in an uploaded file: bounded, read in a thread, checked in one transaction."""

import asyncio
from typing import Final

from jishi import web
from jishi.flows.edit_by_sheet import flow
from jishi.flows.edit_by_sheet.reading import headings_of, read_file
from jishi.flows.edit_by_sheet.types import COLUMNS, FILE_BYTES_MAX, FileMissing, Read
from jishi.kit.ids import ShopId
from jishi.web.i18n import translator

LANGUAGES: Final = ("en", "zh-CN")
_reading = asyncio.Semaphore(2)  # a file of 10,000 rows takes a second of one core


async def take_upload(request: web.AnyRequest, shop_id: ShopId) -> int:
    """The checked upload of the form's ``file``. Raises FileMissing and what read_file raises."""
    file = await web.upload(request, "file")
    if file is None:
        raise FileMissing(field="file")
    raw = await file.read(FILE_BYTES_MAX + 1)
    async with _reading:
        read = await asyncio.to_thread(read_file, raw, headings())
    return await check(request, shop_id, file.filename, read)


async def check(request: web.AnyRequest, shop_id: ShopId, name: str, read: Read) -> int:
    async with web.transaction(request) as tx:
        return await flow.check_upload(
            tx,
            shop_id,
            name,
            read,
            currency=web.settings(request).currency,
            by=web.signed_in(request).account_id,
            ids=web.ids(request),
            now=web.now(request),
        )


def headings() -> dict[str, str]:
    """What a file may call its columns."""
    return headings_of(
        *({key: translator(it).gettext(text) for key, text in COLUMNS.items()} for it in LANGUAGES)
    )
