"""What became of parcels: an order's time line, lateness by carrier and lane, compensations. SELECT only."""
