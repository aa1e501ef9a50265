-- +goose Up

-- Texts compare byte by byte, as they do in Go and in the other stores.
-- Snapshots, records and nouns are bytes in the stored form of internal/wire.
--
-- Rows that are rewritten all the time leave room in their pages, so that a
-- new version stands beside the old one and no index has to be told (HOT).
-- For the same reason no column that a decision changes is indexed.

-- One row a customer.
CREATE TABLE advocate (
    id bigint PRIMARY KEY,
    version bigint NOT NULL,
    next_due timestamptz,
    armed timestamptz, -- where it stands in the queue of alarms: never later than next_due
    redirect bigint,
    erased boolean NOT NULL DEFAULT false,
    erased_at timestamptz,
    created timestamptz NOT NULL,
    ref text COLLATE "C" NOT NULL,
    former_ref text COLLATE "C", -- of a merged customer, for erasing
    search text COLLATE "C" NOT NULL,
    state bytea
) WITH (fillfactor = 75, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.1);
ALTER TABLE advocate ALTER COLUMN state SET STORAGE MAIN; -- in its row while a page has room for it
CREATE INDEX advocate_armed ON advocate (armed, id) WHERE armed IS NOT NULL;
CREATE INDEX advocate_redirect ON advocate (redirect) WHERE redirect IS NOT NULL;
CREATE INDEX advocate_erased ON advocate (id) WHERE erased;

-- Who has a company reference.
CREATE TABLE reference (ref text COLLATE "C" PRIMARY KEY, customer bigint NOT NULL);

-- What the list of customers searches, apart from the large rows. grams are
-- the three-byte pieces of its words.
CREATE TABLE search (customer bigint PRIMARY KEY, words text COLLATE "C" NOT NULL, grams int4[] NOT NULL);
CREATE INDEX search_grams ON search USING gin (grams);

CREATE TABLE identity (
    network text COLLATE "C" NOT NULL, account text COLLATE "C" NOT NULL, author text COLLATE "C" NOT NULL,
    customer bigint NOT NULL,
    PRIMARY KEY (network, account, author)
);
CREATE INDEX identity_customer ON identity (customer);

CREATE TABLE post (
    id text COLLATE "C" NOT NULL, network text COLLATE "C" NOT NULL, account text COLLATE "C" NOT NULL,
    customer bigint NOT NULL, sender text COLLATE "C" NOT NULL, at timestamptz NOT NULL,
    revision text COLLATE "C" NOT NULL, body bigint NOT NULL,
    PRIMARY KEY (id, network, account)
);
CREATE INDEX post_customer ON post (customer);
CREATE INDEX post_at ON post (at);

CREATE SEQUENCE journal_seq;
CREATE TABLE journal (
    customer bigint NOT NULL, seq bigint NOT NULL, version bigint NOT NULL, at timestamptz NOT NULL, record bytea,
    PRIMARY KEY (customer, seq)
);

CREATE SEQUENCE inbox_seq;
CREATE TABLE inbox (
    customer bigint NOT NULL, seq bigint NOT NULL, ready_at timestamptz NOT NULL, kind text COLLATE "C" NOT NULL, body bytea,
    PRIMARY KEY (customer, seq)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX inbox_ready ON inbox (ready_at, customer);

CREATE TABLE seen (key uuid PRIMARY KEY, body bigint NOT NULL, at timestamptz NOT NULL)
    WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
CREATE INDEX seen_at ON seen (at);

CREATE SEQUENCE event_seq;
CREATE TABLE event (seq bigint PRIMARY KEY, accepted timestamptz NOT NULL, body bytea NOT NULL, data bytea)
    WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);

-- Events by a hash of each of their anchors.
CREATE TABLE event_anchor (
    anchor bigint NOT NULL, accepted timestamptz NOT NULL, seq bigint NOT NULL,
    PRIMARY KEY (anchor, accepted, seq)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);

-- anchor is a hash. after is the end of the event log that it does not follow
-- by itself: what came up to there it catches up with.
CREATE TABLE subscription (
    customer bigint NOT NULL, id text COLLATE "C" NOT NULL,
    anchor bigint NOT NULL, after bigint NOT NULL, body bytea NOT NULL,
    PRIMARY KEY (customer, id)
) WITH (fillfactor = 90);
CREATE INDEX subscription_anchor ON subscription (anchor, customer, id);

