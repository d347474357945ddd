"""The Olist data set, read into whole orders. Pure but for reading the files.

Nine CSV files in one folder, plain or gzip; six are read here (orders, items, payments, customers,
sellers, products). An order with any refused row is refused whole. Times carry no zone in the
files and are taken as UTC; money has two decimals and is kept as minor units.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from jishi.imports.csv_files import Table, read_table
from jishi.imports.figures import instant_of, minor_of, whole_of
from jishi.imports.types import Reports, Row, Unreadable

T = TypeVar("T")

SCALE = "BRL"  # two decimals
STATUSES = frozenset(
    ("approved", "canceled", "created", "delivered", "invoiced", "processing", "shipped")
) | {"unavailable"}
FILES = {
    "orders": ("order_id", "customer_id", "order_status", "order_purchase_timestamp"),
    "order_items": ("order_id", "order_item_id", "product_id", "seller_id", "price"),
    "order_payments": ("order_id", "payment_sequential", "payment_type", "payment_value"),
    "customers": ("customer_id", "customer_unique_id"),
    "sellers": ("seller_id",),
    "products": ("product_id",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One piece, as the file counts them."""

    product_id: str
    seller_id: str
    price_minor: int
    freight_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    position: int
    kind: str  # credit_card, boleto, voucher, debit_card, not_defined
    installments: int
    amount_minor: int  # 0 occurs


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    person_id: str
    postcode: str
    city: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    id: str
    city: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    id: str
    category: str  # Portuguese name; empty when the file has none
    weight_grams: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    id: str
    row: int
    customer: Customer
    status: str
    purchased_at: datetime
    approved_at: datetime | None
    carried_at: datetime | None
    delivered_at: datetime | None
    estimated_at: datetime | None
    items: tuple[Item, ...]
    payments: tuple[Payment, ...]

    @property
    def payments_minor(self) -> int:
        return sum(payment.amount_minor for payment in self.payments)

    @property
    def amount_minor(self) -> int:
        return sum(item.price_minor + item.freight_minor for item in self.items)


@dataclass(slots=True)
class Dataset:
    orders: list[Order]  # by purchase, then id
    sellers: dict[str, Seller]
    products: dict[str, Product]


def read_folder(folder: Path, reports: Reports) -> Dataset:
    """The data set of ``folder``. Raises Unreadable when a file or a column of it is missing."""
    tables = {
        name: read_table(_path_of(folder, name), reports, needed=needed)
        for name, needed in FILES.items()
    }
    return join(tables, reports)


def join(tables: Mapping[str, Table], reports: Reports) -> Dataset:
    """Whole orders from the six tables; what does not fit goes to ``reports`` and is left out."""
    sellers = _unique(tables["sellers"], "seller_id", _seller, reports)
    products = _unique(tables["products"], "product_id", _product, reports)
    customers = _unique(tables["customers"], "customer_id", _customer, reports)
    orders = _Orders(customers, sellers, products, reports)
    orders.take_items(tables["order_items"].rows)
    orders.take_payments(tables["order_payments"].rows)
    found = _unique(tables["orders"], "order_id", orders.order, reports)
    orders.refuse_orphans(set(found), tables)
    return Dataset(
        orders=sorted(found.values(), key=lambda it: (it.purchased_at, it.id)),
        sellers=sellers,
        products=products,
    )


