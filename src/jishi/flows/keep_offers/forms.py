"""Forms of coupons and offers as typed, and what they mean."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from jishi.flows.keep_offers.flow import Picked
from jishi.kit.errors import FieldInvalid, Refusal, Refusals
from jishi.kit.ids import ShopId, SkuId, parse_id
from jishi.kit.money import format_plain, parse_minor
from jishi.modules.pricing import (
    FOREVER,
    SCOPE_MAX,
    Audience,
    Benefit,
    Coupon,
    CouponDraft,
    OfferDraft,
    OfferKind,
    OfferStands,
    Payer,
    Scope,
    Terms,
)

DIGITS_MAX: Final = 12
TYPED: Final = "%Y-%m-%dT%H:%M"  # what <input type="datetime-local"> sends
WRONG_TIME: Final = "YYYY-MM-DDTHH:MM"
MADE_HERE: Final = (OfferKind.TIMED, OfferKind.FLASH, OfferKind.N_FOR, OfferKind.MEMBER)
Plain = Callable[[int], str]  # writes minor units into a field
Word = TypeVar("Word", bound=StrEnum)


@dataclass(slots=True)
class Reading:
    """Reads typed fields and gathers what is wrong with them."""

    currency: str
    zone: ZoneInfo
    refusals: list[Refusal]

    def minor(self, name: str, text: str) -> int | None:
        """Minor units; None when empty."""
        if not text.strip():
            return None
        found = parse_minor(text, self.currency)
        if found is None:
            self.refusals.append(FieldInvalid(field=name, detail=text[:DIGITS_MAX]))
        return found

    def number(self, name: str, text: str) -> int | None:
        text = text.strip()
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX):
            self.refusals.append(FieldInvalid(field=name, detail=text[:DIGITS_MAX]))
            return None
        return int(text)

    def at(self, name: str, text: str) -> datetime | None:
        """An instant typed in the market's time zone."""
        if not text.strip():
            return None
        try:
            return datetime.strptime(text.strip()[:16], TYPED).replace(tzinfo=self.zone)
        except ValueError:
            self.refusals.append(FieldInvalid(field=name, detail=WRONG_TIME))
            return None

    def bp(self, name: str, text: str) -> int | None:
        """Percent with up to two digits after the point, in basis points."""
        if not text.strip():
            return None
        found = parse_minor(text, "CNY")
        if found is None:
            self.refusals.append(FieldInvalid(field=name, detail=text[:DIGITS_MAX]))
        return found

    def done(self) -> None:
        """Raises Refusals when anything typed could not be read."""
        if self.refusals:
            raise Refusals(self.refusals)


class CouponForm(msgspec.Struct, kw_only=True):
    """Everything as typed; ticks are ``1``."""

    title: str = ""
    payer: str = Payer.PLATFORM  # a shop pays its own
    creator_id: str = ""
    benefit: str = Benefit.FIXED
    amount_minor: str = ""
    rate_bp: str = ""
    cap_minor: str = ""
    threshold_minor: str = ""
    scope: str = Scope.ALL
    scope_ids: list[str] = []
    audience: str = Audience.EVERYONE
    is_exclusive: str = ""
    is_public: str = ""
    code: str = ""
    claim_from: str = ""
    claim_until: str = ""
    valid_from: str = ""
    valid_until: str = ""
    valid_days: str = ""
    total_limit: str = ""
    per_person: str = "1"
    budget_minor: str = ""
    version: str = ""
    # looking for goods it covers
    go: str = ""
    q: str = ""
    after: str = ""
    more: str = ""  # the cursor of the page after this one
    picked: str = ""  # the scope ``scope_ids`` were chosen for

    @property
    def covers(self) -> Scope:
        return Scope(self.scope) if self.scope in set(Scope) else Scope.ALL

    @property
    def ids(self) -> list[int]:
        """What was chosen, each once; nothing when the scope is another one now."""
        if self.picked and self.picked != self.scope:
            return []
        found = [it for it in map(parse_id, self.scope_ids) if it]
        return list(dict.fromkeys(found))[: SCOPE_MAX + 1]


