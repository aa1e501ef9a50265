package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/ncruces/go-sqlite3"
)

// Backup implements store.Maintainer. The file appears under its name when it
// is complete; one that exists is not overwritten.
func (s *Store) Backup(ctx context.Context, path string, progress func(done, total int)) (err error) {
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("store: backup: %s exists; name a file that does not", path)
	}
	c, release, err := s.reader(ctx)
	if err != nil {
		return err
	}
	defer release()
	partial := path + ".partial"
	clear := func() error {
		// SQLite leaves its journal where the disk is full. It would be
		// rolled back into the next copy.
		for _, name := range []string{partial, partial + "-journal"} {
			if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("store: backup: %w", err)
			}
		}
		return nil
	}
	if err := clear(); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = clear() // why there is no copy matters more
		}
	}()
	if err := copyRows(ctx, c, partial, progress); err != nil {
		return fmt.Errorf("store: backup: %w", orContext(ctx, classify(err)))
	}
	return finishFile(partial, path)
}

// copyRows writes what is in the database at this moment into a new file, row
// by row: what was deleted or erased, and what SQLite has not overwritten yet,
// must not come along as a copy of the pages would have it. It is one
// statement, and progress hears of its end only.
func copyRows(ctx context.Context, c *conn, path string, progress func(done, total int)) (err error) {
	pages := 0
	if q := c.q(qPages); q.row() {
		pages = int(q.i(0))
		q.reset()
	}
	if c.err != nil {
		return c.err
	}
	if err := c.db.Exec("PRAGMA query_only=0"); err != nil {
		return err
	}
	c.db.SetInterrupt(ctx)
	defer func() {
		c.db.SetInterrupt(context.Background())
		err = errors.Join(err, c.db.Exec("PRAGMA query_only=1"))
	}()
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := c.db.Exec("VACUUM INTO " + sqlite3.Quote("file:"+uriPath(path))); err != nil {
		return err
	}
	if progress != nil {
		progress(pages, pages)
	}
	return nil
}

// finishFile brings a file to the disk and gives it its name.
func finishFile(partial, path string) error {
	f, err := os.OpenFile(partial, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("store: backup: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close(), os.Rename(partial, path)); err != nil {
		return fmt.Errorf("store: backup: %w", err)
	}
	return nil
}

// Check implements store.Maintainer: SQLite's own integrity check, and the
// counters against the rows.
func (s *Store) Check(ctx context.Context) ([]string, error) {
	c, release, err := s.reader(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	c.db.SetInterrupt(ctx)
	c.q(qBegin).exec()
	var out []string
	for q := c.q(qIntegrity); q.row(); {
		if line := q.str(0); line != "ok" {
			out = append(out, line)
		}
	}
	have := c.counters()
	for _, t := range []struct {
		what string
		q    query
		want int64
	}{
		{"customers", qCountCustomers, have.customers}, {"posts", qCountPosts, have.posts}, {"events", qCountEvents, have.events},
		{"subscriptions", qCountSubs, have.subscriptions}, {"inputs", qCountInbox, have.inputs}, {"orders", qCountOrders, have.ordersOf},
		{"effects", qCountOutbox, have.effects},
	} {
		q := c.q(t.q)
		if q.row() {
			if n := q.i(0); n != t.want {
				out = append(out, fmt.Sprintf("%d %s are counted and %d are there", t.want, t.what, n))
			}
			q.reset()
		}
	}
	for q := c.q(qDocumentLost); q.row(); {
		out = append(out, fmt.Sprintf("the key %.60q finds a %s that does not have it", q.str(1), q.str(0)))
	}
	for q := c.q(qDocumentMissing); q.row(); {
		out = append(out, fmt.Sprintf("the key %.60q, which a %s has, finds another one or none", q.str(1), q.str(0)))
	}
	return out, orContext(ctx, c.err)
}

var (
	qPages          = prepared(`PRAGMA page_count`)
	qIntegrity      = prepared(`PRAGMA integrity_check(100)`)
	qCountCustomers = prepared(`SELECT count(*) FROM advocate WHERE redirect IS NULL AND erased = 0`)
	qCountPosts     = prepared(`SELECT count(*) FROM post`)
	qCountEvents    = prepared(`SELECT count(*) FROM event`)
	qCountSubs      = prepared(`SELECT count(*) FROM subscription`)
	qCountInbox     = prepared(`SELECT count(*) FROM inbox`)
	qCountOrders    = prepared(`SELECT count(*) FROM orders`)
	qCountOutbox    = prepared(`SELECT count(*) FROM effect`)
)
