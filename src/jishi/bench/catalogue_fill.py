"""Filling a throw-away market with very many goods: COPY without indexes, indexes afterwards."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import psycopg
from psycopg import sql

from jishi.bench.catalogue_goods import Good, Plan, goods, shop_name, shops
from jishi.kit.ids import cell_of
from jishi.modules.search import entries as writing
from jishi.modules.search import rules
from jishi.modules.search.types import TIER_SIZES, Entry, WordRow
from jishi.modules.search.words import is_latin

TABLES: Final = ("product", "sku", "stock", "search_entry")
_INDEXES: Final = """
SELECT i.indexname, i.indexdef FROM pg_indexes i
WHERE i.schemaname = current_schema() AND i.tablename = ANY (%s)
    AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = i.indexname)
"""
SAMPLED_FROM: Final = 100_000
PICTURE: Final = '[{"art": "1f302", "tint": "b"}]'


def fill(dsn: str, plan: Plan, count: int, seed: int, tell: Callable[[str], None]) -> None:
    """Shops, products, SKUs, stock and their entries; indexes are made anew at the end."""
    with psycopg.connect(dsn, autocommit=True) as link:
        link.execute("SET synchronous_commit = off")
        link.execute("SET maintenance_work_mem = '1GB'")
        _shops(link, plan)
        kept = link.execute(_INDEXES, (list(TABLES),)).fetchall()
        for name, _ in kept:
            link.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        cuts = _cuts(plan, count, seed)
        _save_cuts(link, cuts)
        _write_all(link, plan, count, seed, cuts, tell)
        for name, definition in kept:
            started = time.monotonic()
            link.execute(definition)
            tell(f"index {name} in {time.monotonic() - started:.0f} s")
        link.execute("VACUUM (ANALYZE) product, sku, stock, search_entry, shop, warehouse")
        link.execute("ANALYZE search_word, search_near, search_facet")


def is_filled(dsn: str) -> bool:
    with psycopg.connect(dsn) as link:
        row = link.execute("SELECT EXISTS (SELECT FROM search_entry)").fetchone()
    return bool(row and row[0])


def _shops(link: psycopg.Connection[Any], plan: Plan) -> None:
    made = plan.made_at.isoformat()
    names = [shop_name(plan, at) for at in range(len(shops()))]
    _copy(
        link,
        "shop (cell, id, owner_id, name, state, freight_minor, free_freight_from_minor, opened_at)",
        (
            (cell_of(shop_id), shop_id, 1, name, "open", 0 if at % 3 == 0 else 800, 9_900, made)
            for at, ((shop_id, _, _), name) in enumerate(zip(shops(), names, strict=True))
        ),
    )
    _copy(
        link,
        "warehouse (cell, id, shop_id, name, is_default, created_at, region_code)",
        (
            (cell_of(shop_id), each, shop_id, "Main", "t", made, city)
            for shop_id, each, city in shops()
        ),
    )


def _cuts(plan: Plan, count: int, seed: int) -> list[int]:
    """The scores tiers begin at, from goods drawn the same way: a twentieth of them, all of a few."""
    part = 1 if count < SAMPLED_FROM else 20
    found = sorted(
        (rules.score_of(it.signals) for chunk in goods(plan, count // part, seed) for it in chunk),
        reverse=True,
    )
    ends = [sum(TIER_SIZES[: at + 1]) // part for at in range(len(TIER_SIZES))]
    return [found[end - 1] for end in ends if end <= len(found)]


def _save_cuts(link: psycopg.Connection[Any], cuts: Sequence[int]) -> None:
    for tier, least in enumerate(cuts):
        link.execute("INSERT INTO search_tier (tier, least_score) VALUES (%s, %s)", (tier, least))


def _write_all(
    link: psycopg.Connection[Any],
    plan: Plan,
    count: int,
    seed: int,
    cuts: Sequence[int],
    tell: Callable[[str], None],
) -> None:
    words: dict[str, int] = {}
    facets: dict[int, tuple[str, str]] = {}
    done, started = 0, time.monotonic()
    for chunk in goods(plan, count, seed):
        entries = [writing.entry_of(good.texts, good.signals) for good in chunk]
        _write_goods(link, chunk, plan.made_at)
        _write_entries(link, chunk, entries, cuts, plan.made_at)
        for entry in entries:
            for word in writing.words_of(entry.words):
                words[word] = words.get(word, 0) + 1
        for good in chunk:
            facets |= {code: (name, value) for code, name, value in writing.choices_of(good.texts)}
        done += len(chunk)
        if done % 50_000 == 0:
            tell(f"{done:,} goods after {time.monotonic() - started:.0f} s")
    _write_vocabulary(link, words)
    _copy(link, "search_facet (code, name, value)", ((code, *it) for code, it in facets.items()))


def _write_goods(link: psycopg.Connection[Any], chunk: Sequence[Good], now: datetime) -> None:
    made = now.isoformat()
    _write_products(link, chunk, made)
    _write_skus(link, chunk, made)
    _write_stock(link, [it for it in chunk if it.signals.in_stock], made)


def _write_products(link: psycopg.Connection[Any], chunk: Sequence[Good], made: str) -> None:
    _copy(
        link,
        "product (cell, id, shop_id, category_id, state, title, title_en, description, brand, attributes,"
        " pictures, price_from_minor, price_to_minor, sold_count, created_at, updated_at, listed_at)",
        (
            (
                cell_of(it.signals.product_id),
                it.signals.product_id,
                it.signals.shop_id,
                it.signals.category_id,
                "listed",
                it.texts.title,
                it.texts.title_en,
                it.texts.description,
                it.texts.brand,
                json.dumps(
                    [{"name": n, "values": v} for n, v in it.texts.attributes], ensure_ascii=False
                ),
                PICTURE,
                it.signals.price_minor,
                it.signals.price_minor,
                it.signals.sold_count,
                made,
                made,
                it.signals.listed_at.isoformat(),
            )
            for it in chunk
        ),
    )


def _write_skus(link: psycopg.Connection[Any], chunk: Sequence[Good], made: str) -> None:
    _copy(
        link,
        "sku (cell, id, product_id, shop_id, code, options, price_minor, list_price_minor, updated_at)",
        (
            (
                cell_of(it.sku_id),
                it.sku_id,
                it.signals.product_id,
                it.signals.shop_id,
                it.texts.codes[0],
                "{" + ",".join(f'"{values[0]}"' for _, values in it.texts.attributes) + "}",
                it.signals.price_minor,
                it.signals.price_minor * 5 // 4 if it.signals.on_offer else None,
                made,
            )
            for it in chunk
        ),
    )


def _write_stock(link: psycopg.Connection[Any], chunk: Sequence[Good], made: str) -> None:
    _copy(
        link,
        "stock (cell, sku_id, warehouse_id, shop_id, on_hand, received)",
        (
            (cell_of(it.sku_id), it.sku_id, it.warehouse_id, it.signals.shop_id, 100, 100)
            for it in chunk
        ),
    )
    _copy(
        link,
        "stock_move (cell, sku_id, warehouse_id, kind, quantity, why, occurred_at)",
        (
            (cell_of(it.sku_id), it.sku_id, it.warehouse_id, "receive", 100, "bench", made)
            for it in chunk
        ),
    )


def _write_entries(
    link: psycopg.Connection[Any],
    chunk: Sequence[Good],
    entries: Sequence[Entry],
    cuts: Sequence[int],
    now: datetime,
) -> None:
    made = now.isoformat()
    _copy(
        link,
        "search_entry (cell, product_id, shop_id, category_id, tier, score, price_minor, sold_count, signs,"
        " facets, words, version, indexed_at)",
        (
            (
                cell_of(it.product_id),
                it.product_id,
                it.shop_id,
                it.category_id,
                sum(it.score < cut for cut in cuts),
                it.score,
                it.price_minor,
                it.sold_count,
                "{" + ",".join(it.signs) + "}",
                "{" + ",".join(map(str, it.facets)) + "}",
                it.words,
                it.version,
                made,
            )
            for it in entries
        ),
    )
    assert len(chunk) == len(entries)


def _write_vocabulary(link: psycopg.Connection[Any], words: dict[str, int]) -> None:
    rows: list[WordRow] = [writing.word_row(word) for word in words]
    _copy(
        link,
        "search_word (word, seen, pinyin, initials)",
        ((it.word, words[it.word], it.pinyin, it.initials) for it in rows),
    )
    latin = [it.word for it in rows if is_latin(it.word)]
    link.execute(
        "UPDATE search_word SET stem = (ts_lexize('english_stem', word))[1] WHERE word = ANY (%s)",
        (latin,),
    )
    pairs = {(key, it.word) for it in rows for key in it.near}
    _copy(link, "search_near (key, word)", sorted(pairs))


def _copy(link: psycopg.Connection[Any], target: str, rows: Iterable[Sequence[Any]]) -> None:
    """Rows as the text form of COPY, in one piece."""
    lines = ["\t".join(map(_field, row)) for row in rows]
    if not lines:
        return
    with link.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN".encode()) as copy:
        copy.write("\n".join([*lines, ""]))


def _field(value: object) -> str:
    if value is None:
        return "\\N"
    text = str(value)
    if "\\" in text or "\t" in text or "\n" in text:
        return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
    return text


def say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)
