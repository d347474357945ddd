"""Withdraw: a shop's money on its way out, from the ledger to the bank and, when it comes back, back.

Every decision is made while the shop's ledger accounts are held; debts come off first. Nothing outside the
database is called in a transaction: a withdrawal is marked as sent, then the provider is called, then its
answer is written down; what a crash leaves between is taken up again by the job.
"""

from jishi.flows.withdraw.carry import carry_due as carry_due
from jishi.flows.withdraw.carry import test_due as test_due
from jishi.flows.withdraw.flow import approve as approve
from jishi.flows.withdraw.flow import ask as ask
from jishi.flows.withdraw.flow import ask_prepared as ask_prepared
from jishi.flows.withdraw.flow import hear as hear
from jishi.flows.withdraw.flow import lapse as lapse
from jishi.flows.withdraw.flow import offset_shops as offset_shops
from jishi.flows.withdraw.flow import pass_on as pass_on
from jishi.flows.withdraw.flow import record as record
from jishi.flows.withdraw.flow import refuse as refuse
from jishi.flows.withdraw.storage import Release as Release
from jishi.flows.withdraw.storage import releases as releases
from jishi.flows.withdraw.storage import standing as standing
