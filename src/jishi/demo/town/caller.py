"""HTTP as the town's people speak it: bearer tokens, retries when told to be patient."""

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

import httpx
import msgspec

from jishi.demo.town.tally import Tally
from jishi.sandbox import signing

TIMEOUT: Final = httpx.Timeout(20.0, connect=5.0)
PAUSE_SECONDS: Final = 0.3
CONNECTIONS: Final = httpx.Limits(max_connections=64, max_keepalive_connections=32)


class Unanswered(Exception):  # noqa: N818 - an outcome, counted by the tally
    """No sound answer came, however often it was tried."""


@dataclass(slots=True, kw_only=True)
class Caller:
    """``patience_seconds``: how long broken connections and 5xx are tried again; 0: not at all."""

    url: str
    sandbox_key: bytes
    tally: Tally
    patience_seconds: float = 0.0
    client: httpx.AsyncClient = field(
        default_factory=lambda: httpx.AsyncClient(
            trust_env=False,
            timeout=TIMEOUT,
            limits=CONNECTIONS,
            headers={"accept-language": "zh-CN"},
        )
    )

    async def look(self, path: str, token: str | None = None) -> None:
        """Fetch a page as a browser would. Anything but 2xx or 3xx is an error."""
        answer = await self.ask("GET", path, token=token)
        self.tally.pages += 1
        if not (answer.is_success or answer.is_redirect):
            self.tally.fail(f"GET {path}: {answer.status_code}")

    async def ask(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: Any = None,
        key: str | None = None,
    ) -> httpx.Response:
        """Any answer below 500. Raises Unanswered."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        if key:
            headers["idempotency-key"] = key
        content = None if body is None else msgspec.json.encode(body)
        if content is not None:
            headers["content-type"] = "application/json"
        return await self._answer(method, self.url + path, content, headers, is_signed=False)

    async def pay(self, pay_url: str, payment_id: str, how: dict[str, Any]) -> httpx.Response:
        """Pay at the provider whose page is ``pay_url``. Raises Unanswered."""
        origin = pay_url.partition("/pay/")[0]
        path, content = f"/v1/payments/{payment_id}/pay", msgspec.json.encode(how)
        headers = {"content-type": "application/json"}
        return await self._answer("POST", origin + path, content, headers, is_signed=True)

    async def close(self) -> None:
        await self.client.aclose()

    async def _answer(
        self,
        method: str,
        url: str,
        content: bytes | None,
        headers: dict[str, str],
        *,
        is_signed: bool,
    ) -> httpx.Response:
        until = time.monotonic() + self.patience_seconds
        while True:
            signed = self._signed(method, url, content or b"") if is_signed else {}
            problem = ""
            try:
                answer = await self.client.request(
                    method, url, content=content, headers={**headers, **signed}
                )
                if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                    return answer
                problem = str(answer.status_code)
            except httpx.HTTPError as broken:
                problem = type(broken).__name__
            if time.monotonic() >= until:
                self.tally.fail(f"{method} {url.removeprefix(self.url)}: {problem}")
                raise Unanswered(problem)
            self.tally.interruptions += 1
            await asyncio.sleep(PAUSE_SECONDS)

    def _signed(self, method: str, url: str, content: bytes) -> dict[str, str]:
        return signing.headers_for(
            self.sandbox_key,
            method=method,
            path=httpx.URL(url).raw_path.decode(),
            body=content,
            nonce=secrets.token_hex(16),
            now=datetime.now(UTC),
        )
