from tests.sandbox.fixtures import merchant, sandbox
from tests.support.invariants import sound

__all__ = ["merchant", "sandbox", "sound"]
