"""First answers by Idempotency-Key, in the account's cell. What uses them is ``web.idempotency``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jishi.db import Pool, Row, Tx
from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import cell_of

_FIND: Final = """
SELECT request_hash, status, answer FROM idempotency
WHERE cell = $1 AND account_id = $2 AND key = $3
"""
_HOLD: Final = """
INSERT INTO idempotency (cell, account_id, key, route, request_hash, status, answer, stored_at)
VALUES ($1, $2, $3, $4, $5, 0, '', $6) ON CONFLICT DO NOTHING RETURNING true
"""
_ANSWER: Final = """
UPDATE idempotency SET status = $4, answer = $5 WHERE cell = $1 AND account_id = $2 AND key = $3
"""
_KEEP: Final = """
INSERT INTO idempotency (cell, account_id, key, route, request_hash, status, answer, stored_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
"""


class KeyBusy(Refusal):
    kind, code = Kind.CONFLICT, "idempotency.key_busy"
    text = "The same request is being carried out right now. Repeat it to see its answer."


@dataclass(slots=True)
class Claim:
    """A key a request is to be carried out under; held once its transaction has written it."""

    account_id: int
    key: str
    route: str
    request_hash: bytes
    at: datetime
    is_held: bool = False


async def find(pool: Pool, account_id: int, key: str) -> Row | None:
    """What was answered: request_hash, status (0: the answer was lost), answer."""
    return await pool.fetchrow(_FIND, cell_of(account_id), account_id, key)


async def hold(tx: Tx, claim: Claim) -> None:
    """Write the claim in the transaction of the effect. Raises KeyBusy: somebody else has it."""
    row = (claim.account_id, claim.key, claim.route, claim.request_hash, claim.at)
    if not await tx.fetchval(_HOLD, cell_of(claim.account_id), *row):
        raise KeyBusy
    claim.is_held = True


async def keep(pool: Pool, claim: Claim, *, status: int, answer: bytes) -> None:
    """Keep the answer: beside the claim, or in a row of its own when nothing held it.

    Order commands go through batches and are guarded by the order's state: a repeat that overtakes
    this row has no second effect, it only hears that the order has moved.
    """
    owner = (cell_of(claim.account_id), claim.account_id, claim.key)
    if claim.is_held:
        await pool.execute(_ANSWER, *owner, status, answer)
    else:
        rest = (claim.route, claim.request_hash, status, answer, claim.at)
        await pool.execute(_KEEP, *owner, *rest)
