"""Words of the search module."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import ProductId, ShopId

QUERY_MAX: Final = 100  # characters of a query that are read
QUERY_WORDS_MAX: Final = 8
WINDOW: Final = 300  # matches a search by relevance collects before it stops looking in lower tiers
COUNTED_MAX: Final = 300  # best matches over which choices are counted; more is shown as "300+"
CHOSEN_MAX: Final = 10  # values of one facet that can be chosen at once

# How many products a tier holds; the last takes the rest.
TIER_SIZES: Final = tuple(2_048 << tier for tier in range(9))

# Numbers in ``search_entry.facets`` below any code: what a product offers besides its values.
IN_STOCK, FREE_FREIGHT, ON_OFFER = 1, 2, 3
RATED_3, RATED_4 = 13, 14


@dataclass(frozen=True, slots=True)
class Texts:
    """What a product says of itself. Attributes are (name, values)."""

    title: str
    title_en: str
    brand: str
    description: str
    attributes: Sequence[tuple[str, Sequence[str]]]
    codes: Sequence[str]  # of its SKUs
    categories: Sequence[str]  # names along the path, both languages
    shops: Sequence[str]  # the shop's names


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What changes while the texts stay. Region codes: 2 and 4 digits, 0 unknown."""

    product_id: ProductId
    shop_id: ShopId
    category_id: int
    path: Sequence[int]
    version: int
    price_minor: int
    sold_count: int
    listed_at: datetime
    in_stock: bool
    free_freight: bool
    on_offer: bool
    rating_tenths: int  # mean of its reviews times ten; 0 without any
    province: int
    city: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of ``search_entry``, tier left to the database."""

    product_id: ProductId
    shop_id: ShopId
    category_id: int
    score: int
    price_minor: int
    sold_count: int
    signs: list[str]
    facets: list[int]
    words: str  # as the text of a tsvector
    version: int


@dataclass(frozen=True, slots=True)
class WordRow:
    """A word of the vocabulary as it is written down."""

    word: str
    pinyin: str | None
    initials: str | None
    near: Sequence[int]


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as it was understood: one group per part, each a choice of alternatives, each of words.

    ``typed`` are the words as they stood; ``corrected`` is the query with the words it is taken for, when
    some are known to nobody; ``unknown`` are words nothing could be made of.
    """

    text: str
    typed: Sequence[str] = ()
    groups: Sequence[Sequence[Sequence[str]]] = ()
    corrected: str | None = None
    unknown: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What a list is narrowed to; prices in minor units, both ends included."""

    category_id: int | None = None
    low_minor: int | None = None
    high_minor: int | None = None
    in_stock: bool = False
    free_freight: bool = False
    on_offer: bool = False
    rating: int | None = None  # 3 or 4: at least so many stars
    brands: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()  # (attribute, value)
    city: int | None = None  # whose distance counts; 4 digits


@dataclass(frozen=True, slots=True)
class Plan:
    """A search as the database takes it: tsquery texts.

    ``phases`` exclude each other, the best first; ``whole`` is their union. ``typed``, ``title`` and
    ``main`` lift those that have the words as typed in the title, in the title, in title or attributes.
    """

    phases: list[str]
    whole: str
    typed: str | None
    title: str | None
    main: str | None
    low_minor: int | None
    high_minor: int | None
    in_stock: bool  # asked of each match: nearly all goods are, so no index is worth reading for it


@dataclass(frozen=True, slots=True)
class Suggestion:
    text: str
    kind: str  # query, word


@dataclass(frozen=True, slots=True)
class SynonymSet:
    id: int
    is_one_way: bool
    terms: Sequence[str]


@dataclass(slots=True)
class Heard:
    """Searches of the last moments, waiting to be written."""

    day: date = date.min
    counted: dict[str, int] = field(default_factory=dict)
    recent: dict[tuple[int, str], datetime] = field(default_factory=dict)


class TermsInvalid(Refusal):
    kind, code = Kind.INVALID, "search.terms_invalid"
    text = "Two to twelve words or phrases, none longer than 40 characters, one on each line."


class SynonymNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "search.synonym_not_found"
    text = "This set of synonyms is no longer there."


Rows = Sequence[Any]
