"""The signature scheme of the stand-ins (payment sandbox, its bank, its carrier), as the market writes it.

HMAC-SHA256 over ``method\\npath\\ntimestamp\\nnonce\\nbody`` in three headers; five minutes either
way. Written from its description and not shared with them, as with any provider; a test holds both
sides to the same known answers.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

TIMESTAMP, NONCE, SIGNATURE = "x-sandbox-timestamp", "x-sandbox-nonce", "x-sandbox-signature"
TOLERANCE_SECONDS: Final = 300
TIMESTAMP_SIGNS_MAX: Final = 10


def path_of(url: str) -> str:
    """What the request line of a call to ``url`` says, which is what its signature is over."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def sign(key: bytes, *, method: str, path: str, timestamp: str, nonce: str, body: bytes) -> str:
    said = f"{method}\n{path}\n{timestamp}\n{nonce}\n".encode() + body
    return hmac.new(key, said, "sha256").hexdigest()


def signed_headers(
    key: bytes, method: str, path: str, body: bytes, *, nonce: str, now: datetime
) -> dict[str, str]:
    timestamp = str(int(now.timestamp()))
    signature = sign(key, method=method, path=path, timestamp=timestamp, nonce=nonce, body=body)
    return {TIMESTAMP: timestamp, NONCE: nonce, SIGNATURE: signature}


def fault(
    key: bytes, headers: Mapping[str, str], method: str, path: str, body: bytes, *, now: datetime
) -> str | None:
    """What is wrong with a message's signature: ``timestamp``, ``signature``, or None.

    A replay within five minutes passes: what is told is known by its id.
    """
    timestamp, nonce = headers.get(TIMESTAMP, ""), headers.get(NONCE, "")
    digits = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= TIMESTAMP_SIGNS_MAX
    if not digits or abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        return "timestamp"
    wanted = sign(key, method=method, path=path, timestamp=timestamp, nonce=nonce, body=body)
    given = headers.get(SIGNATURE, "")
    same = hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace"))
    return None if same else "signature"
