"""The operator's console: shops, orders, payments, refunds, ledger, health, audit. SELECT only."""
