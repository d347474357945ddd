"""Check digits, masks, working days, and what an application must say."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.kit.moves import reachable
from jishi.modules.shops import rules_applications as rules
from jishi.modules.shops import rules_papers as papers
from jishi.modules.shops.types import ShopKind
from jishi.modules.shops.types_applications import (
    MOVES,
    SALES_LIMIT_MINOR,
    Application,
    ApplicationId,
    ApplicationMoved,
    ApplicationState,
    ClaimedByOther,
    ClaimFirst,
    Papers,
    ReasonMissing,
)

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
BODY = st.text(papers.REGISTRATION_DIGITS, min_size=17, max_size=17)


def number_of(body: str) -> str:
    return body + papers.registration_check(body)


def a_business(**changes: Any) -> Papers:
    facts: dict[str, Any] = {
        "kind": ShopKind.BUSINESS,
        "company_name": "山里来信商贸有限公司",
        "registration_number": number_of("91350100M000100Y4"),
        "legal_person": "林知夏",
        "licence_paper_id": 7,
    }
    return Papers(**{**facts, **changes})


def a_flagship(**changes: Any) -> Papers:
    facts: dict[str, Any] = {
        "kind": ShopKind.FLAGSHIP,
        "brand": "山信",
        "trademark_number": "12345678",
        "authorisation_paper_id": 8,
        "authorisation_from": date(2026, 1, 1),
        "authorisation_until": date(2026, 12, 31),
    }
    return a_business(**{**facts, **changes})


@pytest.mark.parametrize(
    ("number", "good"),
    [
        # source: the example of GB 32100-2015 annex A
        ("91350100M000100Y43", True),
        ("91350100M000100Y44", False),
        ("91350100M000100Y4", False),
        ("91350100M000100YI3", False),
        ("", False),
    ],
)
def test_a_registration_number_is_judged_by_its_check(number: str, *, good: bool) -> None:
    assert papers.is_registration_number(number) is good


@given(BODY, st.integers(0, 16), st.sampled_from(papers.REGISTRATION_DIGITS))
def test_one_wrong_character_of_a_registration_number_is_found(
    body: str, at: int, other: str
) -> None:
    number = number_of(body)
    assert papers.is_registration_number(number)
    wrong = number[:at] + other + number[at + 1 :]
    assert papers.is_registration_number(wrong) is (wrong == number)


@pytest.mark.parametrize(
    ("_case", "number", "good"),
    [
        ("check X", "11010519491231002X", True),  # source: the example of GB 11643-1999
        ("check 0 for X", "110105194912310020", False),
        ("no such day", "11010519490231" + "002" + papers.id_check("11010519490231002"), False),
        ("born tomorrow", "11010520260303" + "002" + papers.id_check("11010520260303002"), False),
        ("too short", "11010519491231002", False),
    ],
)
def test_an_identity_number_needs_a_day_of_birth_and_its_check(
    _case: str, number: str, *, good: bool
) -> None:
    assert papers.is_id_number(number, today=TODAY) is good


def test_a_kept_number_can_be_recognised_and_not_read() -> None:
    number = "11010519491231002X"
    assert papers.masked_number(number) == "110105********002X"
    assert papers.hidden(number, b"a") == papers.hidden(number, b"a")
    assert papers.hidden(number, b"a") != papers.hidden(number, b"b")
    assert number.encode() not in papers.hidden(number, b"a")


@pytest.mark.parametrize("papers", [a_business(), a_flagship()], ids=["business", "flagship"])
def test_whole_papers_pass(papers: Papers) -> None:
    assert rules.problems(rules.cleaned(papers), today=TODAY) == []


@pytest.mark.parametrize(
    ("_case", "papers", "wrong"),
    [
        ("nothing filled in", Papers(kind=ShopKind.BUSINESS),
         {"company_name", "registration_number", "legal_person", "licence_paper_id"}),
        ("a wrong check digit", a_business(registration_number="91350100M000100Y44"), {"registration_number"}),
        ("the licence has ended", a_business(licence_until=date(2026, 3, 1)), {"licence_until"}),
        ("no authorisation", a_flagship(authorisation_paper_id=None), {"authorisation_paper_id"}),
        ("authorised too late", a_flagship(authorisation_from=date(2026, 3, 3)), {"authorisation_from"}),
        ("authorisation ended", a_flagship(authorisation_until=date(2026, 3, 1)), {"authorisation_until"}),
        ("last day before first", a_flagship(authorisation_from=date(2026, 6, 1),
         authorisation_until=date(2026, 5, 1)), {"authorisation_until"}),
        ("no trademark number", a_flagship(trademark_number="ABC"), {"trademark_number"}),
        ("a person without number", Papers(kind=ShopKind.INDIVIDUAL, real_name="林知夏"), {"id_number"}),
    ],
)  # fmt: skip
def test_every_wrong_field_is_named(_case: str, papers: Papers, wrong: set[str]) -> None:
    assert {it.field for it in rules.problems(papers, today=TODAY)} == wrong


@pytest.mark.parametrize(
    ("number", "wrong"),
    [("", []), ("11010519491231002X", []), ("110105194912310020", ["id_number"])],
)
def test_a_persons_wrong_number_is_not_even_kept(number: str, wrong: list[str]) -> None:
    papers = Papers(kind=ShopKind.INDIVIDUAL, real_name="林知夏", id_number=number)
    assert [it.field for it in rules.shape_problems(papers, today=TODAY)] == wrong


def test_the_last_day_of_a_paper_still_counts() -> None:
    assert rules.problems(a_business(licence_until=TODAY), today=TODAY) == []


def test_what_a_kind_does_not_ask_for_is_not_kept() -> None:
    kept = rules.cleaned(replace(a_flagship(), kind=ShopKind.INDIVIDUAL, real_name=" 林 知夏 "))
    assert kept == Papers(kind=ShopKind.INDIVIDUAL, real_name="林 知夏")


def test_buyers_read_a_companys_papers_and_never_a_persons() -> None:
    assert rules.shown_licence(a_business())["registration_number"] == "91350100M000100Y43"
    assert rules.shown_licence(Papers(kind=ShopKind.SECOND_HAND, real_name="林知夏")) == {}


def test_only_clean_individuals_pass_by_themselves_and_under_a_limit() -> None:
    clean = {"points": 0, "was_closed": False}
    assert rules.passes_by_itself(ShopKind.INDIVIDUAL, **clean)
    assert rules.sales_limit(ShopKind.SECOND_HAND) == SALES_LIMIT_MINOR
    assert not rules.passes_by_itself(ShopKind.INDIVIDUAL, points=12, was_closed=False)
    assert not rules.passes_by_itself(ShopKind.SECOND_HAND, points=0, was_closed=True)
    assert not rules.passes_by_itself(ShopKind.BUSINESS, **clean)
    assert rules.sales_limit(ShopKind.FLAGSHIP) is None


def test_every_state_of_an_application_can_be_reached() -> None:
    assert reachable(ApplicationState.DRAFT, MOVES) == set(ApplicationState)


def an_application(**changes: Any) -> Application:
    facts: dict[str, Any] = {
        "id": ApplicationId(1),
        "shop_id": 2,
        "applicant_id": 3,
        "state": ApplicationState.UNDER_REVIEW,
        "papers": a_business(),
        "findings": [],
        "problems": [],
        "note": "",
        "version": 2,
        "created_at": NOW,
        "updated_at": NOW,
        "submitted_at": NOW,
        "due_at": NOW,
        "claimed_by": 9,
        "claimed_at": NOW,
        "decided_by": None,
        "decided_at": None,
    }
    return Application(**{**facts, **changes})


def test_a_claim_lasts_four_hours() -> None:
    taken = an_application()
    with pytest.raises(ClaimedByOther):
        rules.check_claim(taken, 10, now=NOW + timedelta(hours=4) - timedelta(seconds=1))
    rules.check_claim(taken, 10, now=NOW + timedelta(hours=4))
    rules.check_claim(taken, 9, now=NOW)
    with pytest.raises(ApplicationMoved):
        rules.check_claim(an_application(state=ApplicationState.APPROVED), 9, now=NOW)


def test_who_decides_has_claimed_it_and_gives_known_reasons() -> None:
    reason = {"field": "legal_person", "code": "differs"}
    rules.check_decision(an_application(), 9, approve=False, reasons=[reason])
    with pytest.raises(ClaimFirst):
        rules.check_decision(an_application(), 10, approve=True, reasons=[])
    for reasons in (
        [],
        [{"field": "brand", "code": "differs"}],
        [reason, {"field": "legal_person", "code": "x"}],
    ):
        with pytest.raises(ReasonMissing):
            rules.check_decision(an_application(), 9, approve=False, reasons=reasons)
