"""Invoices: a buyer asks for one per order, the shop issues it, a refund afterwards asks for a correction.

Owns tables ``invoice_title`` and ``invoice``, and the files under ``<home>/media/invoices``. Announces
nothing; flow ``invoice_orders`` hears what is refunded. Invariant: what is invoiced of an order, corrections
taken off, is never more than its buyer paid and never less than what was not given back.
"""

from jishi.modules.invoices.files import FileStore as FileStore
from jishi.modules.invoices.files import file_store as file_store
from jishi.modules.invoices.rules import read_title as read_title
from jishi.modules.invoices.types import Invoice as Invoice
from jishi.modules.invoices.types import InvoiceId as InvoiceId
from jishi.modules.invoices.types import InvoiceState as InvoiceState
from jishi.modules.invoices.types import Title as Title
from jishi.modules.invoices.types import TitleId as TitleId
from jishi.modules.invoices.types import TitleKind as TitleKind
