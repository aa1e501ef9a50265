package sandbox

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
)

const schema = `
CREATE TABLE IF NOT EXISTS post (
  seq         INTEGER PRIMARY KEY,
  change      INTEGER NOT NULL,
  id          TEXT NOT NULL UNIQUE,
  key         TEXT UNIQUE,
  handle      TEXT NOT NULL,
  name        TEXT NOT NULL,
  company     INTEGER NOT NULL,
  recipient   TEXT NOT NULL,
  visibility  TEXT NOT NULL,
  text        TEXT NOT NULL,
  in_reply_to TEXT NOT NULL,
  thread      TEXT NOT NULL,
  at          INTEGER NOT NULL,
  edited_at   INTEGER NOT NULL DEFAULT 0,
  deleted     INTEGER NOT NULL DEFAULT 0,
  revision    INTEGER NOT NULL DEFAULT 0,
  refused     TEXT NOT NULL DEFAULT '',
  unaddressed INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX IF NOT EXISTS post_change ON post(change);
CREATE INDEX IF NOT EXISTS post_thread ON post(thread, seq);
CREATE TABLE IF NOT EXISTS delivery (
  seq  INTEGER PRIMARY KEY AUTOINCREMENT,
  post TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS delivery_post ON delivery(post);
CREATE TABLE IF NOT EXISTS counter (one INTEGER PRIMARY KEY CHECK (one = 1), change INTEGER NOT NULL);
INSERT OR IGNORE INTO counter VALUES (1, 0);
`

// sharedSchema is the same for PostgreSQL, beside the tables of others.
// failure is why the newest delivery attempt failed, for the nodes that did not
// make it.
const sharedSchema = `
CREATE TABLE IF NOT EXISTS sandbox_post (
  seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  change      bigint NOT NULL,
  id          text COLLATE "C" NOT NULL UNIQUE,
  key         text COLLATE "C" UNIQUE,
  handle      text COLLATE "C" NOT NULL,
  name        text NOT NULL,
  company     boolean NOT NULL,
  recipient   text COLLATE "C" NOT NULL,
  visibility  text COLLATE "C" NOT NULL,
  text        text NOT NULL,
  in_reply_to text COLLATE "C" NOT NULL,
  thread      text COLLATE "C" NOT NULL,
  at          bigint NOT NULL,
  edited_at   bigint NOT NULL DEFAULT 0,
  deleted     boolean NOT NULL DEFAULT false,
  revision    bigint NOT NULL DEFAULT 0,
  refused     text NOT NULL DEFAULT '',
  unaddressed boolean NOT NULL DEFAULT false
);
ALTER TABLE sandbox_post ADD COLUMN IF NOT EXISTS unaddressed boolean NOT NULL DEFAULT false;
CREATE UNIQUE INDEX IF NOT EXISTS sandbox_post_change ON sandbox_post(change);
CREATE INDEX IF NOT EXISTS sandbox_post_thread ON sandbox_post(thread, seq);
CREATE TABLE IF NOT EXISTS sandbox_delivery (
  seq  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  post text COLLATE "C" NOT NULL,
  body text NOT NULL
);
CREATE INDEX IF NOT EXISTS sandbox_delivery_post ON sandbox_delivery(post);
CREATE TABLE IF NOT EXISTS sandbox_counter (one int PRIMARY KEY CHECK (one = 1), change bigint NOT NULL, failure text NOT NULL DEFAULT '');
INSERT INTO sandbox_counter (one, change) VALUES (1, 0) ON CONFLICT DO NOTHING;
`

// sharedLock keeps processes that start at once from making the tables at once.
const sharedLock = 0x7361_6e64_626f_7878

// sharedConns is how many of the store's connections the network takes at most.
const sharedConns = 2

// database is where the network keeps its posts. Statements are written once:
// "@post" is a table's name, "?" a parameter.
type database struct {
	*sql.DB
	words  *strings.Replacer
	shared bool   // PostgreSQL, and other processes use it as well
	free   func() // lets go of what outlives the connections; may be nil
}

// Close closes the connections.
func (d *database) Close() error {
	err := d.DB.Close()
	if d.free != nil {
		d.free()
	}
	return err
}

// shareDB uses a PostgreSQL database that others have tables in. Unless it is
// to stay as it is, it makes its own there.
func shareDB(ctx context.Context, db *sql.DB, asItIs bool) (*database, error) {
	db.SetMaxOpenConns(sharedConns)
	d := &database{DB: db, words: strings.NewReplacer("@", "sandbox_"), shared: true}
	if asItIs {
		return d, nil
	}
	var there bool
	err := db.QueryRowContext(ctx, `SELECT to_regclass('sandbox_counter') IS NOT NULL AND EXISTS (
	  SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass('sandbox_post') AND attname = 'unaddressed')`).Scan(&there)
	if err == nil && !there {
		err = inTx(ctx, d, func(tx *transaction) error {
			if _, err := tx.Tx.ExecContext(ctx, fmt.Sprintf(`SELECT pg_advisory_xact_lock(%d)`, int64(sharedLock))); err != nil {
				return err
			}
			for statement := range strings.SplitSeq(sharedSchema, ";\n") {
				if strings.TrimSpace(statement) == "" {
					continue
				}
				if _, err := tx.Tx.ExecContext(ctx, statement); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("sandbox: its tables in the shared database: %w", err)
	}
	return d, nil
}

// sql puts a statement into the database's own words.
func (d *database) sql(query string) string {
	query = d.words.Replace(query)
	if !d.shared {
		return query
	}
	var b strings.Builder
	for n := 1; ; n++ {
		before, after, found := strings.Cut(query, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString("$" + strconv.Itoa(n))
		query = after
	}
}

func (d *database) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return d.DB.QueryContext(ctx, d.sql(query), args...)
}

func (d *database) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return d.DB.QueryRowContext(ctx, d.sql(query), args...)
}

func (d *database) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return d.DB.ExecContext(ctx, d.sql(query), args...)
}

// transaction is one of a database's.
type transaction struct {
	*sql.Tx
	d *database
}

func (t *transaction) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return t.Tx.QueryContext(ctx, t.d.sql(query), args...)
}

func (t *transaction) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return t.Tx.QueryRowContext(ctx, t.d.sql(query), args...)
}

func (t *transaction) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return t.Tx.ExecContext(ctx, t.d.sql(query), args...)
}
