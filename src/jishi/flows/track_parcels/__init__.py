"""Follow parcels: promises when orders are paid, scans from carriers by callback or because a job
asked, measured days per carrier and lane.

Writes the tables of ``fulfilment``; announces ``parcels.delivered``, ``parcels.returned`` and
``parcels.lost`` for it. Hears ``orders.paid``, ``orders.shipped`` and ``orders.completed``.
"""

from jishi.flows.track_parcels.flow import record_scans as record_scans
from jishi.flows.track_parcels.rules import NewsVerdict as NewsVerdict
