"""A shop's application in one transaction: what the owner may do, with the facts other modules hold."""

from datetime import datetime

from jishi.db import Tx
from jishi.kit.ids import AccountId, IdMaker, ShopId, cell_of
from jishi.modules import deposits, media, notices, penalties, shops
from jishi.modules.qualifications import permit_day
from jishi.modules.shops import Application, ApplicationId, ApplicationState, Papers, Shop


async def start(
    tx: Tx, shop_id: ShopId, kind: str, *, applicant_id: AccountId, ids: IdMaker, now: datetime
) -> None:
    """A draft of this kind. Raises KindUnknown, ApplicationOpen."""
    application_id = ApplicationId(ids.make(cell_of(shop_id)))
    await shops.start_application(
        tx, shop_id, kind, application_id=application_id, applicant_id=applicant_id, now=now
    )


async def save(
    tx: Tx, shop_id: ShopId, papers: Papers, *, version: int, secret: bytes, now: datetime
) -> Application:
    """Keep what was typed. Raises ApplicationMoved, ApplicationNotFound, Refusals."""
    return await shops.save_application(
        tx,
        shop_id,
        papers,
        version=version,
        secret=secret,
        today=permit_day(now),
        now=now,
    )


async def submit(
    tx: Tx,
    shop: Shop,
    *,
    applicant_id: AccountId,
    applicant: str,
    now: datetime,
) -> Application:
    """Hand it in. Raises Refusals by field, MoveForbidden, KindFull, RegistrationTaken.

    An individual's is approved at once while the owner's record is clean; others wait for an operator.
    """
    waiting = await shops.application_of(tx, shop.id)
    papers = waiting.papers if waiting else None
    asked = (
        [it for it in (papers.licence_paper_id, papers.authorisation_paper_id) if it]
        if papers
        else []
    )
    points, was_closed = await penalties.points_of_owner(tx, shop.owner_id, now=now)
    after = await shops.submit_application(
        tx,
        shop.id,
        applicant_id=applicant_id,
        applicant=applicant,
        known_papers=await media.papers_of_shop(tx, shop.id, asked),
        points=points,
        was_closed=was_closed,
        today=permit_day(now),
        now=now,
    )
    if after.state is ApplicationState.APPROVED:
        await follow_decision(tx, after, now=now)
    return after


async def follow_decision(tx: Tx, application: Application, *, now: datetime) -> None:
    """What comes with a decision: the deposit its kind asks for, and a message to the shop."""
    approved = application.state is ApplicationState.APPROVED
    if approved:
        await deposits.refresh(tx, [application.shop_id], now=now)
        await shops.release_shop(tx, application.shop_id, "sales_limit", application.shop_id)
    kind = "standing.approved" if approved else "standing.sent_back"
    told = notices.Told(
        kind=kind,
        shop_id=application.shop_id,
        subject_id=application.id,
        facts={"shop_id": str(application.shop_id)},
        at=now,
    )
    await notices.tell(tx, [told])
