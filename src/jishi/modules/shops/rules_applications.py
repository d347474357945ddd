"""What an application must say, and what follows from it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from jishi.kit.errors import Refusal
from jishi.kit.text import clean
from jishi.modules.shops import rules_papers
from jishi.modules.shops.types import ShopKind, TextTooLong
from jishi.modules.shops.types_applications import (
    CLAIM_LIFE,
    OF_PERSONS,
    REASONS,
    SALES_LIMIT_MINOR,
    WORD_MAX,
    Application,
    ApplicationMoved,
    ApplicationState,
    ClaimedByOther,
    ClaimFirst,
    DatesTurned,
    IdNumberInvalid,
    PaperExpired,
    PaperMissing,
    PaperNotYet,
    Papers,
    ReasonMissing,
    RegistrationInvalid,
    TrademarkInvalid,
    WordMissing,
)

SOON: Final = timedelta(days=60)
POINTS_OF_RISK: Final = 12
# What each kind fills in, as the pages show it.
FIELDS: Final[Mapping[ShopKind, tuple[str, ...]]] = {
    ShopKind.INDIVIDUAL: ("real_name", "id_number"),
    ShopKind.SECOND_HAND: ("real_name", "id_number"),
    ShopKind.BUSINESS: (
        "company_name",
        "registration_number",
        "legal_person",
        "licence_paper_id",
        "licence_until",
    ),
    ShopKind.FLAGSHIP: (
        "company_name",
        "registration_number",
        "legal_person",
        "licence_paper_id",
        "licence_until",
        "brand",
        "trademark_number",
        "authorisation_paper_id",
        "authorisation_from",
        "authorisation_until",
    ),
}
OPTIONAL: Final = frozenset({"licence_until", "id_number"})
WORDS: Final = ("real_name", "company_name", "legal_person", "brand")


def cleaned(papers: Papers) -> Papers:
    """As a person meant it; only what the kind asks for."""
    words: dict[str, Any] = {name: clean(getattr(papers, name)) for name in WORDS}
    numbers: dict[str, Any] = {
        name: rules_papers.plain_number(getattr(papers, name))
        for name in ("id_number", "registration_number", "trademark_number")
    }
    blank = Papers(kind=papers.kind)
    asked = {
        *FIELDS[papers.kind],
        *(("id_number_masked", "id_number_hash") * (papers.kind in OF_PERSONS)),
    }
    whole = replace(papers, **words, **numbers)
    return replace(blank, **{name: getattr(whole, name) for name in asked})


def shape_problems(papers: Papers, *, today: date) -> list[Refusal]:
    """What cannot even be kept as a draft: texts beyond their length, and an identity number that is none.

    Of that only a hash is kept, so it is judged now or never.
    """
    number = papers.id_number
    if number and not rules_papers.is_id_number(number, today=today):
        return [IdNumberInvalid(field="id_number")]
    return [
        TextTooLong(field=name, limit=WORD_MAX, length=len(getattr(papers, name)))
        for name in (*WORDS, "registration_number", "trademark_number")
        if len(getattr(papers, name)) > WORD_MAX
    ]


def problems(papers: Papers, *, today: date) -> list[Refusal]:
    """Everything the automatic checks find, each naming its field; empty: it may be submitted."""
    found: list[Refusal] = [*_missing(papers)]
    blank = {it.field for it in found}
    number = papers.registration_number
    if number and not rules_papers.is_registration_number(number):
        found.append(RegistrationInvalid(field="registration_number"))
    number = papers.trademark_number
    if number and not rules_papers.is_trademark_number(number):
        found.append(TrademarkInvalid(field="trademark_number"))
    return [*found, *(it for it in _date_problems(papers, today) if it.field not in blank)]


def _missing(papers: Papers) -> list[Refusal]:
    found: list[Refusal] = []
    for name in FIELDS[papers.kind]:
        if name == "id_number" and papers.id_number_hash is None:
            found.append(WordMissing(field=name))
        elif name in OPTIONAL or getattr(papers, name):
            continue
        else:
            kind = PaperMissing if name.endswith("paper_id") else WordMissing
            found.append(kind(field=name))
    return found


def _date_problems(papers: Papers, today: date) -> list[Refusal]:
    found: list[Refusal] = []
    for name in ("licence_until", "authorisation_until"):
        last = getattr(papers, name)
        if last is not None and last < today:
            found.append(PaperExpired(field=name))
    first, last = papers.authorisation_from, papers.authorisation_until
    if first is not None and last is not None and last < first:
        found.append(DatesTurned(field="authorisation_until"))
    elif first is not None and first > today:
        found.append(PaperNotYet(field="authorisation_from"))
    return found


def remarks(papers: Papers, *, today: date, applicant: str) -> list[dict[str, Any]]:
    """What an operator should look at twice: nothing that stands against the application."""
    found: list[dict[str, Any]] = []
    for name in ("licence_until", "authorisation_until"):
        last = getattr(papers, name)
        if last is not None and last - today < SOON:
            found.append({"field": name, "code": "ends_soon"})
    person = papers.real_name or papers.legal_person
    if person and applicant and clean(applicant) != person:
        field = "real_name" if papers.real_name else "legal_person"
        found.append({"field": field, "code": "other_name"})
    return found


def passes_by_itself(kind: ShopKind, *, points: int, was_closed: bool) -> bool:
    """Whether no person needs to look: an individual below the sales limit, whose record is clean.

    ``points`` and ``was_closed`` are those of all shops of the owner.
    """
    return kind in OF_PERSONS and points < POINTS_OF_RISK and not was_closed


def sales_limit(kind: ShopKind) -> int | None:
    """Minor units a shop of this kind may sell in a calendar year; None: no limit."""
    return SALES_LIMIT_MINOR if kind in OF_PERSONS else None


def shown_licence(papers: Papers) -> dict[str, str]:
    """What buyers may read: of a company all that is public by law, of a person no name."""
    if papers.kind in OF_PERSONS:
        return {}
    shown = {
        "company_name": papers.company_name,
        "registration_number": papers.registration_number,
        "legal_person": papers.legal_person,
        "brand": papers.brand,
        "trademark_number": papers.trademark_number,
        "licence_until": str(papers.licence_until or ""),
        "authorisation_until": str(papers.authorisation_until or ""),
    }
    return {name: value for name, value in shown.items() if value}


def check_claim(application: Application, operator_id: int, *, now: datetime) -> None:
    """Raises ApplicationMoved when nothing waits; ClaimedByOther within four hours of another's claim."""
    if application.state is ApplicationState.SUBMITTED:
        return
    if application.state is not ApplicationState.UNDER_REVIEW or application.claimed_at is None:
        raise ApplicationMoved(state=application.state)
    if application.claimed_by != operator_id and now < application.claimed_at + CLAIM_LIFE:
        raise ClaimedByOther


def check_decision(
    application: Application,
    operator_id: int,
    *,
    approve: bool,
    reasons: Sequence[Mapping[str, str]],
) -> None:
    """Raises ApplicationMoved, ClaimFirst; ReasonMissing when it is sent back without a known reason."""
    if application.state is not ApplicationState.UNDER_REVIEW:
        if application.state is ApplicationState.SUBMITTED:
            raise ClaimFirst
        raise ApplicationMoved(state=application.state)
    if application.claimed_by != operator_id:
        raise ClaimFirst
    known = FIELDS[application.papers.kind]
    good = [it for it in reasons if it["field"] in known and it["code"] in REASONS]
    if not approve and (not good or len(good) < len(reasons)):
        raise ReasonMissing(field="reasons")
