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
	have, err := r.schema(ctx)
	if err == nil {
		err = keep(have, path)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (r *Reading) schema(ctx context.Context) (version int64, err error) {
	err = r.read(ctx, func(c *conn) (err error) {
		version, err = c.schema(r.path)
		return err
	})
	return version, err
}

// read opens the file for a moment. Reading beside a log takes files for its
// index, which SQLite would make, as this process's user, and leave: so a file
// that has no log is read as one that nobody changes. Whoever begins to write
// within that moment begins with a log, but may bring it into the file before
// the moment is over: what was read then is of no one state, and is refused.
func (r *Reading) read(ctx context.Context, fn func(*conn) error) (err error) {
	how, was := "?mode=ro", r.alone()
	if was != nil {
		how += "&immutable=1"
	}
	c, err := openConn(ctx, "file:"+uriPath(r.path)+how, "query_only=1")
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, c.close())
		if was == nil {
			return
		}
		if is := r.alone(); is == nil || is.Size() != was.Size() || !is.ModTime().Equal(was.ModTime()) {
			err = fmt.Errorf("%w: somebody began to write in %s while it was read; try again", store.ErrBusy, r.path)
		}
	}()
	return fn(c)
}

// alone is the file where it has no log, else nil.
func (r *Reading) alone() os.FileInfo {
	if log, err := os.Stat(r.path + "-wal"); err == nil && log.Size() > 0 {
		return nil
	}
	file, err := os.Stat(r.path)
	if err != nil {
		return nil
	}
	return file
}

// View implements store.Store. ErrBusy asks to call it again.
func (r *Reading) View(ctx context.Context, fn func(store.Reader) error) error {
	return r.read(ctx, func(c *conn) error {
		defer c.finish()
		return c.view(ctx, fn)
	})
}

// Update implements store.Store: it refuses.
func (*Reading) Update(context.Context, func(store.Tx) error) error { return errReading }

// Engine implements store.Store.
func (*Reading) Engine() string { return "sqlite" }

// Serial implements store.Store.
func (*Reading) Serial() bool { return true }

// Close implements store.Store: nothing is open between two Views.
func (*Reading) Close() error { return nil }
