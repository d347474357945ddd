"""The gallery: every component in its states, written to a folder to look at.

    python -m jishi.web.gallery build/gallery

No route serves it. The tests render it too, so that a macro cannot break unseen.
"""

import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from litestar import Request

from jishi.web.charts import bar_chart, line_chart
from jishi.web.i18n import LOCALES
from jishi.web.pages import page
from jishi.web.static_files import STATIC_DIR

NAMES: Final = {"gallery.html": "/", "gallery_console.html": "/merchant/1001/orders"}
_GOODS: Final = (  # picture, 中文, English, price, was, sold, why, why in English, icon
    ("1f95d", "周至猕猴桃 24 枚中果 现摘现发", "Kiwifruit, 24 medium, picked to order", 4900, 5900,
     32_000, "6 位朋友买过", "6 friends bought this", "user"),
    ("1f36f", "秦岭土蜂蜜 500g 带检测报告", "Wild honey, 500 g, with lab report", 6800, None,
     8_914, "你关注的店", "A shop you follow", "store"),
    ("1f35c", "手工空心挂面 5 把 低盐 阴干 72 小时", "Hand-pulled noodles, 5 bundles, low salt",
     3600, 4200, 11_000, "邻居群团过", "Your group bought it", "group"),
    ("1fad6", "粗陶侧把壶 180ml 手作", "Clay side-handle pot, 180 ml", 15800, None, 318,
     "4.9 分", "Rated 4.9", "star"),
    ("1f34a", "赣南脐橙 10 斤 坏果包赔", "Navel oranges, 5 kg, bad fruit refunded", 5990, 6990,
     67_000, "周三前送达", "By Wednesday", "truck"),
    ("1f9e6", "精梳棉中筒袜 5 双", "Combed cotton socks, 5 pairs", 3990, None, 24_000, "", "", ""),
    ("2615", "挂耳咖啡 20 包 中浅烘", "Drip coffee, 20 bags, light roast", 7900, 9900, 9_870,
     "直播价", "Room price", "live"),
    ("1f9fa", "柳编菜篮 可机洗内衬", "Willow basket, washable lining", 5600, None, 0,
     "新店", "New shop", "shield-check"),
    ("1f9e3", "绵羊毛围巾 190cm", "Lambswool scarf, 190 cm", 13900, 18900, 7_412, "", "", ""),
    ("", "五常稻花香 5kg 新米", "Fragrant rice, 5 kg", 8900, None, 120_000, "你 9 月买过",
     "You bought it in September", "history"),
)  # fmt: skip


def sample(locale: str, *, now: datetime) -> dict[str, Any]:
    """What the gallery's templates show."""
    zh = locale == "zh-CN"
    goods = [
        {
            "image": f"art:{art}" if art else None,
            "name": chinese if zh else english,
            "spec": "24 枚 中果" if zh else "24 medium",
            "minor": minor,
            "unit_minor": minor,
            "qty": 1,
            "was": was,
            "sold": sold,
            "why": why if zh else why_en,
            "icon": icon,
            "tag": ("直播价" if zh else "Live") if icon == "live" else "",
            "out": art == "1f9fa",
        }
        for art, chinese, english, minor, was, sold, why, why_en, icon in _GOODS
    ]
    sizes = [
        ("12", "12 枚 尝鲜" if zh else "12, taster", "¥29", ""),
        ("24", "24 枚 中果" if zh else "24 medium", "¥49", "on"),
        ("30", "特大" if zh else "Extra large", "缺货" if zh else "Sold out", "out"),
    ]
    heading = "规格" if zh else "Size"
    week = ["一", "二", "三", "四", "五", "六", "日"] if zh else ["M", "T", "W", "T", "F", "S", "S"]
    return {
        "goods": goods,
        "dims": [("d0", heading, sizes)],
        "sheet_dims": [("s0", heading, sizes)],
        "now": now,
        "soon": now + timedelta(minutes=41),
        "later": now + timedelta(hours=8, minutes=12),
        "earlier": now - timedelta(hours=3),
        "sales": line_chart(
            [0, 900, 1300, 1500, 1800, 2400, 3900, 8100, 15200, 24400, 33600, 38462],
            [f"{hour}:00" for hour in range(25)],
            other=[hour * hour * 209 for hour in range(25)],
        ),
        "week": bar_chart([31, 28, 44, 39, 52, 47, 18], week, small=True),
    }


def render(name: str, locale: str, theme: str | None = None) -> str:
    """One gallery page as a signed-in member of staff would see it."""
    me = SimpleNamespace(
        account_id=1,
        name="店主" if locale == "zh-CN" else "Owner",
        shops={1001: "owner"},
        shop_names={1001: "山里来信" if locale == "zh-CN" else "Hill Letters"},
    )
    cookie = f"theme={theme}" if theme else ""
    scope: Any = {
        "type": "http",
        "method": "GET",
        "path": NAMES[name],
        "raw_path": NAMES[name].encode(),
        "root_path": "",
        "scheme": "http",
        "server": ("localhost", 80),
        "query_string": b"",
        "headers": [(b"cookie", cookie.encode()), (b"host", b"localhost")],
        "state": {"identity": me, "locale": locale, "csrf": "sample"},
    }
    request: Request[Any, Any, Any] = Request(scope)
    return page(request, name, **sample(locale, now=datetime.now(UTC))).content


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(STATIC_DIR, folder / "static", dirs_exist_ok=True)
    for name in NAMES:
        for locale in LOCALES:
            for theme in ("light", "dark"):
                text = render(name, locale, theme).replace('"/static/', '"static/')
                target = folder / f"{name.removesuffix('.html')}.{locale}.{theme}.html"
                target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/gallery"))
