"""Words and arithmetic everything else stands on. No I/O, no clock, no framework."""
