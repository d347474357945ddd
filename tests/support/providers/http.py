"""A small HTTP server in a thread of its own, which can be told to misbehave."""

import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric import rsa


@dataclass(frozen=True)
class Asked:
    method: str
    target: str  # path and query, as sent
    headers: dict[str, str]  # by lower-case name
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass
class Said:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Local(ABC):
    """``faults``: what goes wrong with the next answers: ``500``, ``429``, ``forged``, ``garbage``,
    ``silent`` (the line is cut), or seconds to wait."""

    def __init__(self) -> None:
        self.faults: deque[Any] = deque()
        self.asked: list[Asked] = []
        self.refused: list[str] = []  # why requests were turned away
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @abstractmethod
    def answer(self, asked: Asked) -> Said: ...

    @abstractmethod
    def forge(self, said: Said) -> Said:
        """The answer with a signature that does not hold."""

    def handle(self, asked: Asked) -> Said | None:
        self.asked.append(asked)
        fault = self.faults.popleft() if self.faults else None
        if fault == "silent":
            return None
        if fault in ("500", "429"):
            return Said(int(fault), b'{"code":"SYSTEM_ERROR","message":"later"}', _JSON)
        if fault == "garbage":
            return Said(200, b"<html>", _JSON)
        if isinstance(fault, int | float):
            time.sleep(fault)
        said = self.answer(asked)
        return self.forge(said) if fault == "forged" else said


_JSON = {"Content-Type": "application/json"}


def a_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(key: rsa.RSAPrivateKey) -> str:
    raw = key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption())
    return raw.decode()


def public_pem(key: rsa.RSAPrivateKey) -> str:
    shown = pem.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(pem.Encoding.PEM, shown).decode()


def _handler(local: Local) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _run(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, self.rfile.read(length))
            said = local.handle(asked)
            if said is None:
                self.close_connection = True
                return
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            if said.status != 204:
                self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            if said.status != 204:
                self.wfile.write(said.body)

        do_GET = do_POST = _run  # noqa: N815 - names of the library

        def log_message(self, *_: Any) -> None:
            return

    return Handler
