"""Jishi: a social-commerce market on one order book."""
