"""The frame: rendering, preferences, static files, and that every component of the gallery works."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import UndefinedError
from litestar import Litestar, Request, Response, get, post
from litestar.testing import TestClient

import jishi
from jishi.web import flash as flashes
from jishi.web import gallery, navigation, pages, static_files
from jishi.web.charts import bar_chart, line_chart, spark_paths
from jishi.web.i18n import LOCALES
from jishi.web.shown import Market, Shown

SRC = Path(jishi.__file__).parent
ROOT = SRC.parent.parent
NOW = datetime(2026, 11, 22, 2, 42, tzinfo=UTC)
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr", "path", "rect"}
VOID |= {"circle", "line"}


@get("/echo", sync_to_thread=False)
def echo(request: Request[Any, Any, Any]) -> Response[str]:
    request.state.csrf = "<token>"
    return pages.page(request, "frame/store.html", cur="home")


@get("/missing", sync_to_thread=False)
def missing(request: Request[Any, Any, Any]) -> Response[str]:
    return pages.page(
        request, "frame/error.html", status=404, texts=["Gone."], code="x", retry=None
    )


@post("/said", sync_to_thread=False)
def said() -> Response[None]:
    answer: Response[None] = Response(None, status_code=303, headers={"location": "/echo"})
    return flashes.flash(answer, "ok", "<3> sold")


@pytest.fixture
def http() -> Iterator[TestClient[Litestar]]:
    handlers = [echo, missing, said, *pages.routes, *static_files.routes]
    with TestClient(Litestar(handlers)) as client:
        yield client


# ---- the frame ------------------------------------------------------------------------------------


def test_a_page_speaks_the_language_and_wears_the_theme_of_the_request(http: Any) -> None:
    english = http.get("/echo?x=1", headers={"cookie": "lang=en; theme=dark"}).text
    assert '<html lang="en" data-theme="dark">' in english
    assert ">Home<" in english
    chinese = http.get("/echo", headers={"accept-language": "zh"}).text
    assert '<html lang="zh-CN">' in chinese
    assert "首页" in chinese


def test_every_form_of_the_frame_carries_the_token_escaped(http: Any) -> None:
    text = http.get("/echo").text
    assert text.count('<form method="post"') == text.count('name="_csrf" value="&lt;token&gt;"') > 0


def test_a_page_is_never_kept_by_a_cache_between(http: Any) -> None:
    assert http.get("/echo").headers["cache-control"] == "no-store"


def test_no_page_carries_a_script_of_its_own(http: Any) -> None:
    text = http.get("/echo").text + gallery.render("gallery.html", "en")
    assert not re.search(r"<script(?![^>]*(src=|application/json))", text)
    assert not re.search(r"\son[a-z]+=", text)
    assert "javascript:" not in text


def test_a_line_said_after_a_form_is_shown_once_and_escaped(http: Any) -> None:
    first = http.post("/said", headers={"accept-language": "en"})
    assert "&lt;3&gt; sold" in first.text
    assert "sold" not in http.get("/echo", headers={"accept-language": "en"}).text


@pytest.mark.parametrize("cookie", ["%", "ok", "evil:x", "ok:" + "x" * 2000])
def test_a_forged_line_breaks_nothing(http: Any, cookie: str) -> None:
    assert http.get("/echo", headers={"cookie": f"flash={cookie}"}).status_code == 200


def test_an_error_page_keeps_its_status_and_names_a_way_on(http: Any) -> None:
    answer = http.get("/missing", headers={"accept-language": "en"})
    assert answer.status_code == 404
    assert "Gone." in answer.text
    assert 'href="/"' in answer.text


def test_a_misspelt_name_in_a_template_is_an_error() -> None:
    template = pages.environment("en").from_string("{{ no_such_name }}")
    with pytest.raises(UndefinedError):
        template.render()


def test_a_package_is_found_by_its_name_once() -> None:
    folders = pages.page_folders()
    assert all(path.name == "pages" and path.parent.name == name for name, path in folders.items())


# ---- preferences ----------------------------------------------------------------------------------


def test_preferences_are_kept_in_cookies_and_lead_back(http: Any) -> None:
    form = {"lang": "en", "theme": "dark", "next": "/echo?x=1"}
    answer = http.post("/preferences", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/echo?x=1")
    assert {it.split(";")[0] for it in answer.headers.get_list("set-cookie")} == {
        "lang=en",
        "theme=dark",
    }


def test_unknown_preferences_are_not_kept(http: Any) -> None:
    answer = http.post("/preferences", data={"lang": "xx", "theme": "a;b"}, follow_redirects=False)
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil",
        "/a\r\nb: c",
        "x",
        "",
    ],
)
def test_the_way_back_stays_within_the_site(elsewhere: str) -> None:
    assert pages.local_path(elsewhere) == "/"


# ---- static files ---------------------------------------------------------------------------------


def test_a_file_addressed_by_its_hash_is_kept_for_ever_and_zipped(http: Any) -> None:
    url = static_files.url_static("components.css")
    answer = http.get(url, headers={"accept-encoding": "gzip"})
    assert answer.headers["cache-control"] == static_files.FOREVER
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.content == (static_files.STATIC_DIR / "components.css").read_bytes()


def test_a_file_addressed_otherwise_is_asked_for_again(http: Any) -> None:
    answer = http.get("/static/tokens.css?v=00000000", headers={"accept-encoding": "identity"})
    assert answer.headers["cache-control"] == static_files.BRIEFLY
    assert "content-encoding" not in answer.headers
    again = http.get("/static/tokens.css", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "../web/pages.py",
        "%2e%2e/web/pages.py",
        "..%2fweb/pages.py",
        "a/../../web/pages.py",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "tokens.css%00",
        ".",
        "x" * 500,
    ],
)
def test_no_path_leads_out_of_the_folder(http: Any, path: str) -> None:
    assert http.get(f"/static/{path}").status_code == 404


def test_a_changed_file_gets_a_new_address(tmp_path: Path) -> None:
    files = static_files.StaticFiles(tmp_path, list_seconds=0)
    assert files.url("a.css") == "/static/a.css"
    (tmp_path / "a.css").write_text("a{}")
    before = files.url("a.css")
    (tmp_path / "a.css").write_text("a{color:red}")
    assert files.url("a.css") != before


def test_the_market_can_be_installed(http: Any) -> None:
    held = http.get("/manifest.webmanifest", headers={"accept-language": "zh"}).json()
    assert (held["name"], held["start_url"], held["display"]) == ("集市", "/", "standalone")
    assert {it["sizes"] for it in held["icons"]} == {"192x192", "512x512", "any"}


# ---- components -----------------------------------------------------------------------------------


class Outline(HTMLParser):
    """Open elements, ids and labels of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.refs: list[str] = []
        self.nameless: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in held:
            self.ids.append(held["id"] or "")
        names = ("for", "aria-labelledby", "aria-describedby", "data-open")
        self.refs += [held[name] or "" for name in names if name in held]
        if tag == "img" and "alt" not in held:
            self.nameless.append("img")
        if "btn--icon" in (held.get("class") or "") and "aria-label" not in held:
            self.nameless += [] if held.get("title") else [str(held)]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", gallery.NAMES)
