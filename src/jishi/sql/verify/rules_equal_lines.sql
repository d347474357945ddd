-- Lines whose rules do not add up to what they took off it, per payer. What a shop gives on freight is left
-- out: the line's freight is what is charged after it.
-- out:    order, line, per payer what the line says and what its rules say
SELECT order_id, line, l.discount_minor, coalesce(r.shop, 0) AS shop_rules_minor, l.platform_minor,
    coalesce(r.platform, 0) AS platform_rules_minor, l.creator_minor, coalesce(r.creator, 0) AS creator_rules_minor
FROM sale_order_line l
FULL JOIN (
    SELECT cell, order_id, line,
        sum(amount_minor) FILTER (WHERE payer = 'shop' AND kind NOT IN ('free_freight', 'agreed_freight')) AS shop,
        sum(amount_minor) FILTER (WHERE payer = 'platform') AS platform,
        sum(amount_minor) FILTER (WHERE payer = 'creator') AS creator
    FROM sale_order_offer GROUP BY 1, 2, 3
) r USING (cell, order_id, line)
WHERE (l.discount_minor, l.platform_minor, l.creator_minor)
    IS DISTINCT FROM (coalesce(r.shop, 0), coalesce(r.platform, 0), coalesce(r.creator, 0))
