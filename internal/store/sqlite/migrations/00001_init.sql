-- +goose Up
PRAGMA application_id = 1128353860; -- "CADD"

-- The last numbers given out, and how much there is.
CREATE TABLE counter (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    event INTEGER NOT NULL, inbox INTEGER NOT NULL, journal INTEGER NOT NULL, catch_up INTEGER NOT NULL, run INTEGER NOT NULL,
    customers INTEGER NOT NULL, posts INTEGER NOT NULL, events INTEGER NOT NULL,
    subscriptions INTEGER NOT NULL, inputs INTEGER NOT NULL, orders INTEGER NOT NULL, effects INTEGER NOT NULL
);
INSERT INTO counter VALUES (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

-- One row a customer. Updating state, version and head touches no index.
CREATE TABLE advocate (
    id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    head INTEGER NOT NULL, -- the newest journal row, 0 for none
    next_due INTEGER,
    armed INTEGER, -- where it stands in the queue of alarms: never later than next_due
    ref TEXT NOT NULL,
    search TEXT NOT NULL,
    redirect INTEGER,
    former_ref TEXT, -- of a merged customer, for erasing
    erased INTEGER NOT NULL,
    erased_at INTEGER,
    created_at INTEGER NOT NULL,
    state BLOB
);
CREATE INDEX advocate_armed ON advocate (armed) WHERE armed IS NOT NULL;
CREATE UNIQUE INDEX advocate_ref ON advocate (ref) WHERE ref <> '';
CREATE INDEX advocate_redirect ON advocate (redirect) WHERE redirect IS NOT NULL;
CREATE INDEX advocate_erased ON advocate (id) WHERE erased = 1;

-- What the list of customers searches, apart from the large rows.
CREATE TABLE search (id INTEGER PRIMARY KEY, words TEXT NOT NULL);

CREATE TABLE identity (
    network TEXT NOT NULL, account TEXT NOT NULL, author TEXT NOT NULL,
    customer INTEGER NOT NULL,
    PRIMARY KEY (network, account, author)
) WITHOUT ROWID;
CREATE INDEX identity_customer ON identity (customer);

CREATE TABLE post (
    id TEXT NOT NULL, network TEXT NOT NULL, account TEXT NOT NULL,
    customer INTEGER NOT NULL, sender TEXT NOT NULL, at INTEGER NOT NULL,
    revision TEXT NOT NULL, body INTEGER NOT NULL,
    PRIMARY KEY (id, network, account)
) WITHOUT ROWID;
CREATE INDEX post_customer ON post (customer);
CREATE INDEX post_at ON post (at);

-- Append-only. prev chains a customer's rows, so that none needs an index.
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    customer INTEGER NOT NULL, version INTEGER NOT NULL, prev INTEGER NOT NULL,
    at INTEGER NOT NULL, record BLOB
);

CREATE TABLE inbox (
    seq INTEGER PRIMARY KEY,
    customer INTEGER NOT NULL, ready_at INTEGER NOT NULL, kind TEXT NOT NULL, body BLOB
);
CREATE INDEX inbox_customer ON inbox (customer);
CREATE INDEX inbox_ready ON inbox (ready_at, customer);

-- Sorted runs of small records (see run.go): keys seen, anchors of events.
CREATE TABLE run_tail (
    n INTEGER PRIMARY KEY, kind INTEGER NOT NULL, newest INTEGER NOT NULL, data BLOB NOT NULL
);
CREATE TABLE run (
    id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, newest INTEGER NOT NULL,
    size INTEGER NOT NULL, firsts BLOB NOT NULL, filter BLOB
);
CREATE TABLE run_block (id INTEGER PRIMARY KEY, data BLOB NOT NULL);

CREATE TABLE event (seq INTEGER PRIMARY KEY, accepted INTEGER NOT NULL, body BLOB NOT NULL, data BLOB);

