"""The web server: Granian with several workers, each a process with its own event loop."""

import errno
import multiprocessing
import os
import signal
import socket
from typing import Any

from jishi import lifeline
from jishi.db.embedded import open_database
from jishi.db.migrate import require_current
from jishi.exits import Exit, Stop
from jishi.settings import Settings

BACKLOG = 2048  # connections waiting to be accepted
DRAIN_SECONDS = 2  # time for requests under way when the server stops
RESPAWN_SECONDS = 0.5


def serve(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT. Raises Stop: PORT_TAKEN, NO_DATABASE, WRONG_SCHEMA."""
    from granian.constants import HTTPModes, Interfaces, Loops
    from granian.log import LogLevels
    from granian.server import Server

    lifeline.follow_supervisor()
    require_free_port(settings.host, settings.port, "JISHI_PORT")
    with open_database(settings) as dsn:
        require_current(dsn)
        os.environ["JISHI_DATABASE_URL"] = dsn  # the workers inherit it
        _load_once()
        server = Server(
            "jishi.web_server:create_app",
            factory=True,
            address=settings.host,
            port=settings.port,
            interface=Interfaces.ASGI,
            http=HTTPModes.http1,
            loop=Loops.uvloop,
            workers=settings.workers,
            backlog=BACKLOG,
            websockets=True,
            log_level=LogLevels.warning,
            respawn_failed_workers=True,
            respawn_interval=RESPAWN_SECONDS,
            workers_kill_timeout=DRAIN_SECONDS,
        )
        server.serve()
    return Exit.OK


def _load_once() -> None:
    """Load the application before the workers fork: they share it, and one that died is back at once."""
    if multiprocessing.get_start_method() == "fork":
        from jishi import app

        app.routes()


def create_app() -> Any:
    """The application of one worker, which ends when the server process does."""
    lifeline.follow_parent(signal.SIGKILL)
    from jishi.app import create_app as build

    return build()


def require_free_port(host: str, port: int, variable: str) -> None:
    """Raise Stop when ``port`` cannot be listened on: the server itself would share it silently."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise Stop(*_told(problem, host, port, variable)) from None


def _told(problem: OSError, host: str, port: int, variable: str) -> tuple[Exit, str]:
    where = f"{host}:{port}"
    match problem:
        case PermissionError():
            return (
                Exit.USAGE,
                f"This user may not listen on {where}; choose a {variable} from 1024.",
            )
        case socket.gaierror():
            return Exit.USAGE, f"JISHI_HOST {host} is not an address of this machine."
        case OSError(errno=number) if number == errno.EADDRNOTAVAIL:
            return Exit.USAGE, f"JISHI_HOST {host} is not an address of this machine."
    sentence = f"Port {port} on {host} is taken by another program; stop it or set {variable}."
    return Exit.PORT_TAKEN, sentence
