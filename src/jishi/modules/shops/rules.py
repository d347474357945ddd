"""What a shop may say of itself, and who may change whose role. Pure."""

import hashlib
import re
from dataclasses import replace
from datetime import datetime

from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import parse_id
from jishi.kit.pictures import is_picture
from jishi.kit.text import clean, clean_lines
from jishi.modules.shops.types import (
    ABOUT_MAX,
    FREE_FROM_MAX_MINOR,
    FREIGHT_MAX_MINOR,
    MAY_GIVE,
    NAME_MAX,
    NOTE_MAX,
    SHIP_WITHIN_MAX_HOURS,
    AmountInvalid,
    HoursInvalid,
    Invitation,
    InvitationId,
    InvitationInvalid,
    LogoInvalid,
    Member,
    NameMissing,
    NewShop,
    OwnerStays,
    PhoneInvalid,
    Role,
    RoleInvalid,
    RoleNotYours,
    ShopSettings,
    TextTooLong,
)

PHONE = re.compile(r"\+?[0-9][0-9 ()-]{4,22}")
# source: secrets.token_urlsafe(32), 43 characters
TOKEN = re.compile(r"([0-9]{1,19})-([A-Za-z0-9_-]{43})")


def starting_settings(shop: NewShop) -> ShopSettings:
    """A new shop's settings, checked. Raises Refusals, one for each wrong field."""
    return checked(
        ShopSettings(
            name=shop.name,
            name_en=shop.name_en,
            about=shop.about,
            logo=shop.logo,
            phone=shop.phone,
            freight_minor=shop.freight_minor,
            free_freight_from_minor=shop.free_freight_from_minor,
            ship_within_hours=shop.ship_within_hours,
            is_on_holiday=False,
            holiday_note="",
        )
    )


def checked(settings: ShopSettings) -> ShopSettings:
    """``settings`` cleaned and in order. Raises Refusals, one for each wrong field."""
    ready = replace(
        settings,
        name=clean(settings.name),
        name_en=clean(settings.name_en),
        about=clean_lines(settings.about),
        phone=clean(settings.phone),
        holiday_note=clean(settings.holiday_note),
    )
    problems = [*_word_problems(ready), *_figure_problems(ready)]
    if problems:
        raise Refusals(problems)
    return ready


def _word_problems(settings: ShopSettings) -> list[Refusal]:
    found: list[Refusal] = []
    if not settings.name:
        found.append(NameMissing(field="name"))
    limits = {"name": NAME_MAX, "name_en": NAME_MAX, "about": ABOUT_MAX, "holiday_note": NOTE_MAX}
    for field, limit in limits.items():
        length = len(getattr(settings, field))
        if length > limit:
            found.append(TextTooLong(field=field, limit=limit, length=length))
    if settings.phone and not PHONE.fullmatch(settings.phone):
        found.append(PhoneInvalid(field="phone"))
    if settings.logo is not None and not is_picture(settings.logo):
        found.append(LogoInvalid(field="logo"))
    return found


def _figure_problems(settings: ShopSettings) -> list[Refusal]:
    found: list[Refusal] = []
    amounts = (
        ("freight_minor", settings.freight_minor, FREIGHT_MAX_MINOR),
        ("free_freight_from_minor", settings.free_freight_from_minor or 0, FREE_FROM_MAX_MINOR),
    )
    for field, amount, limit in amounts:
        if not 0 <= amount <= limit:
            found.append(AmountInvalid(field=field, limit=f"{limit // 100:,}"))
    if not 1 <= settings.ship_within_hours <= SHIP_WITHIN_MAX_HOURS:
        found.append(HoursInvalid(field="ship_within_hours", limit=SHIP_WITHIN_MAX_HOURS))
    return found


def check_gift_of_role(actor: Role, role: str) -> Role:
    """The role, when ``actor`` may give it. Raises RoleInvalid, RoleNotYours."""
    if role not in (Role.MANAGER, Role.CLERK, Role.WAREHOUSE):
        raise RoleInvalid(field="role")
    if role not in MAY_GIVE[actor]:
        raise RoleNotYours(role=role)
    return Role(role)


def check_removal(actor: Member, member: Member) -> None:
    """Raises OwnerStays; RoleNotYours for someone the actor could not have added. All may leave."""
    if member.role is Role.OWNER:
        raise OwnerStays
    if actor.account_id != member.account_id and member.role not in MAY_GIVE[actor.role]:
        raise RoleNotYours(role=member.role)


def check_role_change(actor: Member, member: Member, role: str) -> Role:
    """The new role. Raises RoleInvalid, OwnerStays, RoleNotYours (also for one's own role)."""
    if member.role is Role.OWNER:
        raise OwnerStays
    if actor.account_id == member.account_id or member.role not in MAY_GIVE[actor.role]:
        raise RoleNotYours(role=member.role)
    return check_gift_of_role(actor.role, role)


def token_of(invitation_id: InvitationId, secret: str) -> str:
    """What stands in the link: the id finds the row in its cell, the secret proves the right."""
    return f"{invitation_id}-{secret}"


def read_token(token: str) -> tuple[InvitationId, bytes]:
    """Id and hash of a token from a link. Raises InvitationInvalid."""
    found = TOKEN.fullmatch(token)
    invitation_id = parse_id(found[1]) if found else None
    if found is None or invitation_id is None:
        raise InvitationInvalid
    return InvitationId(invitation_id), hash_of(found[2])


def hash_of(secret: str) -> bytes:
    """SHA-256: the secret is 256 random bits, so nothing slower is needed."""
    return hashlib.sha256(secret.encode()).digest()


def check_open(invitation: Invitation, *, now: datetime) -> None:
    """Raises InvitationInvalid once used, withdrawn or run out; ``expires_at`` is too late."""
    is_over = invitation.accepted_at is not None or invitation.revoked_at is not None
    if is_over or now >= invitation.expires_at:
        raise InvitationInvalid
