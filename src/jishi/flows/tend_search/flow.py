"""Each change with its line in the audit record."""

from collections.abc import Sequence
from datetime import datetime

from jishi.db import Tx
from jishi.kit.ids import AccountId
from jishi.modules import audit
from jishi.modules.audit.types import (
    SEARCH_HIDDEN,
    SEARCH_SHOWN,
    SYNONYM_ADDED,
    SYNONYM_REMOVED,
)
from jishi.modules.search import service


async def add_synonym(
    tx: Tx, terms: Sequence[str], *, is_one_way: bool, operator_id: AccountId, now: datetime
) -> int:
    """The id of the new set. Raises TermsInvalid."""
    made = await service.add_synonym(tx, terms, is_one_way=is_one_way, now=now)
    facts = {"terms": list(terms)[: service.TERMS_MAX], "one_way": is_one_way}
    await audit.note(tx, operator_id, SYNONYM_ADDED, str(made), now=now, facts=facts)
    return made


async def drop_synonym(tx: Tx, synonym_id: int, *, operator_id: AccountId, now: datetime) -> None:
    """Raises SynonymNotFound."""
    terms = await service.drop_synonym(tx, synonym_id)
    facts = {"terms": terms}
    await audit.note(tx, operator_id, SYNONYM_REMOVED, str(synonym_id), now=now, facts=facts)


async def set_hidden(
    tx: Tx, query: str, *, hidden: bool, operator_id: AccountId, now: datetime
) -> bool:
    """False when nobody searched for it."""
    if not await service.set_hidden(tx, query, hidden=hidden):
        return False
    action = SEARCH_HIDDEN if hidden else SEARCH_SHOWN
    await audit.note(tx, operator_id, action, query, now=now)
    return True
