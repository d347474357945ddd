"""The provider ``sandbox``: a client of the bank in the payment sandbox. No money moves anywhere."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

import httpx
import msgspec

from jishi.kit import signing
from jishi.kit.ids import parse_id
from jishi.modules.payouts.provider import (
    BankRefused,
    BankUnreachable,
    Destination,
    TransferAnswer,
    TransferAsk,
)
from jishi.modules.payouts.types import (
    BadSignature,
    BankAccountId,
    NewsUnreadable,
    TransferStanding,
    WithdrawalId,
)

NAME: Final = "sandbox"
NEWS: Final = "transfer."  # what its news of transfers begin with
TIMEOUT: Final = httpx.Timeout(5.0, connect=2.0)
LIMITS: Final = httpx.Limits(max_connections=16, max_keepalive_connections=8)
SAYS_NOTHING: Final = (401, 403, 429)  # about the money: our key, our clock, our pace
SERVER_FAULT: Final = 500
T = TypeVar("T")
_STANDINGS: Final = {
    "pending": TransferStanding.PENDING,
    "succeeded": TransferStanding.DONE,
    "failed": TransferStanding.FAILED,
    "returned": TransferStanding.RETURNED,
}


class _Transfer(msgspec.Struct):
    state: str
    transfer_no: str
    why: str = ""


class _Proof(msgspec.Struct):
    state: str


class _News(msgspec.Struct):
    event: str
    out_transfer_no: str = ""


class _No(msgspec.Struct):
    code: str = "unnamed"
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxBank:
    """``notify_url``: where its news comes in, empty for nowhere; their signature is over its path."""

    key: bytes
    notify_url: str
    client: httpx.AsyncClient
    clock: Callable[[], datetime]

    @property
    def name(self) -> str:
        return NAME

    async def test_account(self, account_id: BankAccountId, to: Destination, currency: str) -> None:
        asked = {"out_account_no": str(account_id), "currency": currency, **_written(to)}
        await self._call(_Proof, "POST", "/v1/bank/accounts", asked)

    async def prove_account(self, account_id: BankAccountId, amount_minor: int) -> bool:
        path = f"/v1/bank/accounts/{account_id}/proofs"
        said = await self._call(_Proof, "POST", path, {"amount_minor": amount_minor})
        return said.state == "verified"

    async def transfer(self, ask: TransferAsk) -> TransferAnswer:
        asked = {
            "out_transfer_no": str(ask.id),
            "amount_minor": ask.amount_minor,
            "currency": ask.currency,
            "notify_url": self.notify_url,
            **_written(ask.to),
        }
        return _answer(await self._call(_Transfer, "POST", "/v1/bank/transfers", asked))

    async def query_transfer(self, withdrawal_id: WithdrawalId) -> TransferAnswer:
        try:
            return _answer(
                await self._call(_Transfer, "GET", f"/v1/bank/transfers/{withdrawal_id}")
            )
        except BankRefused as no:
            if no.code == "bank.transfer_not_found":
                return TransferAnswer(standing=TransferStanding.UNKNOWN)
            raise

    def read_news(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> WithdrawalId | None:
        path = signing.path_of(self.notify_url)
        reason = signing.fault(self.key, headers, "POST", path, body, now=now)
        if reason is not None:
            raise BadSignature(reason=reason)
        try:
            news = msgspec.json.decode(body, type=_News)
        except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
            raise NewsUnreadable(detail=str(problem)) from problem
        if not news.event.startswith(NEWS):
            return None
        withdrawal_id = parse_id(news.out_transfer_no)
        if withdrawal_id is None:
            raise NewsUnreadable(detail="number")
        return WithdrawalId(withdrawal_id)

    async def close(self) -> None:
        await self.client.aclose()

    async def _call(self, shape: type[T], method: str, path: str, asked: object | None = None) -> T:
        body = b"" if asked is None else msgspec.json.encode(asked)
        nonce = secrets.token_hex(16)
        headers = signing.signed_headers(
            self.key, method, path, body, nonce=nonce, now=self.clock()
        )
        headers["content-type"] = "application/json"
        try:
            answer = await self.client.request(method, path, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise BankUnreachable(type(error).__name__) from error
        return _read(answer, shape)


def open_sandbox_bank(
    *, base_url: str, key: bytes, clock: Callable[[], datetime], notify_url: str = ""
) -> SandboxBank:
    """A client of the sandbox at ``base_url``; keeps connections until ``close``."""
    client = httpx.AsyncClient(
        base_url=base_url, timeout=TIMEOUT, limits=LIMITS, trust_env=False, follow_redirects=False
    )
    return SandboxBank(key=key, notify_url=notify_url, client=client, clock=clock)


def _written(to: Destination) -> dict[str, str]:
    return {"holder": to.holder, "bank": to.bank, "number": to.number}


def _answer(said: _Transfer) -> TransferAnswer:
    if said.state not in _STANDINGS:
        raise BankUnreachable(f"unknown state {said.state!r}")
    return TransferAnswer(
        standing=_STANDINGS[said.state], provider_ref=said.transfer_no, why=said.why
    )


def _read(answer: httpx.Response, shape: type[T]) -> T:
    if answer.status_code >= SERVER_FAULT or answer.status_code in SAYS_NOTHING:
        raise BankUnreachable(f"HTTP {answer.status_code}")
    try:
        if answer.is_success:
            return msgspec.json.decode(answer.content, type=shape)
        no = msgspec.json.decode(answer.content, type=_No)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BankUnreachable(f"HTTP {answer.status_code}, unreadable") from error
    raise BankRefused(no.code, no.message)
