"""Stock: pieces per SKU and warehouse, and the journal of every piece that moved.

Owns tables ``warehouse``, ``stock``, ``stock_move`` and ``stock_hold``; orders move stock through the
functions of their flows. Tells and hears no events. For every row
received = on_hand + held + sold + lost, nothing is below zero, and each quantity is the sum of its moves.
"""

from jishi.modules.stock.choose import Chosen as Chosen
from jishi.modules.stock.choose import Wanted as Wanted
from jishi.modules.stock.choose import choose_warehouses as choose_warehouses
from jishi.modules.stock.service import give_out as give_out
from jishi.modules.stock.service import list_moves as list_moves
from jishi.modules.stock.service import list_shelves as list_shelves
from jishi.modules.stock.service import move_between as move_between
from jishi.modules.stock.service import on_shelf as on_shelf
from jishi.modules.stock.service import quantities_of as quantities_of
from jishi.modules.stock.service import receive as receive
from jishi.modules.stock.service import recount as recount
from jishi.modules.stock.service import set_locations as set_locations
from jishi.modules.stock.service import set_on_hand as set_on_hand
from jishi.modules.stock.service import take_in as take_in
from jishi.modules.stock.service import write_off as write_off
from jishi.modules.stock.service_warehouses import default_warehouses as default_warehouses
from jishi.modules.stock.service_warehouses import get_warehouse as get_warehouse
from jishi.modules.stock.service_warehouses import list_warehouses as list_warehouses
from jishi.modules.stock.service_warehouses import open_default_warehouse as open_default_warehouse
from jishi.modules.stock.service_warehouses import save_warehouse as save_warehouse
from jishi.modules.stock.service_warehouses import warehouses_of as warehouses_of
from jishi.modules.stock.types import Change as Change
from jishi.modules.stock.types import Count as Count
from jishi.modules.stock.types import Done as Done
from jishi.modules.stock.types import JournalLine as JournalLine
from jishi.modules.stock.types import MoveKind as MoveKind
from jishi.modules.stock.types import Quantities as Quantities
from jishi.modules.stock.types import QuantityInvalid as QuantityInvalid
from jishi.modules.stock.types import Refused as Refused
from jishi.modules.stock.types import Shelf as Shelf
from jishi.modules.stock.types import Verdict as Verdict
from jishi.modules.stock.types import Warehouse as Warehouse
