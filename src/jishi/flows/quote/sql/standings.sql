-- What buyers are to shops: new to them or to the market, followers, members.
-- in:     $1 bigint[] buyers and $2 bigint[] shops, pairwise
-- out:    one row per pair
-- index:  sale_order_by_buyer; primary keys of shop_follow and shop_member
SELECT w.buyer, w.shop,
    NOT EXISTS (SELECT FROM sale_order o WHERE o.buyer_id = w.buyer AND o.state NOT IN (10, 250)) AS is_new,
    NOT EXISTS (SELECT FROM sale_order o WHERE o.buyer_id = w.buyer AND o.shop_id = w.shop
        AND o.state NOT IN (10, 250)) AS is_new_to,
    EXISTS (SELECT FROM shop_follow f WHERE f.cell = cell_of(w.buyer) AND f.account_id = w.buyer
        AND f.shop_id = w.shop) AS follows,
    EXISTS (SELECT FROM shop_member m WHERE m.cell = cell_of(w.buyer) AND m.account_id = w.buyer
        AND m.shop_id = w.shop) AS is_member
FROM (SELECT DISTINCT * FROM unnest($1::bigint[], $2::bigint[]) w(buyer, shop)) w
