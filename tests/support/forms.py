"""A browser for tests of forms: it reads the token of a page and posts with it."""

import re
from itertools import count
from typing import Any

import httpx

_TOKEN = re.compile(r'name="_csrf" value="([^"]+)"')
_phones = count(13_700_000_000)


def a_phone() -> str:
    return str(next(_phones))


def token_in(page: httpx.Response) -> str:
    """The token of a page with a form."""
    found = _TOKEN.search(page.text)
    assert found, f"no form token on {page.request.url.path}"
    return found[1]


async def token_of(client: httpx.AsyncClient, path: str = "/sign-in") -> str:
    return token_in(await client.get(path))


async def submit(
    client: httpx.AsyncClient, path: str, *, page: str = "", **fields: Any
) -> httpx.Response:
    """Post a form as the page at ``page`` would."""
    token = await token_of(
        client, page or ("/me/security" if path.startswith("/me") else "/sign-up")
    )
    return await client.post(path, data={"_csrf": token, **fields})


async def sign_up(
    client: httpx.AsyncClient, login: str, *, password: str = "four plain words", **fields: Any
) -> httpx.Response:
    return await submit(
        client, "/sign-up", page="/sign-up", name="Lin", login=login, password=password, **fields
    )


async def code_for(client: httpx.AsyncClient, address: str) -> str:
    """The newest code that /dev/inbox shows for an address."""
    text = (await client.get("/dev/inbox", params={"to": address})).text
    found = re.search(r"data-text>(\d{6})\b", text) or re.search(
        r"\b(\d{6}) (?:is|proves|是)", text
    )
    assert found, text
    return found[1]
