"""Words: which language a request gets, how facts are filled in, and that nothing is untranslated."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from markupsafe import Markup

import jishi
from jishi.web import i18n
from jishi.web.i18n import Translator, choose_locale, choose_theme, translator

SRC = Path(jishi.__file__).parent
APART = SRC / "sandbox"  # a stand-alone process with words of its own
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "mark": None,
    "words": None,
    "_words": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
Key = tuple[str | None, str]  # context, msgid (of a plural: the singular)
Source = tuple[str, Key]  # file:line


# ---- every word has its translation ---------------------------------------------------------------


def test_every_word_of_the_interface_has_a_chinese_translation() -> None:
    known = translated()
    missing: dict[str, list[str]] = defaultdict(list)
    for place, key in sorted({*words_in_templates(), *words_in_python()}, key=str):
        if key not in known:
            file, _, line = place.rpartition(":")
            missing[file].append(f"    {line}: {key[1]!r}" + (f" ({key[0]})" if key[0] else ""))
    listing = "\n".join(f"{file}\n" + "\n".join(lines) for file, lines in sorted(missing.items()))
    total = sum(map(len, missing.values()))
    assert not missing, f"{total} without a translation in locale/zh_CN:\n{listing}"


def test_areas_do_not_contradict_each_other() -> None:
    said: dict[object, tuple[str, object]] = {}
    for path in i18n.po_files("zh-CN"):
        for message in messages(path):
            key = (message.id, message.context)
            where, before = said.setdefault(key, (path.name, message.string))
            assert before == message.string, f"{message.id!r}: {where} and {path.name} differ"


def test_a_msgid_stands_once_in_an_area() -> None:
    """A second entry of one file would silently win: babel joins them without a word."""
    for path in i18n.po_files("zh-CN"):
        entries = re.split(r"\n\s*\n", path.read_text(encoding="utf-8"))
        heads = [it.partition("\nmsgstr")[0].strip() for it in entries if "msgid" in it]
        named = ["\n".join(line for line in it.splitlines() if line[:1] != "#") for it in heads]
        twice = {it for it in named if named.count(it) > 1}
        assert not twice, f"{path.name}: {sorted(twice)}"


def test_a_word_with_two_meanings_has_a_context(tmp_path: Path) -> None:
    """What a template asks with a context is looked for under that context."""
    page = tmp_path / "page.html"
    page.write_text("{{ pgettext('offer', 'Soon') }} {{ _('Soon') }}", encoding="utf-8")
    assert {key for _, key in in_template(page)} == {("offer", "Soon"), (None, "Soon")}
    code = ast.parse("words.pgettext('offer', 'Soon', n=1)").body[0]
    assert isinstance(code, ast.Expr)
    assert isinstance(code.value, ast.Call)
    assert [key for _, key in called(code.value, set())] == [("offer", "Soon")]


def test_translations_name_the_same_facts_as_their_msgid() -> None:
    for path in i18n.po_files("zh-CN"):
        for message in messages(path):
            ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
            strings = (
                message.string if isinstance(message.string, tuple | list) else (message.string,)
            )
            allowed = {name for msgid in ids for name in facts(str(msgid))}
            for text in strings:
                assert set(facts(str(text))) <= allowed, f"{path.name}: {message.id!r} → {text!r}"


def messages(path: Path) -> Iterator[Message]:
    return (it for it in i18n.read_area(path, "zh-CN") if it.id and it.string and not it.fuzzy)


def translated() -> set[Key]:
    return {
        (it.context, it.id if isinstance(it.id, str) else it.id[0])
        for path in i18n.po_files("zh-CN")
        for it in messages(path)
    }


def facts(text: str) -> list[str]:
    return [re.split(r"[.\[]", name)[0] for _, name, _, _ in Formatter().parse(text) if name]


def sources(pattern: str) -> list[Path]:
    return [it for it in sorted(SRC.rglob(pattern)) if APART not in it.parents]


def words_in_templates() -> Iterator[Source]:
    for path in sources("*.html"):
        for line, key in in_template(path):
            yield f"{path.relative_to(SRC)}:{line}", key


def in_template(path: Path) -> Iterator[tuple[int, Key]]:
    options = {"trimmed": "false", "silent": "false"}
    with path.open("rb") as file:
        for line, msg, _, context in extract(
            "jinja2.ext:babel_extract", file, keywords=KEYWORDS, options=options
        ):
            yield line, (context, msg if isinstance(msg, str) else msg[0])


def words_in_python() -> Iterator[Source]:
    for path in sources("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        name = str(path.relative_to(SRC))
        marks = marking_names(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield from ((f"{name}:{line}", key) for line, key in called(node, marks))
            if isinstance(node, ast.ClassDef) and names_a_code(node):
                yield from ((f"{name}:{line}", (None, text)) for line, text in refusal_text(node))


def marking_names(tree: ast.Module) -> set[str]:
    """How this module calls ``mark`` and translators: only what it imported counts as ``_``."""
    found = {"gettext"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "jishi.kit.text":
            found |= {it.asname or it.name for it in node.names if it.name == "mark"}
    return found


def called(node: ast.Call, marks: set[str]) -> Iterator[tuple[int, Key]]:
    target = node.func
    name = target.id if isinstance(target, ast.Name) else getattr(target, "attr", "")
    given = [
        it.value for it in node.args if isinstance(it, ast.Constant) and isinstance(it.value, str)
    ]
    if name == "ngettext" and len(given) >= 2:
        yield node.lineno, (None, given[0])
    elif name == "pgettext" and len(given) >= 2:
        yield node.lineno, (given[0], given[1])
    elif (name in marks or name == "_words") and given:
        yield node.lineno, (None, given[0])


def names_a_code(node: ast.ClassDef) -> bool:
    """A refusal: it, or a class it builds on, names ``kind`` and ``code``."""
    bases = {getattr(it, "id", getattr(it, "attr", "")) for it in node.bases}
    assigned = {target for target, _ in assignments(node)}
    return "Refusal" in bases or node.name == "Refusal" or {"code", "text"} <= assigned


def refusal_text(node: ast.ClassDef) -> Iterator[tuple[int, str]]:
    for target, value in assignments(node):
        if target == "text" and isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.lineno, value.value


def assignments(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and statement.value is not None:
            yield getattr(statement.target, "id", ""), statement.value
        if not isinstance(statement, ast.Assign):
            continue
        for target in statement.targets:
            if isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Tuple):
                pairs = zip(target.elts, statement.value.elts, strict=True)
                yield from ((getattr(name, "id", ""), value) for name, value in pairs)
            else:
                yield getattr(target, "id", ""), statement.value


# ---- which language -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("_case", "cookie", "account", "header", "chosen"),
    [
        ("nothing said", None, None, "", "zh-CN"),
        ("the cookie wins", "en", "zh-CN", "zh-CN", "en"),
        ("an unknown cookie is passed over", "tlh", "en", "", "en"),
        ("the account before the browser", None, "en", "zh", "en"),
        ("the browser's best", None, None, "fr-FR,en-GB;q=0.8,zh;q=0.3", "en"),
        ("order by quality, not place", None, None, "en;q=0.2, zh-TW;q=0.9", "zh-CN"),
        ("refused by q=0", None, None, "en;q=0", "zh-CN"),
        ("nonsense", None, None, ";;q=,en;q=x,,", "zh-CN"),
        ("underscores", "zh_CN", None, "en", "zh-CN"),
    ],
)
def test_locale_is_chosen(
    _case: str, cookie: str | None, account: str | None, header: str, chosen: str
) -> None:
    assert choose_locale(cookie=cookie, account=account, accept_language=header) == chosen


def test_theme_is_left_to_the_device_unless_chosen() -> None:
    assert [choose_theme(it) for it in ("dark", "light", "pink", None)] == [
        "dark",
        "light",
        None,
        None,
    ]


# ---- facts ----------------------------------------------------------------------------------------


def test_facts_are_filled_in_and_a_percent_sign_is_only_a_percent_sign() -> None:
    words = translator("en")
    assert words("{share} of 100% is {n}", share="5%", n=5) == "5% of 100% is 5"
    assert words("no facts, 100% {as} it stands") == "no facts, 100% {as} it stands"


def test_plurals_follow_the_number() -> None:
    english, chinese = translator("en"), translator("zh-CN")
    assert english.ngettext("{n} piece", "{n} pieces", 1) == "1 piece"
    assert english.ngettext("{n} piece", "{n} pieces", 1200) == "1,200 pieces"
    assert chinese.ngettext("{n} piece", "{n} pieces", 2) == "2 件"


def test_facts_in_pages_are_escaped() -> None:
    words = translator("en", markup=True)
    assert words("Hello {name}", name="<b>") == Markup("Hello &lt;b&gt;")


def test_an_unknown_locale_speaks_the_default_one() -> None:
    assert translator("tlh")("Cart") == translator("zh-CN")("Cart") == "购物车"


def test_catalogues_are_read_once() -> None:
    assert translator("zh-CN") is translator("zh-CN")
    assert isinstance(translator("zh-CN"), Translator)
