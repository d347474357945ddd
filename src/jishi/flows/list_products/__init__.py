"""List products: what a merchant writes about goods, with their prices and stock, in one transaction.

Catalogue and stock change together: a form that is refused in one place changes nothing anywhere.
"""

from jishi.flows.list_products.flow import apply_rows as apply_rows
from jishi.flows.list_products.flow import save_product as save_product