def test_every_component_renders_as_sound_html(name: str, locale: str) -> None:
    outline = Outline()
    outline.feed(gallery.render(name, locale))
    assert outline.open == []
    assert len(set(outline.ids)) == len(outline.ids), "an id stands twice"
    assert set(outline.refs) <= set(outline.ids)
    assert outline.nameless == []


def test_every_icon_a_template_names_is_in_the_list() -> None:
    known = listed("icons.txt")
    used: set[str] = set()
    for path in SRC.rglob("*.html"):
        if "sandbox" not in path.parts:
            used |= set(re.findall(r"\bi\('([a-z0-9-]+)'", path.read_text(encoding="utf-8")))
    assert used <= known, used - known
    sections = (*navigation.MERCHANT, *navigation.OPERATOR)
    assert {it.icon for it in sections} <= known


def test_pictures_have_one_name_each() -> None:
    lines = (SRC / "static" / "art.txt").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2] for line in lines if line and not line.startswith("#")]
    assert len(names) == len(set(names)) >= 90


def test_the_lock_file_names_no_host() -> None:
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in text
    assert "resolved" not in text
    packages = json.loads(text)["packages"]
    assert all(held.get("integrity") for place, held in packages.items() if place)


def test_both_dark_palettes_are_the_same() -> None:
    text = (SRC / "static" / "tokens.css").read_text(encoding="utf-8")
    device = re.search(r':not\(\[data-theme="light"\]\) \{(.*?)\n  \}', text, re.DOTALL)
    chosen = re.search(r':root\[data-theme="dark"\] \{(.*?)\n\}', text, re.DOTALL)
    assert device
    assert chosen
    assert device[1].split() == chosen[1].split()


def listed(name: str) -> set[str]:
    lines = (SRC / "static" / name).read_text(encoding="utf-8").splitlines()
    return {line.rpartition(":")[2] for line in lines if line and not line.startswith("#")}