-- xid is the transaction that wrote the row. upto is NULL while nobody knows
-- yet which events the subscription missed; least is an event that must be
-- among them.
CREATE SEQUENCE catch_up_seq;
CREATE TABLE catch_up (
    customer bigint NOT NULL, subscription text COLLATE "C" NOT NULL,
    seq bigint NOT NULL, xid xid8 NOT NULL,
    attr text COLLATE "C" NOT NULL, value text COLLATE "C" NOT NULL, type text COLLATE "C" NOT NULL,
    since timestamptz NOT NULL, upto bigint, least bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (customer, subscription)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX catch_up_seq_key ON catch_up (seq);

CREATE TABLE fanout (event bigint PRIMARY KEY, anchor int NOT NULL, after bigint NOT NULL)
    WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

CREATE TABLE notice (
    name text COLLATE "C" PRIMARY KEY, at timestamptz NOT NULL, seq bigint NOT NULL,
    anchors text[] COLLATE "C" NOT NULL, body bytea NOT NULL, data bytea
);

-- rev counts the writes of a row: who writes what he read finds out that
-- another was faster.
CREATE TABLE orders (
    id text COLLATE "C" PRIMARY KEY, rev bigint NOT NULL, updated timestamptz NOT NULL,
    ref text COLLATE "C" NOT NULL, tracking text COLLATE "C" NOT NULL, body bytea NOT NULL
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.1);
CREATE INDEX orders_ref ON orders (ref) WHERE ref <> '';
CREATE INDEX orders_tracking ON orders (tracking) WHERE tracking <> '';

CREATE TABLE work_item (
    customer bigint NOT NULL, id text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL, queue text COLLATE "C" NOT NULL,
    created timestamptz NOT NULL, updated timestamptz NOT NULL, not_before timestamptz NOT NULL, body bytea NOT NULL,
    PRIMARY KEY (customer, id)
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE UNIQUE INDEX work_item_id ON work_item (id);
CREATE INDEX work_item_created ON work_item (created, id);
CREATE INDEX work_item_state ON work_item (state, created, id);
CREATE INDEX work_item_queue ON work_item (queue, state, updated);
CREATE INDEX work_item_closed ON work_item (updated) WHERE state IN ('completed', 'canceled');

CREATE TABLE case_file (
    customer bigint NOT NULL, id text COLLATE "C" NOT NULL, updated timestamptz NOT NULL, body bytea NOT NULL,
    PRIMARY KEY (customer, id)
);
CREATE UNIQUE INDEX case_file_id ON case_file (id);

-- Live effects only. ready is from when an effect may be claimed: its time
-- while it is pending, the end of its lease while it is being sent, and never
-- while it is held or dead.
CREATE TABLE effect (
    customer bigint NOT NULL, id text COLLATE "C" NOT NULL, state text COLLATE "C" NOT NULL,
    destination text COLLATE "C" NOT NULL, conversation text COLLATE "C" NOT NULL, ordinal bigint NOT NULL,
    ready timestamptz, not_before timestamptz NOT NULL, attempt bigint NOT NULL, lease timestamptz NOT NULL,
    last_error text COLLATE "C" NOT NULL, created timestamptz NOT NULL, updated timestamptz NOT NULL, body bytea NOT NULL,
    PRIMARY KEY (customer, id)
) WITH (fillfactor = 75, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
CREATE UNIQUE INDEX effect_id ON effect (id);
CREATE INDEX effect_conversation ON effect (customer, conversation, ordinal, id) WHERE conversation <> '';
CREATE INDEX effect_ready ON effect (destination, ready, id) WHERE ready IS NOT NULL;
CREATE INDEX effect_held ON effect (id) WHERE state = 'held';
CREATE INDEX effect_dead ON effect (id) WHERE state = 'dead';

CREATE TABLE attempt (at timestamptz NOT NULL, ref text COLLATE "C" NOT NULL, network text COLLATE "C" NOT NULL);
CREATE INDEX attempt_at ON attempt (at);
CREATE INDEX attempt_ref ON attempt (ref, at);
CREATE INDEX attempt_network ON attempt (network, at);

CREATE TABLE playbook (
    version bigint PRIMARY KEY, name text COLLATE "C" NOT NULL, hash text COLLATE "C" NOT NULL, source bytea, policy bytea,
    at timestamptz NOT NULL, by text COLLATE "C" NOT NULL,
    active boolean NOT NULL, activated_at timestamptz NOT NULL, activated_by text COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX playbook_active ON playbook (active) WHERE active;

CREATE TABLE switch (scope text COLLATE "C" PRIMARY KEY, mode text COLLATE "C" NOT NULL, by text COLLATE "C" NOT NULL, at timestamptz NOT NULL);
CREATE TABLE token (
    name text COLLATE "C" PRIMARY KEY, hash bytea NOT NULL UNIQUE, role text COLLATE "C" NOT NULL,
    created timestamptz NOT NULL, expires timestamptz NOT NULL
);
CREATE TABLE merge (
    id text COLLATE "C" PRIMARY KEY, source bigint NOT NULL, target bigint NOT NULL,
    at timestamptz NOT NULL, by text COLLATE "C" NOT NULL, body bytea
);
CREATE INDEX merge_source ON merge (source);
CREATE INDEX merge_target ON merge (target);

-- How many rows there are, in shares: each session adds to one of them just
-- before it commits, so that writers seldom wait for each other.
CREATE TABLE tally (
    shard int PRIMARY KEY,
    customers bigint NOT NULL, posts bigint NOT NULL, events bigint NOT NULL,
    subscriptions bigint NOT NULL, inputs bigint NOT NULL, orders bigint NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_cost_delay = 0);
INSERT INTO tally SELECT n, 0, 0, 0, 0, 0, 0 FROM generate_series(0, 63) n;

-- What one node at a time does, in database time. fence goes up with every
-- new holder.
CREATE TABLE lease (
    name text COLLATE "C" PRIMARY KEY, holder text COLLATE "C" NOT NULL, fence bigint NOT NULL, until timestamptz NOT NULL
) WITH (fillfactor = 50);

-- LZ4 is quicker than the built-in compression, where the server has it.
-- +goose StatementBegin
DO $$
BEGIN
    ALTER TABLE advocate ALTER COLUMN state SET COMPRESSION lz4;
    ALTER TABLE journal ALTER COLUMN record SET COMPRESSION lz4;
    ALTER TABLE event ALTER COLUMN data SET COMPRESSION lz4;
    ALTER TABLE inbox ALTER COLUMN body SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL;
END
$$;
-- +goose StatementEnd
