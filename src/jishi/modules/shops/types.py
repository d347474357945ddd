"""The words of this module: shops, staff, invitations, events, refusals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final, NewType

from jishi.kit.errors import Kind, Refusal
from jishi.kit.ids import AccountId, ShopId

InvitationId = NewType("InvitationId", int)

NAME_MAX: Final = 60
ABOUT_MAX: Final = 1000
NOTE_MAX: Final = 200
FREIGHT_MAX_MINOR: Final = 100_000_00
FREE_FROM_MAX_MINOR: Final = 1_000_000_000
SHIP_WITHIN_MAX_HOURS: Final = 720
STAFF_MAX: Final = 200
INVITATIONS_MAX: Final = 50  # open ones of one shop
INVITATION_LIFE: Final = timedelta(days=7)
SHOPS_OWNED_MAX: Final = 20  # by one account


class ShopState(StrEnum):
    PREPARING = "preparing"  # not approved yet: goods can be made ready, nothing is shown
    OPEN = "open"
    HOLIDAY = "holiday"  # shown, but nothing can be bought
    SUSPENDED = "suspended"  # as on holiday, until every row of shop_hold is gone
    CLOSED = "closed"


class ShopKind(StrEnum):
    PLAIN = "plain"  # opened without papers, where the market lets shops do so
    INDIVIDUAL = "individual"
    SECOND_HAND = "second_hand"  # an individual's used goods, each with its condition
    BUSINESS = "business"
    FLAGSHIP = "flagship"  # of a brand, by its authorisation


class Role(StrEnum):
    OWNER = "owner"
    MANAGER = "manager"
    CLERK = "clerk"
    WAREHOUSE = "warehouse"


# Who may give and take which role. The owner's own is handed over, never given.
MAY_GIVE: Final[Mapping[Role, frozenset[Role]]] = {
    Role.OWNER: frozenset({Role.MANAGER, Role.CLERK, Role.WAREHOUSE}),
    Role.MANAGER: frozenset({Role.CLERK, Role.WAREHOUSE}),
    Role.CLERK: frozenset(),
    Role.WAREHOUSE: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShop:
    """What opening a shop asks for; everything else has a default."""

    name: str
    about: str = ""
    name_en: str = ""
    phone: str = ""
    logo: Mapping[str, str] | None = None  # as a product picture
    freight_minor: int = 0
    free_freight_from_minor: int | None = None
    ship_within_hours: int = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSettings:
    """Everything a shop says of itself."""

    name: str
    name_en: str
    about: str
    logo: Mapping[str, str] | None
    phone: str
    freight_minor: int
    free_freight_from_minor: int | None  # None: freight is never free
    ship_within_hours: int
    is_on_holiday: bool
    holiday_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    id: ShopId
    owner_id: AccountId
    name: str
    name_en: str
    about: str
    logo: dict[str, Any] | None
    phone: str
    state: ShopState
    holiday_note: str
    freight_minor: int
    free_freight_from_minor: int | None
    ship_within_hours: int
    fee_bp: int | None  # None: the market's fee
    version: int
    opened_at: datetime
    kind: ShopKind = ShopKind.PLAIN
    licence: Mapping[str, Any] = field(default_factory=dict)  # what buyers may read of its papers
    sales_limit_minor: int | None = None  # per calendar year


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    shop_id: ShopId
    account_id: AccountId
    role: Role
    added_at: datetime
    added_by: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    id: InvitationId
    shop_id: ShopId
    role: Role
    created_by: AccountId
    created_at: datetime
    expires_at: datetime
    accepted_by: AccountId | None
    accepted_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopOpened:
    topic: ClassVar[str] = "shops.opened"
    subject_id: int
    owner_id: AccountId
    name: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopChanged:
    topic: ClassVar[str] = "shops.changed"
    subject_id: int
    name: str
    state: str
    is_renamed: bool
    occurred_at: datetime


class ShopNotFound(Refusal):
    kind, code, text = Kind.NOT_FOUND, "shops.not_found", "There is no such shop."


class ShopEdited(Refusal):
    kind, code = Kind.CONFLICT, "shops.edited"
    text = (
        "Someone else saved these settings meanwhile. What you typed is still here; "
        "save again to put it over theirs."
    )


class NameMissing(Refusal):
    code, text = "shops.name_missing", "Give the shop a name."


class TextTooLong(Refusal):
    code, text = "shops.text_too_long", "At most {limit} characters; it has {length}."


class PhoneInvalid(Refusal):
    code, text = "shops.phone_invalid", "This is not a phone number."


class AmountInvalid(Refusal):
    code, text = "shops.amount_invalid", "Write an amount from 0 to {limit}."


class HoursInvalid(Refusal):
    code, text = "shops.hours_invalid", "Write whole hours from 1 to {limit}."


class LogoInvalid(Refusal):
    code, text = "shops.logo_invalid", "The logo is not known. Upload it again."


class ShopsFull(Refusal):
    kind, code = Kind.CONFLICT, "shops.full"
    text = "One account can own at most {limit} shops."


class MemberNotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "shops.member_not_found"
    text = "This person does not work in the shop."


class RoleInvalid(Refusal):
    code, text = "shops.role_invalid", "Choose manager, clerk or warehouse."


class RoleNotYours(Refusal):
    kind, code = Kind.FORBIDDEN, "shops.role_not_yours"
    text = "Your role cannot give or take this role."


class OwnerStays(Refusal):
    kind, code = Kind.CONFLICT, "shops.owner_stays"
    text = "The owner cannot be removed. Hand the shop over first."


class AlreadyStaff(Refusal):
    kind, code = Kind.CONFLICT, "shops.already_staff"
    text = "You work in this shop already."


class StaffFull(Refusal):
    kind, code = Kind.CONFLICT, "shops.staff_full"
    text = "A shop has at most {limit} people."


class InvitationsFull(Refusal):
    kind, code = Kind.CONFLICT, "shops.invitations_full"
    text = "A shop has at most {limit} open invitations. Withdraw one first."


class InvitationInvalid(Refusal):
    kind, code = Kind.NOT_FOUND, "shops.invitation_invalid"
    text = (
        "This invitation does not exist, was used, was withdrawn or has run out. Ask for a new one."
    )
