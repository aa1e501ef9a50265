package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/contact-advocate/advocate/internal/store"
)

var _ store.Store = (*Reading)(nil)

// Reading is a database that is looked into and stays as it is: it is neither
// brought up to date nor locked, and no file is made beside it. A server may
// have it open, or start on it.
type Reading struct{ path string }

var errReading = errors.New("store: the database is opened for reading only")

// OpenReading finds out whether a file can be read: one that exists, at this
// program's schema. Another one is store.ErrSchema, one whose rows are being
// moved store.ErrMoved.
func OpenReading(ctx context.Context, path string) (*Reading, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	r := &Reading{path}
	c, err := r.conn(ctx)
	if err != nil {
		return nil, err
	}
	have, err := c.schema(path)
	if err = errors.Join(err, c.close()); err == nil {
		err = keep(have, path)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// conn opens the file for a moment. Reading beside a log takes files for its
// index, which SQLite would make, as this process's user, and leave: so a file
// that has no log is read as one that nobody changes. Whoever begins to write
// within that moment begins with a log.
func (r *Reading) conn(ctx context.Context) (*conn, error) {
	how := "?mode=ro"
	if log, err := os.Stat(r.path + "-wal"); err != nil || log.Size() == 0 {
		how = "?mode=ro&immutable=1"
	}
	return openConn(ctx, "file:"+uriPath(r.path)+how, "query_only=1")
}

// View implements store.Store.
func (r *Reading) View(ctx context.Context, fn func(store.Reader) error) (err error) {
	c, err := r.conn(ctx)
	if err != nil {
		return err
	}
	defer func() {
		c.finish()
		err = errors.Join(err, c.close())
	}()
	return c.view(ctx, fn)
}

// Update implements store.Store: it refuses.
func (*Reading) Update(context.Context, func(store.Tx) error) error { return errReading }

// Engine implements store.Store.
func (*Reading) Engine() string { return "sqlite" }

// Serial implements store.Store.
func (*Reading) Serial() bool { return true }

// Close implements store.Store: nothing is open between two Views.
func (*Reading) Close() error { return nil }
