"""Audits of goods: facts for the rules, and cases that people decide. Inside the caller's transaction.

Keeps ``product_audit``. A product has at most one open case; a newer wish takes the place of the older.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from jishi.db import Row, Tx, load_sql
from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, ProductId, ShopId, cell_of
from jishi.kit.text import mark as _
from jishi.kit.workdays import working_days_later
from jishi.modules.catalogue.audit_rules import (
    MEDIAN_GOODS_MIN,
    RULES_VERSION,
    Facts,
    Finding,
    PictureFacts,
)
from jishi.modules.catalogue.versions import Change, Snapshot

MEDIAN_GOODS_MAX: Final = 500
REVIEW_DAYS: Final = 1
NOTE_MAX: Final = 1_000
CLAIM: Final = timedelta(hours=4)  # then another operator may take a case over

_PICTURES: Final = load_sql(__package__, "audit_facts")
_MEDIANS: Final = load_sql(__package__, "category_medians")
_APPROVED: Final = """
SELECT a.id, c.findings FROM unnest($1::bigint[]) a (id)
CROSS JOIN LATERAL (
    SELECT c.findings FROM product_audit c
    WHERE c.cell = cell_of(a.id) AND c.product_id = a.id AND c.state = 'approved' ORDER BY c.id DESC LIMIT 5
) c
"""
_WITHDRAW: Final = """
UPDATE product_audit SET state = 'withdrawn'
WHERE cell = $1 AND product_id = ANY ($2::bigint[]) AND state = 'open' RETURNING id
"""
_OPEN: Final = """
INSERT INTO product_audit (cell, id, shop_id, product_id, kind, state, findings, rules_version, former,
    target, changes, version, source, asked_by, asked_at, due_at)
SELECT cell_of(a.id), a.id, $1, a.product_id, a.kind, 'open', a.findings::jsonb, $2, a.former::jsonb,
    a.target::jsonb, a.changes::jsonb, a.version, $3, $4, $5, $6
FROM unnest($7::bigint[], $8::bigint[], $9::text[], $10::text[], $11::text[], $12::text[],
    $13::text[], $14::int[])
    a (id, product_id, kind, findings, former, target, changes, version)
