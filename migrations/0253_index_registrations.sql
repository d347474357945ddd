-- A shop that is handed over takes its registration along. Owner: shops.
CREATE INDEX shop_registration_by_shop ON shop_registration (shop_id);
