from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.modules.payments import signing as merchants
from jishi.modules.payments.types import BadSignature as MerchantsBadSignature
from jishi.sandbox import signing
from jishi.sandbox.types import BadSignature

KEY = bytes(range(32))
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
KNOWN = "9bce9d5d4dc6b68f"  # the answer's first signs, by `openssl dgst -sha256 -mac HMAC`


def headers(**changes: str) -> dict[str, str]:
    made = signing.headers_for(
        KEY, method="POST", path="/v1/x?a=1", body=b'{"a":1}', nonce="n" * 16, now=NOON
    )
    return {**made, **changes}


def check(given: dict[str, str], *, body: bytes = b'{"a":1}', path: str = "/v1/x?a=1") -> str:
    return signing.check(KEY, given, method="POST", path=path, body=body, now=NOON)


def test_a_signed_request_passes_and_names_its_nonce() -> None:
    assert check(headers()) == "n" * 16


@pytest.mark.parametrize(
    ("_case", "changes"),
    [
        ("no signature", {signing.SIGNATURE: ""}),
        ("another signature", {signing.SIGNATURE: "0" * 64}),
        ("a signature beyond ASCII", {signing.SIGNATURE: "é" * 64}),
        ("another nonce", {signing.NONCE: "m" * 16}),
        ("short nonce", {signing.NONCE: "n"}),
        ("no timestamp", {signing.TIMESTAMP: ""}),
        ("negative timestamp", {signing.TIMESTAMP: "-5"}),
        ("endless timestamp", {signing.TIMESTAMP: "9" * 400}),
        ("timestamp in other digits", {signing.TIMESTAMP: "١٢٣٤٥٦٧٨٩٠"}),
    ],
)
def test_a_changed_header_is_refused(_case: str, changes: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        check(headers(**changes))


def test_a_changed_body_or_path_is_refused() -> None:
    with pytest.raises(BadSignature):
        check(headers(), body=b'{"a":2}')
    with pytest.raises(BadSignature):
        check(headers(), path="/v1/x?a=2")


@pytest.mark.parametrize(("minutes", "good"), [(-6, False), (-4, True), (4, True), (6, False)])
def test_the_clock_may_be_five_minutes_off(minutes: int, *, good: bool) -> None:
    made = signing.headers_for(
        KEY,
        method="GET",
        path="/",
        body=b"",
        nonce="n" * 16,
        now=NOON + timedelta(minutes=minutes),
    )
    if good:
        signing.check(KEY, made, method="GET", path="/", body=b"", now=NOON)
    else:
        with pytest.raises(BadSignature):
            signing.check(KEY, made, method="GET", path="/", body=b"", now=NOON)


def test_both_sides_know_the_same_answer() -> None:
    facts = {"method": "POST", "path": "/v1/x?a=1", "timestamp": "1795348800", "nonce": "n" * 16}
    ours = signing.sign(KEY, **facts, body=b'{"a":1}')
    assert ours == merchants.sign(KEY, **facts, body=b'{"a":1}')
    assert ours.startswith(KNOWN)


@given(st.binary(max_size=200), st.text("abc/?=", max_size=20), st.integers(0, 2**31))
def test_both_sides_sign_alike(body: bytes, path: str, nonce: int) -> None:
    theirs = merchants.signed_headers(KEY, "POST", path, body, nonce=f"{nonce:016}", now=NOON)
    made = signing.headers_for(
        KEY, method="POST", path=path, body=body, nonce=f"{nonce:016}", now=NOON
    )
    assert made == theirs
    merchants.check(KEY, made, "POST", path, body, now=NOON)
    with pytest.raises(MerchantsBadSignature):
        merchants.check(KEY, made, "POST", path, body + b"x", now=NOON)
