-- +goose Up

-- Whose room a work item takes, "" for nobody's. The next migration, which
-- reads bodies, fills it in for what is there.
ALTER TABLE work_item ADD COLUMN holder TEXT NOT NULL DEFAULT '';
CREATE INDEX work_item_holder ON work_item (holder, created, id) WHERE holder <> '';
CREATE INDEX work_item_open ON work_item (id) WHERE state IN ('pending', 'reserved', 'assigned', 'wrapping');

ALTER TABLE counter ADD COLUMN audit INTEGER NOT NULL DEFAULT 0;

-- Small things that are kept whole. keys is a list in JSON; each of them is in
-- document_key.
CREATE TABLE document (
    n INTEGER PRIMARY KEY,
    kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, keys TEXT NOT NULL,
    expires INTEGER, updated INTEGER NOT NULL, body BLOB
);
CREATE UNIQUE INDEX document_id ON document (kind, id);
CREATE INDEX document_expires ON document (expires, kind, id) WHERE expires IS NOT NULL;
CREATE TABLE document_key (kind TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID;

-- Append-only, but for the details of customers who are erased.
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL, customer INTEGER NOT NULL, by TEXT NOT NULL, via TEXT NOT NULL, action TEXT NOT NULL,
    object TEXT NOT NULL, outcome TEXT NOT NULL, address TEXT NOT NULL, detail BLOB
);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_customer ON audit (customer) WHERE customer <> 0;
CREATE INDEX audit_by ON audit (by);
CREATE INDEX audit_object ON audit (object) WHERE object <> '';

CREATE TABLE delivery (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE, endpoint TEXT NOT NULL, event INTEGER NOT NULL, type TEXT NOT NULL, customer INTEGER NOT NULL,
    state TEXT NOT NULL, attempt INTEGER NOT NULL, not_before INTEGER NOT NULL, lease INTEGER NOT NULL,
    status INTEGER NOT NULL, error TEXT NOT NULL, at INTEGER NOT NULL, updated INTEGER NOT NULL, body BLOB
);
CREATE INDEX delivery_live ON delivery (endpoint, state, not_before, id) WHERE state IN ('pending', 'sending');
CREATE INDEX delivery_at ON delivery (at, id);
CREATE INDEX delivery_endpoint ON delivery (endpoint, at, id);
CREATE INDEX delivery_customer ON delivery (customer) WHERE customer <> 0;
