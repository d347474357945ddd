"""What each move of a deposit books. Pure; docs/money/deposit.md and penalty.md list the same."""

from typing import Final

from jishi.modules.deposits.types import MoveKind
from jishi.modules.ledger.types import Posting, TransferKind

DEPOSIT: Final = "deposit:shop"
PAYABLE: Final = "payable:shop"
RECEIVABLE: Final = "receivable:shop"
BANK: Final = "gateway:bank"
PENALTY_FEE: Final = "fee:penalty"
TRANSFERS: Final = {
    MoveKind.BANK: TransferKind.DEPOSIT,
    MoveKind.PROVIDER: TransferKind.DEPOSIT,
    MoveKind.PAYABLE: TransferKind.DEPOSIT,
    MoveKind.PENALTY: TransferKind.PENALTY,
    MoveKind.PENALTY_BACK: TransferKind.PENALTY_BACK,
    MoveKind.RETURN: TransferKind.DEPOSIT_BACK,
}


def _postings(*parts: tuple[str, int, int]) -> list[Posting]:
    """Kind, party and amount of each; debit positive. Zeros are left out."""
    kept = [it for it in parts if it[2]]
    return [
        Posting(posting=at, kind=kind, party_id=party, amount_minor=amount)
        for at, (kind, party, amount) in enumerate(kept, 1)
    ]


def paid_in(shop_id: int, amount_minor: int, *, source: str) -> list[Posting]:
    """The shop's earnings, gateway:bank or the gateway of a provider → deposit."""
    party = shop_id if source == PAYABLE else 0
    return _postings((source, party, amount_minor), (DEPOSIT, shop_id, -amount_minor))


def deducted(shop_id: int, from_deposit_minor: int, owed_minor: int) -> list[Posting]:
    """deposit, and what it lacks as a debt of the shop → fee:penalty."""
    return _postings(
        (DEPOSIT, shop_id, from_deposit_minor),
        (RECEIVABLE, shop_id, owed_minor),
        (PENALTY_FEE, 0, -from_deposit_minor - owed_minor),
    )


def taken_back(
    shop_id: int, to_deposit_minor: int, off_debt_minor: int, to_earnings_minor: int
) -> list[Posting]:
    """fee:penalty → deposit, the shop's debt, and the earnings that had paid it meanwhile."""
    back = to_deposit_minor + off_debt_minor + to_earnings_minor
    return _postings(
        (PENALTY_FEE, 0, back),
        (DEPOSIT, shop_id, -to_deposit_minor),
        (RECEIVABLE, shop_id, -off_debt_minor),
        (PAYABLE, shop_id, -to_earnings_minor),
    )


def given_back(shop_id: int, held_minor: int, owed_minor: int) -> list[Posting]:
    """deposit → what the shop still owes, the rest to its earnings, from where it is withdrawn."""
    off = min(held_minor, max(owed_minor, 0))
    return _postings(
        (DEPOSIT, shop_id, held_minor),
        (RECEIVABLE, shop_id, -off),
        (PAYABLE, shop_id, off - held_minor),
    )
