"""Olist's files, joined and refused row by row."""

import pytest

from jishi.imports.csv_files import Table, parse_table
from jishi.imports.olist import Dataset, join
from jishi.imports.types import Reports, Unreadable

FILES = {
    "orders": "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
    "order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date\n"
    "o1,c1,delivered,2018-01-02 03:04:05,,,,\n"
    "o2,c2,shipped,2018-01-01 00:00:00,2018-01-01 01:00:00,,,\n",
    "order_items": "order_id,order_item_id,product_id,seller_id,price,freight_value\n"
    "o1,1,p1,s1,10.00,1.5\no1,2,p1,s1,10.00,1.5\no2,1,p2,s1,7,0\n",
    "order_payments": "order_id,payment_sequential,payment_type,payment_installments,payment_value\n"
    "o1,1,boleto,1,23.00\no2,1,voucher,0,7.00\n",
    "customers": "customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,"
    "customer_state\nc1,u1,01234,sao paulo,SP\nc2,u1,01234,sao paulo,SP\n",
    "sellers": "seller_id,seller_city,seller_state\ns1,curitiba,PR\n",
    "products": "product_id,product_category_name,product_weight_g\np1,pet_shop,200\np2,,\n",
}


def joined(**changes: tuple[str, str]) -> tuple[Dataset, Reports]:
    """The data set of FILES with, per file, one text put in the place of another."""
    reports = Reports()
    tables: dict[str, Table] = {}
    for name, text in FILES.items():
        old, new = changes.get(name, ("", ""))
        assert old in text
        raw = text.replace(old, new, 1).encode() if old else text.encode()
        tables[name] = parse_table(name, raw, reports)
    return join(tables, reports), reports


def test_orders_come_by_purchase_with_items_and_payments() -> None:
    dataset, reports = joined()
    assert [it.id for it in dataset.orders] == ["o2", "o1"]
    first = dataset.orders[1]
    assert (first.amount_minor, first.payments_minor, len(first.items)) == (2300, 2300, 2)
    assert first.customer.postcode == "01234"
    assert dataset.orders[0].payments[0].installments == 1
    assert reports.items == []


@pytest.mark.parametrize(
    ("_case", "file", "change", "codes"),
    [
        (
            "a price that is none",
            "order_items",
            ("10.00", "ten"),
            {"price.invalid", "order.incomplete", "order.refused"},
        ),
        (
            "free goods",
            "order_items",
            ("10.00", "0.00"),
            {"price.invalid", "order.incomplete", "order.refused"},
        ),
        (
            "an unknown product",
            "order_items",
            ("p1", "px"),
            {"product.unknown", "order.incomplete", "order.refused"},
        ),
        ("an item of no order", "order_items", ("o2,1", "o9,1"), {"order.unknown"}),
        ("an item twice", "order_items", ("o1,2", "o1,1"), {"item.repeated"}),
        (
            "a payment that is none",
            "order_payments",
            ("23.00", "-3"),
            {"payment.invalid", "order.incomplete", "order.refused"},
        ),
        (
            "an unknown status",
            "orders",
            ("c1,delivered", "c1,lost"),
            {"status.unknown", "order.refused"},
        ),
        ("no time", "orders", ("2018-01-02 03:04:05", ""), {"date.invalid", "order.refused"}),
        (
            "a day that never was",
            "orders",
            ("2018-01-02 03", "2018-02-30 03"),
            {"date.invalid", "order.refused"},
        ),
        ("an unknown customer", "customers", ("c1", "cx"), {"customer.unknown", "order.refused"}),
        ("an order twice", "orders", ("o2,c2", "o1,c2"), {"key.repeated", "order.unknown"}),
    ],
)
def test_what_does_not_fit_is_refused_and_counted(
    _case: str, file: str, change: tuple[str, str], codes: set[str]
) -> None:
    dataset, reports = joined(**{file: change})
    assert set(reports.by_code()) == codes
    assert all(it.row >= 2 and it.message for it in reports.items)
    assert dataset.orders  # the other order stands


def test_a_missing_column_stops_before_anything_is_read() -> None:
    with pytest.raises(Unreadable, match="price"):
        parse_table("x", b"order_id\n1\n", Reports(), needed=("order_id", "price"))
