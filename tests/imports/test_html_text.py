"""Descriptions written as HTML."""

import pytest

from jishi.imports.html_text import text_of


@pytest.mark.parametrize(
    ("_case", "html", "text"),
    [
        ("plain", "just words", "just words"),
        ("blocks", "<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"),
        ("lists", "<ul><li>red</li><li>blue</li></ul>", "• red\n\n• blue"),
        ("entities", "5 &lt; 6 &amp; &eacute;&#x4e2d;", "5 < 6 & é中"),
        ("script", "<script>alert('<b>1</b>')</script>after", "after"),
        ("style and frames", "<style>a{}</style><iframe src=x>no</iframe>yes", "yes"),
        ("attributes", '<a href="javascript:1" onclick="x()">link</a>', "link"),
        ("broken", "<div><p>open <b>bold", "open bold"),
        ("comment", "a<!-- hidden -->b", "ab"),
        ("source line breaks", "one\ntwo", "one two"),
        ("controls", "a\x00b\u202ec", "a b c"),
    ],
)
def test_only_what_a_reader_would_read_is_left(_case: str, html: str, text: str) -> None:
    assert text_of(html) == text


def test_an_unclosed_script_hides_what_follows_it() -> None:
    assert text_of("before<script>alert(1)") == "before"
