"""Words to search by: Chinese cut into words, Latin left whole. Pure; the dictionary is rjieba's."""

import unicodedata
from collections.abc import Iterable

import rjieba

WORDS_MAX = 400  # of one text


def search_text(texts: Iterable[str]) -> str:
    """Texts as words with spaces between, folded and each once: what ``to_tsvector('simple')`` takes.

    A query cut by the same function meets them: 猕猴桃 is found under 猕猴 and 猕猴桃.
    """
    found: dict[str, None] = {}
    for text in texts:
        folded = unicodedata.normalize("NFKC", text).casefold()
        for word in rjieba.cut_for_search(folded, True):
            plain = word.strip()
            if plain and any(sign.isalnum() for sign in plain):
                found[plain] = None
    return " ".join(list(found)[:WORDS_MAX])
