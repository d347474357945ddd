"""Stripe's API as a local server. Source: docs.stripe.com/api, /webhooks/signature."""

import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from tests.support.providers.http import Asked, Local, Said

KEY = "sk_test_51LocalMarketKey"
SECRET = "whsec_localmarketsecret"


class Refused(Exception):  # noqa: N818 - an answer
    def __init__(self, status: int, kind: str, code: str) -> None:
        super().__init__(code)
        self.status, self.kind, self.code = status, kind, code


@dataclass
class StripeServer(Local):
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    intents: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    movements: list[dict[str, Any]] = field(default_factory=list)
    replies: dict[str, tuple[bytes, Said]] = field(default_factory=dict)  # by idempotency key
    refund_status: str = "pending"

    def __post_init__(self) -> None:
        Local.__init__(self)

    # requests

    def answer(self, asked: Asked) -> Said:
        try:
            self._check(asked)
            key = asked.headers.get("idempotency-key", "")
            if asked.method == "POST" and key in self.replies:
                before, said = self.replies[key]
                if before == asked.body:
                    return said
                raise Refused(400, "idempotency_error", "")  # noqa: TRY301
            said = _json(200, self._route(asked))
            if asked.method == "POST" and key:
                self.replies[key] = (asked.body, said)
            return said  # noqa: TRY300
        except Refused as no:
            self.refused.append(no.code or no.kind)
            error = {"type": no.kind, "code": no.code or None, "message": "no"}
            return _json(no.status, {"error": error})

    def forge(self, said: Said) -> Said:
        return Said(
            401, b'{"error":{"type":"invalid_request_error","message":"key"}}', said.headers
        )

    def _check(self, asked: Asked) -> None:
        if asked.headers.get("authorization") != f"Bearer {KEY}":
            raise Refused(401, "invalid_request_error", "")
        if not asked.headers.get("stripe-version"):
            raise Refused(400, "invalid_request_error", "version")
        if asked.method == "POST" and not asked.headers.get("idempotency-key"):
            raise Refused(400, "invalid_request_error", "idempotency_key_missing")

    def _route(self, asked: Asked) -> dict[str, Any]:
        form = _nested(parse_qsl(asked.body.decode(), keep_blank_values=True))
        match (asked.method, *asked.path.strip("/").split("/")[1:]):
            case ("POST", "checkout", "sessions"):
                return self._open(form)
            case ("GET", "checkout", "sessions", number):
                return self._session(number)
            case ("POST", "checkout", "sessions", number, "expire"):
                session = self._session(number)
                if session["status"] != "open":
                    raise Refused(400, "invalid_request_error", "")
                session["status"] = "expired"
                return session
            case ("POST", "refunds"):
                return self._refund(form)
            case ("GET", "refunds"):
                intent = asked.query["payment_intent"]
                return _list(
                    [it for it in self.refunds if it["payment_intent"] == intent], "refunds"
                )
            case ("GET", "balance_transactions"):
                return self._balance(asked.query)
        raise Refused(404, "invalid_request_error", "resource_missing")

    def _open(self, form: dict[str, Any]) -> dict[str, Any]:
        price = form["line_items"]["0"]["price_data"]
        amount, ends_at = int(price["unit_amount"]), int(form["expires_at"])
        left = ends_at - time.time()
        if amount <= 0 or not 30 * 60 <= left <= 24 * 3600 or not form["success_url"]:
            raise Refused(400, "invalid_request_error", "parameter_invalid")
        number = f"cs_test_{secrets.token_hex(12)}"
        self.sessions[number] = {
            "id": number,
            "object": "checkout.session",
            "url": f"{self.url}/c/pay/{number}",
            "status": "open",
            "payment_status": "unpaid",
            "amount_total": amount,
            "currency": price["currency"],
            "client_reference_id": form["client_reference_id"],
            "metadata": form["metadata"],
            "payment_intent": None,
            "_intent_metadata": form["payment_intent_data"]["metadata"],
            "livemode": False,
        }
        return self.sessions[number]

    def _refund(self, form: dict[str, Any]) -> dict[str, Any]:
        intent, amount = self.intents.get(form["payment_intent"]), int(form["amount"])
        if intent is None:
            raise Refused(404, "invalid_request_error", "resource_missing")
        gone = sum(
            it["amount"]
            for it in self.refunds
            if it["payment_intent"] == intent["id"] and it["status"] not in ("failed", "canceled")
        )
        if gone + amount > intent["amount"]:
            raise Refused(400, "invalid_request_error", "charge_already_refunded")
        made = {
            "id": f"re_{secrets.token_hex(12)}",
            "object": "refund",
            "amount": amount,
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "metadata": form["metadata"],
            "status": self.refund_status,
            "created": int(time.time()),
        }
        self.refunds.insert(0, made)
        return made

    def _balance(self, query: dict[str, str]) -> dict[str, Any]:
        low, high = int(query["created[gte]"]), int(query["created[lt]"])
        rows = [it for it in self.movements if low <= it["created"] < high]
        start = query.get("starting_after")
        if start:
            at = [it["id"] for it in rows].index(start)
            rows = rows[at + 1 :]
        size = int(query["limit"])
        return _list(rows[:size], "balance_transactions", has_more=len(rows) > size)

    # what happens there

    def pay(self, session_id: str, *, at: datetime | None = None, status: str = "paid") -> None:
        session = self._session(session_id)
        intent = f"pi_{secrets.token_hex(12)}"
        session.update(status="complete", payment_status=status, payment_intent=intent)
        self.intents[intent] = {
            "id": intent,
            "amount": session["amount_total"],
            "currency": session["currency"],
        }
        if status == "paid":
            charge = {"id": f"ch_{secrets.token_hex(12)}", "object": "charge"}
            charge["metadata"] = session["_intent_metadata"]
            stamp = int(at.timestamp() if at else time.time())
            self.move("charge", session["amount_total"], charge, session["currency"], stamp, fee=59)

    def end_refund(self, refund_id: str, status: str = "succeeded") -> None:
        """``refund_id``: ours, as the metadata carries it."""
        made = self.find_refund(refund_id)
        made["status"] = status
        if status == "succeeded":
            now = int(time.time())
            self.move("refund", -made["amount"], made, made["currency"], now)

    def find_refund(self, refund_id: str) -> dict[str, Any]:
        return next(it for it in self.refunds if it["metadata"]["refund_id"] == refund_id)

    def move(
        self, kind: str, amount: int, source: Any, currency: str, at: int, *, fee: int = 0
    ) -> None:
        self.movements.append(
            {
                "id": f"txn_{secrets.token_hex(12)}",
                "object": "balance_transaction",
                "amount": amount,
                "fee": fee,
                "net": amount - fee,
                "currency": currency,
                "created": at,
                "reporting_category": kind,
                "type": kind,
                "source": source,
            }
        )

    def event(
        self,
        kind: str,
        thing: dict[str, Any],
        *,
        at: float | None = None,
        secret: str = SECRET,
        **changes: Any,
    ) -> tuple[dict[str, str], bytes]:
        stamp = int(at or time.time())
        shown = {k: v for k, v in thing.items() if not k.startswith("_")}
        said = {
            "id": f"evt_{secrets.token_hex(12)}",
            "object": "event",
            "type": kind,
            "created": stamp,
            "livemode": False,
            "data": {"object": shown},
            **changes,
        }
        body = json.dumps(said).encode()
        signed = f"{stamp}.".encode() + body
        signature = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        return {"stripe-signature": f"t={stamp},v1={signature}"}, body

    def session_of(self, payment_id: Any) -> dict[str, Any]:
        return next(
            it for it in self.sessions.values() if it["client_reference_id"] == str(payment_id)
        )

    def _session(self, number: str) -> dict[str, Any]:
        if number not in self.sessions:
            raise Refused(404, "invalid_request_error", "resource_missing")
        return self.sessions[number]


def _nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """``a[b][0]=c`` as nested dicts."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        *path, last = name.replace("]", "").split("[")
        here = found
        for step in path:
            here = here.setdefault(step, {})
        here[last] = value
    return found


def _list(rows: list[Any], what: str, *, has_more: bool = False) -> dict[str, Any]:
    return {"object": "list", "data": rows, "has_more": has_more, "url": f"/v1/{what}"}


def _json(status: int, said: Any) -> Said:
    return Said(status, json.dumps(said).encode(), {"Content-Type": "application/json"})
