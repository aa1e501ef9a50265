-- +goose Up

-- What the outbox knows of an effect beside its error. It stood in words before
-- the error's text.
ALTER TABLE effect ADD COLUMN released INTEGER NOT NULL DEFAULT 0;
ALTER TABLE effect ADD COLUMN dead INTEGER NOT NULL DEFAULT 0;
ALTER TABLE effect ADD COLUMN put_backs INTEGER NOT NULL DEFAULT 0;
UPDATE effect SET released = 1, last_error = substr(last_error, 11) WHERE substr(last_error, 1, 10) = 'released; ';
UPDATE effect SET dead = 1, last_error = substr(last_error, 7) WHERE substr(last_error, 1, 6) = 'dead; ';
UPDATE effect SET put_backs = CAST(substr(last_error, 10) AS INTEGER), last_error = substr(last_error, instr(last_error, '; ') + 2) WHERE last_error GLOB 'put back [0-9]* times; *';
