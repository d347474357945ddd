-- Imports have names of their own; which ones there are is the program's business.
ALTER TABLE import_run DROP CONSTRAINT IF EXISTS import_run_source;
ALTER TABLE import_run ADD CONSTRAINT import_run_source CHECK (source ~ '^[a-z][a-z0-9-]{1,39}$');
