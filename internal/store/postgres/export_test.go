package postgres

import (
	"context"
	"fmt"
	"strings"
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
