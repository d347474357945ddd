"""What makes an address one that a carrier can use. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from jishi.kit.errors import Refusal, Refusals
from jishi.kit.text import clean
from jishi.modules.places.types import (
    ABROAD,
    ADDRESSES_MAX,
    CHINA,
    CITY_MAX,
    DETAIL_MAX,
    POSTCODE_MAX,
    RECEIVER_MAX,
    AddressDraft,
    AddressesFull,
    CityMissing,
    CountryUnknown,
    DetailMissing,
    PhoneInvalid,
    PostcodeInvalid,
    ReceiverMissing,
    Region,
    RegionIncomplete,
    RegionMissing,
    RegionUnknown,
    Snapshot,
    TextTooLong,
)

DISTRICT = 3  # level of a district
OUTSIDE_MAINLAND = frozenset((71, 81, 82))  # provinces with their own phone numbers
MOBILE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")
LANDLINE = re.compile(r"0[1-9][0-9]{1,2}-?[2-9][0-9]{6,7}(?:-[0-9]{1,6})?")
SERVICE_LINE = re.compile(r"[48]00-?[0-9]{3}-?[0-9]{4}")
# source: ITU-T E.164, at most 15 digits with the country's
ANY_PHONE = re.compile(r"\+?[0-9]{6,15}")


def checked(draft: AddressDraft, chain: Sequence[Region]) -> AddressDraft:
    """``draft`` cleaned and in order. Raises Refusals, one for each wrong field.

    ``chain`` is the chosen region and all above it, from the province down; empty when the code
    is not known. Abroad it is not looked at.
    """
    cleaned = _cleaned(draft)
    problems = [*_person_problems(cleaned, chain), *_place_problems(cleaned, chain)]
    if problems:
        raise Refusals(problems)
    phone = plain_phone(cleaned.phone, abroad=is_abroad(cleaned, chain))
    assert phone, "checked above"
    if cleaned.country == CHINA:
        return replace(cleaned, phone=phone, city="", state="")
    return replace(cleaned, phone=phone, region_code=None)


def shown_names(chain: Sequence[Region]) -> list[str]:
    """The names people write, from the province down: no 市辖区, no 东莞市 twice."""
    return [region.name for region in chain if not region.is_hidden]


def check_room(count: int) -> None:
    """Raises AddressesFull when an account with ``count`` addresses may not have one more."""
    if count >= ADDRESSES_MAX:
        raise AddressesFull(limit=ADDRESSES_MAX)


def plain_phone(text: str, *, abroad: bool) -> str | None:
    """The number without spaces and brackets; None when it is none.

    A mainland mobile number loses its +86; a landline keeps the hyphen before its extension.
    """
    folded = unicodedata.normalize("NFKC", text)
    number = re.sub(r"[\s()./]", "", folded)
    joined = number.replace("-", "")
    if abroad:
        return joined if ANY_PHONE.fullmatch(joined) else None
    mobile = MOBILE.fullmatch(joined)
    if mobile:
        return mobile[1]
    found = LANDLINE.fullmatch(number) or SERVICE_LINE.fullmatch(number)
    return number if found else None


def chosen_region(codes: Sequence[int | None]) -> int | None:
    """The deepest of the codes chosen level by level; a code not below the one before it ends it.

    So a form sent after the province was changed does not keep the old province's city.
    """
    chosen: int | None = None
    for code in codes:
        if code is None or (chosen is not None and not _is_below(code, chosen)):
            break
        chosen = code
    return chosen


def masked(snapshot: Snapshot) -> Snapshot:
    """The snapshot as someone without need of it may see it: region kept, person hidden."""
    receiver, phone = str(snapshot["receiver"]), str(snapshot["phone"])
    return {
        **snapshot,
        "receiver": receiver[:1] + "*" * min(max(len(receiver) - 1, 1), 3),
        "phone": _masked_phone(phone),
        "detail": "***",
        "postcode": "",
    }


def _cleaned(draft: AddressDraft) -> AddressDraft:
    return replace(
        draft,
        receiver=clean(draft.receiver),
        phone=clean(draft.phone),
        detail=clean(draft.detail),
        country=clean(draft.country).upper(),
        city=clean(draft.city),
        state=clean(draft.state),
        postcode=clean(draft.postcode).upper(),
    )


def _person_problems(draft: AddressDraft, chain: Sequence[Region]) -> list[Refusal]:
    problems: list[Refusal] = []
    if not draft.receiver:
        problems.append(ReceiverMissing(field="receiver"))
    elif len(draft.receiver) > RECEIVER_MAX:
        problems.append(TextTooLong(field="receiver", limit=RECEIVER_MAX))
    if plain_phone(draft.phone, abroad=is_abroad(draft, chain)) is None:
        problems.append(PhoneInvalid(field="phone"))
    return problems


def is_abroad(draft: AddressDraft, chain: Sequence[Region]) -> bool:
    """Whether phone numbers are those of another country or of Hong Kong, Macau or Taiwan."""
    return draft.country != CHINA or any(region.code in OUTSIDE_MAINLAND for region in chain)


def _place_problems(draft: AddressDraft, chain: Sequence[Region]) -> list[Refusal]:
    problems: list[Refusal] = []
    if not draft.detail:
        problems.append(DetailMissing(field="detail"))
    elif len(draft.detail) > DETAIL_MAX:
        problems.append(TextTooLong(field="detail", limit=DETAIL_MAX))
    if not re.fullmatch(rf"[A-Z0-9 -]{{0,{POSTCODE_MAX}}}", draft.postcode):
        problems.append(PostcodeInvalid(field="postcode", limit=POSTCODE_MAX))
    if draft.country == CHINA:
        return problems + _region_problems(draft, chain)
    return problems + _abroad_problems(draft)


def _region_problems(draft: AddressDraft, chain: Sequence[Region]) -> list[Refusal]:
    if draft.region_code is None:
        return [RegionMissing(field="region_code")]
    if not chain or any(region.is_retired for region in chain):
        return [RegionUnknown(field="region_code", region_code=draft.region_code)]
    last = chain[-1]
    is_whole = last.is_leaf or (last.level >= DISTRICT and not last.is_hidden)
    return [] if is_whole else [RegionIncomplete(field="region_code", region=last.name)]


def _abroad_problems(draft: AddressDraft) -> list[Refusal]:
    problems: list[Refusal] = []
    if draft.country not in ABROAD:
        problems.append(CountryUnknown(field="country"))
    if not draft.city:
        problems.append(CityMissing(field="city"))
    too_long = [name for name in ("city", "state") if len(getattr(draft, name)) > CITY_MAX]
    return problems + [TextTooLong(field=name, limit=CITY_MAX) for name in too_long]


def _is_below(code: int, above: int) -> bool:
    """Codes grow by two digits a level, by three for streets; a parent is a prefix."""
    return code != above and str(code).startswith(str(above))


def _masked_phone(phone: str) -> str:
    kept = 3 if len(phone) > 8 else 1  # noqa: PLR2004 — short numbers show less
    return f"{phone[:kept]}****{phone[-4:] if kept > 1 else phone[-2:]}"
