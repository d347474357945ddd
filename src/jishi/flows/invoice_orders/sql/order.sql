-- An order as an invoice sees it. The caller may add a lock against refunds.
-- in:     $1 smallint cell, $2 bigint order
-- out:    whose it is, its state, what the buyer paid and got back in minor units
-- index:  sale_order primary key
SELECT id, shop_id, buyer_id, state, amount_minor - platform_minor - creator_minor AS paid_minor, refunded_minor
FROM sale_order WHERE cell = $1 AND id = $2
