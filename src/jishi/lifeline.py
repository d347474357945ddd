"""Child processes end with the process that started them, even when that one is killed."""

import ctypes
import os
import signal
import sys

SUPERVISOR = "JISHI_SUPERVISOR"  # process number of the supervisor, in its children's environment
_PR_SET_PDEATHSIG = 1


def follow_parent(sign: signal.Signals) -> None:
    """Receive ``sign`` when the parent process ends. Linux only; elsewhere nothing happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(sign), 0, 0, 0)


def follow_supervisor() -> None:
    """For a process that may be supervised: end when the supervisor does, also if it just did."""
    supervisor = os.environ.get(SUPERVISOR)
    if supervisor is None:
        return
    follow_parent(signal.SIGTERM)
    if os.getppid() != int(supervisor):
        sys.exit("The supervisor is gone.")
