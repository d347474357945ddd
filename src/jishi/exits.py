"""How a command ends: the exit codes, and the exception that carries its last sentence."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every ``jishi`` command; ``jishi --help`` prints this table."""

    OK = 0
    CHECK_FAILED = 1
    USAGE = 2
    PORT_TAKEN = 3
    NO_DATABASE = 4
    WRONG_SCHEMA = 5
    HOME_IN_USE = 6
    DISK_FULL = 7


class Stop(Exception):  # noqa: N818 - it is an ending, not always an error
    """End the command with ``code`` and say ``sentence`` on standard error; no traceback."""

    def __init__(self, code: Exit, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