@dataclass(slots=True)
class _Orders:
    """Puts items and payments to their orders; remembers which orders have a bad row."""

    customers: Mapping[str, Customer]
    sellers: Mapping[str, Seller]
    products: Mapping[str, Product]
    reports: Reports
    items: dict[str, dict[str, Item]] = field(default_factory=lambda: defaultdict(dict))
    payments: dict[str, dict[int, Payment]] = field(default_factory=lambda: defaultdict(dict))
    bad: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)

    def take_items(self, rows: Iterable[Row]) -> None:
        for row in rows:
            order_id, number = row["order_id"], row["order_item_id"]
            item = self._item(row)
            if item is None:
                self.bad.add(order_id)
            elif number in self.items[order_id]:
                self._refuse(row, "order_item_id", "item.repeated", "This item came before.")
            else:
                self.items[order_id][number] = item

    def take_payments(self, rows: Iterable[Row]) -> None:
        for row in rows:
            order_id = row["order_id"]
            payment = self._payment(row)
            if payment is None:
                self.bad.add(order_id)
            elif payment.position in self.payments[order_id]:
                text = "This payment came before."
                self._refuse(row, "payment_sequential", "payment.repeated", text)
            else:
                self.payments[order_id][payment.position] = payment

    def order(self, row: Row) -> Order | None:
        """The order of a row with its items and payments; None when anything of it is refused."""
        made = self._order(row)
        if made is None or made.id in self.bad:
            if made is not None:
                text = "A row of its items or payments was refused."
                self._refuse(row, "order_id", "order.incomplete", text)
            self.refused.add(row["order_id"])
            return None
        return made

    def refuse_orphans(self, orders: set[str], tables: Mapping[str, Table]) -> None:
        """Items and payments of orders that are not there, or were refused, are named too."""
        for name in ("order_items", "order_payments"):
            for row in tables[name].rows:
                if row["order_id"] in self.refused:
                    text = "Its order was refused."
                    self._refuse(row, "order_id", "order.refused", text)
                elif row["order_id"] not in orders:
                    text = "There is no such order."
                    self._refuse(row, "order_id", "order.unknown", text)

    def _item(self, row: Row) -> Item | None:
        price = minor_of(row["price"], SCALE)
        freight = minor_of(row["freight_value"] or "0", SCALE)
        checks = (
            (price is None or price < 1, "price", "price.invalid", "This is not a price."),
            (freight is None, "freight_value", "freight.invalid", "This is not an amount."),
            (row["product_id"] not in self.products, "product_id", "product.unknown", "Unknown."),
            (row["seller_id"] not in self.sellers, "seller_id", "seller.unknown", "Unknown."),
        )
        if self._any_refused(row, checks) or price is None or freight is None:
            return None
        return Item(
            product_id=row["product_id"],
            seller_id=row["seller_id"],
            price_minor=price,
            freight_minor=freight,
        )

    def _payment(self, row: Row) -> Payment | None:
        amount = minor_of(row["payment_value"], SCALE)
        position = whole_of(row["payment_sequential"])
        checks = (
            (amount is None, "payment_value", "payment.invalid", "This is not an amount."),
            (position is None, "payment_sequential", "payment.invalid", "This is not a number."),
        )
        if self._any_refused(row, checks) or amount is None or position is None:
            return None
        return Payment(
            position=position,
            kind=row["payment_type"] or "not_defined",
            installments=max(whole_of(row["payment_installments"]) or 1, 1),
            amount_minor=amount,
        )

    def _order(self, row: Row) -> Order | None:
        names = {
            "purchased_at": "order_purchase_timestamp",
            "approved_at": "order_approved_at",
            "carried_at": "order_delivered_carrier_date",
            "delivered_at": "order_delivered_customer_date",
            "estimated_at": "order_estimated_delivery_date",
        }
        times = {name: instant_of(row[column]) for name, column in names.items()}
        customer = self.customers.get(row["customer_id"])
        status = row["order_status"]
        checks = [
            (times[name] is None, column, "date.invalid", "This is not a time.")
            for name, column in names.items()
            if row[column] or name == "purchased_at"
        ]
        checks += [
            (customer is None, "customer_id", "customer.unknown", "There is no such customer."),
            (status not in STATUSES, "order_status", "status.unknown", "Unknown status."),
        ]
        purchased_at = times.pop("purchased_at")
        if self._any_refused(row, checks) or customer is None or purchased_at is None:
            return None
        order_id = row["order_id"]
        return Order(
            id=order_id,
            row=row.number,
            customer=customer,
            status=status,
            purchased_at=purchased_at,
            items=tuple(self.items.get(order_id, {}).values()),
            payments=tuple(self.payments.get(order_id, {}).values()),
            **times,
        )

    def _any_refused(self, row: Row, checks: Sequence[tuple[bool, str, str, str]]) -> bool:
        wrong = [check[1:] for check in checks if check[0]]
        for column, code, message in wrong:
            self._refuse(row, column, code, message)
        return bool(wrong)

    def _refuse(self, row: Row, column: str, code: str, message: str) -> None:
        self.reports.add(row.remark(column, code, message))


def _unique(
    table: Table, key: str, make: Callable[[Row], T | None], reports: Reports
) -> dict[str, T]:
    """Rows by key; one without a key, and the second of a key, are refused."""
    found: dict[str, T] = {}
    for row in table.rows:
        if not row[key]:
            reports.add(row.remark(key, "key.missing", "The row has no id."))
        elif row[key] in found:
            reports.add(row.remark(key, "key.repeated", "This id came before; the first counts."))
        else:
            made = make(row)
            if made is not None:
                found[row[key]] = made
    return found


def _seller(row: Row) -> Seller:
    return Seller(id=row["seller_id"], city=row["seller_city"], state=row["seller_state"])


def _customer(row: Row) -> Customer:
    return Customer(
        person_id=row["customer_unique_id"] or row["customer_id"],
        postcode=row["customer_zip_code_prefix"],
        city=row["customer_city"],
        state=row["customer_state"],
    )


def _product(row: Row) -> Product:
    return Product(
        id=row["product_id"],
        category=row["product_category_name"],
        weight_grams=max(whole_of(row["product_weight_g"] or "0") or 0, 0),
    )


def _path_of(folder: Path, name: str) -> Path:
    for end in (".csv", ".csv.gz"):
        path = folder / f"olist_{name}_dataset{end}"
        if path.exists():
            return path
    raise Unreadable(f"{folder}: there is no olist_{name}_dataset.csv(.gz).")
