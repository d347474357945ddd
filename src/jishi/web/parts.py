"""The small parts a page draws by the hundred: icons, pictures, prices.

``m.html`` offers them beside its macros under the same names. They are functions because a macro
costs several times as much.
"""

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b

from markupsafe import Markup, escape

from jishi.web.i18n import Translator
from jishi.web.shown import MINUS, Shown
from jishi.web.static_files import url_art

TINTS = "abcdef"
_LAZY = ' loading="lazy"'
_DISABLED = ' aria-disabled="true"'


@lru_cache(maxsize=1024)
def icon(name: str, cls: str = "") -> Markup:
    """``<i class="i i-cart">``, hidden from readers: the words beside it say what it means."""
    classes = f"i i-{escape(name)} {escape(cls)}".rstrip()
    return Markup(f'<i class="{classes}" aria-hidden="true"></i>')  # noqa: S704 - escaped above


@lru_cache(maxsize=4096)
def tint(name: str) -> str:
    """One of the grounds a–f, always the same for the same name."""
    return TINTS[blake2b(name.encode(), digest_size=1).digest()[0] % len(TINTS)]


def initial(name: str) -> str:
    """What stands for a name without a picture: its first letter or character."""
    stripped = name.strip()
    return stripped[0].upper() if stripped else "?"


def picture(
    src: str | None,
    name: str = "",
    size: str | int = "",
    alt: str = "",
    *,
    lazy: bool = True,
    caller: Callable[[], str] | None = None,
) -> Markup:
    """A product's picture on its ground: demo art (``art:<code>``), a photograph, or the initial.

    ``size`` is one of 40, 56, 72, 96 or empty for the width of its place; ``alt`` is empty where
    the name stands beside it. What ``caller`` returns lies over the picture.
    """
    size_class = f" pic--{size}" if size else ""
    over = caller() if caller is not None else ""
    if not src:
        named = f'role="img" aria-label="{escape(alt)}"' if alt else 'aria-hidden="true"'
        inside = f'<span class="pic__initial" {named}>{escape(initial(name))}</span>'
    else:
        art = src.startswith("art:")
        url, side = (url_art(src[4:]), 256) if art else (src, 400)
        size_class += "" if art else " pic--photo"
        inside = (
            f'<img src="{escape(url)}" alt="{escape(alt)}" width="{side}" height="{side}"'
            f'{_LAZY if lazy else ""} decoding="async">'
        )
    return Markup(  # noqa: S704 - every part is escaped or ours
        f'<span class="pic pic--{tint(name)}{escape(size_class)}">{inside}{over}</span>'
    )


def price_of(shown: Shown, words: Translator) -> Callable[..., Markup]:
    """The ``price`` of one locale."""
    sign = escape(shown.sign())
    up = Markup('<small class="price__from">{}</small>').format(words("and up"))
    earlier = escape(words("earlier"))

    def price(minor: int, cls: str = "", *, was: int | None = None, from_: bool = False) -> Markup:
        """An amount with its sign and fen small; ``was`` struck through; ``from_`` "and up"."""
        whole, part = shown.money_parts(abs(minor))
        fen = f"<small>{part}</small>" if part else ""
        text = (
            f'<span class="price{" " + escape(cls) if cls else ""}">{MINUS if minor < 0 else ""}'
            f"<small>{sign}</small>{whole}{fen}{up if from_ else ''}</span>"
        )
        if was:
            text += f' <s class="was"><span class="sr">{earlier} </span>{shown.money(was)}</s>'
        return Markup(text)  # noqa: S704 - every part is escaped or a number

    return price


def product_card_of(
    shown: Shown, words: Translator, price: Callable[..., Markup]
) -> Callable[..., Markup]:
    """The ``product_card`` of one locale."""
    sold_out_over = Markup('<span class="soldout"><span>{}</span></span>').format(words("Sold out"))
    flag = Markup('<span class="pic__flag tag tag--solid">{}</span>')

    def product_card(
        name: str,
        minor: int,
        href: str,
        *,
        image: str | None = None,
        was: int | None = None,
        why: str = "",
        why_icon: str = "",
        sold: int | None = None,
        tag_text: str = "",
        sold_out: bool = False,
        row: bool = False,
        from_: bool = False,
    ) -> Markup:
        """A product among others: picture, name, why it stands here, price, how many were sold."""
        over = (flag.format(tag_text) if tag_text else "") + (sold_out_over if sold_out else "")
        shown_pic = picture(image, name, caller=(lambda: over) if over else None)
        sign = icon(why_icon, "i--sm") if why_icon else ""
        reason = f'{sign}<span class="clip">{escape(why)}</span>' if why else ""
        many = words("{count} sold", count=shown.count(sold)) if sold else ""
        return Markup(  # noqa: S704 - every part is escaped or ours
            f'<a class="product-card{" product-card--row" if row else ""}" href="{escape(href)}"'
            f'{_DISABLED if sold_out else ""}>\n{shown_pic}\n<span class="product-card__body">'
            f'<span class="product-card__name clip2">{escape(name)}</span>'
            f'<span class="product-card__why">{reason}</span>'
            f'<span class="product-card__foot">{price(minor, was=was, from_=from_)}'
            f'{f"""<span class="sold">{many}</span>""" if many else ""}</span></span>\n</a>\n'
        )

    return product_card
