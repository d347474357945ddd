"""Bank account numbers sealed with the market's own key: a copy of the database does not tell them."""

import hmac
import secrets
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES: Final = 12
PRINT_BYTES: Final = 16


class SealBroken(Exception):  # noqa: N818 - an outcome, told to the shop
    """Sealed with another key, for another account, or damaged."""


@dataclass(frozen=True, slots=True)
class Sealer:
    """``key``: the market's 32 secret bytes. Uses of it are told apart by their purpose."""

    key: bytes

    def seal(self, account_id: int, number: str) -> bytes:
        """The number, bound to its account."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher().encrypt(nonce, number.encode(), str(account_id).encode())

    def open(self, account_id: int, sealed: bytes) -> str:
        """Raises SealBroken."""
        nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return self._cipher().decrypt(nonce, rest, str(account_id).encode()).decode()
        except (InvalidTag, ValueError) as problem:
            raise SealBroken(str(account_id)) from problem

    def print_of(self, shop_id: int, number: str) -> bytes:
        """Tells the same number of the same shop, and nothing else."""
        said = f"{shop_id}:{number}".encode()
        return hmac.digest(self._derived("bank number print"), said, "sha256")[:PRINT_BYTES]

    def _cipher(self) -> AESGCM:
        return AESGCM(self._derived("bank number seal"))

    def _derived(self, purpose: str) -> bytes:
        return hmac.digest(self.key, purpose.encode(), "sha256")
