"""A real sandbox process and a merchant that listens, for tests over real HTTP."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec

from jishi.sandbox import signing
from tests.support.running import free_port

START_SECONDS = 20.0
KEY = bytes(range(32))


def a_client() -> httpx.AsyncClient:
    return httpx.AsyncClient(trust_env=False, verify=False)


@dataclass(slots=True)
class SandboxProcess:
    """The sandbox as a child process; ``kill`` is SIGKILL, ``start`` goes on in the same home."""

    home: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def key_file(self) -> Path:
        return self.home / "shared.key"

    def start(self) -> None:
        self.home.mkdir(exist_ok=True)
        if not self.key_file.exists():
            self.key_file.write_text(KEY.hex())
        told = ["--port", str(self.port), "--home", str(self.home)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jishi.sandbox", *told, "--key-file", str(self.key_file)],
            stdout=subprocess.DEVNULL,
            env={**os.environ, "no_proxy": "*"},
        )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            assert self.process.poll() is None, "the sandbox ended at once"
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/health", trust_env=False).is_success:
                    return
            time.sleep(0.05)
        raise AssertionError("the sandbox did not answer")

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=10)


@dataclass(slots=True)
class Merchant:
    """Hears callbacks. ``answers`` holds what to say next; when it is empty, ``otherwise``."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    otherwise: int = 200
    heard: list[dict[str, Any]] = field(default_factory=list)
    raw: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    server: asyncio.Server | None = None
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def notify_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/callbacks/sandbox?m=1"

    @property
    def return_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/orders/7?tab=pay"

    async def open(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self.server:
            self.server.close()
            self.server = None
            for writer in list(self.writers):
                writer.close()
            while self.writers:  # noqa: ASYNC110 - a test can wait
                await asyncio.sleep(0.01)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while self.server:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
                # Values keep their case only where it matters: none of ours has capitals.
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                self.raw.append((head[0], headers, body))
                if head[0].startswith("POST"):
                    self.heard.append(msgspec.json.decode(body))
                status = self.answers.pop(0) if self.answers else self.otherwise
                writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n".encode())
                await writer.drain()
        writer.close()
        self.writers.discard(writer)

    def events(self, out_trade_no: str) -> list[str]:
        return [one["event"] for one in self.heard if one["out_trade_no"] == out_trade_no]

    async def hears(self, test: Callable[[], bool], *, within: float = 8.0) -> None:
        until = time.monotonic() + within
        while not test():
            assert time.monotonic() < until, f"heard only {self.heard}"
            await asyncio.sleep(0.02)


@dataclass(slots=True)
class Api:
    """Signed calls to a sandbox."""

    url: str
    key: bytes = KEY
    client: httpx.AsyncClient = field(default_factory=a_client)

    async def call(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        content = b"" if body is None else msgspec.json.encode(body)
        signed = signing.headers_for(
            self.key,
            method=method,
            path=path,
            body=content,
            nonce=secrets.token_hex(16),
            now=datetime.now(UTC),
        )
        return await self.client.request(
            method, self.url + path, content=content, headers={**signed, **(headers or {})}
        )

    async def create(self, number: str, merchant: Merchant, **changes: Any) -> httpx.Response:
        return await self.call("POST", "/v1/payments", an_ask(number, merchant, **changes))

    async def pay(self, number: str, **how: Any) -> httpx.Response:
        return await self.call("POST", f"/v1/payments/{number}/pay", how)

    async def refund(self, number: str, of: str, amount_minor: int) -> httpx.Response:
        asked = {"out_refund_no": number, "out_trade_no": of, "amount_minor": amount_minor}
        return await self.call("POST", "/v1/refunds", asked)


def an_ask(number: str, merchant: Merchant, **changes: Any) -> dict[str, Any]:
    ask = {
        "out_trade_no": number,
        "amount_minor": 25_000,
        "currency": "CNY",
        "subject": "山里来信 · 2 件",
        "notify_url": merchant.notify_url,
        "return_url": merchant.return_url,
        "expires_at": datetime.now(UTC) + timedelta(minutes=30),
    }
    return {**ask, **changes}
