"""Statements of a shop by day and month: pages, CSV and PDF, re-added from the ledger. SELECT only."""
