"""Stock: pieces per SKU and warehouse, and the journal of every piece that moved.

Owns tables ``warehouse``, ``stock``, ``stock_move`` and ``stock_hold``; orders move stock through the
functions of their flows. Tells and hears no events. For every row
received = on_hand + held + sold + lost, nothing is below zero, and each quantity is the sum of its moves.
"""

from jishi.modules.stock.service import default_warehouses as default_warehouses
from jishi.modules.stock.service import list_moves as list_moves
from jishi.modules.stock.service import list_warehouses as list_warehouses
from jishi.modules.stock.service import open_default_warehouse as open_default_warehouse
from jishi.modules.stock.service import quantities_of as quantities_of
from jishi.modules.stock.service import receive as receive
from jishi.modules.stock.service import recount as recount
from jishi.modules.stock.service import set_on_hand as set_on_hand
from jishi.modules.stock.service import take_in as take_in
from jishi.modules.stock.service import write_off as write_off
from jishi.modules.stock.types import Change as Change
from jishi.modules.stock.types import Count as Count
from jishi.modules.stock.types import Done as Done
from jishi.modules.stock.types import JournalLine as JournalLine
from jishi.modules.stock.types import MoveKind as MoveKind
from jishi.modules.stock.types import Quantities as Quantities
from jishi.modules.stock.types import QuantityInvalid as QuantityInvalid
from jishi.modules.stock.types import Refused as Refused
from jishi.modules.stock.types import Verdict as Verdict
from jishi.modules.stock.types import Warehouse as Warehouse
