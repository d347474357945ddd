"""Fulfilment: carriers, waybill numbers, and the sheets of them that shops upload.

Owns tables ``parcel`` and ``parcel_line``, whose rows the flow ``ship_orders`` writes with the order's
state. Announces and hears nothing. Invariant: a line's parcels never hold more pieces than the line.
"""

from jishi.modules.fulfilment.carriers import CARRIERS as CARRIERS
from jishi.modules.fulfilment.carriers import carrier_name as carrier_name
from jishi.modules.fulfilment.carriers import common_carriers as common_carriers
from jishi.modules.fulfilment.carriers import find_carrier as find_carrier
from jishi.modules.fulfilment.carriers import list_carriers as list_carriers
from jishi.modules.fulfilment.rules import check_rows as check_rows
from jishi.modules.fulfilment.rules import clean_waybill as clean_waybill
from jishi.modules.fulfilment.rules import is_waybill as is_waybill
from jishi.modules.fulfilment.sheets import ROWS_MAX as ROWS_MAX
from jishi.modules.fulfilment.sheets import read_sheet as read_sheet
from jishi.modules.fulfilment.types import Carrier as Carrier
from jishi.modules.fulfilment.types import CheckedRow as CheckedRow
from jishi.modules.fulfilment.types import RowFault as RowFault
from jishi.modules.fulfilment.types import SheetRow as SheetRow
from jishi.modules.fulfilment.types import SheetTooLong as SheetTooLong
from jishi.modules.fulfilment.types import SheetUnreadable as SheetUnreadable
