"""What the rest of Jishi may ask of search. Each call runs inside the caller's transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from jishi.db import Row, Tx
from jishi.kit.ids import AccountId, ShopId
from jishi.kit.paging import Page, decode_cursor, page_of
from jishi.kit.text import clean
from jishi.modules.search import entries as writing
from jishi.modules.search import rules, storage, storage_searches, words
from jishi.modules.search.types import (
    Entry,
    Signals,
    Suggestion,
    SynonymNotFound,
    SynonymSet,
    TermsInvalid,
    Texts,
)

CHUNK: Final = 500  # products indexed at once
DAY_QUERIES_MAX: Final = 20_000  # different searches that are counted a day
RECENT_KEPT: Final = 20
POPULAR_DAYS: Final = 7
POPULAR_LEAST: Final = 3  # searches before others see it: one person's words stay their own
QUERIES_KEPT: Final = timedelta(days=90)
DAYS_KEPT: Final = timedelta(days=30)
WORDS_COUNTED_WHOLE: Final = 100_000  # entries up to which every one is counted
TERMS_MAX: Final = 12
TERM_MAX: Final = 40

_seen_words: set[str] = set()  # of the vocabulary, known to this process
SEEN_MAX: Final = 300_000


async def index_products(tx: Tx, ids: Iterable[int], *, now: datetime) -> int:
    """Bring what products are found by up to their present state: how many are listed.

    Those that are not listed, or whose shop is closed, are found no more. Any number of ids; 500 at a time.
    """
    asked, listed = sorted(set(ids)), 0
    for at in range(0, len(asked), CHUNK):
        listed += await _index_chunk(tx, asked[at : at + CHUNK], now=now)
    return listed


async def _index_chunk(tx: Tx, ids: Sequence[int], *, now: datetime) -> int:
    signals = await storage.signals(tx, ids)
    texts = await storage.texts(tx, [it.product_id for it in signals])
    found = [(texts[it.product_id], it) for it in signals if it.product_id in texts]
    gone = set(ids) - {it.product_id for _, it in found}
    if gone:
        await storage.delete_entries(tx, sorted(gone))
    if found:
        entries = [writing.entry_of(text, it) for text, it in found]
        await storage.write_entries(tx, entries, now=now)
        await add_vocabulary(tx, [text for text, _ in found], entries)
    return len(found)


async def add_vocabulary(tx: Tx, texts: Sequence[Texts], entries: Sequence[Entry]) -> None:
    """Write down the words and choices of products that are not known yet."""
    new = {word for it in entries for word in writing.words_of(it.words)} - _seen_words
    if new:
        unknown = await storage.unknown_words(tx, sorted(new))
        if unknown:
            await storage.write_words(tx, [writing.word_row(word) for word in unknown])
        remember_words(new - set(unknown))  # the rest once it is committed
    await storage.write_facets(tx, (it for text in texts for it in writing.choices_of(text)))


def remember_words(known: set[str]) -> None:
    if len(_seen_words) > SEEN_MAX:
        _seen_words.clear()
    _seen_words.update(known)


async def index_shop(tx: Tx, shop_id: ShopId, *, now: datetime) -> int:
    """Index all goods of a shop anew: how many."""
    done, after = 0, 0
    while True:
        ids = await storage.products_of_shop(tx, shop_id, after=after, limit=CHUNK)
        if not ids:
            return done
        done, after = done + await index_products(tx, ids, now=now), ids[-1]


async def catch_up(
    tx: Tx, name: str, *, limit: int, everything: bool, now: datetime
) -> tuple[int, int] | None:
    """One chunk of a walk over all goods: (looked at, indexed). None: at the end, or another walks.

    ``everything`` indexes each anew; otherwise only what is missing, outdated, or sells or costs
    otherwise than its entry says. The place is kept, so a walk that was stopped goes on.
    """
    state = await storage.walk_state(tx, name)
    if state is None or state["ended_at"] is not None:
        return None
    rows = await storage.next_products(tx, (state["after_cell"], state["after_id"]), limit=limit)
    ids = [row["id"] for row in rows]
    due = ids if everything else await _due(tx, ids)
    indexed = await index_products(tx, due, now=now) if due else 0
    last = (rows[-1]["cell"], rows[-1]["id"]) if rows else (0, 0)
    ended = None if len(rows) == limit else now
    await storage.walked(tx, name, last, done=len(rows), ended_at=ended)
    return len(ids), indexed


async def open_walk(tx: Tx, name: str, *, anew: bool, now: datetime) -> None:
    await storage.open_walk(tx, name, anew=anew, now=now)


async def walk_size(tx: Tx, name: str) -> tuple[int, int]:
    """About how many products there are, and how many a walk has seen."""
    return await storage.walk_size(tx, name)


async def _due(tx: Tx, ids: Sequence[int]) -> list[int]:
    """Products whose entry does not say what is true now."""
    due = set(await storage.stale(tx, ids))
    entries = await storage.entries_signs(tx, ids)
    for it in await storage.signals(tx, [each for each in ids if each not in due]):
        row = entries.get(it.product_id)
        if row is None or _differs(it, row["score"], row["sold_count"], row["signs"]):
            due.add(it.product_id)
    return sorted(due)


def _differs(signals: Signals, score: int, sold_count: int, signs: Sequence[str]) -> bool:
    """A handful of sales more is not worth a new row."""
    moved = abs(rules.score_of(signals) - score) >= rules.SCORE_STEP
    sold_more = abs(signals.sold_count - sold_count) * 20 > signals.sold_count
    return moved or sold_more or rules.signs_of(signals) != list(signs)


# upkeep ------------------------------------------------------------------------------------------


async def settle_tiers(tx: Tx, *, limit: int) -> int:
    """Set the scores tiers begin at when one is off its size by a quarter; move what lies wrong.

    How many moved, at most ``limit``.
    """
    for row in await storage.tier_counts(tx):
        if rules.is_off_size(row["filled"], row["size"], row["least_score"]):
            await storage.save_cuts(tx)
            break
    return await storage.retier(tx, limit=limit)


async def recount(tx: Tx) -> None:
    """Count anew how many products have each word; estimated above 100,000 products."""
    await storage.recount(tx, whole_below=WORDS_COUNTED_WHOLE)


async def prune(tx: Tx, *, now: datetime) -> None:
    """Forget searches nobody has made for long."""
    today = now.date()
    before, stale = today - DAYS_KEPT, today - QUERIES_KEPT
    await storage_searches.prune(tx, days_before=before, queries_before=stale, limit=5_000)


# what people search for --------------------------------------------------------------------------


async def popular(tx: Tx, *, now: datetime, limit: int = 10) -> list[str]:
    """Searches made most in the last seven days, at least three times, none hidden."""
    today = now.date()
    days = [today - timedelta(days=at) for at in range(POPULAR_DAYS)]
    return await storage_searches.popular(tx, days, least=POPULAR_LEAST, limit=limit)


async def recent(tx: Tx, account_id: AccountId, *, limit: int = 10) -> list[str]:
    """A person's own last searches, the newest first."""
    return await storage_searches.recent(tx, account_id, limit=limit)


