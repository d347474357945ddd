"""The month in the book of the payment sandbox: what the market took in, its provider has taken.

So a refund of a demo order finds its payment there, and bills agree with the ledger.
"""

from collections import Counter
from collections.abc import Sequence

from jishi.demo.month import Returned, Written, trade_no
from jishi.sandbox.book import Book
from jishi.sandbox.types import Method, Payment, Refund, RefundBehaviour, RefundState, State
from jishi.settings import Settings

FILE = "sandbox.sqlite3"


def write_book(settings: Settings, written: Sequence[Written], returned: Sequence[Returned]) -> int:
    """Add the month's payments and refunds; how many payments. Adds nothing that is there already."""
    folder = settings.home / "sandbox"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    back = Counter[int]()
    for each in returned:
        back[each.payment_id] += each.amount_minor
    book = Book(folder / FILE)
    try:
        with book.transaction():
            new = [
                payment
                for it in written
                if it.story.paid_at
                and (payment := _payment(settings, it, back[it.plan.payment_id]))
                and book.find_payment(payment.out_trade_no) is None
            ]
            for payment in new:
                book.add_payment(payment)
            for each in returned:
                if book.find_refund(str(each.refund_id)) is None:
                    book.add_refund(_refund(each, settings.currency), ends_at=each.at)
    finally:
        book.close()
    return len(new)


def _payment(settings: Settings, it: Written, refunded_minor: int) -> Payment:
    return Payment(
        trade_no=trade_no(it.plan.payment_id),
        out_trade_no=str(it.plan.payment_id),
        amount_minor=it.plan.amount_minor,
        currency=it.plan.currency,
        subject=it.plan.orders[0].lines[0].sku.title[:60],
        notify_url=f"{settings.base_url}/api/v1/payments/callbacks/sandbox",
        return_url=f"{settings.base_url}/orders",
        state=State.PAID,
        created_at=it.plan.placed_at,
        expires_at=it.plan.expires_at,
        paid_at=it.story.paid_at,
        closed_at=None,
        method=Method.WALLET,
        refund_behaviour=RefundBehaviour.SUCCEED,
        refunded_minor=refunded_minor,
    )


def _refund(each: Returned, currency: str) -> Refund:
    return Refund(
        refund_no=trade_no(each.refund_id),
        out_refund_no=str(each.refund_id),
        out_trade_no=str(each.payment_id),
        amount_minor=each.amount_minor,
        currency=currency,
        reason="",
        state=RefundState.SUCCEEDED,
        asked_at=each.at,
        ended_at=each.at,
        tries=1,
    )
