"""The sandbox's signature scheme, from the merchant's side.

HMAC-SHA256 over ``method\\npath\\ntimestamp\\nnonce\\nbody`` in three headers; five minutes either
way. Written from its description and not shared with it, as with any provider; a test holds both
to the same known answers.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime

from jishi.modules.payments.types import BadSignature

TIMESTAMP, NONCE, SIGNATURE = "x-sandbox-timestamp", "x-sandbox-nonce", "x-sandbox-signature"
TOLERANCE_SECONDS = 300
TIMESTAMP_SIGNS_MAX = 10


def sign(key: bytes, *, method: str, path: str, timestamp: str, nonce: str, body: bytes) -> str:
    said = f"{method}\n{path}\n{timestamp}\n{nonce}\n".encode() + body
    return hmac.new(key, said, "sha256").hexdigest()


def signed_headers(
    key: bytes, method: str, path: str, body: bytes, *, nonce: str, now: datetime
) -> dict[str, str]:
    timestamp = str(int(now.timestamp()))
    signature = sign(key, method=method, path=path, timestamp=timestamp, nonce=nonce, body=body)
    return {TIMESTAMP: timestamp, NONCE: nonce, SIGNATURE: signature}


def check(
    key: bytes, headers: Mapping[str, str], method: str, path: str, body: bytes, *, now: datetime
) -> None:
    """Raises BadSignature. A replay within five minutes passes: events are known by their id."""
    timestamp, nonce = headers.get(TIMESTAMP, ""), headers.get(NONCE, "")
    digits = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= TIMESTAMP_SIGNS_MAX
    if not digits or abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise BadSignature(reason="timestamp")
    wanted = sign(key, method=method, path=path, timestamp=timestamp, nonce=nonce, body=body)
    given = headers.get(SIGNATURE, "")
    if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
        raise BadSignature(reason="signature")
