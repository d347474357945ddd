"""The address form: what its fields hold, and which regions each of its selects offers."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from babel import Locale

from jishi.db import Tx
from jishi.kit.text import mark as _
from jishi.modules.places import rules, service
from jishi.modules.places.types import ABROAD, CHINA, Address, AddressDraft, Region

LEVELS_MAX = 4
STREET = 4  # level of a street, which need not be chosen
LABELS = {1: _("Province"), 2: _("City"), 3: _("District"), 4: _("Street or town")}


class AddressForm(msgspec.Struct, kw_only=True):
    """The form as posted; every field may be empty, the rules say what is missing."""

    receiver: str = ""
    phone: str = ""
    country: str = CHINA
    region_1: str = ""
    region_2: str = ""
    region_3: str = ""
    region_4: str = ""
    detail: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    is_default: str = ""
    next: str = ""
    step: str = ""  # "place": only show the form again, with the regions below the chosen ones

    @property
    def codes(self) -> list[int | None]:
        return [code_of(getattr(self, f"region_{level}")) for level in range(1, LEVELS_MAX + 1)]

    def draft(self) -> AddressDraft:
        return AddressDraft(
            receiver=self.receiver,
            phone=self.phone,
            country=self.country,
            region_code=rules.chosen_region(self.codes),
            detail=self.detail,
            city=self.city,
            state=self.state,
            postcode=self.postcode,
            is_default=bool(self.is_default),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionLevel:
    """One select of the chain."""

    name: str  # of the form field
    label: str  # msgid
    choices: list[Region]
    chosen: int | None
    is_optional: bool


def code_of(text: str) -> int | None:
    """A region code from a form or a query; None when it is none."""
    plain = text.strip()
    is_code = plain.isascii() and plain.isdigit() and len(plain) <= len(str(service.CODE_MAX))
    return int(plain) if is_code else None


async def form_of(tx: Tx, address: Address) -> AddressForm:
    """The form filled with an address."""
    code = address.region_code
    path = await service.region_path(tx, code) if code else []
    form = AddressForm(
        receiver=address.receiver,
        phone=address.phone,
        country=address.country,
        detail=address.detail,
        city=address.city,
        state=address.state,
        postcode=address.postcode,
        is_default="1" if address.is_default else "",
    )
    for level, region in enumerate(path, start=1):
        setattr(form, f"region_{level}", str(region.code))
    return form


async def region_levels(tx: Tx, codes: Sequence[int | None]) -> list[RegionLevel]:
    """A select for the provinces, and one below each code chosen, as long as the chain holds."""
    levels: list[RegionLevel] = []
    above: int | None = None
    for at, code in enumerate(codes):
        choices = await service.list_regions(tx, above)
        if not choices:
            break
        chosen = code if any(region.code == code for region in choices) else None
        first = min(region.level for region in choices)
        # Where only streets are left below a city, one of them must be chosen: Dongguan's towns.
        is_optional = first == STREET and above is not None and above > 9999  # noqa: PLR2004
        level = RegionLevel(
            name=f"region_{at + 1}",
            label=LABELS[first],
            choices=choices,
            chosen=chosen,
            is_optional=is_optional,
        )
        levels.append(level)
        above = chosen
        if chosen is None:
            break
    return levels


def countries(locale: str) -> list[tuple[str, str]]:
    """Code and name of every country an address may lie in: China first, then by name."""
    names = Locale.parse(locale.replace("-", "_")).territories
    abroad = sorted((str(names[code]), code) for code in ABROAD)
    return [(CHINA, str(names[CHINA])), *((code, name) for name, code in abroad)]
