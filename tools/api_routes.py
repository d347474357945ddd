"""Writes the table of routes at the end of docs/api.md anew, as the market itself lists them.

    make api-docs

Descriptions are the handlers' own, of each the first paragraph; who may is the table in access.py.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from litestar import Litestar

from jishi import app
from jishi.access import ACCESS
from jishi.web.api_list import PREFIX, Described, describe

PAGE = Path(__file__).resolve().parent.parent / "docs" / "api.md"
HEAD = "## Every route\n"


def main() -> int:
    served = describe(Litestar(app.routes(), openapi_config=None, logging_config=None), ACCESS)
    before, head, _ = PAGE.read_text("utf-8").partition(HEAD)
    PAGE.write_text("\n".join([before.rstrip("\n"), "", HEAD, *table(served), ""]), "utf-8")
    print(
        f"{sum(map(len, served.values()))} routes in {PAGE.name}" + ("" if head else ", a new part")
    )
    return 0


def table(groups: Mapping[str, Sequence[Described]]) -> Iterator[str]:
    """A table per group, in the order of the paths."""
    yield f"Paths go on from `{PREFIX}`; the page `/api/v1/docs` of a market shows the same with all details."
    for group, routes in groups.items():
        yield from ("", f"### {group}", "", "| route | who | what |", "| --- | --- | --- |")
        for it in routes:
            said = (
                " ".join(it.text.partition("\n\n")[0].split())
                .replace("|", "\\|")
                .replace("``", "`")
            )
            yield f"| `{it.method} {it.path.removeprefix(PREFIX)}` | {it.who} | {said} |"


if __name__ == "__main__":
    sys.exit(main())
