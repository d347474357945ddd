"""Applications of shops: what owners and operators may do. Each call inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from jishi.db import Tx, outbox
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import AccountId, ShopId
from jishi.kit.moves import move as checked_move
from jishi.kit.workdays import working_days_later
from jishi.modules.shops import rules_applications as rules
from jishi.modules.shops import rules_papers, storage
from jishi.modules.shops import storage_applications as rows
from jishi.modules.shops.types import Shop, ShopKind, ShopNotFound
from jishi.modules.shops.types_applications import (
    APPLIED,
    EDITED,
    MOVES,
    NOTE_MAX,
    OF_PERSONS,
    OWNED_MAX,
    REVIEW_DAYS,
    Application,
    ApplicationId,
    ApplicationMoved,
    ApplicationNotFound,
    ApplicationOpen,
    ApplicationState,
    KindFull,
    KindUnknown,
    OwnShop,
    Papers,
    PaperUnknown,
    RegistrationTaken,
    ShopApproved,
)


async def start_application(
    tx: Tx,
    shop_id: ShopId,
    kind: str,
    *,
    application_id: ApplicationId,
    applicant_id: AccountId,
    now: datetime,
) -> None:
    """A draft for the shop. Raises KindUnknown, ShopNotFound, ApplicationOpen."""
    if kind not in APPLIED:
        raise KindUnknown(field="kind")
    await _held_shop(tx, shop_id)
    if await rows.find_open(tx, shop_id) is not None:
        raise ApplicationOpen
    await rows.insert_application(
        tx, application_id, shop_id, applicant_id, ShopKind(kind), now=now
    )


async def application_of(tx: Tx, shop_id: ShopId) -> Application | None:
    """The newest application of a shop, whatever became of it."""
    return await rows.find_newest(tx, shop_id)


async def get_application(tx: Tx, application_id: ApplicationId) -> Application:
    """Raises ApplicationNotFound."""
    found = await rows.find_application(tx, application_id)
    if found is None:
        raise ApplicationNotFound
    return found


async def save_application(
    tx: Tx,
    shop_id: ShopId,
    papers: Papers,
    *,
    version: int,
    secret: bytes,
    today: date,
    now: datetime,
) -> Application:
    """Keep what was typed, complete or not. An identity number is kept as its keyed hash and a mask.

    Raises ApplicationNotFound; ApplicationMoved when it is not the owner's turn or someone saved
    meanwhile; Refusals for what is too long and for a number that is none.
    """
    before = await _held_open(tx, shop_id)
    if before.state not in EDITED or before.version != version:
        raise ApplicationMoved(version=before.version)
    ready = rules.cleaned(papers)
    problems = rules.shape_problems(ready, today=today)
    if problems:
        raise Refusals(problems)
    return await rows.save_papers(tx, before.id, _hidden(ready, before.papers, secret), now=now)


def _hidden(papers: Papers, before: Papers, secret: bytes) -> Papers:
    """Without the number itself; one that was not typed again stays what it was."""
    if papers.kind not in OF_PERSONS:
        return papers
    if not papers.id_number:
        mask, known = before.id_number_masked, before.id_number_hash
        return replace(papers, id_number_masked=mask, id_number_hash=known)
    return replace(
        papers,
        id_number_masked=rules_papers.masked_number(papers.id_number),
        id_number_hash=rules_papers.hidden(papers.id_number, secret),
    )


async def submit_application(
    tx: Tx,
    shop_id: ShopId,
    *,
    applicant_id: AccountId,
    applicant: str,
    known_papers: set[int],
    points: int,
    was_closed: bool,
    today: date,
    now: datetime,
) -> Application:
    """Run the automatic checks and hand it in; a low-risk individual's is approved at once.

    Raises Refusals by field, ApplicationNotFound, MoveForbidden, KindFull, RegistrationTaken.
    """
    shop = await _held_shop(tx, shop_id)
    before = await _held_open(tx, shop_id)
    checked_move(before.state, ApplicationState.SUBMITTED, MOVES)
    papers = before.papers
    problems = [*rules.problems(papers, today=today), *_unknown_papers(papers, known_papers)]
    if problems:
        raise Refusals(problems)
    await _check_owner(tx, shop, papers)
    after = await rows.move(
        tx,
        before,
        ApplicationState.SUBMITTED,
        actor="shop",
        actor_id=applicant_id,
        now=now,
        submitted_at=now,
        due_at=working_days_later(now, REVIEW_DAYS),
        findings=rules.remarks(papers, today=today, applicant=applicant),
        problems=[],
    )
    if rules.passes_by_itself(papers.kind, points=points, was_closed=was_closed):
        return await _approve(tx, after, shop, actor="clock", actor_id=None, note="", now=now)
    return after


def _unknown_papers(papers: Papers, known: set[int]) -> list[Refusal]:
    return [
        PaperUnknown(field=name)
        for name in ("licence_paper_id", "authorisation_paper_id")
        if getattr(papers, name) is not None and getattr(papers, name) not in known
    ]


async def claim_application(
    tx: Tx, application_id: ApplicationId, *, operator_id: AccountId, now: datetime
) -> Application:
    """Take it on. Raises ApplicationNotFound, ApplicationMoved, ClaimedByOther, OwnShop."""
    before = await _held(tx, application_id)
    rules.check_claim(before, operator_id, now=now)
    await _check_stranger(tx, before.shop_id, operator_id)
    if before.state is ApplicationState.UNDER_REVIEW:  # taken over, or again by the same operator
        before = await rows.move(
            tx,
            before,
            ApplicationState.SUBMITTED,
            actor="operator",
            actor_id=operator_id,
            now=now,
        )
    return await rows.move(
        tx,
        before,
        ApplicationState.UNDER_REVIEW,
        actor="operator",
        actor_id=operator_id,
        now=now,
        claimed_by=operator_id,
    )


async def decide_application(
    tx: Tx,
    application_id: ApplicationId,
    *,
    approve: bool,
    reasons: Sequence[dict[str, str]],
    note: str,
    operator_id: AccountId,
    now: datetime,
) -> Application:
    """Approve it, or send it back with a reason per field.

    Raises ApplicationNotFound, ApplicationMoved, ClaimFirst, ReasonMissing, KindFull,
    RegistrationTaken (someone else's shop was approved under the number meanwhile).
    """
    seen = await get_application(tx, application_id)
    shop = await _held_shop(tx, seen.shop_id)
    before = await _held(tx, application_id)
    rules.check_decision(before, operator_id, approve=approve, reasons=reasons)
    words = note.strip()[:NOTE_MAX]
    if approve:
        await _check_owner(tx, shop, before.papers)
        return await _approve(
            tx, before, shop, actor="operator", actor_id=operator_id, note=words, now=now
        )
    problems: list[dict[str, Any]] = [dict(it) for it in reasons]
    return await rows.move(
        tx,
        before,
        ApplicationState.SENT_BACK,
        actor="operator",
        actor_id=operator_id,
        now=now,
        note=words,
        decided_by=operator_id,
        is_decided=True,
        problems=problems,
    )


async def withdraw_application(
    tx: Tx, shop_id: ShopId, *, applicant_id: AccountId, now: datetime
) -> Application:
    """Raises ApplicationNotFound when none is open."""
    before = await _held_open(tx, shop_id)
    checked_move(before.state, ApplicationState.WITHDRAWN, MOVES)
    return await rows.move(
        tx, before, ApplicationState.WITHDRAWN, actor="shop", actor_id=applicant_id, now=now
    )


async def _approve(
    tx: Tx,
    before: Application,
    shop: Shop,
    *,
    actor: str,
    actor_id: AccountId | None,
    note: str,
    now: datetime,
) -> Application:
    papers = before.papers
    for number in _numbers(papers):
        await rows.register(tx, number, shop.owner_id, shop.id, now=now)
    await rows.approve_shop(
        tx,
        shop.id,
        papers.kind,
        rules.shown_licence(papers),
        rules.sales_limit(papers.kind),
        now=now,
    )
    event = ShopApproved(
        subject_id=shop.id, kind=papers.kind, application_id=before.id, occurred_at=now
    )
    await outbox.append(tx, [event])
    return await rows.move(
        tx,
        before,
        ApplicationState.APPROVED,
        actor=actor,
        actor_id=actor_id,
        now=now,
        note=note,
        decided_by=actor_id,
        is_decided=True,
    )


async def _check_owner(tx: Tx, shop: Shop, papers: Papers) -> None:
    """Raises KindFull, RegistrationTaken. Other approvals under the same numbers wait."""
    await storage.count_owned(tx, shop.owner_id)  # holds the owner's other openings and approvals
    limit = OWNED_MAX[papers.kind]
    if await rows.count_of_kind(tx, shop.owner_id, papers.kind, but=shop.id) >= limit:
        raise KindFull(field="kind", limit=limit)
    field = "registration_number" if papers.registration_number else "id_number"
    for number in _numbers(papers):
        if await rows.is_taken(tx, number, shop.owner_id):
            raise RegistrationTaken(field=field)


def _numbers(papers: Papers) -> list[str]:
    """What stands in the directory: a company's number, a person's identity as its hash."""
    company = [papers.registration_number] if papers.registration_number else []
    return company + ([f"id:{papers.id_number_hash.hex()}"] if papers.id_number_hash else [])


async def _check_stranger(tx: Tx, shop_id: ShopId, operator_id: AccountId) -> None:
    if any(it.account_id == operator_id for it in await storage.list_members(tx, shop_id)):
        raise OwnShop


async def _held_shop(tx: Tx, shop_id: ShopId) -> Shop:
    shop = await storage.lock_shop(tx, shop_id)
    if shop is None:
        raise ShopNotFound(shop_id=shop_id)
    return shop


async def _held_open(tx: Tx, shop_id: ShopId) -> Application:
    found = await rows.find_open(tx, shop_id)
    if found is None:
        raise ApplicationNotFound
    return await _held(tx, found.id)


async def _held(tx: Tx, application_id: ApplicationId) -> Application:
    found = await rows.lock_application(tx, application_id)
    if found is None:
        raise ApplicationNotFound
    return found
