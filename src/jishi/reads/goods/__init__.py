"""A shop's goods as its staff sees them: product, price span, stock and what was sold, in one list."""
