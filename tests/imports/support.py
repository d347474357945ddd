"""Small files in the shapes other platforms export."""

import csv
import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from jishi.imports.csv_files import Table, parse_table
from jishi.imports.types import Reports

REPOSITORY = Path(__file__).resolve().parents[2]
SHOPIFY_COLUMNS = [
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Type",
    "Tags",
    "Published",
    "Option1 Name",
    "Option1 Value",
    "Option2 Name",
    "Option2 Value",
    "Option3 Name",
    "Option3 Value",
    "Variant SKU",
    "Variant Grams",
    "Variant Inventory Tracker",
    "Variant Inventory Qty",
    "Variant Inventory Policy",
    "Variant Price",
    "Variant Compare At Price",
    "Image Src",
    "Image Alt Text",
    "Gift Card",
]


def developers_data(name: str) -> Path:
    """The folder ``name`` of the developers' data; the test is skipped where there is none."""
    root = Path(os.environ.get("JISHI_TEST_DATA") or REPOSITORY.parent / "shared" / "data")
    if not (root / name).is_dir():
        pytest.skip(f"the data for this test is not here: {root / name} (set JISHI_TEST_DATA)")
    return root / name


def csv_text(columns: Iterable[str], rows: Iterable[Mapping[str, object]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def a_shirt(**changes: object) -> dict[str, object]:
    """The first row of a product with one option."""
    row: dict[str, object] = {
        "Handle": "shirt",
        "Title": "Shirt",
        "Published": "true",
        "Option1 Name": "Size",
        "Option1 Value": "S",
        "Variant SKU": "S-1",
        "Variant Grams": "200",
        "Variant Inventory Qty": "3",
        "Variant Price": "12.50",
    }
    return {**row, **changes}


def a_variant(**changes: object) -> dict[str, object]:
    row = {"Handle": "shirt", "Option1 Value": "M", "Variant SKU": "M-1", "Variant Price": "13"}
    return {**row, **changes}


def shopify_table(
    rows: Iterable[Mapping[str, object]], reports: Reports, *, more_columns: Iterable[str] = ()
) -> Table:
    text = csv_text([*SHOPIFY_COLUMNS, *more_columns], rows)
    return parse_table("products.csv", text.encode(), reports)
