"""Reconcile a provider's bill of a day with the books: every difference has a name and an end.

Composes ``payments`` (bills, checks) and ``audit``; owns no table. The same file a second time adds
nothing; what a later look no longer finds is gone.
"""

from jishi.flows.reconcile.flow import Checked as Checked
from jishi.flows.reconcile.flow import check_bill as check_bill
from jishi.flows.reconcile.flow import fetch_bill as fetch_bill
from jishi.flows.reconcile.types import Difference as Difference
from jishi.flows.reconcile.types import Kind as Kind
from jishi.flows.reconcile.types import Totals as Totals
