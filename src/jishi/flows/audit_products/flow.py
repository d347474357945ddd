"""From rules to people: what is found, what waits, what an operator decides. `tx` is the caller's."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jishi.db import Row, Tx
from jishi.flows.admit_goods import listing_problems
from jishi.flows.audit_products.types import AuditOutdated, AuditOvertaken
from jishi.flows.audit_products.writing import put_snapshot
from jishi.kit.errors import Refusals
from jishi.kit.ids import AccountId, IdMaker, ProductId, ShopId, cell_of
from jishi.modules import audit, catalogue, notices
from jishi.modules.audit.types import GOODS_CLAIMED, GOODS_DECIDED
from jishi.modules.catalogue import (
    Change,
    Finding,
    ProductState,
    Refused,
    Snapshot,
    audit_rules,
    audits,
    policy,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A wish that people look at. ``changes``: of a product on sale; none: the product itself waits."""

    product_id: ProductId
    target: Snapshot
    findings: Sequence[Finding]
    changes: Sequence[Change] = ()


async def examine(
    tx: Tx,
    shop_id: ShopId,
    targets: Mapping[ProductId, Snapshot],
    *,
    formers: Mapping[ProductId, Snapshot] | None = None,
    priced_only: Collection[ProductId] = frozenset(),
) -> dict[ProductId, list[Finding]]:
    """What the rules say to each product as it shall be sold; products with nothing are left out.

    ``formers``: what is on sale now; else versions are asked when it last was. ``priced_only``:
    products of which nothing but prices changes, so that only the rules for prices apply. What
    people let pass before is not said again.
    """
    measured = await policy.policy(tx)
    if not measured.is_on or not targets:
        return {}
    known = dict(formers or {})
    unknown = [it for it in targets if it not in known]
    known |= await catalogue.last_listed(tx, unknown) if unknown else {}
    words = await policy.goods_words(tx, measured.words_version)
    facts = await audits.facts_of(tx, shop_id, targets, known, shops_max=measured.picture_shops_max)
    passed = await audits.approved_findings(tx, list(targets))
    found: dict[ProductId, list[Finding]] = {}
    for product_id, target in targets.items():
        only_prices = product_id in priced_only
        its = audit_rules.findings(
            target, facts[product_id], words, measured, only_prices=only_prices
        )
        its = audit_rules.unseen(its, passed.get(product_id, ()))
        if its:
            found[product_id] = its
    return found


async def ask_people(
    tx: Tx,
    shop_id: ShopId,
    asked: Sequence[Asked],
    *,
    source: str,
    by: AccountId | None,
    ids: IdMaker,
    now: datetime,
) -> None:
    """Open a case each, in the place of older ones. The caller holds the products.

    ``source``: list, edit, table, sheet or restore.
    """
    if not asked:
        return
    products = [it.product_id for it in asked]
    standing = await catalogue.snapshots(tx, products)
    formers = await catalogue.last_listed(tx, products)
    formers |= {it.id: it.snapshot for it in standing.values() if it.state == ProductState.LISTED}
    cell = cell_of(shop_id)
    cases = [
        audits.NewCase(
            id=ids.make(cell),
            product_id=it.product_id,
            findings=it.findings,
            former=formers.get(it.product_id),
            target=it.target,
            version=standing[it.product_id].version,
            changes=it.changes,
        )
        for it in asked
    ]
    await audits.open_cases(tx, shop_id, cases, source=source, by=by, now=now)


async def look_again(
    tx: Tx,
    shop_id: ShopId,
    product_ids: Sequence[ProductId],
    *,
    source: str,
    by: AccountId,
    ids: IdMaker,
    now: datetime,
) -> None:
    """Products that waited and were changed meanwhile wait anew, as they are now."""
    standing = await catalogue.snapshots(tx, product_ids)
    targets = {it.id: it.snapshot for it in standing.values() if it.state == ProductState.IN_AUDIT}
    if not targets:
        return
    found = await examine(tx, shop_id, targets)
    asked = [
        Asked(product_id=it, target=target, findings=found.get(it, ()))
        for it, target in targets.items()
    ]
    await ask_people(tx, shop_id, asked, source=source, by=by, ids=ids, now=now)


