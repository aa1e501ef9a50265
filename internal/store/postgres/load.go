package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/contact-advocate/advocate/internal/store"
)

var (
	_ store.Loader = (*Store)(nil)
	_ store.Dumper = (*reader)(nil)
)

// A database that is being filled from another store has two tables more: what
// fills it, and how far each table has come. They are made and read by whoever
// moves; nodes only look whether they may come in (checkLoad).
const loadTables = `CREATE TABLE IF NOT EXISTS advocate_move (
		one boolean PRIMARY KEY DEFAULT true CHECK (one),
		id text COLLATE "C" NOT NULL, source text COLLATE "C" NOT NULL, state text COLLATE "C" NOT NULL,
		began timestamptz NOT NULL, ended timestamptz);
	CREATE TABLE IF NOT EXISTS advocate_move_part (
		name text COLLATE "C" PRIMARY KEY, place bytea, rows bigint NOT NULL, sum bytea, over boolean NOT NULL);`

const (
	loadGoing = "loading"
	loadDone  = "done"
	loadOff   = "canceled"
)

// schemaLoad opens a database that is to be filled. Otherwise it is
// SchemaUpdate.
const schemaLoad SchemaMode = 255

var (
	qLoadKnown = prepared(`SELECT to_regclass('advocate_move') IS NOT NULL`)
	qLoadGet   = prepared(`SELECT id, source, state FROM advocate_move`)
	qLoadHold  = prepared(`SELECT id, source, state FROM advocate_move FOR NO KEY UPDATE`)
	qLoadParts = prepared(`SELECT name, place, rows, sum, over FROM advocate_move_part`)
	qLoadAdd   = prepared(`INSERT INTO advocate_move (id, source, state, began) VALUES ($1::text, $2::text, 'loading', clock_timestamp()) ON CONFLICT (one) DO NOTHING`)
	qLoadEnd   = prepared(`UPDATE advocate_move SET state = $2::text, ended = clock_timestamp() WHERE id = $1::text AND state = 'loading'`)
	qLoadPart  = prepared(`INSERT INTO advocate_move_part AS p (name, place, rows, sum, over) VALUES ($1::text, $2::bytea, $3::bigint, $4::bytea, $5::boolean)
		ON CONFLICT (name) DO UPDATE SET place = excluded.place, rows = excluded.rows, sum = excluded.sum, over = excluded.over
		WHERE p.rows = $6::bigint AND coalesce(p.place, '') = coalesce($7::bytea, '') AND NOT p.over`)

	// What is lost of these commits when the server crashes is written again:
	// rows and their place are lost together.
	qLoadLazily = prepared(`SELECT set_config('synchronous_commit', 'off', true)`)
)

// OpenMoving opens a database in order to fill it from another store: one that
// is empty, or in which that was begun. Other nodes cannot open it until it is
// full.
func OpenMoving(ctx context.Context, url string, opts Options) (*Store, error) {
	opts.Schema = schemaLoad
	return Open(ctx, url, opts)
}

// checkLoad refuses a node where rows are still missing.
func checkLoad(ctx context.Context, c *pgx.Conn, mode SchemaMode) error {
	if mode == schemaLoad {
		return nil
	}
	var known bool
	if err := c.QueryRow(ctx, queries[qLoadKnown]).Scan(&known); err != nil || !known {
		return classify(err)
	}
	var id, source, state string
	err := c.QueryRow(ctx, queries[qLoadGet]).Scan(&id, &source, &state)
	switch {
	case errors.Is(err, pgx.ErrNoRows), err == nil && state == loadDone:
		return nil
	case err != nil:
		return classify(err)
	case state == loadOff:
		return fmt.Errorf("%w: the move of %s into the database was given up, and a part of its rows is in it; use another database", store.ErrMoved, source)
	}
	return fmt.Errorf("%w: %s is being moved into the database and is not all there; \"advocate migrate\" with the same --from and --to goes on with it", store.ErrMoved, source)
}

// LoadState implements store.Loader.
func (s *Store) LoadState(ctx context.Context) (out store.LoadState, err error) {
	err = s.View(ctx, func(r store.Reader) error {
		x := r.(*reader)
		out = store.LoadState{Parts: map[store.Table]store.LoadPart{}}
		if !x.flag(qLoadKnown) {
			return x.err
		}
		out.ID, out.Source, out.Done, out.Off = x.loading(qLoadGet)
		for q := x.query(qLoadParts, x.arg()); q.next(); {
			out.Parts[store.Table(q.str(0))] = store.LoadPart{Place: q.bytes(1), Rows: q.i(2), Sum: q.bytes(3), Over: q.bool(4)}
		}
		return x.err
	})
	return out, err
}

