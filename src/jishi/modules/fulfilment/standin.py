"""The carrier ``standin``: a client of the carrier that lives beside the payment sandbox."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from jishi.modules.fulfilment import signing
from jishi.modules.fulfilment.carrier_service import CarrierRefused, CarrierUnreachable
from jishi.modules.fulfilment.carriers import CARRIERS, OWN_DELIVERY
from jishi.modules.fulfilment.types_tracking import (
    SCANS_MAX,
    TEXT_MAX,
    Party,
    Progress,
    Scan,
    ScanNews,
    ScansUnreadable,
    TrackAsk,
    WaybillAsk,
    WaybillMade,
)

NAME: Final = "standin"
TIMEOUT: Final = httpx.Timeout(5.0, connect=2.0)
LIMITS: Final = httpx.Limits(max_connections=8, max_keepalive_connections=4)
SERVER_FAULT: Final = 500
SAYS_NOTHING: Final = (401, 403, 429)
T = TypeVar("T")
Text = Annotated[str, msgspec.Meta(max_length=TEXT_MAX)]
ScanNumber = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


class _Made(msgspec.Struct):
    number: Text
    route: Text = ""


class _Scan(msgspec.Struct):
    id: ScanNumber
    progress: Progress
    occurred_at: Annotated[datetime, msgspec.Meta(tz=True)]
    place: Text = ""
    detail: Text = ""


class _News(msgspec.Struct):
    carrier: Text
    number: Text
    scans: Annotated[list[_Scan], msgspec.Meta(max_length=SCANS_MAX)]


class _No(msgspec.Struct):
    code: str = "unnamed"
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandInCarrier:
    """``notify_url`` is where callbacks come in; their signature is over its path."""

    key: bytes
    notify_url: str
    client: httpx.AsyncClient
    clock: Callable[[], datetime]

    @property
    def name(self) -> str:
        return NAME

    def serves(self, carrier: str) -> bool:
        return carrier in CARRIERS and carrier != OWN_DELIVERY

    async def create_waybill(self, ask: WaybillAsk) -> WaybillMade:
        said = await self._call(
            _Made,
            "POST",
            "/carrier/v1/waybills",
            {
                "out_no": str(ask.id),
                "carrier": ask.carrier,
                "sender": _party(ask.sender),
                "receiver": _party(ask.receiver),
                "pieces": ask.pieces,
                "weight_grams": ask.weight_grams,
            },
        )
        return WaybillMade(number=said.number, route=said.route)

    async def cancel_waybill(self, carrier: str, number: str) -> None:
        path = f"/carrier/v1/waybills/{carrier}/{number}/cancel"
        try:
            await self._call(_No, "POST", path, {})
        except CarrierRefused as no:
            raise CarrierRefused(no.code.rpartition(".")[2], str(no)) from no

    async def query_scans(self, ask: TrackAsk) -> Sequence[Scan]:
        said = await self._call(
            _News,
            "POST",
            "/carrier/v1/tracks",
            {
                "carrier": ask.carrier,
                "number": ask.number,
                "shipped_at": ask.shipped_at,
                "origin": ask.origin,
                "target": ask.target,
                "notify_url": self.notify_url,
            },
        )
        return _scans(said)

    def verify_callback(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> ScanNews:
        path = urlsplit(self.notify_url).path or "/"
        signing.check(self.key, headers, "POST", path, body, now=now)
        try:
            said = msgspec.json.decode(body, type=_News)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise ScansUnreadable(detail=str(error)[:TEXT_MAX]) from error
        return ScanNews(carrier=said.carrier, number=said.number, scans=_scans(said))

    async def close(self) -> None:
        await self.client.aclose()

    async def _call(self, shape: type[T], method: str, path: str, body: dict[str, Any]) -> T:
        """Raises CarrierUnreachable, CarrierRefused."""
        raw = msgspec.json.encode(body)
        headers = signing.signed_headers(
            self.key, method, path, raw, nonce=secrets.token_hex(16), now=self.clock()
        )
        headers["content-type"] = "application/json"
        try:
            answer = await self.client.request(method, path, content=raw, headers=headers)
        except httpx.HTTPError as problem:
            raise CarrierUnreachable(type(problem).__name__) from problem
        if answer.status_code >= SERVER_FAULT or answer.status_code in SAYS_NOTHING:
            raise CarrierUnreachable(f"status {answer.status_code}")
        try:
            if not answer.is_success:
                no = msgspec.json.decode(answer.content, type=_No)
                raise CarrierRefused(no.code, no.message)
            return msgspec.json.decode(answer.content, type=shape)
        except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
            raise CarrierUnreachable("an answer that makes no sense") from problem


def open_standin(
    *, base_url: str, key: bytes, notify_url: str, clock: Callable[[], datetime]
) -> StandInCarrier:
    client = httpx.AsyncClient(
        base_url=base_url, timeout=TIMEOUT, limits=LIMITS, trust_env=False, follow_redirects=False
    )
    return StandInCarrier(key=key, notify_url=notify_url, client=client, clock=clock)


def _scans(said: _News) -> tuple[Scan, ...]:
    return tuple(
        Scan(
            id=it.id,
            progress=it.progress,
            place=it.place,
            detail=it.detail,
            occurred_at=it.occurred_at,
        )
        for it in sorted(said.scans, key=lambda it: it.occurred_at)
    )


def _party(party: Party) -> dict[str, Any]:
    return {
        "name": party.name,
        "phone": party.phone,
        "regions": list(party.regions),
        "street": party.street,
    }
