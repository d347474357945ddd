"""A supervised process that keeps ending: told with its reason, started with pauses, its log bounded."""

import os
from pathlib import Path

import pytest

from jishi import child
from jishi.child import Child, Pauses
from tests.support.running import eventually


def test_pauses_grow_up_to_a_bound_and_begin_anew_after_a_steady_run() -> None:
    pauses = Pauses()
    seconds = [pauses.after(1.0) for _ in range(12)]
    assert seconds == sorted(seconds)
    assert seconds[-1] == seconds[-2] == max(child.PAUSES_SECONDS)
    assert pauses.after(child.STEADY_SECONDS + 1) == child.PAUSES_SECONDS[0]


def test_what_ends_again_and_again_is_told_with_its_reason_and_started_again(
    tmp_path: Path,
) -> None:
    (tmp_path / "nonsense.log").write_text("from an earlier run\n")
    one = Child("nonsense", dict(os.environ), tmp_path)
    one.start()
    eventually(one.is_dead)
    first = one.keep_alive()
    assert first
    assert "ended (exit code 2): " in first
    assert "invalid choice" in first
    assert "starting it again in 0.2 s" in first
    assert one.keep_alive() is None, "its pause is not over"
    one.again_at = 0.0
    assert one.keep_alive() is None
    eventually(one.is_dead)
    again = one.keep_alive()
    assert again
    assert "2 times in a row now" in again


def test_the_last_words_are_those_of_this_run(tmp_path: Path) -> None:
    (tmp_path / "web.log").write_text("from an earlier run\n")
    silent = Child("web", {}, tmp_path, _said_before=len("from an earlier run\n"))
    assert silent.last_words() == "exit code None"


@pytest.mark.parametrize(("size", "kept"), [(100, 100), (child.LOG_BYTES_MAX + 1, 0)])
def test_a_large_log_is_put_aside_while_it_is_written_to(
    tmp_path: Path, size: int, kept: int
) -> None:
    path = tmp_path / "web.log"
    with path.open("ab") as written:
        written.truncate(size)
        Child("web", {}, tmp_path).keep_log_small()
        assert path.stat().st_size == kept
        assert path.with_suffix(".log.old").exists() == (kept == 0)
        written.write(b"on\n")
    assert path.read_bytes()[-3:] == b"on\n"
    assert path.stat().st_size == kept + 3
