from tests.support.invariants import sound as sound
