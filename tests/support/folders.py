"""A folder for a market's home in tests.

pytest's own ``tmp_path`` will not do: it is private to its user, and every pytest that starts makes
it so again, while a server started by root runs as another user and must pass through.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from jishi.db.embedded import EmbeddedPostgres


@contextlib.contextmanager
def market_home() -> Iterator[Path]:
    """A folder that does not exist yet; at the end its server is stopped and it is removed."""
    outer = Path(tempfile.mkdtemp(prefix="jishi-home-"))
    outer.chmod(0o755)
    server = EmbeddedPostgres(outer / "market")
    try:
        yield server.home
    finally:
        server.stop()
        shutil.rmtree(outer, ignore_errors=True)
        if not server.socket_folder().is_relative_to(server.root):
            shutil.rmtree(server.socket_folder(), ignore_errors=True)
