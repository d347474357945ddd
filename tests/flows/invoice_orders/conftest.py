from tests.support.invariants import sound

__all__ = ["sound"]
