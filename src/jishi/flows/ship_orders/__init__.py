"""Ship orders, whole or in part: a parcel, the order's next state, the buyer told."""

from jishi.flows.ship_orders.flow import ShipOrders as ShipOrders
from jishi.flows.ship_orders.flow import ship as ship
from jishi.flows.ship_orders.types import LineShipped as LineShipped
from jishi.flows.ship_orders.types import Shipment as Shipment
from jishi.flows.ship_orders.types import ShipVerdict as ShipVerdict
