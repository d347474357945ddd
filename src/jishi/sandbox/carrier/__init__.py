"""A carrier to try a market against: waybill numbers, scans over time, signed callbacks.

Lives in the process of the payment sandbox under ``/carrier``, with a book of its own. It moves no
parcel. A parcel that is asked about is on its way from then on: accepted, in transit, out for
delivery, delivered; ``fate`` makes it come back or get lost instead.
"""
