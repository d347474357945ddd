"""Close statements: days of shops that are over are summed up once and never change again.

A transfer that is booked after its own day was closed belongs to the first day that is open. So a statement
that was shown stays as it was, none is lost, and all of them re-add to the ledger.
"""

from jishi.flows.close_statements.flow import close_batch as close_batch
