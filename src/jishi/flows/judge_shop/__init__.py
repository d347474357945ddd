"""Judge shops: cases under published rules, from evidence over answer and ruling to appeal and reversal.

What a penalty does to goods, shop and money happens in the transaction of the step that orders it, and is
undone in the transaction of a reversal: docs/money/penalty.md, docs/rules.
"""