def coupon_draft(
    form: CouponForm, reading: Reading, *, shop_id: ShopId | None, now: datetime
) -> CouponDraft:
    """What was typed. Raises Refusals naming fields."""
    payer = Payer.SHOP
    if shop_id is None:
        payer = _one_of((Payer.PLATFORM, Payer.CREATOR), form.payer, "payer", reading)
    scope = _one_of(Scope, form.scope, "scope", reading)
    claim_from = reading.at("claim_from", form.claim_from) or now
    terms = Terms(
        coupon_id=0,
        title=form.title,
        payer=payer,
        benefit=_one_of(Benefit, form.benefit, "benefit", reading),
        shop_id=shop_id,
        creator_id=parse_id(form.creator_id) if payer is Payer.CREATOR else None,
        amount_minor=reading.minor("amount_minor", form.amount_minor) or 0,
        rate_bp=reading.bp("rate_bp", form.rate_bp) or 0,
        cap_minor=reading.minor("cap_minor", form.cap_minor),
        threshold_minor=reading.minor("threshold_minor", form.threshold_minor) or 0,
        scope=scope,
        scope_ids=frozenset() if scope is Scope.ALL else frozenset(form.ids),
        audience=_one_of(Audience, form.audience, "audience", reading),
        is_exclusive=bool(form.is_exclusive),
    )
    draft = CouponDraft(
        terms=terms,
        claim_from=claim_from,
        claim_until=reading.at("claim_until", form.claim_until) or claim_from,
        valid_from=reading.at("valid_from", form.valid_from) or claim_from,
        valid_until=reading.at("valid_until", form.valid_until),
        valid_days=reading.number("valid_days", form.valid_days),
        is_public=bool(form.is_public),
        code=form.code,
        total_limit=reading.number("total_limit", form.total_limit),
        per_person=reading.number("per_person", form.per_person) or 0,
        budget_minor=reading.minor("budget_minor", form.budget_minor),
    )
    reading.done()
    return draft


def handed_out(form: CouponForm, reading: Reading, coupon: Coupon) -> CouponDraft:
    """An issued coupon with what was typed of how it is handed out. Raises Refusals naming fields."""
    claim_until = reading.at("claim_until", form.claim_until)
    draft = replace(
        coupon.draft,
        terms=replace(coupon.terms, title=form.title),
        claim_until=claim_until or coupon.claim_from,
        is_public=bool(form.is_public),
        total_limit=reading.number("total_limit", form.total_limit),
        budget_minor=reading.minor("budget_minor", form.budget_minor),
    )
    reading.done()
    return draft


def coupon_form(coupon: Coupon, zone: ZoneInfo, plain: Plain) -> CouponForm:
    """A coupon as its form shows it."""
    terms = coupon.terms
    return CouponForm(
        title=terms.title,
        payer=terms.payer,
        creator_id=_shown(terms.creator_id),
        benefit=terms.benefit,
        amount_minor=plain(terms.amount_minor) if terms.amount_minor else "",
        rate_bp=format_plain(terms.rate_bp, "CNY") if terms.rate_bp else "",
        cap_minor=_shown(terms.cap_minor, plain),
        threshold_minor=plain(terms.threshold_minor) if terms.threshold_minor else "",
        scope=terms.scope,
        scope_ids=[str(each) for each in sorted(terms.scope_ids)],
        audience=terms.audience,
        is_exclusive="1" if terms.is_exclusive else "",
        is_public="1" if coupon.is_public else "",
        code=coupon.code,
        claim_from=typed(coupon.claim_from, zone),
        claim_until=typed(coupon.claim_until, zone),
        valid_from=typed(coupon.valid_from, zone),
        valid_until="" if coupon.valid_until is None else typed(coupon.valid_until, zone),
        valid_days=_shown(coupon.valid_days),
        total_limit=_shown(coupon.total_limit),
        per_person=str(coupon.per_person),
        budget_minor=_shown(coupon.budget_minor, plain),
        version=str(coupon.version),
    )


def _shown(value: int | None, plain: Callable[[int], str] = str) -> str:
    return "" if value is None else plain(value)


