-- +goose Up

-- The digest of what was posted in public about an order, '' for a failed proof.
ALTER TABLE attempt ADD COLUMN shown TEXT NOT NULL DEFAULT '';
