"""Return what a buyer paid a second time, through a provider he had left for another one.

The money stands under a payment of its own (``double_of`` names the one it came for) and goes back in
full, order by order, in the transaction that heard of it. Owns no table.
"""

from jishi.flows.return_doubles.flow import return_doubles as return_doubles
