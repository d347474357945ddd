"""Bills as the providers write them."""

import io
import zipfile
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from jishi.kit.money import format_plain

WECHAT_HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
    "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
WECHAT_TOTALS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
ALIPAY_HEAD = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,"
    "对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,"
    "券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,"
    "分润（元）,备注"
)


def yuan(minor: int) -> str:
    return format_plain(minor, "CNY")


def wechat_row(
    at: str, payment: Any, minor: int, *, refund: Any = "", status: str = "", fee: str = "0.00000"
) -> str:
    state = "REFUND" if refund else "SUCCESS"
    paid, back = ("0.00", yuan(minor)) if refund else (yuan(minor), "0.00")
    values = [at, "wx8888888888888888", "1900000109", "0", "", f"42{payment}", payment, "oUp", "NATIVE",
              state, "OTHERS", "CNY", paid, "0.00", f"50{refund}" if refund else "0", refund or "0", back,
              "0.00", "ORIGINAL" if refund else "", status, "一件, 两件", "", fee, "0.60%", paid, back, ""]  # fmt: skip
    return ",".join(f"`{value}" for value in values)


def wechat_bill(rows: Iterable[str], *, count: int, paid: int, back: int) -> bytes:
    totals = [count, yuan(paid), yuan(back), "0.00", "0.00", yuan(paid), yuan(back)]
    lines = [WECHAT_HEAD, *rows, WECHAT_TOTALS, ",".join(f"`{it}" for it in totals)]
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def alipay_row(at: str, payment: Any, minor: int, *, refund: Any = "", fee: str = "0.00") -> str:
    kind = "退款" if refund else "交易"
    amount = yuan(-minor if refund else minor)
    values = [f"2026{payment}", payment, kind, "一件", at, at, "", "", "", "", "*明", amount, amount,
              "0.00", "0.00", "0.00", "0.00", "0.00", "", "0.00", "0.00", refund, fee, "0.00", ""]  # fmt: skip
    return ",".join(f"{value}\t" for value in values)


def alipay_bill(day: datetime, rows: Iterable[str]) -> bytes:
    begins = day.strftime("%Y年%m月%d日 00:00:00")
    text = "\r\n".join(
        [
            "#支付宝业务明细查询",
            "#账号：[20880000000000010156]",
            f"#起始日期：[{begins}]   终止日期：[后一天]",
            "#-----------------------------------------业务明细列表----------------------------------------",
            ALIPAY_HEAD,
            *rows,
            "#-----------------------------------------业务明细列表结束------------------------------------",
            "#交易合计：2笔，商家实收共0.00元，商家优惠共0.00元",
            "#导出时间：[2026年11月22日 10:00:00]",
        ]
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("20880_业务明细(汇总).csv", "#支付宝业务汇总查询\r\n".encode("gbk"))
        archive.writestr("20880_业务明细.csv", text.encode("gbk"))
    return packed.getvalue()


SANDBOX_HEAD = (
    "kind,out_trade_no,trade_no,out_refund_no,refund_no,amount_minor,currency,occurred_at"
)


def sandbox_row(
    at: datetime, payment: Any, minor: int, *, refund: Any = "", kind: str = "payment"
) -> str:
    if kind != "payment":
        return f"{kind},{payment},BT{payment},,,{minor},CNY,{at.isoformat()}"
    if refund:
        return f"refund,{payment},SB{payment},{refund},SR{refund},{-minor},CNY,{at.isoformat()}"
    return f"payment,{payment},SB{payment},,,{minor},CNY,{at.isoformat()}"


def sandbox_bill(rows: Iterable[str], *, net: int, ends_at: datetime) -> bytes:
    lines = [SANDBOX_HEAD, *rows, f"total,,,,,{net},,{ends_at.isoformat()}"]
    return ("\r\n".join(lines) + "\r\n").encode()
