"""Providers' bill files read into rows. Pure: bytes in, a bill or a refusal out.

Sources: WeChat Pay 申请交易账单 (CSV, a backtick before every value), Alipay 交易账单 (zip of GBK CSV),
Stripe's itemised balance report, and the sandbox's own.
"""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from jishi.kit.ids import PaymentId, RefundId, parse_id
from jishi.kit.money import parse_minor, scale_of
from jishi.modules.payments.types import (
    ALIPAY,
    SANDBOX,
    STRIPE,
    WECHATPAY,
    Bill,
    BillKind,
    BillRow,
    BillTotals,
    BillUnreadable,
)

CHINA: Final = "Asia/Shanghai"
ROWS_MAX: Final = 1_000_000
FILE_BYTES_MAX: Final = 256 * 1024 * 1024
NUMBER_SIGNS_MAX: Final = 64
CLOCK: Final = "%Y-%m-%d %H:%M:%S"
HEADS: Final = {
    "kind,out_trade_no": SANDBOX,
    "balance_transaction_id": STRIPE,
    "交易时间,": WECHATPAY,
    "#支付宝": ALIPAY,
}
WECHAT_TOTALS: Final = "总交易单数"
ALIPAY_DETAIL: Final = "业务明细列表"  # the other file of the archive is a summary
# What of a bill in one sum is no payment, and which way it goes.
SIGNS: Final = {BillKind.REFUND: -1, BillKind.PAYOUT: -1, BillKind.PAYOUT_RETURN: 1}
PAID_KINDS: Final = frozenset({"charge", "payment"})
REFUND_KINDS: Final = frozenset({"refund", "payment_refund"})

Others = tuple[tuple[str, int], ...]
Read = tuple[list[BillRow], BillTotals, Others, date | None]


def read_bill(
    raw: bytes, *, provider: str | None, day: date | None, currency: str, zone: str
) -> Bill:
    """The bill in a file. ``provider`` None: told by its first line; ``day`` None: told by its rows.

    ``zone`` is the market's, for bills that count days as we ask. Raises BillUnreadable, also for
    rows of several days and for a day that is not ``day``.
    """
    if len(raw) > FILE_BYTES_MAX:
        raise BillUnreadable(detail="it is too large")
    text = _text(raw)
    found = _provider_of(text)
    if found is None:
        raise BillUnreadable(detail="no provider writes bills like this")
    if provider not in (None, found):
        raise BillUnreadable(detail=f"it is a bill of {found}, not of {provider}")
    its_zone = CHINA if found in (WECHATPAY, ALIPAY) else zone
    rows, totals, others, told = _READERS[found](text, currency, ZoneInfo(its_zone))
    its_day = _day(rows, told, day, ZoneInfo(its_zone))
    return Bill(
        provider=found, day=its_day, zone=its_zone, rows=tuple(rows), totals=totals, others=others
    )


def _day(rows: Sequence[BillRow], told: date | None, asked: date | None, zone: ZoneInfo) -> date:
    """The one day of a bill. Raises BillUnreadable."""
    days = {row.at.astimezone(zone).date() for row in rows} | ({told} if told else set())
    if len(days) > 1:
        raise BillUnreadable(detail=f"it has rows of several days, {min(days)} to {max(days)}")
    if not days and asked is None:
        raise BillUnreadable(detail="it is empty and names no day")
    found = days.pop() if days else asked
    assert found is not None
    if asked is not None and found != asked:
        raise BillUnreadable(detail=f"it is the bill of {found}, not of {asked}")
    return found


def _text(raw: bytes) -> str:
    if raw.startswith(b"PK"):
        raw = _from_zip(raw)
    for encoding in ("utf-8-sig", "gb18030"):
        with suppress(UnicodeDecodeError):
            return raw.decode(encoding)
    raise BillUnreadable(detail="its letters cannot be read")


