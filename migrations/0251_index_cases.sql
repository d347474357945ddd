-- Lists of cases: what waits for an operator by the end of its time, the others by state. Owner: penalties.
CREATE INDEX violation_waiting ON violation (clock_at, id) WHERE state IN ('answered', 'appealed');
CREATE INDEX violation_by_state ON violation (state, id DESC);
DROP INDEX violation_open;
DROP INDEX violation_newest;
