-- Cards in lists ask for the offers of a product, not of a SKU; every page that offers the market's coupons
-- asks for those on offer, not for all there ever were. Owner: pricing.
CREATE INDEX offer_item_by_product ON offer_item (cell, product_id, ends_at);
CREATE INDEX coupon_market_on_offer ON coupon (claim_until) WHERE shop_id IS NULL AND is_public AND ended_at IS NULL;