def _from_zip(raw: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for name in archive.infolist():
                with archive.open(name) as file:
                    found = file.read(FILE_BYTES_MAX + 1)
                if len(found) > FILE_BYTES_MAX:
                    raise BillUnreadable(detail="it is too large")
                if ALIPAY_DETAIL in found[:4096].decode("gb18030", "replace"):
                    return found
    except (zipfile.BadZipFile, RuntimeError, OSError, NotImplementedError) as problem:
        raise BillUnreadable(detail="the archive is damaged") from problem
    raise BillUnreadable(detail="the archive holds no bill")


def _provider_of(text: str) -> str | None:
    start = text[:200].lstrip().lstrip('"')
    return next((name for head, name in HEADS.items() if start.startswith(head)), None)


def _read_sandbox(text: str, currency: str, zone: ZoneInfo) -> Read:
    rows: list[BillRow] = []
    totals, told = BillTotals(), None
    for line, it in _table(text.splitlines()):
        if it["kind"] == "total":  # in one sum; dated where the day ends
            others = sum(SIGNS.get(row.kind, 0) * row.amount_minor for row in rows)
            totals = BillTotals(paid_minor=_whole(it["amount_minor"], line) - others)
            ends_at = _instant(it["occurred_at"], line)
            told = (ends_at - timedelta(seconds=1)).astimezone(zone).date()
            continue
        if it["currency"] != currency:
            raise BillUnreadable(detail=f"line {line}: currency")
        rows.append(_sandbox_row(line, it))
    return rows, totals, (), told


def _sandbox_row(line: int, it: Mapping[str, str]) -> BillRow:
    if it["kind"] not in set(BillKind):
        raise BillUnreadable(detail=f"line {line}: kind {it['kind'][:20]!r}")
    kind = BillKind(it["kind"])
    is_refund = kind is BillKind.REFUND
    found = _row(
        line,
        is_refund=is_refund,
        payment=it["out_trade_no"],
        refund=it["out_refund_no"],
        ref=it["refund_no"] if is_refund else it["trade_no"],
        amount_minor=abs(_whole(it["amount_minor"], line)),
        at=_instant(it["occurred_at"], line),
    )
    if kind in (BillKind.PAYMENT, BillKind.REFUND):
        return found
    return replace(found, kind=kind, payment_id=None, payout_id=found.payment_id)


def _read_wechatpay(text: str, currency: str, zone: ZoneInfo) -> Read:
    lines = text.splitlines()
    head, rows, totals = lines[0].split(","), list[BillRow](), BillTotals()
    for line, said in enumerate(lines[1:], 2):
        if said.startswith(WECHAT_TOTALS):
            values = lines[line] if len(lines) > line else ""
            totals = _wechat_totals(said, values, currency)
            break
        if said:
            values_of = said.removeprefix("`").split(",`")
            if len(values_of) != len(head):
                raise BillUnreadable(detail=f"line {line}: columns")
            it = _Named(zip(head, values_of, strict=True))
            rows.append(_wechat_row(line, it, currency, zone))
    return rows, totals, (), None


def _wechat_row(line: int, it: Mapping[str, str], currency: str, zone: ZoneInfo) -> BillRow:
    """Amounts are what we asked for, before coupons of WeChat's own."""
    is_refund = it["交易状态"] != "SUCCESS"
    return _row(
        line,
        is_refund=is_refund,
        payment=it["商户订单号"],
        refund=it["商户退款单号"],
        ref=it["微信退款单号" if is_refund else "微信订单号"],
        amount_minor=abs(_minor(it["申请退款金额" if is_refund else "订单金额"], currency, line)),
        fee_minor=_fee(it["手续费"], currency, line),
        is_done=not is_refund or it["退款状态"] == "SUCCESS",
        at=_local(it["交易时间"], line, zone),
    )


def _wechat_totals(names: str, values: str, currency: str) -> BillTotals:
    """The closing line counts refunds among the trades."""
    it = dict(zip(names.split(","), values.removeprefix("`").split(",`"), strict=False))
    return BillTotals(
        paid_minor=_minor(it.get("订单总金额", ""), currency, 0),
        refunded_minor=_minor(it.get("申请退款总金额", ""), currency, 0),
        rows=_whole(it.get(WECHAT_TOTALS, "0"), 0),
    )


def _read_alipay(text: str, currency: str, zone: ZoneInfo) -> Read:
    lines = text.splitlines()
    begins = next((n for n, it in enumerate(lines) if it and not it.startswith("#")), len(lines))
    told = _alipay_day("\n".join(lines[:begins]))
    body = [it for it in lines[begins:] if not it.startswith("#")]
    rows = [
        _row(
            line,
            is_refund=it["业务类型"] == "退款",
            payment=it["商户订单号"],
            refund=it["退款批次号/请求号"],
            ref=it["支付宝交易号"],
            amount_minor=abs(_minor(it["订单金额（元）"], currency, line)),
            fee_minor=-_fee(it["服务费（元）"], currency, line),  # negative when it is taken
            at=_local(it["完成时间"], line, zone),
        )
        for line, it in (_table(body, before=begins) if body else ())
    ]
    return rows, BillTotals(), (), told


def _alipay_day(head: str) -> date | None:
    """From ``#起始日期：[2026年11月21日 00:00:00]``; None when it says nothing."""
    _, _, rest = head.partition("起始日期：[")
    try:
        return datetime.strptime(rest[:11], "%Y年%m月%d日").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def _read_stripe(text: str, currency: str, zone: ZoneInfo) -> Read:
    del zone  # the report is dated in UTC
    rows: list[BillRow] = []
    others: dict[str, int] = {}
    for line, it in _table(text.splitlines()):
        kind = it["reporting_category"]
        if it["currency"].upper() != currency:
            raise BillUnreadable(detail=f"line {line}: currency")
        gross = _minor(it["gross"], currency, line)
        if kind not in PAID_KINDS | REFUND_KINDS:
            others[kind] = others.get(kind, 0) + gross
            continue
        rows.append(
            _row(
                line,
                is_refund=kind in REFUND_KINDS,
                payment=it["payment_metadata[payment_id]"],
                refund=it["refund_metadata[refund_id]"],
                ref=it["source_id"],
                amount_minor=abs(gross),
                fee_minor=_minor(it["fee"], currency, line),
                at=_local(it["created_utc"], line, ZoneInfo("UTC")),
            )
        )
    return rows, BillTotals(), tuple(sorted(others.items())), None


_READERS: Final[Mapping[str, Callable[[str, str, ZoneInfo], Read]]] = {
    SANDBOX: _read_sandbox,
    WECHATPAY: _read_wechatpay,
    ALIPAY: _read_alipay,
    STRIPE: _read_stripe,
}


class _Named(dict[str, str]):
    """A row by column; a column that is missing is the file's fault."""

    def __missing__(self, name: str) -> str:
        raise BillUnreadable(detail=f"the column {name} is missing")


def _table(lines: Sequence[str], *, before: int = 0) -> Iterator[tuple[int, _Named]]:
    """Rows by the names in the first line, each with its line in the file, of which ``before`` come
    first. Raises BillUnreadable."""
    read = csv.reader(lines)
    try:
        head = [name.strip() for name in next(read)]
        for values in read:
            if not any(values):
                continue
            line = before + read.line_num
            if len(values) not in (len(head), len(head) + 1):  # a comma may close a line
                raise BillUnreadable(detail=f"line {line}: columns")
            if line > ROWS_MAX:
                raise BillUnreadable(detail="it is too long")
            yield line, _Named(zip(head, (it.strip() for it in values), strict=False))
    except (csv.Error, StopIteration) as problem:
        raise BillUnreadable(detail="it is no table") from problem


def _row(
    line: int,
    *,
    is_refund: bool,
    payment: str,
    refund: str,
    ref: str,
    amount_minor: int,
    at: datetime,
    fee_minor: int = 0,
    is_done: bool = True,
) -> BillRow:
    payment_id, refund_id = parse_id(payment), parse_id(refund) if is_refund else None
    number = refund if is_refund else payment
    return BillRow(
        line=line,
        kind=BillKind.REFUND if is_refund else BillKind.PAYMENT,
        payment_id=PaymentId(payment_id) if payment_id else None,
        refund_id=RefundId(refund_id) if refund_id else None,
        number=(number or ref or f"line {line}")[:NUMBER_SIGNS_MAX],
        provider_ref=ref[:NUMBER_SIGNS_MAX],
        amount_minor=amount_minor,
        fee_minor=fee_minor,
        is_done=is_done,
        at=at,
    )


def _minor(text: str, currency: str, line: int) -> int:
    """A signed decimal; nothing counts as 0."""
    plain = text.strip()
    found = parse_minor(plain.removeprefix("-") or "0", currency)
    if found is None:
        raise BillUnreadable(detail=f"line {line}: amount {plain[:20]!r}")
    return -found if plain.startswith("-") else found


def _fee(text: str, currency: str, line: int) -> int:
    """A fee, of which some bills write more digits than there are coins: those are cut off."""
    whole, point, fraction = text.strip().partition(".")
    return _minor(f"{whole}{point}{fraction[: scale_of(currency)]}", currency, line)


def _whole(text: str, line: int) -> int:
    digits = text.strip().removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):  # noqa: PLR2004
        raise BillUnreadable(detail=f"line {line}: number {text[:20]!r}")
    return int(text)


def _local(text: str, line: int, zone: ZoneInfo) -> datetime:
    try:
        return datetime.strptime(text.strip()[:19], CLOCK).replace(tzinfo=zone)
    except ValueError as problem:
        raise BillUnreadable(detail=f"line {line}: time {text[:20]!r}") from problem


def _instant(text: str, line: int) -> datetime:
    with suppress(ValueError):
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return at
    raise BillUnreadable(detail=f"line {line}: time {text[:20]!r}")
