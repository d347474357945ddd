"""What of a buyer is shown to whom. Pure. Source: words list of the look, ``苏**``, ``186****2207``."""

from collections.abc import Mapping
from typing import Any, Final

from jishi.modules.orders import OrderState
from jishi.web import ShopRole

# Who packs parcels needs the address, while there is something to send or to answer for.
PACKING: Final = frozenset({ShopRole.OWNER, ShopRole.MANAGER, ShopRole.WAREHOUSE})
OPEN: Final = frozenset({OrderState.TO_SHIP, OrderState.PART_SHIPPED, OrderState.SHIPPED})

PHONE_MASKED_FROM: Final = 7
PLACE_NAMES: Final = 2  # province and city


def may_see_receiver(role: ShopRole | None, state: OrderState) -> bool:
    """Whether someone with this role sees name, phone and address in full."""
    return role in PACKING and state in OPEN


def masked_name(name: str) -> str:
    """``苏**`` of ``苏晓晴``, ``M***`` of ``Maria Souza``: the first character and as many stars."""
    plain = name.strip()
    if not plain:
        return "*"
    return plain[0] + "*" * min(max(len(plain.split()[0]) - 1, 1), 3)


def masked_phone(phone: str) -> str:
    """``186****2207``: the first three and the last four; less of a short number."""
    plain = phone.replace(" ", "").replace("-", "")
    if len(plain) < PHONE_MASKED_FROM:
        return "*" * len(plain)
    return plain[:3] + "****" + plain[-4:]


def place_of(address: Mapping[str, Any]) -> str:
    """Province and city, or city and country abroad."""
    if address.get("country", "CN") == "CN":
        return " ".join(_texts(address.get("regions"))[:PLACE_NAMES])
    return " ".join(_texts([address.get("city"), address.get("country")]))


def full_address(address: Mapping[str, Any]) -> str:
    """All of it on one line, largest part first in China and last abroad."""
    if address.get("country", "CN") == "CN":
        return " ".join([*_texts(address.get("regions")), *_texts([address.get("detail")])])
    parts = ("detail", "city", "state", "postcode", "country")
    return ", ".join(_texts([address.get(part) for part in parts]))


def receiver(address: Mapping[str, Any], *, in_full: bool) -> dict[str, str]:
    """``name``, ``phone``, ``place`` (short) and ``address`` as this reader may see them."""
    name, phone = str(address.get("receiver") or ""), str(address.get("phone") or "")
    place = place_of(address)
    return {
        "name": name if in_full else masked_name(name),
        "phone": phone if in_full else masked_phone(phone),
        "place": place,
        "address": full_address(address) if in_full else place,
    }


def _texts(values: Any) -> list[str]:
    return [str(value) for value in values or () if value]
