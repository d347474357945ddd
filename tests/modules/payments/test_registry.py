import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from jishi.modules.payments import (
    callback_path,
    close_providers,
    open_providers,
)
from jishi.modules.payments.sandbox import SandboxProvider
from jishi.settings import Settings, read_key


async def test_the_sandbox_is_a_provider_with_the_markets_key(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, public_url="https://market.example", port=8123)
    providers = open_providers(settings, clock=lambda: datetime.now(UTC))
    sandbox = providers["sandbox"]
    assert isinstance(sandbox, SandboxProvider)
    assert sandbox.name == "sandbox"
    assert sandbox.key == read_key(settings.sandbox_key_file)
    assert sandbox.notify_url == "http://127.0.0.1:8123" + callback_path("sandbox")
    await close_providers(providers)


def test_a_library_is_loaded_when_its_provider_is_configured() -> None:
    """Each costs every process a tenth of a second and more; most markets use none of them."""
    code = "import jishi.app, jishi.worker, sys; print(*sorted(m.partition('.')[0] for m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"stripe", "wechatpayv3", "alipay", "requests", "reportlab", "openpyxl"}
