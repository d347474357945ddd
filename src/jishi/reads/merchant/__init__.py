"""The merchant's console: today, orders, funds. SELECT only; what changes orders is flows/dispatch."""
