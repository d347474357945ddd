"""What a shop's people do to orders from their pages: ship one, many or a part; upload waybills; make,
print, cancel labels and ship from them, by list or by scan; pick lists; correct a waybill; refund; cancel.
The work on orders is done by ship_orders, refund_orders and cancel_orders; labels are rows of ``fulfilment``.
Tells parcels.corrected.
"""
