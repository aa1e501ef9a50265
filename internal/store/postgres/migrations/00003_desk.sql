-- +goose Up

-- Whose room a work item takes, "" for nobody's. The next migration, which
-- reads bodies, fills it in for what is there.
ALTER TABLE work_item ADD COLUMN holder text COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX work_item_holder ON work_item (holder, created, id) WHERE holder <> '';
CREATE INDEX work_item_open ON work_item (id) WHERE state IN ('pending', 'reserved', 'assigned', 'wrapping');

-- Small things that are kept whole; each of their keys is in document_key. A
-- change of the body or the version touches no index.
CREATE TABLE document (
    kind text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
    version bigint NOT NULL, expires timestamptz, updated timestamptz NOT NULL, keys text[] COLLATE "C" NOT NULL, body bytea,
    PRIMARY KEY (kind, id)
) WITH (fillfactor = 75, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
CREATE INDEX document_expires ON document (expires, kind, id) WHERE expires IS NOT NULL;
CREATE TABLE document_key (
    kind text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, name)
);

-- Append-only, but for the details of customers who are erased.
CREATE SEQUENCE audit_seq;
CREATE TABLE audit (
    seq bigint PRIMARY KEY,
    at timestamptz NOT NULL, customer bigint NOT NULL, by text COLLATE "C" NOT NULL, via text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL, object text COLLATE "C" NOT NULL, outcome text COLLATE "C" NOT NULL,
    address text COLLATE "C" NOT NULL, detail bytea
) WITH (autovacuum_vacuum_insert_scale_factor = 0.05);
CREATE INDEX audit_at ON audit (at, seq);
CREATE INDEX audit_customer ON audit (customer, seq) WHERE customer <> 0;
CREATE INDEX audit_by ON audit (by, seq);
CREATE INDEX audit_object ON audit (object, seq) WHERE object <> '';

CREATE TABLE delivery (
    id text COLLATE "C" PRIMARY KEY, endpoint text COLLATE "C" NOT NULL, event bigint NOT NULL, type text COLLATE "C" NOT NULL,
    customer bigint NOT NULL, state text COLLATE "C" NOT NULL, attempt bigint NOT NULL, not_before timestamptz NOT NULL, lease timestamptz NOT NULL,
    status bigint NOT NULL, error text COLLATE "C" NOT NULL, at timestamptz NOT NULL, updated timestamptz NOT NULL, body bytea
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX delivery_live ON delivery (endpoint, state, not_before, id) WHERE state IN ('pending', 'sending');
CREATE INDEX delivery_at ON delivery (at, id);
CREATE INDEX delivery_endpoint ON delivery (endpoint, at, id);
CREATE INDEX delivery_customer ON delivery (customer) WHERE customer <> 0;
