"""Payments: money in through providers, and back out as refunds.

Owns tables ``payment``, ``payment_part``, ``payment_ask``, ``payment_callback``, ``refund``,
``refund_line``, ``bill_check`` and ``bill_difference``. Announces
``payments.recorded`` (from the function ``record_payments``); listens to nothing. Money is recorded
once per payment, whatever the provider tells, and however often.

What a provider says reaches the market as ``CallbackNews``: by callback, or because a job asked.
Both are judged and applied in the same place, by the flows that own the consequences.
"""

from jishi.modules.payments.asking import check_payment_now as check_payment_now
from jishi.modules.payments.asking import open_at_provider as open_at_provider
from jishi.modules.payments.bills import read_bill as read_bill
from jishi.modules.payments.jobs import check_asks as check_asks
from jishi.modules.payments.jobs import check_payments as check_payments
from jishi.modules.payments.jobs import check_refunds as check_refunds
from jishi.modules.payments.jobs import send_refunds as send_refunds
from jishi.modules.payments.provider import Provider as Provider
from jishi.modules.payments.provider import ProviderRefused as ProviderRefused
from jishi.modules.payments.provider import Providers as Providers
from jishi.modules.payments.provider import ProviderUnreachable as ProviderUnreachable
from jishi.modules.payments.registry import PROVIDER_WORDS as PROVIDER_WORDS
from jishi.modules.payments.registry import callback_path as callback_path
from jishi.modules.payments.registry import close_providers as close_providers
from jishi.modules.payments.registry import offered_providers as offered_providers
from jishi.modules.payments.registry import open_providers as open_providers
from jishi.modules.payments.rules import judge_news as judge_news
from jishi.modules.payments.rules import judge_refund_news as judge_refund_news
from jishi.modules.payments.service import NOTED as NOTED
from jishi.modules.payments.service import find_payment as find_payment
from jishi.modules.payments.service import find_refund as find_refund
from jishi.modules.payments.service import known_refunds as known_refunds
from jishi.modules.payments.service import note_news as note_news
from jishi.modules.payments.service import send_refund_again as send_refund_again
from jishi.modules.payments.storage import add_payment as add_payment
from jishi.modules.payments.types import BadSignature as BadSignature
from jishi.modules.payments.types import Bill as Bill
from jishi.modules.payments.types import BillKind as BillKind
from jishi.modules.payments.types import BillRow as BillRow
from jishi.modules.payments.types import BillTotals as BillTotals
from jishi.modules.payments.types import BillUnreadable as BillUnreadable
from jishi.modules.payments.types import CallbackNews as CallbackNews
from jishi.modules.payments.types import NewsKind as NewsKind
from jishi.modules.payments.types import NewsUnreadable as NewsUnreadable
from jishi.modules.payments.types import NewsVerdict as NewsVerdict
from jishi.modules.payments.types import OtherMerchant as OtherMerchant
from jishi.modules.payments.types import Payment as Payment
from jishi.modules.payments.types import PaymentState as PaymentState
from jishi.modules.payments.types import ProviderUnknown as ProviderUnknown
from jishi.modules.payments.types import Refund as Refund
from jishi.modules.payments.types import RefundState as RefundState
from jishi.modules.payments.types import RefundVerdict as RefundVerdict
from jishi.modules.payments.types import Visit as Visit
