"""What pages and API of this flow share: reading the request, and the steps that call the bank."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from jishi import web
from jishi.flows.withdraw import flow
from jishi.flows.withdraw.types import WithdrawalAsked
from jishi.kit.errors import FieldInvalid, FieldMissing
from jishi.kit.ids import ShopId, cell_of, parse_id
from jishi.kit.money import parse_minor
from jishi.modules.payouts import (
    BankAccountId,
    BankRefused,
    BankUnreachable,
    PayoutProvider,
    Withdrawal,
    WithdrawalId,
    service,
)
from jishi.modules.payouts.sealing import Sealer
from jishi.modules.payouts.types import (
    AccountNotFound,
    BankAccount,
    BankSilent,
    ProofWrong,
)
from jishi.settings import read_key
from jishi.web import ShopRole

KEY_MAX: Final = 128


def shop_of(request: web.AnyRequest) -> ShopId:
    """The shop in the path. Raises NotFound."""
    return ShopId(web.path_id(request, "shop_id"))


def is_owner(request: web.AnyRequest) -> bool:
    return web.signed_in(request).shops.get(shop_of(request)) == ShopRole.OWNER


def day_start(request: web.AnyRequest) -> datetime:
    """When the market's day began."""
    local = web.now(request).astimezone(ZoneInfo(web.settings(request).zone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def read_amount(request: web.AnyRequest, text: str) -> int:
    """Minor units of a typed amount. Raises FieldMissing, FieldInvalid."""
    if not text.strip():
        raise FieldMissing(field="amount")
    minor = parse_minor(text, web.settings(request).currency)
    if minor is None:
        raise FieldInvalid(field="amount", detail=text[:40])
    return minor


async def ask(request: web.AnyRequest, *, account: str, amount_minor: int, key: str) -> Withdrawal:
    """Ask for a withdrawal, or prepare it for the owner. Raises what ``flow.ask`` raises."""
    shop_id, account_id = shop_of(request), parse_id(account)
    if account_id is None:
        raise AccountNotFound(field="account_id")
    made = WithdrawalId(web.ids(request).make(cell_of(shop_id)))
    wish = WithdrawalAsked(
        id=made,
        shop_id=shop_id,
        account_id=account_id,
        amount_minor=amount_minor,
        key=key[:KEY_MAX] or str(made),
        actor_id=web.signed_in(request).account_id,
        is_owner=is_owner(request),
        day_start=day_start(request),
        now=web.now(request),
    )
    async with web.transaction(request) as tx:
        return await flow.ask(tx, wish, web.ids(request))


async def ask_prepared(request: web.AnyRequest) -> Withdrawal:
    async with web.transaction(request) as tx:
        return await flow.ask_prepared(
            tx,
            shop_of(request),
            web.path_id(request, "withdrawal_id"),
            actor_id=web.signed_in(request).account_id,
            day_start=day_start(request),
            now=web.now(request),
            maker=web.ids(request),
        )


async def approve(request: web.AnyRequest) -> Withdrawal:
    async with web.transaction(request) as tx:
        return await flow.approve(
            tx,
            shop_of(request),
            web.path_id(request, "withdrawal_id"),
            actor_id=web.signed_in(request).account_id,
            now=web.now(request),
        )


async def refuse(request: web.AnyRequest, *, shop_id: ShopId | None, why: str) -> Withdrawal:
    """``shop_id`` None: an operator refuses."""
    async with web.transaction(request) as tx:
        return await flow.refuse(
            tx,
            shop_id,
            web.path_id(request, "withdrawal_id"),
            actor_id=web.signed_in(request).account_id,
            why=why,
            now=web.now(request),
        )


async def add_account(
    request: web.AnyRequest, *, holder: str, bank: str, number: str
) -> BankAccount:
    """Raises what ``service.add_account`` raises."""
    shop_id = shop_of(request)
    provider: PayoutProvider = web.service(request, "payout_provider")
    async with web.transaction(request) as tx:
        return await service.add_account(
            tx,
            shop_id,
            BankAccountId(web.ids(request).make(cell_of(shop_id))),
            holder=holder,
            bank=bank,
            number=number,
            provider=provider.name,
            sealer=Sealer(read_key(web.settings(request).secret_file)),
            actor_id=web.signed_in(request).account_id,
            now=web.now(request),
        )


async def prove(request: web.AnyRequest, amount_minor: int) -> BankAccount:
    """Ask the bank whether this was its test deposit. The try is spent before the bank is asked.

    Raises AccountNotFound, AccountNotTesting, ProofWrong, BankSilent.
    """
    shop_id = shop_of(request)
    account_id = BankAccountId(web.path_id(request, "account_id"))
    provider: PayoutProvider = web.service(request, "payout_provider")
    async with web.transaction(request) as tx:
        left = await service.spend_try(tx, shop_id, account_id)
    try:
        is_right = await provider.prove_account(account_id, amount_minor)
    except BankRefused:
        is_right = False
    except BankUnreachable as silence:
        async with web.transaction(request) as tx:
            await service.give_try_back(tx, account_id)
        raise BankSilent from silence
    async with web.transaction(request) as tx:
        if is_right:
            return await service.accept_proof(tx, shop_id, account_id, now=web.now(request))
        await service.refuse_proof(tx, account_id)
    raise ProofWrong(field="amount", left=left)


async def set_default(request: web.AnyRequest) -> None:
    async with web.transaction(request) as tx:
        await service.set_default(tx, shop_of(request), web.path_id(request, "account_id"))


async def remove_account(request: web.AnyRequest) -> None:
    async with web.transaction(request) as tx:
        await service.remove_account(
            tx, shop_of(request), web.path_id(request, "account_id"), now=web.now(request)
        )