async def forget_recent(tx: Tx, account_id: AccountId) -> None:
    await storage_searches.forget(tx, account_id)


async def suggest(tx: Tx, text: str, *, limit: int = 10) -> list[Suggestion]:
    """What the beginning of a search may become."""
    typed = rules.folded(clean(text[:40]))
    if not typed:
        return []
    rows = await storage_searches.suggest(tx, typed, typed.rsplit(" ", 1)[-1], limit=limit)
    return [Suggestion(**row) for row in rows]


async def set_hidden(tx: Tx, query: str, *, hidden: bool) -> bool:
    """Keep a search from, or return it to, popular searches and suggestions; False: nobody made it."""
    return await storage_searches.hide(tx, query, hidden=hidden)


async def most_searched(tx: Tx, cursor: str | None, *, size: int) -> Page[Row]:
    """query, searches, is_hidden, last_on of every search kept, the most made first. Raises CursorInvalid."""
    after = decode_cursor(cursor, int, str)
    rows = await storage_searches.most_searched(tx, after, limit=size + 1)
    return page_of(rows, size, lambda row: (row["searches"], row["query"]))


# synonyms ----------------------------------------------------------------------------------------


async def add_synonym(tx: Tx, terms: Sequence[str], *, is_one_way: bool, now: datetime) -> int:
    """A set of terms that find each other, or of which only the first finds the others: its id.

    Raises TermsInvalid.
    """
    ready = list(dict.fromkeys(term for it in terms if (term := rules.folded(clean(it)))))
    is_long = any(len(term) > TERM_MAX for term in ready)
    is_empty = any(not words.cut_query(term) for term in ready)
    if not 2 <= len(ready) <= TERMS_MAX or is_long or is_empty:  # noqa: PLR2004 - a pair at least
        raise TermsInvalid(field="terms")
    return await storage.add_synonym(tx, ready, is_one_way=is_one_way, now=now)


async def drop_synonym(tx: Tx, synonym_id: int) -> list[str]:
    """The terms it had. Raises SynonymNotFound."""
    terms = await storage.drop_synonym(tx, synonym_id)
    if terms is None:
        raise SynonymNotFound(synonym_id=synonym_id)
    return terms


async def list_synonyms(tx: Tx, *, before: int | None, term: str, limit: int) -> list[SynonymSet]:
    """The newest first; with ``term`` only sets that contain it."""
    return await storage.synonym_page(
        tx, before=before, term=rules.folded(clean(term)) or None, limit=limit
    )