-- Clustered by a hash of the anchor: an event finds its subscriptions, or
-- that there are none, in one descent.
CREATE TABLE subscription (
    anchor INTEGER NOT NULL, customer INTEGER NOT NULL, id TEXT NOT NULL, after INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (anchor, customer, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX subscription_customer ON subscription (customer, id);

CREATE TABLE catch_up (
    seq INTEGER PRIMARY KEY,
    customer INTEGER NOT NULL, subscription TEXT NOT NULL, attr TEXT NOT NULL, value TEXT NOT NULL,
    type TEXT NOT NULL, since INTEGER NOT NULL, upto INTEGER NOT NULL
);
CREATE UNIQUE INDEX catch_up_customer ON catch_up (customer, subscription);

CREATE TABLE fanout (event INTEGER PRIMARY KEY, anchor INTEGER NOT NULL, after INTEGER NOT NULL);

CREATE TABLE notice (
    name TEXT PRIMARY KEY, at INTEGER NOT NULL, seq INTEGER NOT NULL,
    anchors TEXT NOT NULL, body BLOB NOT NULL, data BLOB
);

-- n is a hash of the id; equal hashes stand in the next free rows.
CREATE TABLE orders (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL, ref TEXT NOT NULL, tracking TEXT NOT NULL, body BLOB NOT NULL
);
CREATE INDEX orders_ref ON orders (ref) WHERE ref <> '';
CREATE INDEX orders_tracking ON orders (tracking) WHERE tracking <> '';

CREATE TABLE work_item (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE, customer INTEGER NOT NULL, state TEXT NOT NULL, queue TEXT NOT NULL,
    created INTEGER NOT NULL, updated INTEGER NOT NULL, not_before INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE INDEX work_item_created ON work_item (created, id);
CREATE INDEX work_item_state ON work_item (state, created, id);
CREATE INDEX work_item_queue ON work_item (queue, state, updated);
CREATE INDEX work_item_customer ON work_item (customer);
CREATE INDEX work_item_closed ON work_item (updated) WHERE state IN ('completed', 'canceled');

CREATE TABLE case_file (
    id TEXT PRIMARY KEY, customer INTEGER NOT NULL, updated INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE INDEX case_file_customer ON case_file (customer);

-- Live effects only. ready is set while the effect is the first of its
-- conversation and pending or sending: from then on it may be claimed. An id
-- begins with the customer it was made for, so that a customer's effects
-- stand together in the index of ids; those that a merge moved to another
-- customer have their own.
CREATE TABLE effect (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE, customer INTEGER NOT NULL, moved INTEGER NOT NULL, state TEXT NOT NULL,
    destination TEXT NOT NULL, conversation TEXT NOT NULL, ordinal INTEGER NOT NULL,
    first INTEGER NOT NULL, ready INTEGER,
    not_before INTEGER NOT NULL, attempt INTEGER NOT NULL, lease INTEGER NOT NULL, last_error TEXT NOT NULL,
    created INTEGER NOT NULL, updated INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE INDEX effect_ready ON effect (destination, ready, id) WHERE ready IS NOT NULL;
CREATE INDEX effect_state ON effect (state, id) WHERE state <> 'pending';
CREATE INDEX effect_moved ON effect (customer, id) WHERE moved = 1;

CREATE TABLE attempt (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, ref TEXT NOT NULL, network TEXT NOT NULL);
CREATE INDEX attempt_at ON attempt (at);
CREATE INDEX attempt_ref ON attempt (ref, at);
CREATE INDEX attempt_network ON attempt (network, at);

CREATE TABLE playbook (
    version INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, source BLOB, policy BLOB,
    at INTEGER NOT NULL, by TEXT NOT NULL, active INTEGER NOT NULL, activated_at INTEGER NOT NULL, activated_by TEXT NOT NULL
);
CREATE TABLE switch (scope TEXT PRIMARY KEY, mode TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL);
CREATE TABLE token (
    name TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, role TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL
);
CREATE TABLE merge (
    id TEXT PRIMARY KEY, source INTEGER NOT NULL, target INTEGER NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL, body BLOB
);
CREATE INDEX merge_source ON merge (source);
CREATE INDEX merge_target ON merge (target);
