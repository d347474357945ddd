"""The list of the API names every route of it, and its page brings nothing from elsewhere."""

import re

from litestar import Litestar

from jishi.access import ACCESS
from tests.architecture.house import REPOSITORY


async def test_every_route_of_the_api_is_listed_with_what_it_does(app: Litestar) -> None:
    listed = [it for group in app.state.api_list.values() for it in group]
    wanted = {key for key in ACCESS if " /api/v1/" in key}
    assert len(listed) == len(wanted)
    assert all(it.text and it.who for it in listed)
    assert not [it for it in listed if it.text.startswith((it.method, "/api"))]


async def test_its_page_needs_no_other_host(client) -> None:
    answer = await client.get("/api/v1/docs")
    assert answer.status_code == 200
    assert "/api/v1/checkouts" in answer.text
    assert "//" not in answer.text.replace("http://127.0.0.1", "").partition("<main")[0]


def test_the_manual_lists_every_route_and_no_other() -> None:
    """``make api-docs`` writes the list anew."""
    manual = (REPOSITORY / "docs" / "api.md").read_text("utf-8")
    rows = re.findall(r"^\| `([A-Z]+) (\S+)` \| (.+?) \|", manual, re.MULTILINE)
    listed = [(f"{method} /api/v1/{path}", who) for method, path, who in rows]
    served = {
        (re.sub(r":\w+}", "}", route), rule.name)
        for route, rule in ACCESS.items()
        if " /api/v1/" in route
    }
    assert len(listed) == len(set(listed))
    assert set(listed) == served
