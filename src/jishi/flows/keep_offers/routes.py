"""Every route of this flow, from the files that hold them."""

from typing import Any

from jishi.flows.keep_offers.routes_buyer import routes as buyer
from jishi.flows.keep_offers.routes_coupons import routes as coupons
from jishi.flows.keep_offers.routes_offers import routes as offers

routes: list[Any] = [*buyer, *coupons, *offers]