"""
_ONE: Final = "SELECT * FROM product_audit WHERE cell = $1 AND id = $2"
_LATEST: Final = """
SELECT * FROM product_audit WHERE cell = $1 AND product_id = $2 AND state <> 'withdrawn'
ORDER BY id DESC LIMIT 1
"""
_OPEN_OF: Final = """
SELECT product_id FROM product_audit WHERE cell = $1 AND product_id = ANY ($2::bigint[]) AND state = 'open'
"""
_CLAIM: Final = """
UPDATE product_audit SET claimed_by = $3, claimed_at = $4 WHERE cell = $1 AND id = $2
"""
_DECIDE: Final = """
UPDATE product_audit SET state = $3, decided_by = $4, decided_at = $5, reasons = $6, note = $7
WHERE cell = $1 AND id = $2 AND state = 'open'
"""

# Why goods come back, beside the rules' own findings.
REASON_WORDS: Final[Mapping[str, str]] = {
    "misleading": _("It misleads buyers"),
    "forbidden": _("It may not be sold"),
    "unclear": _("It does not say what is sold"),
    "picture": _("The picture shows something else, or is of others"),
    "price": _("The price is not meant seriously"),
    "category": _("It stands in the wrong category"),
    "paper": _("A permit or proof is missing"),
}
REASON_FIELDS: Final = ("title", "description", "pictures", "category_id", "attributes", "skus")


class AuditNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "catalogue.audit_not_found"
    text = "There is no such audit."


class AuditDecided(Refusal):
    kind, code = Kind.CONFLICT, "catalogue.audit_decided"
    text = "This audit is over; the shop changed the product, or someone decided."


class AuditClaimed(Refusal):
    kind, code = Kind.CONFLICT, "catalogue.audit_claimed"
    text = "Another operator is looking at it."


class AuditReasonMissing(Refusal):
    code, text = "catalogue.audit_reason_missing", "Say for at least one field why it comes back."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    id: int
    product_id: ProductId
    findings: Sequence[Finding]
    former: Snapshot | None
    target: Snapshot
    version: int
    changes: Sequence[Change] = ()  # of an edit; none: the product itself waits

    @property
    def kind(self) -> str:
        return "edit" if self.changes else "new"


async def facts_of(
    tx: Tx,
    shop_id: ShopId,
    targets: Mapping[ProductId, Snapshot],
    formers: Mapping[ProductId, Snapshot],
    *,
    shops_max: int,
) -> dict[ProductId, Facts]:
    """What the rules ask about each product, in two statements."""
    media = {
        int(it["media_id"]) for each in targets.values() for it in each["pictures"] if "media_id" in it
    }  # fmt: skip
    rows = await tx.fetch(_PICTURES, sorted(media), shop_id, shops_max) if media else []
    pictures = {
        str(row["id"]): PictureFacts(
            width=row["width"], height=row["height"], other_shops=row["other_shops"]
        )
        for row in rows
    }
    asked = sorted({each["category_id"] for each in targets.values()})
    medians = {
        row["id"]: row
        for row in await tx.fetch(_MEDIANS, asked, MEDIAN_GOODS_MAX, MEDIAN_GOODS_MIN)
    }
    found: dict[ProductId, Facts] = {}
    for product_id, target in targets.items():
        row = medians.get(target["category_id"])
        found[product_id] = Facts(
            former=formers.get(product_id),
            category_code=row["code"] if row else "",
            median_minor=row["median_minor"] if row else None,
            pictures=pictures,
        )
    return found


async def approved_findings(
    tx: Tx, ids: Sequence[ProductId]
) -> dict[ProductId, list[Mapping[str, Any]]]:
    """What people let pass in the last five audits of each product."""
    found: dict[ProductId, list[Mapping[str, Any]]] = {}
    for row in await tx.fetch(_APPROVED, list(ids)):
        found.setdefault(row["id"], []).extend(row["findings"])
    return found


async def withdraw(tx: Tx, shop_id: ShopId, ids: Sequence[ProductId]) -> list[int]:
    """Close the open cases of products; nobody decided them."""
    return [row["id"] for row in await tx.fetch(_WITHDRAW, cell_of(shop_id), list(ids))]


async def open_cases(
    tx: Tx,
    shop_id: ShopId,
    cases: Sequence[NewCase],
    *,
    source: str,
    by: AccountId | None,
    now: datetime,
) -> None:
    """The caller holds the products. Older open cases of them are withdrawn."""
    await withdraw(tx, shop_id, [it.product_id for it in cases])
    await tx.execute(
        _OPEN,
        shop_id,
        RULES_VERSION,
        source,
        by,
        now,
        working_days_later(now, REVIEW_DAYS),
        [it.id for it in cases],
        [it.product_id for it in cases],
        [it.kind for it in cases],
        [_json([each.as_json() for each in it.findings]) for it in cases],
        [None if it.former is None else _json(it.former) for it in cases],
        [_json(it.target) for it in cases],
        [_json([each.as_json() for each in it.changes]) for it in cases],
        [it.version for it in cases],
    )


async def get_case(tx: Tx, case_id: int, *, lock: bool = False) -> Row:
    """Raises AuditNotFound."""
    found = await tx.fetchrow(_ONE + (" FOR UPDATE" if lock else ""), cell_of(case_id), case_id)
    if found is None:
        raise AuditNotFound
    return found


async def latest_case(tx: Tx, product_id: ProductId) -> Row | None:
    return await tx.fetchrow(_LATEST, cell_of(product_id), product_id)


async def open_of(tx: Tx, shop_id: ShopId, ids: Sequence[ProductId]) -> set[ProductId]:
    """Those of the products that wait for people."""
    return {row["product_id"] for row in await tx.fetch(_OPEN_OF, cell_of(shop_id), list(ids))}


async def claim(tx: Tx, case_id: int, *, operator_id: AccountId, now: datetime) -> Row:
    """Raises AuditNotFound, AuditDecided, AuditClaimed (less than four hours ago, by another)."""
    case = await get_case(tx, case_id, lock=True)
    check_open(case, operator_id, now)
    await tx.execute(_CLAIM, cell_of(case_id), case_id, operator_id, now)
    return case


def check_open(case: Mapping[str, Any], operator_id: AccountId, now: datetime) -> None:
    """Raises AuditDecided, AuditClaimed."""
    if case["state"] != "open":
        raise AuditDecided
    other = case["claimed_by"] not in (None, operator_id)
    if other and now < case["claimed_at"] + CLAIM:
        raise AuditClaimed


async def decide(
    tx: Tx,
    case: Mapping[str, Any],
    *,
    approve: bool,
    reasons: Sequence[Mapping[str, str]],
    note: str,
    operator_id: AccountId,
    now: datetime,
) -> None:
    """Write the decision; the case is locked. Raises AuditReasonMissing."""
    good = [
        {"field": it["field"], "code": it["code"]}
        for it in reasons
        if it.get("code") in REASON_WORDS and it.get("field") in REASON_FIELDS
    ]
    if not approve and not good:
        raise AuditReasonMissing(field="reason")
    state = "approved" if approve else "refused"
    kept = [] if approve else good
    row = (cell_of(case["id"]), case["id"], state, operator_id, now, kept, note.strip()[:NOTE_MAX])
    await tx.execute(_DECIDE, *row)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
