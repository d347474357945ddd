"""Alipay's gateway as a local server. Source: opendocs.alipay.com, 签名与验签."""

import base64
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from jishi.kit.money import format_plain, parse_minor
from tests.support.providers.http import Asked, Local, Said, a_key

APP_ID, SELLER_ID = "2021000000000001", "2088000000000001"
ZONE = ZoneInfo("Asia/Shanghai")
CLOCK = "%Y-%m-%d %H:%M:%S"


class Refused(Exception):  # noqa: N818 - an answer
    """``is_signed``: a "no" about the trade; others are about us and carry no signature."""

    def __init__(self, code: str, sub_code: str, *, is_signed: bool = False) -> None:
        super().__init__(sub_code)
        self.code, self.sub_code, self.is_signed = code, sub_code, is_signed


def business(sub_code: str) -> Refused:
    return Refused("40004", sub_code, is_signed=True)


@dataclass
class Trade:
    number: str
    amount_minor: int
    trade_no: str
    notify_url: str
    state: str = "WAIT_BUYER_PAY"
    paid_at: datetime | None = None
    refunds: dict[str, tuple[int, datetime]] = field(default_factory=dict)


@dataclass
class AlipayServer(Local):
    app: rsa.RSAPublicKey
    own: rsa.RSAPrivateKey = field(default_factory=a_key)
    trades: dict[str, Trade] = field(default_factory=dict)
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    bills: dict[str, bytes] = field(default_factory=dict)
    balance: int = 10**12

    def __post_init__(self) -> None:
        Local.__init__(self)

    @property
    def gateway(self) -> str:
        return f"{self.url}/gateway.do"

    # requests

    def answer(self, asked: Asked) -> Said:
        if asked.path == "/bill":
            return Said(200, self.bills[asked.query["day"]])
        pairs = parse_qsl(urlsplit(asked.target).query, keep_blank_values=True)
        given = dict(pairs + parse_qsl(asked.body.decode(), keep_blank_values=True))
        name = f"{given.get('method', 'none').replace('.', '_')}_response"
        try:
            self._check(given)
            said = {"code": "10000", "msg": "Success", **self._route(given)}
        except Refused as no:
            self.refused.append(no.sub_code)
            said = {"code": no.code, "msg": "No", "sub_code": no.sub_code, "sub_msg": "不行"}
            if not no.is_signed:
                return _json({name: said})
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        whole = f'{{"{name}":{text},"sign":"{self._sign(text)}"}}'
        return Said(200, whole.encode(), {"Content-Type": "text/html;charset=utf-8"})

    def forge(self, said: Said) -> Said:
        said.body = said.body.replace(b'"10000"', b'"10000" ')
        return said

    def _check(self, given: dict[str, str]) -> None:
        if given.get("app_id") != APP_ID:
            raise Refused("40002", "isv.invalid-app-id")
        if given.get("sign_type") != "RSA2" or given.get("charset") != "utf-8":
            raise Refused("40002", "isv.invalid-signature-type")
        sent_at = datetime.strptime(given["timestamp"], CLOCK).replace(tzinfo=ZONE)
        if abs(datetime.now(UTC) - sent_at) > timedelta(minutes=15):
            raise Refused("40002", "isv.invalid-timestamp")
        text = "&".join(f"{k}={v}" for k, v in sorted(given.items()) if k != "sign" and v != "")
        try:
            signature = base64.b64decode(given.get("sign", ""))
            self.app.verify(signature, text.encode(), PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError):
            raise Refused("40002", "isv.invalid-signature") from None

    def _route(self, given: dict[str, str]) -> dict[str, Any]:
        it = json.loads(given["biz_content"])
        match given["method"]:
            case "alipay.trade.query":
                return self._show(self._trade(it))
            case "alipay.trade.close":
                trade = self._trade(it)
                if trade.state != "WAIT_BUYER_PAY":
                    raise business("ACQ.TRADE_STATUS_ERROR")
                trade.state = "TRADE_CLOSED"
                return {"trade_no": trade.trade_no, "out_trade_no": trade.number}
            case "alipay.trade.refund":
                return self._refund(it)
            case "alipay.trade.fastpay.refund.query":
                return self._show_refund(self._trade(it), it["out_request_no"])
            case "alipay.data.dataservice.bill.downloadurl.query":
                if it["bill_date"] not in self.bills:
                    raise business("isp.bill_not_exist")
                return {"bill_download_url": f"{self.url}/bill?day={it['bill_date']}"}
        raise Refused("40006", "isv.insufficient-isv-permissions")

    def _refund(self, it: dict[str, Any]) -> dict[str, Any]:
        trade, number = self._trade(it), it["out_request_no"]
        amount = _minor(it["refund_amount"])
        if trade.paid_at is None:
            raise business("ACQ.TRADE_STATUS_ERROR")
        if amount > self.balance:
            raise business("ACQ.SELLER_BALANCE_NOT_ENOUGH")
        known = trade.refunds.get(number)
        if known and known[0] != amount:
            raise business("ACQ.REASON_TRADE_REFUND_FEE_ERR")
        if not known:
            if sum(paid for paid, _ in trade.refunds.values()) + amount > trade.amount_minor:
                raise business("ACQ.TRADE_HAS_FINISHED")
            trade.refunds[number] = (amount, datetime.now(UTC))
            if sum(paid for paid, _ in trade.refunds.values()) == trade.amount_minor:
                trade.state = "TRADE_CLOSED"
        whole = sum(paid for paid, _ in trade.refunds.values())
        return {
            "trade_no": trade.trade_no,
            "out_trade_no": trade.number,
            "fund_change": "N" if known else "Y",
            "refund_fee": format_plain(whole, "CNY"),
        }

    # what happens there

    def visit(self, pay_url: str) -> Trade:
        """What the buyer's browser does: opens the signed address, and the trade is made."""
        given = dict(parse_qsl(urlsplit(pay_url).query, keep_blank_values=True))
        self._check(given)
        it = json.loads(given["biz_content"])
        ways = {
            "alipay.trade.page.pay": "FAST_INSTANT_TRADE_PAY",
            "alipay.trade.wap.pay": "QUICK_WAP_WAY",
        }
        if it["product_code"] != ways[given["method"]] or any(c in it["subject"] for c in "/=&"):
            raise business("ACQ.INVALID_PARAMETER")
        datetime.strptime(it["time_expire"], CLOCK).replace(tzinfo=ZONE)
        self.pages[it["out_trade_no"]] = {**given, **it}
        number, amount = it["out_trade_no"], _minor(it["total_amount"])
        known = self.trades.get(number)
        if known is None:
            trade_no = f"2026{secrets.randbelow(10**24):024d}"
            known = self.trades[number] = Trade(number, amount, trade_no, given["notify_url"])
        if known.state != "WAIT_BUYER_PAY" or known.amount_minor != amount:
            raise business("ACQ.TRADE_HAS_CLOSE")
        return known

    def pay(self, number: str, *, at: datetime | None = None) -> None:
        trade = self.trades[number]
        if trade.state != "WAIT_BUYER_PAY":
            raise business("ACQ.TRADE_HAS_CLOSE")
        trade.state, trade.paid_at = "TRADE_SUCCESS", at or datetime.now(UTC)

    def callback(self, number: str, **changes: str) -> tuple[dict[str, str], bytes]:
        """A signed notice. A change of ``sign`` or ``signer`` forges it."""
        trade = self.trades[number]
        now = datetime.now(ZONE).strftime(CLOCK)
        form = {
            "notify_time": now,
            "notify_type": "trade_status_sync",
            "notify_id": secrets.token_hex(17),
            "app_id": APP_ID,
            "auth_app_id": APP_ID,
            "charset": "utf-8",
            "version": "1.0",
            "seller_id": SELLER_ID,
            "trade_no": trade.trade_no,
            "out_trade_no": number,
            "trade_status": trade.state,
            "total_amount": format_plain(trade.amount_minor, "CNY"),
            "receipt_amount": format_plain(trade.amount_minor, "CNY"),
            "subject": "集市订单 · 一件",
            "body": "",
            "gmt_create": now,
        }
        if trade.paid_at:
            form["gmt_payment"] = trade.paid_at.astimezone(ZONE).strftime(CLOCK)
        if trade.refunds:
            form["refund_fee"] = format_plain(sum(a for a, _ in trade.refunds.values()), "CNY")
        signer = changes.pop("signer", None)
        form |= {k: v for k, v in changes.items() if k != "sign"}
        text = "&".join(f"{k}={v}" for k, v in sorted(form.items()))
        form["sign"] = changes.get("sign") or self._sign(text, a_key() if signer else None)
        form["sign_type"] = "RSA2"
        kind = "application/x-www-form-urlencoded; charset=utf-8"
        return {"content-type": kind}, urlencode(form).encode()

    def _show(self, trade: Trade) -> dict[str, Any]:
        shown = {
            "trade_no": trade.trade_no,
            "out_trade_no": trade.number,
            "trade_status": trade.state,
            "total_amount": format_plain(trade.amount_minor, "CNY"),
            "buyer_logon_id": "138***@163.com",
        }
        if trade.paid_at:
            shown["send_pay_date"] = trade.paid_at.astimezone(ZONE).strftime(CLOCK)
        return shown

    def _show_refund(self, trade: Trade, number: str) -> dict[str, Any]:
        if number not in trade.refunds:
            return {}
        amount, at = trade.refunds[number]
        return {
            "trade_no": trade.trade_no,
            "out_trade_no": trade.number,
            "out_request_no": number,
            "total_amount": format_plain(trade.amount_minor, "CNY"),
            "refund_amount": format_plain(amount, "CNY"),
            "refund_status": "REFUND_SUCCESS",
            "gmt_refund_pay": at.astimezone(ZONE).strftime(CLOCK),
        }

    def _trade(self, it: dict[str, Any]) -> Trade:
        if it.get("out_trade_no") not in self.trades:
            raise business("ACQ.TRADE_NOT_EXIST")
        return self.trades[it["out_trade_no"]]

    def _sign(self, text: str, key: rsa.RSAPrivateKey | None = None) -> str:
        signed = (key or self.own).sign(text.encode(), PKCS1v15(), SHA256())
        return base64.b64encode(signed).decode()


def _minor(text: Any) -> int:
    """Amounts are decimal text; a number would be a float on its way."""
    found = parse_minor(text, "CNY") if isinstance(text, str) else None
    if found is None or found <= 0:
        raise business("ACQ.INVALID_PARAMETER")
    return found


def _json(said: Any) -> Said:
    return Said(200, json.dumps(said).encode(), {"Content-Type": "application/json"})
