"""What a shop's people do to orders from their pages: ship one, many or a part; upload waybills; refund;
cancel. Forms only: the work is done by ship_orders, refund_orders and cancel_orders.
"""
