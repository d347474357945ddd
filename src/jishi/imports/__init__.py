"""Import from other platforms: real catalogues and order books, row by row, nothing half done.

Parsers and plans (``shopify``, ``olist``, ``history``, ``online_retail``) are pure. Owns tables
``import_run``,
``import_source``, ``import_order``, ``import_payment``, ``import_line`` and ``import_leftover``.
Whatever a file holds is either taken over or stands in the report with its row, field and reason;
a re-run adds nothing.
"""
