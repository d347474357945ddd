"""The stand-in's signature scheme, from the market's side.

HMAC-SHA256 over ``method\\npath\\ntimestamp\\nnonce\\nbody`` in three headers; five minutes either
way. Written from its description and not shared with it, as with any carrier.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from jishi.modules.fulfilment.types_tracking import CarrierSignatureBad

TIMESTAMP, NONCE, SIGNATURE = "x-sandbox-timestamp", "x-sandbox-nonce", "x-sandbox-signature"
TOLERANCE_SECONDS: Final = 300
TIMESTAMP_SIGNS_MAX: Final = 10


def signed_headers(
    key: bytes, method: str, path: str, body: bytes, *, nonce: str, now: datetime
) -> dict[str, str]:
    timestamp = str(int(now.timestamp()))
    return {
        TIMESTAMP: timestamp,
        NONCE: nonce,
        SIGNATURE: _sign(key, method, path, timestamp, nonce, body),
    }


def check(
    key: bytes, headers: Mapping[str, str], method: str, path: str, body: bytes, *, now: datetime
) -> None:
    """Raises CarrierSignatureBad. A replay within five minutes passes: scans are known by their id."""
    timestamp, nonce = headers.get(TIMESTAMP, ""), headers.get(NONCE, "")
    digits = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= TIMESTAMP_SIGNS_MAX
    if not digits or abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise CarrierSignatureBad(reason="timestamp")
    wanted = _sign(key, method, path, timestamp, nonce, body)
    given = headers.get(SIGNATURE, "")
    if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
        raise CarrierSignatureBad(reason="signature")


def _sign(key: bytes, method: str, path: str, timestamp: str, nonce: str, body: bytes) -> str:
    said = f"{method}\n{path}\n{timestamp}\n{nonce}\n".encode() + body
    return hmac.new(key, said, "sha256").hexdigest()
