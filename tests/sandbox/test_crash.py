"""The sandbox dies without warning, and nothing acknowledged is lost."""

import asyncio
import subprocess
import sys
from pathlib import Path

from tests.sandbox.harness import Api, Merchant, SandboxProcess


async def test_a_killed_sandbox_forgets_no_payment_and_no_news(tmp_path: Path) -> None:
    sandbox, merchant = SandboxProcess(tmp_path / "home"), Merchant()
    await merchant.open()
    await merchant.close()  # nobody listens: everything stays due
    sandbox.start()
    api = Api(sandbox.url)
    paid = [f"70{n:03}" for n in range(40)]
    try:
        for number in paid:
            await api.create(number, merchant)
        answers = await asyncio.gather(*(api.pay(number) for number in paid))
        assert {answer.status_code for answer in answers} == {200}
        sandbox.kill()
        await merchant.open()
        sandbox.start()
        await merchant.hears(lambda: {one["out_trade_no"] for one in merchant.heard} == set(paid))
        assert (await api.pay(paid[0])).json()["code"] == "sandbox.already_paid"
    finally:
        sandbox.kill()
        await merchant.close()


async def test_killed_again_and_again_under_load_it_loses_nothing(tmp_path: Path) -> None:
    sandbox, merchant = SandboxProcess(tmp_path / "home"), Merchant()
    await merchant.open()
    acknowledged: set[str] = set()
    sandbox.start()
    api = Api(sandbox.url)

    async def buy(number: str) -> None:
        try:
            if (await api.create(number, merchant)).status_code in (200, 201):
                done = await api.pay(number)
                if done.status_code == 200:
                    acknowledged.add(number)
        except Exception:  # noqa: BLE001 - the sandbox died under this call: nothing acknowledged
            return

    try:
        for crash in range(3):
            buyers = [asyncio.create_task(buy(f"6{crash}{n:03}")) for n in range(60)]
            wanted = len(acknowledged) + 3 * crash + 1  # killed in the middle, on any machine
            while len(acknowledged) < wanted and not all(one.done() for one in buyers):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            sandbox.kill()
            await asyncio.gather(*buyers)
            sandbox.start()
        assert acknowledged
        await merchant.hears(
            lambda: acknowledged <= {one["out_trade_no"] for one in merchant.heard}
        )
        by_id = {one["id"]: one["out_trade_no"] for one in merchant.heard}
        assert len(by_id) == len(set(by_id.values()))  # one event each, however often it was told
    finally:
        sandbox.kill()
        await merchant.close()


async def test_used_nonces_stay_used_after_a_crash(tmp_path: Path) -> None:
    sandbox = SandboxProcess(tmp_path / "home")
    sandbox.start()
    try:
        api = Api(sandbox.url)
        sent = await api.call("GET", "/v1/payments/1")
        headers = {k: v for k, v in sent.request.headers.items() if k.startswith("x-sandbox")}
        assert sent.status_code == 404
        sandbox.kill()
        sandbox.start()
        again = await api.call("GET", "/v1/payments/1", headers=headers)
        assert again.status_code == 401
    finally:
        sandbox.kill()


def test_it_stops_when_asked_and_says_why_it_cannot_start(tmp_path: Path) -> None:
    sandbox = SandboxProcess(tmp_path / "home")
    sandbox.start()
    try:
        taken = _run("--port", str(sandbox.port), "--home", str(tmp_path / "other"))
        assert (taken.returncode, "is taken" in taken.stderr) == (3, True)
        held = _run("--port", "1", "--home", str(sandbox.home))
        assert held.returncode != 0
        port = str(sandbox.port)
    finally:
        assert sandbox.stop() == 0
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "key").write_text("not a key")
    unread = _run("--port", port, "--home", str(tmp_path / "bad"))
    assert (unread.returncode, "key" in unread.stderr) == (2, True)
    (tmp_path / "file").write_text("")
    assert _run("--port", port, "--home", str(tmp_path / "file" / "x")).returncode == 1
    assert _run("--port", "0", "--home", "x").returncode == 2


def test_two_sandboxes_do_not_share_a_home(tmp_path: Path) -> None:
    first, second = SandboxProcess(tmp_path / "home"), SandboxProcess(tmp_path / "home")
    first.start()
    try:
        refused = _run("--port", str(second.port), "--home", str(second.home))
        assert (refused.returncode, "Another sandbox" in refused.stderr) == (6, True)
    finally:
        first.kill()


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jishi.sandbox", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
