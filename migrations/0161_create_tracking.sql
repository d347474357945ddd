-- Waybills asked from carriers, scans of parcels, promises and what became of them, compensations.

-- A label: asked from the carrier before the parcel leaves. Owner: fulfilment.
-- state: asked → made → used | cancelling → cancelled; asked → failed (the carrier refused, or never answered)
CREATE TABLE waybill (
    cell smallint NOT NULL,
    id bigint NOT NULL,
    shop_id bigint NOT NULL,
    order_id bigint NOT NULL,
    warehouse_id bigint NOT NULL,
    carrier text NOT NULL,
    state text NOT NULL CONSTRAINT waybill_state CHECK
        (state IN ('asked', 'made', 'used', 'cancelling', 'cancelled', 'failed')),
    number text,                      -- the carrier's
    route text NOT NULL DEFAULT '',   -- the carrier's sorting code, printed large
    pieces bigint NOT NULL CHECK (pieces > 0),
    actor_id bigint NOT NULL,
    asked_at timestamptz NOT NULL,
    made_at timestamptz,
    ended_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    last_error text,                  -- the carrier's code
    retry_at timestamptz,             -- ask again then; NULL: nothing is due
    PRIMARY KEY (cell, id),
    CONSTRAINT waybill_cell CHECK (cell = cell_of(id)),
    CONSTRAINT waybill_numbered CHECK ((state IN ('made', 'used', 'cancelling')) <= (number IS NOT NULL))
);
-- One label at a time for what an order takes from a warehouse.
CREATE UNIQUE INDEX waybill_live ON waybill (cell, order_id, warehouse_id) WHERE state IN ('asked', 'made', 'cancelling');
CREATE INDEX waybill_by_shop ON waybill (cell, shop_id, id DESC);
CREATE INDEX waybill_due ON waybill (retry_at, id) WHERE retry_at IS NOT NULL;

-- Directory: a carrier's number stands for one label of the whole market. Cell: of the carrier and the number.
CREATE TABLE waybill_number (
    cell smallint NOT NULL,
    carrier text NOT NULL,
    number text NOT NULL,
    waybill_id bigint NOT NULL,
    PRIMARY KEY (cell, carrier, number)
);

-- What was promised when the order was paid, and on which lane. Owner: fulfilment.
CREATE TABLE order_promise (
    cell smallint NOT NULL,
    order_id bigint NOT NULL,
    shop_id bigint NOT NULL,
    lane_from smallint NOT NULL,      -- province; 0: not known
    lane_to smallint NOT NULL,        -- province; 0: not known, 1: abroad
    ship_by timestamptz NOT NULL,
    arrive_by timestamptz NOT NULL,
    is_open boolean NOT NULL DEFAULT true,   -- not yet judged by the rule on late shipping
    PRIMARY KEY (cell, order_id)
);
CREATE INDEX order_promise_due ON order_promise (ship_by, order_id) WHERE is_open;

-- progress: shipped → accepted → in_transit → out_for_delivery → delivered | returned | lost
ALTER TABLE parcel
    ADD COLUMN progress text NOT NULL DEFAULT 'shipped' CONSTRAINT parcel_progress CHECK (progress IN
        ('shipped', 'accepted', 'in_transit', 'out_for_delivery', 'delivered', 'returned', 'lost')),
    ADD COLUMN lane_from smallint NOT NULL DEFAULT 0,
    ADD COLUMN lane_to smallint NOT NULL DEFAULT 0,
    ADD COLUMN promised_ship_at timestamptz,
    ADD COLUMN promised_arrival_at timestamptz,
    ADD COLUMN arrived_at timestamptz,
    ADD COLUMN last_scan_at timestamptz,
    ADD COLUMN query_at timestamptz,          -- ask the carrier then; NULL: nobody to ask, or it has ended
    ADD COLUMN query_tries integer NOT NULL DEFAULT 0,
    ADD COLUMN warned_at timestamptz;         -- the shop was told that it is late
