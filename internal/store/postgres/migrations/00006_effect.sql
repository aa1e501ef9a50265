-- +goose Up

-- What the outbox knows of an effect beside its error. It stood in words before
-- the error's text.
ALTER TABLE effect ADD COLUMN released bigint NOT NULL DEFAULT 0, ADD COLUMN dead bigint NOT NULL DEFAULT 0, ADD COLUMN put_backs bigint NOT NULL DEFAULT 0;
UPDATE effect SET released = 1, last_error = substr(last_error, 11) WHERE last_error LIKE 'released; %';
UPDATE effect SET dead = 1, last_error = substr(last_error, 7) WHERE last_error LIKE 'dead; %';
UPDATE effect SET put_backs = substring(last_error FROM '^put back ([0-9]{1,9}) times; ')::bigint, last_error = regexp_replace(last_error, '^put back [0-9]+ times; ', '') WHERE last_error ~ '^put back [0-9]{1,9} times; ';