async def claim_case(tx: Tx, case_id: int, *, operator_id: AccountId, now: datetime) -> None:
    """Raises AuditNotFound, AuditDecided, AuditClaimed."""
    case = await audits.claim(tx, case_id, operator_id=operator_id, now=now)
    facts = {"shop_id": str(case["shop_id"])}
    await audit.note(tx, operator_id, GOODS_CLAIMED, str(case_id), now=now, facts=facts)


async def decide_case(
    tx: Tx,
    case_id: int,
    *,
    approve: bool,
    operator_id: AccountId,
    ids: IdMaker,
    now: datetime,
    reasons: Sequence[Mapping[str, str]] = (),
    note: str = "",
) -> None:
    """Decide, and do what follows: on sale, the edit written, or back to the shop.

    Raises AuditNotFound, AuditDecided, AuditClaimed, AuditReasonMissing, AuditOutdated, AuditOvertaken,
    and Refusals when permits or penalties stand against it meanwhile.
    """
    asked = await audits.get_case(tx, case_id)
    shop_id, product_id = ShopId(asked["shop_id"]), ProductId(asked["product_id"])
    await catalogue.hold_products(tx, shop_id, [product_id])
    case = await audits.get_case(tx, case_id, lock=True)
    audits.check_open(case, operator_id, now)
    await audits.decide(
        tx,
        case,
        approve=approve,
        reasons=reasons,
        note=note,
        operator_id=operator_id,
        now=now,
    )
    if not approve:
        await catalogue.leave_audit(tx, shop_id, product_id, now=now)
    elif case["kind"] == "edit":
        await _write_edit(tx, case, operator_id=operator_id, ids=ids, now=now)
    else:
        await _put_on_sale(tx, case, operator_id=operator_id, now=now)
    facts = {
        "shop_id": str(shop_id),
        "product_id": str(product_id),
        "approved": approve,
        "reasons": ", ".join(f"{it['field']}: {it['code']}" for it in reasons),
    }
    await audit.note(tx, operator_id, GOODS_DECIDED, str(case_id), now=now, facts=facts)
    await _tell(tx, case, "goods.approved" if approve else "goods.refused", now=now)


async def _write_edit(
    tx: Tx, case: Row, *, operator_id: AccountId, ids: IdMaker, now: datetime
) -> None:
    """Put the changes onto the product as it stands now. Raises AuditOvertaken, Refusals."""
    shop_id, product_id = ShopId(case["shop_id"]), ProductId(case["product_id"])
    by = AccountId(case["asked_by"]) if case["asked_by"] else operator_id
    async with catalogue.kept(tx, shop_id, [product_id], cause="audited", by=by, now=now):
        standing = (await catalogue.snapshots(tx, [product_id]))[product_id]
        target, conflicts = catalogue.patched(
            standing.snapshot, catalogue.changes_of(case["changes"])
        )
        if conflicts:
            raise AuditOvertaken(fields=", ".join(sorted({it.field for it in conflicts})))
        await put_snapshot(tx, standing, target, actor_id=by, ids=ids, now=now)


async def _put_on_sale(tx: Tx, case: Row, *, operator_id: AccountId, now: datetime) -> None:
    """Raises AuditOutdated when it is not what was looked at; Refusals."""
    shop_id, product_id = ShopId(case["shop_id"]), ProductId(case["product_id"])
    standing = (await catalogue.snapshots(tx, [product_id]))[product_id]
    changed = [
        it for it in catalogue.differences(case["target"], standing.snapshot) if it.field != "state"
    ]
    if standing.state != ProductState.IN_AUDIT or changed:
        raise AuditOutdated
    problems = await listing_problems(tx, shop_id, [product_id], now=now)
    if problems:
        raise Refusals(problems[product_id])
    by = AccountId(case["asked_by"]) if case["asked_by"] else operator_id
    (verdict,) = await catalogue.list_products(
        tx, shop_id, [product_id], now=now, by=by, cause="audited"
    )
    if isinstance(verdict, Refused):
        raise Refusals(verdict.problems)


async def _tell(tx: Tx, case: Row, kind: str, *, now: datetime) -> None:
    facts = {
        "shop_id": str(case["shop_id"]),
        "product_id": str(case["product_id"]),
        "title": case["target"]["title"][:60],
    }
    told = notices.Told(
        kind=kind, shop_id=ShopId(case["shop_id"]), subject_id=case["id"], facts=facts, at=now
    )
    await notices.tell(tx, [told])
