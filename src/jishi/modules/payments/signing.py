"""Signatures of the sandbox's messages; the scheme is ``jishi.kit.signing``."""

from collections.abc import Mapping
from datetime import datetime

from jishi.kit.signing import (
    NONCE,
    SIGNATURE,
    TIMESTAMP,
    fault,
    path_of,
    sign,
    signed_headers,
)
from jishi.modules.payments.types import BadSignature

__all__ = ["NONCE", "SIGNATURE", "TIMESTAMP", "check", "path_of", "sign", "signed_headers"]


def check(
    key: bytes, headers: Mapping[str, str], method: str, path: str, body: bytes, *, now: datetime
) -> None:
    """Raises BadSignature."""
    reason = fault(key, headers, method, path, body, now=now)
    if reason is not None:
        raise BadSignature(reason=reason)
