"""Languages: English msgids, Chinese from ``locale/zh_CN/*.po``; which one a request gets.

One msgid has one meaning in the whole product, whichever area's file translates it. Where English has one
word for two things, write what is meant (``End the conversation``, not ``Close``) or ask with a context
(``pgettext("offer", "Soon")``, ``msgctxt`` in the file); a test refuses two translations of one msgid.

A msgid carries its facts in braces (``"The number needs {need} digits"``), in templates and in
refusals alike, so that a per cent sign is only a per cent sign. Plurals: ``ngettext`` with ``{n}``.
"""

import gettext as gnu
import io
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from babel import support
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import Markup

import jishi

LOCALE_DIR: Final = Path(jishi.__file__).parent / "locale"
LOCALES: Final = ("zh-CN", "en")  # as in <html lang>; the first is the default
DEFAULT: Final = LOCALES[0]
COOKIE: Final = "lang"
THEMES: Final = ("light", "dark")
THEME_COOKIE: Final = "theme"


class Translator:
    """The words of one locale. Facts given as keywords fill the braces of the msgid.

    In templates the result is ``Markup`` and facts are escaped (``markup=True``); elsewhere it is
    plain text. A msgid without a translation is shown as it stands.
    """

    def __init__(self, locale: str, words: gnu.NullTranslations, *, markup: bool = False) -> None:
        self.locale = locale
        self._words = words
        self._markup = markup

    def gettext(self, msgid: str, /, **facts: Any) -> str:
        return self._filled(self._words.gettext(msgid), facts)

    def ngettext(self, one: str, many: str, n: int, /, **facts: Any) -> str:
        """``{n}`` is the number with thousands separated unless ``n`` is among the facts."""
        return self._filled(self._words.ngettext(one, many, n), {"n": f"{n:,}", **facts})

    def pgettext(self, context: str, msgid: str, /, **facts: Any) -> str:
        return self._filled(self._words.pgettext(context, msgid), facts)

    def __call__(self, msgid: str, /, **facts: Any) -> str:
        return self.gettext(msgid, **facts)

    def as_markup(self) -> "Translator":
        return Translator(self.locale, self._words, markup=True)

    def _filled(self, text: str, facts: Mapping[str, Any]) -> str:
        shown = Markup(text) if self._markup else text  # noqa: S704 - msgids are ours
        return shown.format_map(facts) if facts else shown


def po_files(locale: str) -> list[Path]:
    """The areas of a locale in name order; later files may not contradict earlier ones."""
    return sorted((LOCALE_DIR / locale.replace("-", "_")).glob("*.po"))


def read_area(path: Path, locale: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=locale.replace("-", "_"))


def translator(locale: str, *, markup: bool = False) -> Translator:
    """The translator of ``locale``; an unknown locale gets the default one's."""
    found = _translator(locale if locale in LOCALES else DEFAULT)
    return found.as_markup() if markup else found


@lru_cache(maxsize=8)
def _translator(locale: str) -> Translator:
    merged = Catalog(locale=locale.replace("-", "_"))
    for path in po_files(locale):
        for message in read_area(path, locale):
            if message.id and message.string and not message.fuzzy:
                merged.add(message.id, message.string, context=message.context)
    buffer = io.BytesIO()
    write_mo(buffer, merged)
    buffer.seek(0)
    words = support.Translations(buffer) if len(merged) else gnu.NullTranslations()
    return Translator(locale, words)


def choose_locale(
    *, cookie: str | None = None, account: str | None = None, accept_language: str = ""
) -> str:
    """One of ``LOCALES``: the cookie's, else the account's, else the browser's, else Chinese."""
    for asked in (cookie, account, *_by_quality(accept_language)):
        known = _known(asked)
        if known:
            return known
    return DEFAULT


def choose_theme(cookie: str | None) -> str | None:
    """``light`` or ``dark`` when the person chose; None lets the device decide."""
    return cookie if cookie in THEMES else None


def _known(asked: str | None) -> str | None:
    language = (asked or "").replace("_", "-").split("-")[0].lower()
    return next((it for it in LOCALES if it.split("-")[0] == language), None)


def _by_quality(accept_language: str) -> list[str]:
    """Language ranges, best first; ``q=0`` and what cannot be read are left out."""
    ranked: list[tuple[float, str]] = []
    for part in accept_language[:200].split(","):
        name, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if name and quality > 0:
            ranked.append((quality, name))
    return [name for _, name in sorted(ranked, key=lambda it: -it[0])]
