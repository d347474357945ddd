"""Descriptions written as HTML, turned into plain text that is safe to show anywhere."""

from html.parser import HTMLParser

from jishi.kit.text import clean_lines

_BLOCKS = """
address article blockquote br dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre section table tr ul
"""
BLOCKS = frozenset(_BLOCKS.split())
_UNSEEN = "script style iframe object noscript template svg head"
UNSEEN = frozenset(_UNSEEN.split())
CELLS = frozenset(("td", "th"))


def text_of(html: str) -> str:
    """What a reader of the page would read: a line per block, "• " before list items.

    Scripts, styles and frames are left out with what they hold; no markup remains.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return clean_lines("".join(reader.parts))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in UNSEEN:
            self._unseen.append(tag)
        elif tag in BLOCKS:
            self.parts.append("\n• " if tag == "li" else "\n")
        elif tag in CELLS:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unseen:
            while self._unseen.pop() != tag:
                pass
        elif tag in BLOCKS and tag != "br":
            self.parts.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(" ".join(data.split("\n")))
