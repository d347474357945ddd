"""The words of this module: regions, addresses, refusals."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, AddressId

CHINA = "CN"
ADDRESSES_MAX = 50  # of one account
RECEIVER_MAX = 60
DETAIL_MAX = 240
CITY_MAX = 80
POSTCODE_MAX = 16

Snapshot = dict[str, Any]

# Where free-form addresses may lie: ISO 3166-1 alpha-2 without CN, and without HK, MO and TW,
# whose districts stand in the region list.
_ISO_CODES = """
AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
BW BY BZ CA CC CD CF CG CH CI CK CL CM CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER
ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HN HR HT HU ID IE
IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU
LV LY MA MC MD ME MF MG MH MK ML MM MN MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO
NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH
SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TZ UA UG UM
US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
ABROAD = frozenset(_ISO_CODES.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    code: int
    parent_code: int | None
    level: int  # 1 province, 2 city, 3 district, 4 street
    name: str
    is_hidden: bool
    is_leaf: bool
    is_retired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressDraft:
    """What a person typed. In China: region and detail; abroad: city, state, postcode, detail."""

    receiver: str
    phone: str
    detail: str
    country: str = CHINA
    region_code: int | None = None
    city: str = ""
    state: str = ""
    postcode: str = ""
    is_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    id: AddressId
    account_id: AccountId
    country: str
    receiver: str
    phone: str
    region_code: int | None
    region_version: str | None
    region_names: list[str]  # from the province down, without names nobody writes
    detail: str
    city: str
    state: str
    postcode: str
    is_default: bool
    created_at: datetime
    updated_at: datetime


class AddressNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "places.address_not_found"
    text = "This address is not in your address book."


class AddressesFull(Refusal):
    kind, code = Kind.CONFLICT, "places.addresses_full"
    text = "An address book holds at most {limit} addresses. Delete one you no longer need."


class ReceiverMissing(Refusal):
    code, text = "places.receiver_missing", "Write who receives the parcel."


class TextTooLong(Refusal):
    code, text = "places.text_too_long", "At most {limit} characters, please."


class PhoneInvalid(Refusal):
    code = "places.phone_invalid"
    text = "This is not a phone number. Example: 138 0013 8000, or +1 206 555 0100 abroad."


class CountryUnknown(Refusal):
    code, text = "places.country_unknown", "Choose the country from the list."


class RegionMissing(Refusal):
    code, text = "places.region_missing", "Choose province, city and district."


class RegionUnknown(Refusal):
    code = "places.region_unknown"
    text = "This region is not in the list any more. Choose it again."


class RegionIncomplete(Refusal):
    code, text = "places.region_incomplete", "Choose down to the district or town."


class DetailMissing(Refusal):
    code, text = "places.detail_missing", "Write the street, house number and room."


class CityMissing(Refusal):
    code, text = "places.city_missing", "Write the city."


class PostcodeInvalid(Refusal):
    code = "places.postcode_invalid"
    text = "A postcode has letters, digits, spaces and hyphens only, at most {limit} of them."
