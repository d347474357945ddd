"""The list of carriers, shipped with the package and read once. Codes are those of kuaidi100.

``carriers.csv``: the few that shops mostly use come first and have an English name. A parcel keeps the
code; a code that is in no list (old imports) is shown as it stands.
"""

import csv
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Final

from jishi.modules.fulfilment.types import Carrier


def _read() -> dict[str, Carrier]:
    text = resources.files(__package__ or "").joinpath("carriers.csv").read_text("utf-8")
    return {
        row["code"]: Carrier(
            code=row["code"],
            name=row["name"],
            name_en=row["name_en"],
            aliases=tuple(filter(None, row["aliases"].split(";"))),
            wechat_id=row["wechat_id"],
        )
        for row in csv.DictReader(text.splitlines())
    }


OWN_DELIVERY: Final = "self"  # the shop brings it: no label, nothing to follow
CARRIERS: Final[Mapping[str, Carrier]] = _read()


def common_carriers() -> list[Carrier]:
    """The ones offered in a select, the most used first."""
    return [carrier for carrier in CARRIERS.values() if carrier.name_en]


def find_carrier(text: str) -> Carrier | None:
    """The carrier a person means: by code, Chinese or English name, or a usual short name."""
    return _by_name().get(_key(text))


def carrier_name(code: str, locale: str) -> str:
    found = CARRIERS.get(code)
    return found.shown(locale) if found else code


def find_by_wechat_id(wechat_id: str) -> Carrier | None:
    """The carrier WeChat's APIs call so, any case; None for one without a known id."""
    return _by_wechat_id().get(wechat_id.upper())


def list_carriers(q: str, *, limit: int) -> Sequence[Carrier]:
    """Carriers whose code or a name holds ``q``, common ones first; all of them for an empty one."""
    wanted = _key(q)
    found = (
        it
        for it in CARRIERS.values()
        if any(wanted in _key(name) for name in (it.code, it.name, it.name_en, *it.aliases))
    )
    return [carrier for carrier, _ in zip(found, range(limit), strict=False)]


@cache
def _by_wechat_id() -> Mapping[str, Carrier]:
    return {carrier.wechat_id: carrier for carrier in CARRIERS.values() if carrier.wechat_id}


@cache
def _by_name() -> Mapping[str, Carrier]:
    """Later names never take a key from earlier ones: common carriers win."""
    found: dict[str, Carrier] = {}
    for carrier in CARRIERS.values():
        for name in (carrier.code, carrier.name, carrier.name_en, *carrier.aliases):
            if name:
                found.setdefault(_key(name), carrier)
    return found


def _key(text: str) -> str:
    """As people type it: full width or half, any case, spaces anywhere."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
