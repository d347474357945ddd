-- An offer can be changed; of two people who change it at once the second is told. Owner: pricing.
ALTER TABLE offer ADD COLUMN version integer NOT NULL DEFAULT 1;
