"""WeChat Pay v3 as a local server. Source: pay.weixin.qq.com/doc/v3/merchant."""

import base64
import gzip
import hashlib
import json
import re
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from tests.support.providers.http import Asked, Local, Said, a_key

MCHID, APPID = "1900000109", "wx8888888888888888"
APIV3_KEY = "0123456789abcdef0123456789ABCDEF"
MERCHANT_SERIAL = "444F4864EA9B34415DEADBEEF00112233445566"
PUBLIC_KEY_ID = "PUB_KEY_ID_0119000001092024110100000000000001"
ZONE = ZoneInfo("Asia/Shanghai")
NUMBER = re.compile(r"[0-9A-Za-z_\-|*]{6,32}")
JSON = "application/json; charset=utf-8"


class Refused(Exception):  # noqa: N818 - an answer
    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


@dataclass
class Trade:
    facts: dict[str, Any]
    state: str = "NOTPAY"
    transaction_id: str = ""
    paid_at: datetime | None = None


@dataclass
class Back:
    facts: dict[str, Any]
    refund_id: str
    status: str = "PROCESSING"
    ended_at: datetime | None = None


@dataclass
class WechatServer(Local):
    merchant: rsa.RSAPublicKey
    by_certificate: bool = False  # signs with its certificate's serial, not with its key's id
    platform: rsa.RSAPrivateKey = field(default_factory=a_key)
    trades: dict[str, Trade] = field(default_factory=dict)
    refunds: dict[str, Back] = field(default_factory=dict)
    nonces: set[str] = field(default_factory=set)
    bills: dict[str, bytes] = field(default_factory=dict)
    balance: int = 10**12

    def __post_init__(self) -> None:
        Local.__init__(self)
        self.certificate = _certificate(self.platform)

    @property
    def serial(self) -> str:
        return f"{self.certificate.serial_number:X}" if self.by_certificate else PUBLIC_KEY_ID

    # requests

    def answer(self, asked: Asked) -> Said:
        try:
            if asked.path == "/v3/billdownload/file":
                self._check(asked)
                return Said(200, gzip.compress(self.bills[asked.query["token"]]))
            self._check(asked)
            body = self._route(asked)
        except Refused as no:
            self.refused.append(no.code)
            said = {"code": no.code, "message": no.message}
            return self._signed(Said(no.status, json.dumps(said).encode()))
        if body is None:
            return self._signed(Said(204))
        return self._signed(Said(200, json.dumps(body, ensure_ascii=False).encode()))

    def forge(self, said: Said) -> Said:
        said.headers["Wechatpay-Signature"] = _sign(a_key(), "forged")
        return said

    def _check(self, asked: Asked) -> None:
        """The request's signature, as the manual tells it."""
        scheme, _, rest = asked.headers.get("authorization", "").partition(" ")
        given = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        if scheme != "WECHATPAY2-SHA256-RSA2048" or given.get("mchid") != MCHID:
            raise Refused(401, "SIGN_ERROR", "who")
        if given.get("serial_no") != MERCHANT_SERIAL:
            raise Refused(401, "SIGN_ERROR", "serial")
        if abs(time.time() - int(given["timestamp"])) > 300 or given["nonce_str"] in self.nonces:
            raise Refused(401, "SIGN_ERROR", "replay")
        self.nonces.add(given["nonce_str"])
        if not self.by_certificate and asked.headers.get("wechatpay-serial") != PUBLIC_KEY_ID:
            raise Refused(401, "SIGN_ERROR", "which key")
        lines = (asked.method, asked.target, given["timestamp"], given["nonce_str"])
        text = "".join(f"{line}\n" for line in lines) + asked.body.decode() + "\n"
        signature = base64.b64decode(given["signature"])
        try:
            self.merchant.verify(signature, text.encode(), PKCS1v15(), SHA256())
        except InvalidSignature:
            raise Refused(401, "SIGN_ERROR", "signature") from None

    def _route(self, asked: Asked) -> dict[str, Any] | None:  # noqa: PLR0911 - a table
        parts = asked.path.strip("/").split("/")
        body = json.loads(asked.body) if asked.body else {}
        match (asked.method, *parts):
            case ("GET", "v3", "certificates"):
                return {"data": [self._wrapped_certificate()]}
            case ("POST", "v3", "pay", "transactions", ("native" | "h5") as way):
                return self._open(way, body)
            case ("GET", "v3", "pay", "transactions", "out-trade-no", number):
                self._require_mchid(asked.query)
                return self.show(self._trade(number))
            case ("POST", "v3", "pay", "transactions", "out-trade-no", number, "close"):
                self._require_mchid(body)
                trade = self._trade(number)
                if trade.state == "SUCCESS":
                    raise Refused(400, "ORDERPAID")
                trade.state = "CLOSED"
                return None
            case ("POST", "v3", "refund", "domestic", "refunds"):
                return self._refund(body)
            case ("GET", "v3", "refund", "domestic", "refunds", number):
                if number not in self.refunds:
                    raise Refused(404, "RESOURCE_NOT_EXISTS")
                return self.show_refund(self.refunds[number])
            case ("GET", "v3", "bill", "tradebill"):
                return self._bill(asked.query)
        raise Refused(404, "NOT_FOUND")

    def _open(self, way: str, body: dict[str, Any]) -> dict[str, Any]:
        wanted = {"appid": APPID, "mchid": MCHID}
        if any(body.get(name) != value for name, value in wanted.items()):
            raise Refused(400, "APPID_MCHID_NOT_MATCH")
        amount = body.get("amount", {})
        ends_at = datetime.fromisoformat(body["time_expire"])
        good = (
            NUMBER.fullmatch(body.get("out_trade_no", ""))
            and type(amount.get("total")) is int
            and amount["total"] > 0
            and amount.get("currency") == "CNY"
            and 0 < len(body.get("description", "").encode()) <= 127
            and body.get("notify_url", "").startswith(("https://", "http://"))
            and ends_at.tzinfo is not None
        )
        if not good or (way == "h5" and not body["scene_info"]["payer_client_ip"]):
            raise Refused(400, "PARAM_ERROR")
        known = self.trades.get(body["out_trade_no"])
        if known and known.state == "SUCCESS":
            raise Refused(400, "ORDERPAID")
        if known and known.facts["amount"] != amount:
            raise Refused(400, "OUT_TRADE_NO_USED")
        if known and known.state == "CLOSED":
            raise Refused(400, "ORDER_CLOSED")
        self.trades[body["out_trade_no"]] = Trade(body)
        token = hashlib.sha256(body["out_trade_no"].encode()).hexdigest()[:12]
        if way == "native":
            return {"code_url": f"weixin://wxpay/bizpayurl?pr={token}"}
        return {"h5_url": f"https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id={token}"}

    def _refund(self, body: dict[str, Any]) -> dict[str, Any]:
        number, amount = body.get("out_refund_no", ""), body.get("amount", {})
        trade = self.trades.get(body.get("out_trade_no", ""))
        if trade is None or trade.state != "SUCCESS":
            raise Refused(404, "RESOURCE_NOT_EXISTS")
        known = self.refunds.get(number)
        if known:
            if known.facts["amount"] != amount:
                raise Refused(400, "INVALID_REQUEST")
            return self.show_refund(known)
        if amount.get("total") != trade.facts["amount"]["total"] or amount["currency"] != "CNY":
            raise Refused(400, "INVALID_REQUEST", "total")
        others = sum(
            it.facts["amount"]["refund"]
            for it in self.refunds.values()
            if it.facts["out_trade_no"] == body["out_trade_no"]
        )
        if type(amount.get("refund")) is not int or others + amount["refund"] > amount["total"]:
            raise Refused(400, "INVALID_REQUEST", "too much")
        if amount["refund"] > self.balance:
            raise Refused(403, "NOT_ENOUGH")
        self.refunds[number] = Back(body, f"503{secrets.randbelow(10**20):020d}")
        return self.show_refund(self.refunds[number])

    def _bill(self, query: dict[str, str]) -> dict[str, Any]:
        day = query["bill_date"]
        if day not in self.bills:
            raise Refused(400, "NO_STATEMENT_EXIST")
        digest = hashlib.sha1(self.bills[day]).hexdigest()
        url = f"{self.url}/v3/billdownload/file?token={day}"
        return {"hash_type": "SHA1", "hash_value": digest, "download_url": url}

    # what happens there

    def pay(self, number: str, *, at: datetime | None = None) -> None:
        trade = self._trade(number)
        trade.state, trade.paid_at = "SUCCESS", at or datetime.now(UTC)
        trade.transaction_id = f"42000{secrets.randbelow(10**20):020d}"

    def end_refund(self, number: str, status: str = "SUCCESS") -> None:
        self.refunds[number].status = status
        self.refunds[number].ended_at = datetime.now(UTC)

    def callback(self, number: str, **changes: Any) -> tuple[dict[str, str], bytes]:
        it = self.show(self._trade(number)) | changes
        return self.sealed("TRANSACTION.SUCCESS", it)

    def refund_callback(self, number: str, **changes: Any) -> tuple[dict[str, str], bytes]:
        back = self.refunds[number]
        it = self.show_refund(back) | {"mchid": MCHID, "refund_status": back.status}
        return self.sealed(f"REFUND.{back.status}", it | changes)

    def sealed(
        self,
        event: str,
        resource: dict[str, Any],
        *,
        at: datetime | None = None,
        key: str = APIV3_KEY,
        signer: rsa.RSAPrivateKey | None = None,
        serial: str | None = None,
    ) -> tuple[dict[str, str], bytes]:
        """Headers (by lower-case name) and body of a message."""
        nonce, kind = secrets.token_hex(6), event.partition(".")[0].lower()
        plain = json.dumps(resource).encode()
        sealed = AESGCM(key.encode()).encrypt(nonce.encode(), plain, kind.encode())
        body = json.dumps(
            {
                "id": f"EV-{secrets.token_hex(8)}",
                "create_time": datetime.now(ZONE).isoformat(timespec="seconds"),
                "resource_type": "encrypt-resource",
                "event_type": event,
                "summary": "支付成功",
                "resource": {
                    "original_type": kind,
                    "algorithm": "AEAD_AES_256_GCM",
                    "ciphertext": base64.b64encode(sealed).decode(),
                    "associated_data": kind,
                    "nonce": nonce,
                },
            },
            ensure_ascii=False,
        ).encode()
        headers = self._signature(body, at=at, signer=signer, serial=serial)
        return {name.lower(): value for name, value in headers.items()}, body

    def show(self, trade: Trade) -> dict[str, Any]:
        facts, amount = trade.facts, trade.facts["amount"]
        shown = {
            "appid": APPID,
            "mchid": MCHID,
            "out_trade_no": facts["out_trade_no"],
            "trade_state": trade.state,
            "trade_state_desc": "",
        }
        if trade.state != "NOTPAY":
            shown["amount"] = {**amount, "payer_total": amount["total"], "payer_currency": "CNY"}
        if trade.paid_at:
            shown["transaction_id"] = trade.transaction_id
            shown["success_time"] = trade.paid_at.astimezone(ZONE).isoformat(timespec="seconds")
        return shown

    def show_refund(self, back: Back) -> dict[str, Any]:
        number = back.facts["out_trade_no"]
        shown = {
            "refund_id": back.refund_id,
            "out_refund_no": back.facts["out_refund_no"],
            "out_trade_no": number,
            "transaction_id": self.trades[number].transaction_id,
            "channel": "ORIGINAL",
            "status": back.status,
            "create_time": datetime.now(ZONE).isoformat(timespec="seconds"),
            "amount": back.facts["amount"],
        }
        if back.ended_at:
            shown["success_time"] = back.ended_at.astimezone(ZONE).isoformat(timespec="seconds")
        return shown

    # signatures

    def _signed(self, said: Said) -> Said:
        said.headers = {"Content-Type": JSON, **self._signature(said.body)}
        return said

    def _signature(
        self,
        body: bytes,
        *,
        at: datetime | None = None,
        signer: rsa.RSAPrivateKey | None = None,
        serial: str | None = None,
    ) -> dict[str, str]:
        stamp = str(int(at.timestamp() if at else time.time()))
        nonce = secrets.token_hex(16)
        signature = _sign(signer or self.platform, f"{stamp}\n{nonce}\n{body.decode()}\n")
        return {
            "Wechatpay-Timestamp": stamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": signature,
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
            "Wechatpay-Serial": serial or self.serial,
        }

    def _wrapped_certificate(self) -> dict[str, Any]:
        nonce, plain = secrets.token_hex(6), self.certificate.public_bytes(pem.Encoding.PEM)
        sealed = AESGCM(APIV3_KEY.encode()).encrypt(nonce.encode(), plain, b"certificate")
        return {
            "serial_no": f"{self.certificate.serial_number:X}",
            "effective_time": "2026-01-01T00:00:00+08:00",
            "expire_time": "2031-01-01T00:00:00+08:00",
            "encrypt_certificate": {
                "algorithm": "AEAD_AES_256_GCM",
                "nonce": nonce,
                "associated_data": "certificate",
                "ciphertext": base64.b64encode(sealed).decode(),
            },
        }

    def _trade(self, number: str) -> Trade:
        if number not in self.trades:
            raise Refused(404, "ORDER_NOT_EXIST")
        return self.trades[number]

    @staticmethod
    def _require_mchid(given: dict[str, Any]) -> None:
        if given.get("mchid") != MCHID:
            raise Refused(400, "PARAM_ERROR")


def _sign(key: rsa.RSAPrivateKey, text: str) -> str:
    return base64.b64encode(key.sign(text.encode(), PKCS1v15(), SHA256())).decode()


def _certificate(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Platform")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
    return made.sign(key, SHA256())
