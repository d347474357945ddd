-- Place orders: lock the stock asked for, admit checkouts in order, hold and write what was admitted.
-- in:     p_cell the one cell of all rows on a cluster (NULL on one machine), p_cells the cells of the
--         rows; per order o_*; per line l_* with l_order the 1-based index of its order. Orders of one
--         checkout stand together and are placed or refused together. Amounts in minor units, as quoted.
--         l_options: {"values": [one per attribute]}. l_offer: the timed offer l_offer_quantity units of
--         the line draw on, or NULL. f_*: the rules behind discounts, f_line the 1-based index of a line.
--         Orders of actor 'import' were agreed elsewhere: price, listing and shop are not asked again.
-- out:    one row per refused line: its position (1-based), a verdict, a fact. Orders of checkouts
--         without a row are placed. Verdicts: gone · price_changed (fact: new price) · shop_closed ·
--         short (fact: pieces left) · offer_over (fact: pieces left at the offer's price) ·
--         offer_limit (fact: pieces this buyer may still have). Lines held back by a neighbour line get
--         no row of their own.
-- writes: stock, stock_hold, stock_move, sale_order, sale_order_line, sale_order_offer, sale_order_step,
--         offer_stock, offer_taken (through offers_left and take_offers), outbox
-- locks:  stock by (cell, sku_id, warehouse_id), then offer_stock by primary key
-- rule:   jishi.flows.place_orders.rules.admit
CREATE OR REPLACE FUNCTION place_orders(
    p_cell smallint, p_cells smallint[],
    o_checkout bigint[], o_id bigint[], o_shop bigint[], o_buyer bigint[], o_payment bigint[],
    o_goods bigint[], o_discount bigint[], o_freight bigint[], o_platform bigint[], o_creator bigint[],
    o_creator_id bigint[], o_fee_bp integer[], o_address jsonb[], o_note text[],
    o_channel text[], o_actor text[], o_at timestamptz[], o_expires timestamptz[],
    l_order integer[], l_line smallint[], l_sku bigint[], l_product bigint[], l_warehouse bigint[],
    l_quantity bigint[], l_price bigint[], l_discount bigint[], l_freight bigint[], l_platform bigint[],
    l_creator bigint[], l_offer bigint[], l_offer_quantity bigint[], l_title text[], l_options jsonb[],
    l_picture jsonb[],
    f_line integer[], f_position smallint[], f_offer bigint[], f_kind text[], f_payer text[],
    f_amount bigint[], f_title text[]
) RETURNS TABLE (line_at integer, verdict text, fact bigint)
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    stock_of integer[];    -- per line, which of the locked stock rows it draws on
    left_over bigint[];    -- per stock row, pieces not yet given away
    verdicts text[];       -- per line, set where the line cannot be sold at all
    facts bigint[];
    refused boolean[] := array_fill(false, ARRAY[cardinality(o_id)]);  -- per order
    with_offers boolean := EXISTS (SELECT FROM unnest(l_offer) f(id) WHERE f.id IS NOT NULL);
    room record;           -- per line its offer and its buyer's part of it, and what is left of each
    offer_left bigint[];
    buyer_left bigint[];
    lines integer := cardinality(l_sku);
    this integer := 1;
    after integer;
    good boolean;
BEGIN
    PERFORM 1
    FROM (SELECT DISTINCT cell_of(w.sku) AS cell, w.sku, w.warehouse
          FROM unnest(l_sku, l_warehouse) w(sku, warehouse)) wanted
    JOIN stock s ON s.cell = wanted.cell AND s.sku_id = wanted.sku AND s.warehouse_id = wanted.warehouse
    WHERE true
        AND s.cell = ANY (p_cells)  -- cluster only
    ORDER BY s.cell, s.sku_id, s.warehouse_id
    FOR NO KEY UPDATE OF s;

    WITH wanted AS MATERIALIZED (
        SELECT w.at, w.sku, w.warehouse, w.price, w.quantity, o_shop[w.ord] AS shop,
            o_actor[w.ord] AS actor,
            dense_rank() OVER (ORDER BY w.sku, w.warehouse) AS rank
        FROM unnest(l_sku, l_warehouse, l_price, l_quantity, l_order)
            WITH ORDINALITY w(sku, warehouse, price, quantity, ord, at)
    ), judged AS (
        SELECT w.at, w.rank, coalesce(s.on_hand, 0) AS on_hand,
            CASE WHEN k.id IS NULL OR k.shop_id <> w.shop THEN 'gone'
                 WHEN w.actor = 'import' AND coalesce(s.on_hand, 0) >= w.quantity THEN NULL
                 WHEN NOT k.on_sale THEN 'gone'
                 WHEN h.state IS DISTINCT FROM 'open' THEN 'shop_closed'
                 WHEN k.price_minor <> w.price THEN 'price_changed'
                 WHEN coalesce(s.on_hand, 0) < w.quantity THEN 'short' END AS verdict,
            CASE WHEN k.price_minor <> w.price THEN k.price_minor ELSE coalesce(s.on_hand, 0) END AS fact
        FROM wanted w
        LEFT JOIN sku k ON k.cell = cell_of(w.sku) AND k.id = w.sku
        LEFT JOIN shop h ON h.cell = cell_of(w.shop) AND h.id = w.shop
        LEFT JOIN stock s ON s.cell = cell_of(w.sku) AND s.sku_id = w.sku
            AND s.warehouse_id = w.warehouse
    )
    SELECT array_agg(j.rank::integer ORDER BY j.at), array_agg(j.verdict ORDER BY j.at),
        array_agg(j.fact ORDER BY j.at),
        (SELECT array_agg(d.on_hand ORDER BY d.rank) FROM (SELECT DISTINCT rank, on_hand FROM judged) d)
    INTO stock_of, verdicts, facts, left_over
    FROM judged j;

    IF with_offers THEN
        SELECT * INTO room FROM offers_left(l_offer, l_sku, ARRAY(
            SELECT o_buyer[w.ord] FROM unnest(l_order) WITH ORDINALITY w(ord, at) ORDER BY w.at));
        offer_left := room.offer_left;
        buyer_left := room.buyer_left;
    END IF;

    WHILE this <= lines LOOP  -- one turn per checkout: its lines are this … after-1
        after := this;
        good := true;
        WHILE after <= lines AND o_checkout[l_order[after]] = o_checkout[l_order[this]] LOOP
            IF verdicts[after] IS NULL AND left_over[stock_of[after]] < l_quantity[after] THEN
                verdicts[after] := 'short';
                facts[after] := left_over[stock_of[after]];
            END IF;
            IF with_offers AND verdicts[after] IS NULL AND l_offer[after] IS NOT NULL THEN
                IF offer_left[room.offer_of[after]] < l_offer_quantity[after] THEN
                    verdicts[after] := 'offer_over';
                    facts[after] := offer_left[room.offer_of[after]];
                ELSIF buyer_left[room.buyer_of[after]] < l_offer_quantity[after] THEN
                    verdicts[after] := 'offer_limit';
                    facts[after] := buyer_left[room.buyer_of[after]];
                ELSE
                    offer_left[room.offer_of[after]] := offer_left[room.offer_of[after]] - l_offer_quantity[after];
                    buyer_left[room.buyer_of[after]] := buyer_left[room.buyer_of[after]] - l_offer_quantity[after];
                END IF;
            END IF;
            IF verdicts[after] IS NULL THEN
                left_over[stock_of[after]] := left_over[stock_of[after]] - l_quantity[after];
            ELSE
                good := false;
            END IF;
            after := after + 1;
        END LOOP;
        IF NOT good THEN  -- give back what its good lines had taken
            FOR back IN this .. after - 1 LOOP
                refused[l_order[back]] := true;
                IF verdicts[back] IS NULL THEN
                    left_over[stock_of[back]] := left_over[stock_of[back]] + l_quantity[back];
                    IF with_offers AND l_offer[back] IS NOT NULL THEN
                        offer_left[room.offer_of[back]] := offer_left[room.offer_of[back]] + l_offer_quantity[back];
                        buyer_left[room.buyer_of[back]] := buyer_left[room.buyer_of[back]] + l_offer_quantity[back];
                    END IF;
                END IF;
            END LOOP;
        END IF;
        this := after;
    END LOOP;

    WITH placed AS MATERIALIZED (
        SELECT o.*, cell_of(o.id) AS cell
        FROM unnest(o_id, o_shop, o_buyer, o_checkout, o_payment, o_goods, o_discount, o_freight,
            o_platform, o_creator, o_creator_id, o_fee_bp, o_address, o_note, o_channel, o_actor, o_at,
            o_expires, refused)
            o(id, shop, buyer, checkout, payment, goods, discount, freight, platform, creator, creator_id,
              fee_bp, address, note, channel, actor, at, expires, refused)
        WHERE NOT o.refused
    ), line AS MATERIALIZED (
        SELECT l.*, o_id[l.ord] AS order_id, cell_of(l.sku) AS cell, o_at[l.ord] AS at,
            o_expires[l.ord] AS expires
        FROM unnest(l_order, l_line, l_sku, l_product, l_warehouse, l_quantity, l_price, l_discount,
            l_freight, l_platform, l_creator, l_offer, l_offer_quantity, l_title, l_options, l_picture)
            l(ord, line, sku, product, warehouse, quantity, price, discount, freight, platform, creator,
              offer, offer_quantity, title, options, picture)
        WHERE NOT refused[l.ord]
    ), taken AS (
        UPDATE stock s SET on_hand = s.on_hand - d.quantity, held = s.held + d.quantity
        FROM (SELECT cell, sku, warehouse, sum(quantity) AS quantity FROM line GROUP BY 1, 2, 3) d
        WHERE s.cell = d.cell AND s.sku_id = d.sku AND s.warehouse_id = d.warehouse
    ), held AS (
        INSERT INTO stock_hold (cell, order_id, line, sku_id, warehouse_id, quantity, expires_at)
        SELECT cell, order_id, line, sku, warehouse, quantity, expires FROM line
    ), moved AS (
        INSERT INTO stock_move (cell, sku_id, warehouse_id, kind, quantity, order_id, occurred_at)
        SELECT cell, sku, warehouse, 'hold', quantity, order_id, at FROM line
    ), ordered AS (
        INSERT INTO sale_order (cell, id, shop_id, buyer_id, checkout_id, payment_id, state,
            goods_minor, discount_minor, freight_minor, amount_minor, platform_minor, creator_minor,
            creator_id, fee_bp, address, note, channel, placed_at, expires_at)
        SELECT cell, id, shop, buyer, checkout, payment, 10, goods, discount, freight,
            goods - discount + freight, platform, creator, creator_id, fee_bp, address, note, channel, at,
            expires
        FROM placed
    ), lined AS (
        INSERT INTO sale_order_line (cell, order_id, line, sku_id, product_id, warehouse_id, quantity,
            price_minor, goods_minor, discount_minor, freight_minor, amount_minor, platform_minor,
            creator_minor, offer_id, offer_quantity, title, options, picture)
        SELECT cell, order_id, line, sku, product, warehouse, quantity,
            price, price * quantity, discount, freight, price * quantity - discount + freight, platform,
            creator, offer, offer_quantity, title, ARRAY(SELECT jsonb_array_elements_text(options -> 'values')), picture
        FROM line
    ), stepped AS (
        INSERT INTO sale_order_step (cell, order_id, version, state, actor, actor_id, why, occurred_at)
        SELECT cell, id, 1, 10, actor, buyer, 'placed', at FROM placed
    )
    INSERT INTO outbox (cell, topic, subject_id, payload, occurred_at)
    SELECT cell, 'orders.placed', id, jsonb_build_object('order_id', id::text, 'shop_id', shop::text,
        'buyer_id', buyer::text, 'checkout_id', checkout::text,
        'amount_minor', goods - discount + freight - platform - creator), at
    FROM placed;

    IF cardinality(f_line) > 0 THEN
        INSERT INTO sale_order_offer (cell, order_id, line, position, offer_id, kind, payer, amount_minor, title)
        SELECT cell_of(o_id[l_order[f.line]]), o_id[l_order[f.line]], l_line[f.line], f.position, f.offer,
            f.kind, f.payer, f.amount, f.title
        FROM unnest(f_line, f_position, f_offer, f_kind, f_payer, f_amount, f_title)
            f(line, position, offer, kind, payer, amount, title)
        WHERE NOT refused[l_order[f.line]];
    END IF;
    IF with_offers THEN
        PERFORM take_offers(t.offers, t.skus, t.buyers, t.quantities) FROM (
            SELECT array_agg(l.offer) AS offers, array_agg(l.sku) AS skus,
                array_agg(o_buyer[l.ord]) AS buyers, array_agg(l.quantity) AS quantities
            FROM unnest(l_order, l_offer, l_sku, l_offer_quantity) l(ord, offer, sku, quantity)
            WHERE l.offer IS NOT NULL AND NOT refused[l.ord]) t;
    END IF;

    RETURN QUERY SELECT v.at::integer, v.verdict, v.fact
        FROM unnest(verdicts, facts) WITH ORDINALITY v(verdict, fact, at) WHERE v.verdict IS NOT NULL;
END
$$;