func (x *session) flag(id query) (yes bool) {
	if q := x.query(id, x.arg()); q.next() {
		yes = q.bool(0)
		q.close()
	}
	return yes
}

func (x *session) loading(id query) (move, source string, done, off bool) {
	if q := x.query(id, x.arg()); q.next() {
		move, source, done, off = q.str(0), q.str(1), q.str(2) == loadDone, q.str(2) == loadOff
		q.close()
	}
	return move, source, done, off
}

// LoadBegin implements store.Loader.
func (s *Store) LoadBegin(ctx context.Context, id, source string) error {
	if err := s.aside(ctx, loadTables); err != nil {
		return err
	}
	return s.Update(ctx, func(st store.Tx) error {
		t := st.(*tx)
		if t.exec(qLoadAdd, t.arg().text(id).text(source)) == 0 && t.err == nil {
			_, other, _, _ := t.loading(qLoadGet)
			return errors.Join(t.err, fmt.Errorf("%w: the database belongs to a move of %s", store.ErrConflict, other))
		}
		var full []string
		for _, table := range loaded {
			if t.flag(table.any) {
				full = append(full, table.name)
			}
		}
		if t.err == nil && len(full) > 0 {
			return fmt.Errorf("%w: the database is not empty: there are rows in %s; name an empty one, in which no node has ever served", store.ErrConflict, strings.Join(full, ", "))
		}
		return t.err
	})
}

// aside runs statements that define something.
func (s *Store) aside(ctx context.Context, sql string) error {
	p, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer p.Release()
	_, err = p.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol)
	return classify(err)
}

// loaded are the tables that must be empty at first.
var loaded = func() (out []struct {
	name string
	any  query
}) {
	for _, name := range []string{
		"advocate", "reference", "search", "identity", "post", "journal", "inbox", "seen", "event", "event_anchor", "subscription", "catch_up",
		"fanout", "notice", "orders", "work_item", "case_file", "effect", "attempt", "playbook", "switch", "token", "merge",
		"document", "document_key", "audit", "delivery",
	} {
		out = append(out, struct {
			name string
			any  query
		}{name, prepared(`SELECT EXISTS (SELECT FROM ` + name + `)`)})
	}
	return out
}()

// LoadWrite implements store.Loader.
func (s *Store) LoadWrite(ctx context.Context, p store.LoadParams) error {
	return s.Update(ctx, func(st store.Tx) error {
		t := st.(*tx)
		t.query(qLoadLazily, t.arg()).close()
		if id, source, done, off := t.loading(qLoadHold); t.err == nil && (id != p.ID || done || off) {
			return fmt.Errorf("%w: no move of that kind is under way in the database, but one of %q", store.ErrConflict, source)
		}
		n := t.exec(qLoadPart, t.arg().text(string(p.Table)).blob(p.Next.Place).int(p.Next.Rows).blob(p.Next.Sum).bool(p.Next.Over).int(p.Was.Rows).blob(p.Was.Place))
		if t.err == nil && n != 1 {
			return fmt.Errorf("%w: another process is filling the table %s", store.ErrConflict, p.Table)
		}
		if err := t.load(&p.Rows); err != nil {
			return fmt.Errorf("table %s: %w", p.Table, err)
		}
		return t.err
	})
}

// LoadFinish implements store.Loader. Statistics are taken first: a database
// that was just filled has none. Empty tables are left out (see Tidy).
func (s *Store) LoadFinish(ctx context.Context, id string) error {
	for _, table := range loaded {
		if err := s.aside(ctx, `SET statement_timeout = 0; DO $$ BEGIN IF EXISTS (SELECT FROM `+table.name+`) THEN ANALYZE `+table.name+`; END IF; END $$; RESET statement_timeout`); err != nil {
			return err
		}
	}
	return s.endLoad(ctx, id, loadDone)
}

// LoadCancel implements store.Loader.
func (s *Store) LoadCancel(ctx context.Context, id string) error { return s.endLoad(ctx, id, loadOff) }

func (s *Store) endLoad(ctx context.Context, id, state string) error {
	return s.Update(ctx, func(st store.Tx) error {
		t := st.(*tx)
		if t.exec(qLoadEnd, t.arg().text(id).text(state)) != 1 && t.err == nil {
			return fmt.Errorf("%w: no such move is under way in the database", store.ErrConflict)
		}
		return t.err
	})
}
