"""Fulfilment: carriers, waybills and labels, tracking, promised dates, and what freight costs.

Owns tables ``parcel``, ``parcel_line``, ``freight_template``, ``freight_zone``, ``waybill``,
``waybill_number``, ``parcel_scan``, ``order_promise``, ``carrier_lane`` and ``parcel_day``. The flow
``ship_orders`` writes parcels with the order's state. The flow ``track_parcels`` announces
``parcels.delivered``, ``parcels.returned`` and ``parcels.lost`` for it. Invariant: a line's parcels never
hold more pieces than the line, and a parcel only goes on.
"""

from jishi.modules.fulfilment import label_book as label_book
from jishi.modules.fulfilment.carrier_service import CarrierRefused as CarrierRefused
from jishi.modules.fulfilment.carrier_service import Carriers as Carriers
from jishi.modules.fulfilment.carrier_service import CarrierService as CarrierService
from jishi.modules.fulfilment.carrier_service import CarrierUnreachable as CarrierUnreachable
from jishi.modules.fulfilment.carrier_service import service_for as service_for
from jishi.modules.fulfilment.carriers import CARRIERS as CARRIERS
from jishi.modules.fulfilment.carriers import carrier_name as carrier_name
from jishi.modules.fulfilment.carriers import common_carriers as common_carriers
from jishi.modules.fulfilment.carriers import find_by_wechat_id as find_by_wechat_id
from jishi.modules.fulfilment.carriers import find_carrier as find_carrier
from jishi.modules.fulfilment.carriers import list_carriers as list_carriers
from jishi.modules.fulfilment.freight import freight as freight
from jishi.modules.fulfilment.freight import zone_for as zone_for
from jishi.modules.fulfilment.freight_words import freight_reason as freight_reason
from jishi.modules.fulfilment.lanes import ABROAD as ABROAD
from jishi.modules.fulfilment.lanes import UNKNOWN as UNKNOWN
from jishi.modules.fulfilment.lanes import promised_days as promised_days
from jishi.modules.fulfilment.registry import carrier_callback_path as carrier_callback_path
from jishi.modules.fulfilment.registry import close_carriers as close_carriers
from jishi.modules.fulfilment.registry import open_carriers as open_carriers
from jishi.modules.fulfilment.rules import check_rows as check_rows
from jishi.modules.fulfilment.rules import clean_waybill as clean_waybill
from jishi.modules.fulfilment.rules import is_waybill as is_waybill
from jishi.modules.fulfilment.service_freight import delete_template as delete_template
from jishi.modules.fulfilment.service_freight import get_template as get_template
from jishi.modules.fulfilment.service_freight import list_templates as list_templates
from jishi.modules.fulfilment.service_freight import save_template as save_template
from jishi.modules.fulfilment.sheets import ROWS_MAX as ROWS_MAX
from jishi.modules.fulfilment.sheets import read_sheet as read_sheet
from jishi.modules.fulfilment.storage_freight import count_products as count_products
from jishi.modules.fulfilment.storage_freight import templates_of as templates_of
from jishi.modules.fulfilment.tracking import is_late as is_late
from jishi.modules.fulfilment.tracking import next_query as next_query
from jishi.modules.fulfilment.tracking import progress_after as progress_after
from jishi.modules.fulfilment.types import Carrier as Carrier
from jishi.modules.fulfilment.types import CheckedRow as CheckedRow
from jishi.modules.fulfilment.types import RowFault as RowFault
from jishi.modules.fulfilment.types import SheetRow as SheetRow
from jishi.modules.fulfilment.types import SheetTooLong as SheetTooLong
from jishi.modules.fulfilment.types import SheetUnreadable as SheetUnreadable
from jishi.modules.fulfilment.types_freight import FlatFreight as FlatFreight
from jishi.modules.fulfilment.types_freight import Freight as Freight
from jishi.modules.fulfilment.types_freight import FreightLine as FreightLine
from jishi.modules.fulfilment.types_freight import FreightPart as FreightPart
from jishi.modules.fulfilment.types_freight import FreightReason as FreightReason
from jishi.modules.fulfilment.types_freight import NotDeliveredThere as NotDeliveredThere
from jishi.modules.fulfilment.types_freight import Template as Template
from jishi.modules.fulfilment.types_freight import TemplateId as TemplateId
from jishi.modules.fulfilment.types_tracking import CarrierNotConnected as CarrierNotConnected
from jishi.modules.fulfilment.types_tracking import CarrierUnknown as CarrierUnknown
from jishi.modules.fulfilment.types_tracking import LabelNothingLeft as LabelNothingLeft
from jishi.modules.fulfilment.types_tracking import LabelNotMade as LabelNotMade
from jishi.modules.fulfilment.types_tracking import LabelOfCancelled as LabelOfCancelled
from jishi.modules.fulfilment.types_tracking import LabelOfRefunded as LabelOfRefunded
from jishi.modules.fulfilment.types_tracking import LabelOfUnpaid as LabelOfUnpaid
from jishi.modules.fulfilment.types_tracking import LabelThere as LabelThere
from jishi.modules.fulfilment.types_tracking import LabelUsed as LabelUsed
from jishi.modules.fulfilment.types_tracking import LabelWhileAsking as LabelWhileAsking
from jishi.modules.fulfilment.types_tracking import Party as Party
from jishi.modules.fulfilment.types_tracking import Progress as Progress
from jishi.modules.fulfilment.types_tracking import Scan as Scan
from jishi.modules.fulfilment.types_tracking import ScanNews as ScanNews
from jishi.modules.fulfilment.types_tracking import SenderMissing as SenderMissing
from jishi.modules.fulfilment.types_tracking import TrackAsk as TrackAsk
from jishi.modules.fulfilment.types_tracking import Waybill as Waybill
from jishi.modules.fulfilment.types_tracking import WaybillAsk as WaybillAsk
from jishi.modules.fulfilment.types_tracking import WaybillId as WaybillId
from jishi.modules.fulfilment.types_tracking import WaybillMade as WaybillMade
from jishi.modules.fulfilment.types_tracking import WaybillState as WaybillState
from jishi.modules.fulfilment.types_tracking import WaybillUnknown as WaybillUnknown
