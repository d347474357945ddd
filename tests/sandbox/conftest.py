from itertools import count

import pytest

from tests.sandbox.fixtures import api, merchant, sandbox

__all__ = ["api", "merchant", "sandbox"]
_numbers = count(1)


@pytest.fixture
def number() -> str:
    return f"90000000000{next(_numbers):04}"
