"""Buyers and shops talk: lists, threads with order and product cards, seats, quick replies, live."""
