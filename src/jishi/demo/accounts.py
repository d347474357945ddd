"""Who can sign in to a filled market, with what. Development only: the word is no secret."""

from typing import Final

PASSWORD: Final = "come-to-market"  # noqa: S105 - printed at every start, of a demo
DOMAIN: Final = "jishi.example"

BUYERS: Final = 60
SHOPS: Final = 40


def buyer_login(number: int) -> str:
    """The e-mail address of a buyer; 0 is the one whose sign-in is printed."""
    return f"buyer@{DOMAIN}" if number == 0 else f"buyer-{number + 1:02}@{DOMAIN}"


def owner_login(number: int) -> str:
    """The e-mail address of a shop's owner, by the shop's place in the shelves."""
    return f"shop@{DOMAIN}" if number == 0 else f"shop-{number + 1:02}@{DOMAIN}"


def staff_login(role: str) -> str:
    return f"{role}@{DOMAIN}"


# Staff besides owners: the shop's number, the role, the sign-in name.
POSTS: Final = (
    (0, "manager", staff_login("manager")),
    (0, "clerk", staff_login("clerk")),
    (0, "warehouse", staff_login("warehouse")),
    *((number, "clerk", staff_login(f"clerk-{number + 1:02}")) for number in (1, 2, 3)),
)
OPERATOR: Final = f"operator@{DOMAIN}"

# What `jishi run` prints: who, sign-in name, password.
SIGN_INS: Final = tuple(
    (f"{who:<16}", f"{login:<24}", PASSWORD)
    for who, login in (
        ("Buyer", buyer_login(0)),
        ("Shop owner", owner_login(0)),
        ("Shop manager", staff_login("manager")),
        ("Order clerk", staff_login("clerk")),
        ("Warehouse clerk", staff_login("warehouse")),
        ("Operator", OPERATOR),
    )
)
