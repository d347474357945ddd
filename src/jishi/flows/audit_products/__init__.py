"""Audit products: rules first, then people, before goods are sold or a change of goods on sale is seen.

``examine`` says what the rules find; ``ask_people`` opens cases; operators decide them in a queue. While a
changed product waits, its former version stays on sale.
"""

from jishi.flows.audit_products.flow import Asked as Asked
from jishi.flows.audit_products.flow import ask_people as ask_people
from jishi.flows.audit_products.flow import examine as examine
from jishi.flows.audit_products.flow import look_again as look_again
from jishi.flows.audit_products.writing import put_snapshot as put_snapshot
