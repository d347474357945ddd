"""How messages leave the market. Called outside transactions only."""

import asyncio
import smtplib
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

import httpx
import structlog

from jishi.modules.notices.types import Channel, Outgoing
from jishi.modules.notices.words import Shown
from jishi.settings import Settings

log = structlog.get_logger()
TIMEOUT_SECONDS: Final = 10


class Transport(Protocol):
    """Carries one message; raises OSError or httpx.HTTPError when it could not."""

    async def carry(self, message: Outgoing, words: Shown) -> None: ...


class StandIn:
    """Sends nothing: the message stands in the table, and at /dev/inbox in development."""

    async def carry(self, message: Outgoing, words: Shown) -> None:  # noqa: ARG002
        log.info("message not sent: development", channel=message.channel, kind=message.kind)


@dataclass(frozen=True, slots=True)
class Smtp:
    """Mail through ``smtp(s)://user:password@host:port/sender@example.com``."""

    url: str

    async def carry(self, message: Outgoing, words: Shown) -> None:
        await asyncio.to_thread(self._carry, message, words)

    def _carry(self, message: Outgoing, words: Shown) -> None:
        parts = urlsplit(self.url)
        mail = EmailMessage()
        mail["From"], mail["To"] = unquote(parts.path.strip("/")), message.address
        mail["Subject"], mail["Message-ID"] = words.title, f"<{message.key}@{parts.hostname}>"
        mail.set_content(words.text)
        secure = parts.scheme == "smtps"
        connect = smtplib.SMTP_SSL if secure else smtplib.SMTP
        with connect(parts.hostname or "", parts.port or 0, timeout=TIMEOUT_SECONDS) as server:
            if not secure and server.has_extn("starttls"):
                server.starttls()
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(mail)


@dataclass(frozen=True, slots=True)
class SmsGateway:
    """Text messages through any gateway that takes a JSON POST; the key makes repeats harmless."""

    url: str

    async def carry(self, message: Outgoing, words: Shown) -> None:
        body = {"to": message.address, "text": words.text, "key": message.key}
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
            answer = await client.post(
                self.url, json=body, headers={"idempotency-key": message.key}
            )
            answer.raise_for_status()


def transports(settings: Settings) -> dict[Channel, Transport]:
    """One for each channel: what ``smtp_url`` and ``sms_url`` name, else the stand-in."""
    return {
        Channel.MAIL: Smtp(settings.smtp_url) if settings.smtp_url else StandIn(),
        Channel.SMS: SmsGateway(settings.sms_url) if settings.sms_url else StandIn(),
    }
