package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
)

const backupStep = 1024 // pages

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
	if err := os.Remove(partial); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("store: backup: %w", err)
	}
	defer func() {
		if err != nil {
			os.Remove(partial)
		}
	}()
	// One snapshot for all steps: without a transaction, each commit would
	// start the copy again.
	c.q(qBegin).exec()
	c.counters()
	if c.err != nil {
		return c.err
	}
	if err := copyPages(ctx, c, partial, progress); err != nil {
		return fmt.Errorf("store: backup: %w", orContext(ctx, classify(err)))
	}
	return finishFile(partial, path)
}

func copyPages(ctx context.Context, c *conn, path string, progress func(done, total int)) (err error) {
	b, err := c.db.BackupInit("main", "file:"+uriPath(path))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	for done := false; !done; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if done, err = b.Step(backupStep); err != nil {
			return err
		}
		if progress != nil {
			progress(b.PageCount()-b.Remaining(), b.PageCount())
		}
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
	return out, orContext(ctx, c.err)
}

var (
	qIntegrity      = prepared(`PRAGMA integrity_check(100)`)
	qCountCustomers = prepared(`SELECT count(*) FROM advocate WHERE redirect IS NULL AND erased = 0`)
	qCountPosts     = prepared(`SELECT count(*) FROM post`)
	qCountEvents    = prepared(`SELECT count(*) FROM event`)
	qCountSubs      = prepared(`SELECT count(*) FROM subscription`)
	qCountInbox     = prepared(`SELECT count(*) FROM inbox`)
	qCountOrders    = prepared(`SELECT count(*) FROM orders`)
	qCountOutbox    = prepared(`SELECT count(*) FROM effect`)
)
