"""Signatures of the sandbox: HMAC-SHA256 over ``method\\npath\\ntimestamp\\nnonce\\nbody``.

``path`` is what stands in the request line, query included. The same scheme signs what merchants
ask and what the sandbox tells them. Pure; the key is 32 bytes, hexadecimal in the key file.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from jishi.sandbox.types import BadSignature

TIMESTAMP, NONCE, SIGNATURE = "x-sandbox-timestamp", "x-sandbox-nonce", "x-sandbox-signature"
TOLERANCE = timedelta(minutes=5)
NONCE_SIGNS = range(8, 65)


def sign(key: bytes, *, method: str, path: str, timestamp: str, nonce: str, body: bytes) -> str:
    """The signature, 64 hexadecimal signs."""
    said = f"{method}\n{path}\n{timestamp}\n{nonce}\n".encode() + body
    return hmac.new(key, said, "sha256").hexdigest()


def headers_for(
    key: bytes, *, method: str, path: str, body: bytes, nonce: str, now: datetime
) -> dict[str, str]:
    """The three headers of a request made at ``now``."""
    timestamp = str(int(now.timestamp()))
    signature = sign(key, method=method, path=path, timestamp=timestamp, nonce=nonce, body=body)
    return {TIMESTAMP: timestamp, NONCE: nonce, SIGNATURE: signature}


def check(
    key: bytes,
    headers: Mapping[str, str],
    *,
    method: str,
    path: str,
    body: bytes,
    now: datetime,
) -> str:
    """The nonce of a request whose signature holds; whether it was used before is the caller's.

    Raises BadSignature for missing headers, a clock more than five minutes off, a wrong signature.
    """
    timestamp, nonce = headers.get(TIMESTAMP, ""), headers.get(NONCE, "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= len("9999999999")):
        raise BadSignature(detail="timestamp missing or not whole seconds")
    if len(nonce) not in NONCE_SIGNS or not nonce.isascii():
        raise BadSignature(detail="nonce missing or not 8 to 64 signs")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        raise BadSignature(detail="timestamp more than five minutes off")
    wanted = sign(key, method=method, path=path, timestamp=timestamp, nonce=nonce, body=body)
    given = headers.get(SIGNATURE, "")
    if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
        raise BadSignature(detail="signature does not match")
    return nonce