# ---- navigation -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "cur"),
    [
        ("/merchant/12", "today"),
        ("/merchant/12/orders", "orders"),
        ("/merchant/12/orders/5", "orders"),
        ("/operator/ledger", "ledger"),
        ("/operator", "queue"),
    ],
)
def test_the_section_of_an_address_is_lit(path: str, cur: str) -> None:
    console = navigation.console_of(path)
    assert console
    assert console.cur == cur


def test_other_addresses_lie_in_no_console() -> None:
    assert [
        navigation.console_of(it) for it in ("/", "/merchant", "/merchant/x", "/operators")
    ] == [None] * 4


def test_a_warehouse_worker_sees_orders_but_no_money() -> None:
    me = SimpleNamespace(shops={12: "warehouse"}, shop_names={12: "Hill Letters"})
    console = navigation.console_of("/merchant/12/orders", me)
    assert console
    assert {it.key for it in console.sections} == {"today", "orders", "aftersale"}
    assert console.shop_name == "Hill Letters"


# ---- how values are shown -------------------------------------------------------------------------

ZH, EN = Shown("zh-CN", Market()), Shown("en", Market())


@pytest.mark.parametrize(
    ("minor", "shown"), [(0, "¥0.00"), (5, "¥0.05"), (-500, "−¥5.00"), (123450, "¥1,234.50")]
)
def test_money(minor: int, shown: str) -> None:
    assert ZH.money(minor) == EN.money(minor) == shown


def test_money_of_other_markets() -> None:
    assert Shown("en", Market(currency="JPY")).money(1234) == "¥1,234"
    assert EN.money(5, "KWD") == "KWD 0.005"
    assert EN.change(500) == "+¥5.00"
    assert EN.fen(-123450) == "−1,234.50"


@pytest.mark.parametrize(
    ("n", "zh", "en"),
    [
        (862, "862", "862"),
        (8_914, "8,914", "8,914"),
        (10_000, "1 万", "10k"),
        (12_345, "1.2 万", "12.3k"),
        (3_456_789, "345 万", "3.4M"),
        (120_000_000, "1.2 亿", "120M"),
    ],
)
def test_counts(n: int, zh: str, en: str) -> None:
    assert (ZH.count(n), EN.count(n)) == (zh, en)


def test_instants_are_those_of_the_market() -> None:
    at = datetime(2020, 11, 21, 23, 42, tzinfo=UTC)
    assert ZH.when(at) == "2020年11月22日 07:42"
    assert EN.when(at) == "22 Nov 2020, 07:42"
    assert ZH.stamp(at) == "2020-11-22 07:42"
    assert EN.iso(at) == "2020-11-21T23:42:00Z"
    assert EN.day(date(2020, 11, 25)) == "Wed 25 Nov 2020"
    assert ZH.day(at) == "2020年11月22日 周日"


@pytest.mark.parametrize(
    ("ahead", "zh", "en", "urgency"),
    [
        (timedelta(days=3), "剩 3 天", "3 days left", ""),
        (timedelta(hours=30), "剩 30 小时", "30 h left", ""),
        (timedelta(hours=4, minutes=5), "剩 4 小时 5 分", "4 h 5 min left", "soon"),
        (timedelta(minutes=41, seconds=30), "剩 41 分", "41 min left", "soon"),
        (timedelta(seconds=20), "剩 不到 1 分", "under a minute left", "soon"),
        (timedelta(0), "晚了 不到 1 分", "under a minute late", "late"),
        (timedelta(hours=-2), "晚了 2 小时", "2 h late", "late"),
    ],
)
def test_clocks(ahead: timedelta, zh: str, en: str, urgency: str) -> None:
    until = NOW + ahead
    assert (ZH.left(until, NOW), EN.left(until, NOW)) == (zh, en)
    assert EN.urgency(until, NOW) == urgency


# ---- charts ---------------------------------------------------------------------------------------


def test_a_sparkline_spans_its_box() -> None:
    line, area = spark_paths([1, 3, 2])
    assert line == "M0 24L42 2L84 13"
    assert area.endswith("L84 26L0 26Z")
    assert spark_paths([1]) == ("", "")


def test_charts_start_at_zero_and_hold_their_highest_value() -> None:
    for drawing in (*bar_chart([0, 7, 52], ["a", "b", "c"]), *line_chart([0, 7, 52], ["a", "b"])):
        assert drawing.labels[0].text == "0"
        assert int(drawing.labels[3].text.replace(",", "")) >= 52
    wide, phone = bar_chart([], [])
    assert (wide.bars, phone.bars) == ((), ())


def test_charts_of_nothing_keep_their_axes() -> None:
    assert all(it.line == "" and len(it.grid) == 4 for it in line_chart([], []))