def typed(at: datetime, zone: ZoneInfo) -> str:
    """An instant as ``datetime-local`` shows it."""
    return at.astimezone(zone).strftime(TYPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferTyped:
    """The offer's form: fields by name, and per SKU what was typed beside it."""

    fields: Mapping[str, str]
    chosen: Sequence[int]

    def of(self, name: str, sku_id: int) -> str:
        return self.fields.get(f"{name}.{sku_id}", "")

    def get(self, name: str, default: str = "") -> str:
        return self.fields.get(name, default)


def offer_draft(
    typed_in: OfferTyped, reading: Reading, *, shop_id: ShopId, now: datetime
) -> tuple[OfferDraft, list[Picked]]:
    """What was typed. Raises Refusals naming fields."""
    kind = _one_of(MADE_HERE, typed_in.get("kind"), "kind", reading)
    starts_at = reading.at("starts_at", typed_in.get("starts_at")) or now
    ends_at = reading.at("ends_at", typed_in.get("ends_at"))
    if ends_at is None:
        ends_at = FOREVER if kind is OfferKind.MEMBER else starts_at
    announced_at = reading.at("announced_at", typed_in.get("announced_at")) or starts_at
    audience = _one_of(Audience, typed_in.get("audience", "everyone"), "audience", reading)
    percent = reading.bp("percent_off", typed_in.get("percent_off"))
    is_set = kind is OfferKind.N_FOR
    picked = [
        Picked(
            sku_id=SkuId(sku_id),
            price_minor=None
            if is_set
            else reading.minor(f"price.{sku_id}", typed_in.of("price", sku_id)),
            percent_off_bp=None if is_set else percent,
            quota=None
            if is_set
            else reading.number(f"quota.{sku_id}", typed_in.of("quota", sku_id)),
            per_buyer=None if is_set else reading.number("per_buyer", typed_in.get("per_buyer")),
        )
        for sku_id in dict.fromkeys(typed_in.chosen)
    ]
    draft = OfferDraft(
        shop_id=shop_id,
        kind=kind,
        title=typed_in.get("title"),
        items=(),
        starts_at=starts_at,
        ends_at=ends_at,
        announced_at=min(announced_at, starts_at),
        audience=Audience.MEMBERS if kind is OfferKind.MEMBER else audience,
        is_exclusive=bool(typed_in.get("is_exclusive")),
        pieces=reading.number("pieces", typed_in.get("pieces")) if is_set else None,
        price_minor=reading.minor("price_minor", typed_in.get("price_minor")) if is_set else None,
    )
    reading.done()
    return draft, picked


def offer_form(before: OfferStands, zone: ZoneInfo, plain: Plain) -> OfferTyped:
    """An offer as its form shows it."""
    draft = before.draft
    limits = [item.per_buyer for item in draft.items if item.per_buyer is not None]
    fields = {
        "kind": str(draft.kind),
        "title": draft.title,
        "audience": str(draft.audience),
        "starts_at": typed(draft.starts_at, zone),
        "ends_at": "" if draft.ends_at == FOREVER else typed(draft.ends_at, zone),
        "announced_at": typed(draft.announced_at, zone),
        "is_exclusive": "1" if draft.is_exclusive else "",
        "pieces": _shown(draft.pieces),
        "price_minor": _shown(draft.price_minor, plain),
        "per_buyer": _shown(limits[0] if limits else None),
        "version": str(before.version),
    }
    for item in draft.items:
        fields[f"price.{item.sku_id}"] = _shown(item.price_minor, plain)
        fields[f"quota.{item.sku_id}"] = _shown(item.quota)
    return OfferTyped(fields=fields, chosen=[item.sku_id for item in draft.items])


def offer_change(
    typed_in: OfferTyped, reading: Reading, before: OfferStands, *, now: datetime
) -> tuple[OfferDraft, list[Picked]]:
    """As ``offer_draft``; what stays once an offer has begun is not on its form and stays."""
    was = before.draft
    draft, picked = offer_draft(typed_in, reading, shop_id=was.shop_id, now=now)
    draft = replace(draft, kind=was.kind)
    if before.has_begun(now):
        draft = replace(
            draft,
            starts_at=was.starts_at,
            announced_at=was.announced_at,
            audience=was.audience,
            is_exclusive=was.is_exclusive,
            pieces=was.pieces,
        )
    return draft, picked


def in_a_week(now: datetime, zone: ZoneInfo) -> str:
    return typed(now + timedelta(days=7), zone)


def _one_of(words: Iterable[Word], text: str, name: str, reading: Reading) -> Word:
    for word in words:
        if word == text:
            return word
    reading.refusals.append(FieldInvalid(field=name, detail=text[:DIGITS_MAX]))
    return next(iter(words))
