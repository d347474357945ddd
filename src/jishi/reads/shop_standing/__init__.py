"""A shop's standing as the shop, operators and buyers see it: score with its orders, cases, papers, rules."""
