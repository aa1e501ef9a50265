package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Wipe empties every table, for tests that need many databases.
func (s *Store) Wipe(ctx context.Context) error {
	var tables []string
	err := s.alone(ctx, func(x *session) error {
		for q := x.query(qTables, x.arg()); q.next(); {
			tables = append(tables, q.str(0))
		}
		return x.err
	})
	if err != nil {
		return err
	}
	p, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer p.Release()
	s.books.last.Version = 0
	h := &s.horizon
	h.mu.Lock()
	h.known, h.settled, h.pending = ripe{}, mark{}, mark{}
	h.mu.Unlock()
	_, err = p.Exec(ctx, fmt.Sprintf(`DELETE FROM %s; UPDATE tally SET customers = 0, posts = 0, events = 0, subscriptions = 0, inputs = 0, orders = 0;
		ALTER SEQUENCE event_seq RESTART; ALTER SEQUENCE inbox_seq RESTART`, strings.Join(tables, "; DELETE FROM ")))
	return err
}

var qTables = prepared(`SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT IN ('tally', 'advocate_schema')`)

// LoadedTables are the tables that must be empty before a move.
func LoadedTables() (out []string) {
	for _, t := range loaded {
		out = append(out, t.name)
	}
	return out
}

// Dump gives every row of every table as text.
func (s *Store) Dump(ctx context.Context) (string, error) {
	var tables []string
	var out strings.Builder
	err := s.alone(ctx, func(x *session) error {
		for q := x.query(qTables, x.arg()); q.next(); {
			tables = append(tables, q.str(0))
		}
		return x.err
	})
	if err != nil {
		return "", err
	}
	p, err := s.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer p.Release()
	for _, name := range tables {
		// Bytes as text, as far as they are one: escape leaves letters alone.
		rows, err := p.Query(ctx, `SELECT regexp_replace(t::text, '\\x([0-9a-f]*)', '', 'g') || coalesce((SELECT string_agg(encode(v::bytea, 'escape'), ' ')
			FROM jsonb_each_text(to_jsonb(t)) AS e(k, v) WHERE v LIKE '\x%'), '') FROM `+name+` t`)
		if err != nil {
			return "", err
		}
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				return "", err
			}
			fmt.Fprintln(&out, name, text)
		}
		if rows.Err() != nil {
			return "", rows.Err()
		}
	}
	return out.String(), nil
}

// One runs a statement that gives one number.
func (s *Store) One(ctx context.Context, sql string) (n int64, err error) {
	p, err := s.acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer p.Release()
	err = p.QueryRow(ctx, sql).Scan(&n)
	return n, err
}

// PID is the backend of a transaction.
func PID(r any) uint32 {
	if t, ok := r.(*tx); ok {
		return t.pg.PID()
	}
	return r.(*reader).pg.PID()
}

// Classify is classify.
var Classify = classify

// Plans gives each statement with the plan that it is run by.
func (s *Store) Plans(ctx context.Context) (map[string]string, error) {
	p, err := s.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer p.Release()
	out := map[string]string{}
	for i, text := range queries {
		if strings.Contains(text, "advocate_move") {
			continue // a table that is there while a database is filled only
		}
		if head, _, _ := strings.Cut(text, " "); !strings.Contains("SELECT INSERT UPDATE DELETE WITH", head) {
			continue
		}
		sd, err := p.Conn().PgConn().Prepare(ctx, fmt.Sprint("plan", i), text, nil)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
		args := ""
		if n := len(sd.ParamOIDs); n > 0 {
			args = "(" + strings.TrimSuffix(strings.Repeat("NULL, ", n), ", ") + ")"
		}
		rows, err := p.Query(ctx, fmt.Sprintf(`EXPLAIN (VERBOSE) EXECUTE plan%d%s`, i, args))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				return nil, err
			}
			out[text] += line + "\n"
		}
		if rows.Err() != nil {
			return nil, rows.Err()
		}
		if _, err := p.Exec(ctx, fmt.Sprint(`DEALLOCATE plan`, i)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Exec runs a statement outside of a transaction.
func (s *Store) Exec(ctx context.Context, sql string) error {
	p, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer p.Release()
	_, err = p.Exec(ctx, sql)
	return err
}

// Leading gives the first column of each index.
func (s *Store) Leading(ctx context.Context) (map[string]string, error) {
	p, err := s.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer p.Release()
	rows, err := p.Query(ctx, `SELECT c.relname::text, pg_get_indexdef(i.indexrelid, 1, false) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		WHERE c.relnamespace = 'public'::regnamespace`)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for rows.Next() {
		var index, column string
		if err := rows.Scan(&index, &column); err != nil {
			return nil, err
		}
		out[index] = column
	}
	return out, rows.Err()
}

// Before gives the statements of the first n migrations.
func Before(n int) (sql []string, err error) {
	files, err := migrations.ReadDir("migrations")
	for _, f := range files[:min(n, len(files))] {
		text, e := migrations.ReadFile("migrations/" + f.Name())
		sql, err = append(sql, string(text)), errors.Join(err, e)
	}
	return sql, err
}

// Remember has every claim look above the floors, at once, or none.
func Remember(s *Store, on bool) {
	s.floors.mu.Lock()
	defer s.floors.mu.Unlock()
	if s.floors.of, s.floors.slow = nil, time.Hour; on {
		s.floors.slow, s.floors.settle = -1, 0
	}
}

// Floor is what is remembered of a destination.
func Floor(s *Store, destination string) (at time.Time, left []string) {
	s.floors.mu.Lock()
	defer s.floors.mu.Unlock()
	if f := s.floors.of[destination]; f != nil {
		for _, w := range f.left {
			left = append(left, w.id)
		}
		return f.at, left
	}
	return at, nil
}

// LookAtAll has the next claim look at everything.
func LookAtAll(s *Store) { s.floors.forget() }