CREATE INDEX parcel_query ON parcel (query_at, id) WHERE query_at IS NOT NULL;
CREATE INDEX parcel_late ON parcel (cell, shop_id, promised_arrival_at) WHERE arrived_at IS NULL
    AND promised_arrival_at IS NOT NULL AND progress NOT IN ('returned', 'lost');
CREATE INDEX parcel_arrived ON parcel (arrived_at) WHERE arrived_at IS NOT NULL;
CREATE INDEX parcel_exceptional ON parcel (cell, shop_id, id DESC) WHERE progress IN ('returned', 'lost');

CREATE TABLE parcel_scan (
    cell smallint NOT NULL,
    parcel_id bigint NOT NULL,
    scan_id text NOT NULL CONSTRAINT parcel_scan_id CHECK (length(scan_id) BETWEEN 1 AND 80),  -- the carrier's
    progress text NOT NULL,
    place text NOT NULL DEFAULT '',
    detail text NOT NULL DEFAULT '',
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (cell, parcel_id, scan_id)
);

-- How long a carrier takes from province to province, as measured; reference table, written by a job.
-- carrier '': all carriers together.
CREATE TABLE carrier_lane (
    carrier text NOT NULL,
    lane_from smallint NOT NULL,
    lane_to smallint NOT NULL,
    days smallint NOT NULL CHECK (days BETWEEN 1 AND 60),   -- 80 of 100 parcels took no longer
    median_hours integer NOT NULL,
    parcels integer NOT NULL,                               -- measured
    measured_at timestamptz NOT NULL,
    PRIMARY KEY (carrier, lane_from, lane_to)
);

-- Parcels by day of shipping, shop, carrier and lane; kept by the listener and with every arrival.
CREATE TABLE parcel_day (
    cell smallint NOT NULL,
    shop_id bigint NOT NULL,
    day date NOT NULL,
    carrier text NOT NULL,
    lane_from smallint NOT NULL,
    lane_to smallint NOT NULL,
    parcels integer NOT NULL DEFAULT 0,
    shipped_late integer NOT NULL DEFAULT 0,
    arrived integer NOT NULL DEFAULT 0,
    arrived_late integer NOT NULL DEFAULT 0,
    returned integer NOT NULL DEFAULT 0,
    lost integer NOT NULL DEFAULT 0,
    hours bigint NOT NULL DEFAULT 0,       -- from shipping to arrival, of those that arrived
    PRIMARY KEY (cell, shop_id, day, carrier, lane_from, lane_to)
);
CREATE INDEX parcel_day_by_day ON parcel_day (day);

-- Which parcels stand in parcel_day already, so that an event heard twice counts once.
ALTER TABLE parcel ADD COLUMN counted boolean NOT NULL DEFAULT false;

-- Paid by rule to buyers whose order left late; one per order and rule. Owner: flow compensate.
-- state: paid · void (nothing was left to pay from, or the order had ended)
CREATE TABLE compensation (
    cell smallint NOT NULL,
    order_id bigint NOT NULL,
    kind text NOT NULL CONSTRAINT compensation_kind CHECK (kind IN ('late_shipping')),
    shop_id bigint NOT NULL,
    buyer_id bigint NOT NULL,
    rule_version smallint NOT NULL,
    ship_by timestamptz NOT NULL,
    late_hours integer NOT NULL CHECK (late_hours >= 0),  -- whole hours, when it was decided
    base_minor bigint NOT NULL CHECK (base_minor >= 0),   -- what the buyer had paid and not got back
    rate_bp integer NOT NULL,
    cap_minor bigint NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    state text NOT NULL CONSTRAINT compensation_state CHECK (state IN ('paid', 'void')),
    refund_id bigint,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (cell, order_id, kind),
    CONSTRAINT compensation_paid CHECK ((state = 'paid') = (refund_id IS NOT NULL AND amount_minor > 0))
);
CREATE INDEX compensation_by_shop ON compensation (cell, shop_id, decided_at DESC, order_id DESC);
CREATE INDEX compensation_newest ON compensation (decided_at DESC, order_id DESC);
