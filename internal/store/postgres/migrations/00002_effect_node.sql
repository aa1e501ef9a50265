-- +goose Up

-- The lease of the node that is sending an effect: when that ends the node is
-- gone, and what it was sending need not wait for the end of its own lease.
ALTER TABLE effect ADD COLUMN node text COLLATE "C" NOT NULL DEFAULT '';
