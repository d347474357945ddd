"""How values are shown: money, instants, days, clocks and counts, per locale. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime

from jishi.kit.money import scale_of
from jishi.web.i18n import Translator, translator

MINUS: Final = "−"  # U+2212, as wide as a plus
SIGNS: Final = {  # the sign stands first, as both languages of the market write it
    "CNY": "¥", "HKD": "HK$", "TWD": "NT$", "MOP": "MOP$", "SGD": "S$",
    "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "KRW": "₩",
}  # fmt: skip
_DAY = 86_400
_HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Market:
    """What every figure of a market shares. Days and clocks are those of ``zone``."""

    currency: str = "CNY"
    zone: str = "Asia/Shanghai"


class Shown:
    """The formatters of one locale, offered to templates under their method names."""

    def __init__(self, locale: str, market: Market, words: Translator | None = None) -> None:
        self.locale = Locale.parse(locale, sep="-")
        self.market = market
        self._words = words or translator(locale)
        self._zone = ZoneInfo(market.zone)
        self._chinese = locale.startswith("zh")

    def money(self, minor: int, currency: str | None = None) -> str:
        """``¥1,234.50``; below zero with a true minus sign in front: ``−¥5.00``."""
        before = MINUS if minor < 0 else ""
        return f"{before}{self.sign(currency)}{self.fen(abs(minor), currency)}"

    def change(self, minor: int, currency: str | None = None) -> str:
        """Money with its sign always written: ``+¥5.00``, ``−¥5.00``, ``¥0.00``."""
        return ("+" if minor > 0 else "") + self.money(minor, currency)

    def fen(self, minor: int, currency: str | None = None) -> str:
        """The bare figure of a table column: ``1,234.50``."""
        whole, part = self.money_parts(abs(minor), currency)
        return f"{MINUS if minor < 0 else ''}{whole}{part}"

    def money_parts(self, minor: int, currency: str | None = None) -> tuple[str, str]:
        """``("1,234", ".50")``; the second is empty where a currency has no decimals."""
        decimals = scale_of(currency or self.market.currency)
        whole, part = divmod(minor, 10**decimals)
        return f"{whole:,}", f".{part:0{decimals}d}" if decimals else ""

    def sign(self, currency: str | None = None) -> str:
        code = currency or self.market.currency
        return SIGNS.get(code, f"{code} ")

    def count(self, n: int) -> str:
        """A count among people: ``8,914``, ``1.2 万``, ``3 亿`` or ``8,914``, ``12k``, ``3M``."""
        steps = ((10**8, " 亿"), (10**4, " 万")) if self._chinese else ((10**6, "M"), (10**4, "k"))
        for floor, unit in steps:
            if n >= floor:
                whole, tenth = divmod(n * 10 // (1000 if unit == "k" else floor), 10)
                return (f"{whole}.{tenth}" if tenth and whole < 100 else f"{whole:,}") + unit  # noqa: PLR2004
        return f"{n:,}"

    def percent(self, basis_points: int, digits: int = 1) -> str:
        """Basis points as ``12.5%``."""
        return f"{basis_points / 100:.{digits}f}%".replace("-", MINUS)

    def when(self, at: datetime) -> str:
        """``11月22日 07:42`` / ``22 Nov, 07:42``, with the year when it is not this one."""
        at = at.astimezone(self._zone)
        if self._chinese:
            pattern = "M月d日 HH:mm" if self._this_year(at) else "y年M月d日 HH:mm"
        else:
            pattern = "d MMM, HH:mm" if self._this_year(at) else "d MMM y, HH:mm"
        return format_datetime(at, pattern, locale=self.locale)

    def stamp(self, at: datetime) -> str:
        """An instant for the record: ``2026-11-20 22:30``."""
        return at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M")

    def iso(self, at: datetime) -> str:
        """The machine's form of an instant, for ``<time datetime>`` and clocks."""
        return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

    def day(self, at: datetime | date) -> str:
        """``11月25日 周三`` / ``Wed 25 Nov``, with the year when it is not this one."""
        if isinstance(at, datetime):
            at = at.astimezone(self._zone).date()
        year = "" if self._this_year(at) else " y"
        if self._chinese:
            pattern = "M月d日 EEE" if not year else "y年M月d日 EEE"
        else:
            pattern = f"EEE d MMM{year}"
        return format_date(at, pattern, locale=self.locale)

    def left(self, until: datetime, now: datetime | None = None) -> str:
        """To a deadline: ``剩 41 分`` / ``41 min left``, ``晚了 2 小时`` / ``2 h late``."""
        seconds = int((until - (now or datetime.now(UTC))).total_seconds())
        text = self.span(timedelta(seconds=abs(seconds)))
        if seconds > 0:
            return self._words("{span} left", span=text)
        return self._words("{span} late", span=text)

    def span(self, length: timedelta) -> str:
        """A length of time in its one or two largest units."""
        seconds = int(length.total_seconds())
        days, hours, minutes = seconds // _DAY, seconds // _HOUR, seconds // 60
        if days >= 2:  # noqa: PLR2004 - below two days hours say more
            return self._words.ngettext("{n} day", "{n} days", days)
        if hours >= 1:
            rest = minutes % 60
            if hours < 10 and rest:  # noqa: PLR2004 - minutes matter while hours are few
                return self._words("{hours} h {minutes} min", hours=hours, minutes=rest)
            return self._words("{hours} h", hours=hours)
        if minutes:
            return self._words("{minutes} min", minutes=minutes)
        return self._words("under a minute")

    def urgency(self, until: datetime, now: datetime | None = None, of: int = _DAY) -> str:
        """``late``, ``soon`` (under a quarter of ``of`` seconds) or nothing: a clock's class."""
        seconds = (until - (now or datetime.now(UTC))).total_seconds()
        if seconds <= 0:
            return "late"
        return "soon" if seconds * 4 < of else ""

    def _this_year(self, at: date) -> bool:
        return at.year == datetime.now(self._zone).year
