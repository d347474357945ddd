"""The sandbox's pages in English and Chinese. The English text is the key."""

from jishi.kit.money import format_plain

LOCALES = ("zh-CN", "en")
SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$"}

ZH = {
    "Sandbox Pay": "演练付款",
    "Sandbox": "演练",
    "No real money": "不动真钱",
    "Pay": "付款",
    "Pay {amount}": "付款 {amount}",
    "Amount to pay": "应付",
    "For": "内容",
    "Order number": "商户单号",
    "Payment number": "付款单号",
    "Pay before": "付款截止",
    "{time} left": "剩 {time}",
    "Pay with": "付款方式",
    "Sandbox wallet": "演练钱包",
    "Always has enough": "余额总是够的",
    "Sandbox bank card": "演练银行卡",
    "Debit card ending 0000": "储蓄卡 尾号 0000",
    "Cancel": "不付了",
    "If you cancel, nothing is charged; you can still pay from your order.": (
        "不付就不会扣钱，回到订单里还能再付。"
    ),
    "How should the provider behave?": "让付款方怎么表现",
    "Only here in the sandbox: try what a market must survive.": (
        "只有演练里有：试试市场必须扛住的情况。"
    ),
    "The shop hears at once": "马上通知商家",
    "The normal case.": "正常情况。",
    "The shop hears late": "晚一会儿才通知",
    "The shop hears twice": "同一件事通知两次",
    "The same news, sent two times at once.": "同一条通知同时发两遍。",
    "News out of order": "通知顺序颠倒",
    "A close is told first, the payment afterwards.": "先通知“已关闭”，再通知“已付款”。",
    "The shop hears nothing": "一直不通知",
    "Only when it asks.": "商家来查才知道。",
    "The payment fails": "付款失败",
    "Nothing is charged.": "不扣钱。",
    "Delay in seconds": "晚几秒",
    "For late and out of order; up to 86,400.": "用于“晚一会儿”和“顺序颠倒”，最多 86,400 秒。",
    "Later refunds": "以后的退款",
    "succeed": "成功",
    "fail the first time": "第一次失败",
    "succeed without a word": "成功，但不通知",
    "Payment failed. You were not charged.": "没付成功，钱没有扣。",
    "Choose another way to pay, or try again.": "换一种方式，或再试一次。",
    "The delay must be a whole number from 0 to 86,400.": "秒数要是 0 到 86,400 的整数。",
    "Some of the choices could not be read. You were not charged.": "有选项没读懂，钱没有扣。",
    "You paid {amount}": "已付 {amount}",
    "The shop has been told, or will be in a moment.": "商家已收到通知，或很快收到。",
    "Back to the shop": "回到商家",
    "This payment is closed. You were not charged.": "这笔付款已关闭，钱没有扣。",
    "Its time is over, or the shop closed it. Order again if you still want it.": (
        "时间过了，或商家关闭了它。还想要就重新下单。"
    ),
    "There is no such payment.": "没有这笔付款。",
    "The address is mistyped or from another sandbox. Nothing was charged.": (
        "地址写错了，或来自另一个演练环境。钱没有扣。"
    ),
    "This page cannot be used from another site.": "这个页面不能从别的网站提交。",
    "Open it again from your order. Nothing was charged.": "请从订单里重新打开。钱没有扣。",
    "Only people at this machine may see the deliveries.": "只有在这台机器上才能看通知记录。",
    "Open this address on the machine where the sandbox runs.": "请在运行演练环境的机器上打开。",
    "Deliveries": "通知记录",
    "News for merchants, newest first. Each is tried until the merchant answers 2xx, for a day.": (
        "发给商家的通知，新的在前。商家回 2xx 才算送到，最多试一天。"
    ),
    "Sent": "时间",
    "News": "内容",
    "Answer": "回答",
    "Tries": "次数",
    "Next": "下次",
    "State": "状态",
    "due": "待送",
    "done": "已送到",
    "given_up": "已放弃",
    "none yet": "还没有",
    "Older": "更早",
    "Newest": "最新",
    "No news has been sent yet": "还没有发过通知",
    "When someone pays, closes or refunds, what the merchant is told stands here.": (
        "有人付款、关闭或退款时，发给商家的通知都在这里。"
    ),
    "payment.paid": "已付款",
    "payment.closed": "付款已关闭",
    "refund.succeeded": "退款成功",
    "refund.failed": "退款失败",
    "Skip to the content": "跳到正文",
    "Bank": "银行",
    "What arrived at the accounts of merchants. The amount of a test deposit proves the account.": (
        "商家账户收到的钱。小额打款的金额用来证明账户是自己的。"
    ),
    "Account": "账户",
    "Test deposit": "小额打款",
    "Transfer": "转账",
    "Amount": "金额",
    "Nothing has arrived yet": "还没有到账",
    "testing": "待验证",
    "verified": "已验证",
    "pending": "处理中",
    "succeeded": "成功",
    "failed": "已退回",
    "returned": "到账后退回",
    "Send it back": "退回这笔",
    "transfer.returned": "转账到账后退回",
    "Only a transfer that has succeeded can be sent back, once.": "只有已到账的转账能退回，且只能退一次。",
}


def say(locale: str, text: str, **facts: object) -> str:
    """``text`` in ``locale``, with its facts filled in."""
    said = ZH.get(text, text) if locale == "zh-CN" else text
    return said.format(**facts) if facts else said


def choose_locale(*, asked: str | None, cookie: str | None, accept_language: str) -> str:
    """One of ``LOCALES``: asked for in the address, else the cookie's, else the browser's first."""
    browser = (part.partition(";")[0].strip() for part in accept_language[:200].split(","))
    for wish in (asked, cookie, *browser):
        language = (wish or "").partition("-")[0].lower()
        for locale in LOCALES:
            if language == locale.partition("-")[0]:
                return locale
    return LOCALES[0]


def money(amount_minor: int, currency: str) -> str:
    """``¥1,234.50``."""
    whole, point, fraction = format_plain(amount_minor, currency).partition(".")
    sign = SIGNS.get(currency, f"{currency} ")
    return f"{sign}{int(whole):,}{point}{fraction}"
