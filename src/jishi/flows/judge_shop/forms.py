"""Forms of cases: what was typed and what it means."""

import msgspec

from jishi.kit.ids import ProductId, ShopId, parse_id
from jishi.kit.text import clean_lines
from jishi.kit.typed import read_minor, read_whole
from jishi.modules.penalties import Evidence, NewCase, NewPenalty, PenaltyKind


class CaseForm(msgspec.Struct, kw_only=True):
    """A new case. Numbers of evidence stand one per line or between commas."""

    shop: str = ""
    rule_code: str = ""
    statement: str = ""
    orders: str = ""
    products: str = ""
    note: str = ""
    penalty: list[str] = msgspec.field(default_factory=list)
    points: str = ""
    listing_limit: str = ""
    listing_limit_days: str = ""
    deduction: str = ""
    suspension_days: str = ""
    product_off: str = ""


class WordForm(msgspec.Struct, kw_only=True):
    """An answer, appeal, ruling or judgement."""

    do: str = ""
    text: str = ""
    orders: str = ""


def new_case(form: CaseForm, shop_id: ShopId, papers: list[int], *, currency: str) -> NewCase:
    """What the form means; what is no number becomes one the rules refuse."""
    chosen: list[NewPenalty] = []
    for kind in [it for it in PenaltyKind if it in form.penalty]:
        chosen += _penalties(kind, form, currency)
    return NewCase(
        shop_id=shop_id,
        rule_code=form.rule_code,
        statement=clean_lines(form.statement),
        penalties=chosen,
        evidence=evidence_of(
            papers=papers, orders=form.orders, products=form.products, note=form.note
        ),
    )


def _penalties(kind: PenaltyKind, form: CaseForm, currency: str) -> list[NewPenalty]:
    if kind is PenaltyKind.PRODUCT_OFF:
        products = [
            NewPenalty(kind=kind, product_id=ProductId(it)) for it in numbers(form.product_off)
        ]
        return products or [NewPenalty(kind=kind)]
    amounts = {
        PenaltyKind.POINTS: read_whole(form.points),
        PenaltyKind.LISTING_LIMIT: read_whole(form.listing_limit),
        PenaltyKind.DEDUCTION: read_minor(form.deduction, currency),
    }
    days = {
        PenaltyKind.LISTING_LIMIT: read_whole(form.listing_limit_days),
        PenaltyKind.SUSPENSION: read_whole(form.suspension_days),
    }
    return [NewPenalty(kind=kind, amount=amounts.get(kind, 0), days=days.get(kind, 0))]


def evidence_of(
    *, papers: list[int], orders: str = "", products: str = "", note: str = ""
) -> list[Evidence]:
    found = [Evidence(kind="paper", subject_id=it) for it in papers]
    found += [Evidence(kind="order", subject_id=it) for it in numbers(orders)]
    found += [Evidence(kind="product", subject_id=it) for it in numbers(products)]
    words = clean_lines(note)
    return found + ([Evidence(kind="note", text=words[:4000])] if words else [])


def numbers(text: str) -> list[int]:
    """Every number of a list as typed; what is none reads as 0, which is nobody's."""
    parts = text.replace(",", " ").replace("，", " ").replace("#", " ").split()
    return [parse_id(it) or 0 for it in parts]
