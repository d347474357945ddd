"""The clocks of payouts: debts set off, accounts tested, withdrawals carried, forgotten ones refused."""

from datetime import datetime, timedelta
from typing import Final

from jishi.db import transaction
from jishi.db.context import Context
from jishi.db.jobs import Job
from jishi.flows.withdraw import carry, flow, storage
from jishi.modules.payouts import PayoutProvider
from jishi.modules.payouts.sealing import Sealer
from jishi.settings import read_key

BATCH: Final = 100
EVERY: Final = timedelta(seconds=2)
SERVICE: Final = "payout_provider"


def make_jobs(context: Context) -> list[Job]:
    provider: PayoutProvider = context.services[SERVICE]
    sealer = Sealer(read_key(context.settings.secret_file))
    currency = context.settings.currency

    async def test(now: datetime) -> int:
        return await carry.test_due(
            context.pool, provider, sealer, currency=currency, now=now, limit=BATCH
        )

    async def send(now: datetime) -> int:
        return await carry.carry_due(
            context.pool, provider, sealer, currency=currency, now=now, limit=BATCH
        )

    async def offset(now: datetime) -> int:
        async with transaction(context.pool) as tx:
            found = await storage.list_owing(tx, limit=BATCH)
            return await flow.offset_shops(tx, found, context.maker, now=now)

    async def lapse(now: datetime) -> int:
        async with transaction(context.pool) as tx:
            return await flow.lapse(tx, now=now, limit=BATCH)

    return [
        Job("withdraw.test_accounts", EVERY, test),
        Job("withdraw.carry", EVERY, send),
        Job("withdraw.offset", timedelta(minutes=1), offset),
        Job("withdraw.lapse", timedelta(minutes=10), lapse),
    ]
