package sqlite

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// query is the number of a statement: an index is cheaper to find a prepared
// statement by than its text.
type query int

var queries []string

// prepared registers a statement. It is called for package variables only.
func prepared(text string) query {
	queries = append(queries, text)
	return query(len(queries) - 1)
}

// conn is one connection with its prepared statements. The first error of a
// transaction stays until its end: after one, SQLite may have rolled back by
// itself, and a transaction that went on would commit a part.
type conn struct {
	db    *sqlite3.Conn
	stmts []*stmt
	err   error
	place func(order string) int64
	body  []byte // the noun being bound; SQLite takes a copy
}

type stmt struct {
	*sqlite3.Stmt
	c *conn
	n int // parameters bound so far
}

func openConn(ctx context.Context, path string, pragmas ...string) (*conn, error) {
	db, err := sqlite3.OpenContext(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("store: %s cannot be opened: %w", path, classify(err))
	}
	db.SetInterrupt(context.Background())
	c := &conn{db: db, stmts: make([]*stmt, len(queries)), place: hashOrder}
	for _, p := range append([]string{"busy_timeout=10000"}, pragmas...) {
		if err := db.Exec("PRAGMA " + p); err != nil {
			return nil, errors.Join(fmt.Errorf("store: %s: %s: %w", path, p, classify(err)), db.Close())
		}
	}
	return c, nil
}

func (c *conn) close() error {
	for _, s := range c.stmts {
		if s != nil {
			s.Close()
		}
	}
	return c.db.Close()
}

func (c *conn) fail(err error) {
	if err != nil && c.err == nil {
		c.err = classify(err)
	}
}

// q gives a statement, ready for its parameters. A statement must be run to
// its end or reset before it is used again.
func (c *conn) q(id query) *stmt {
	s := c.stmts[id]
	if s == nil {
		s = &stmt{c: c}
		var err error
		if s.Stmt, _, err = c.db.PrepareFlags(queries[id], sqlite3.PREPARE_PERSISTENT); err != nil {
			c.fail(fmt.Errorf("%s: %w", queries[id], err))
			return s // every use of it does nothing; the error is kept
		}
		c.stmts[id] = s
	}
	s.n = 0
	return s
}

func (s *stmt) bound(bind func(n int) error) *stmt {
	s.n++
	if s.Stmt != nil {
		s.c.fail(bind(s.n))
	}
	return s
}

func (s *stmt) int(v int64) *stmt {
	s.n++
	if s.Stmt != nil {
		s.c.fail(s.BindInt64(s.n, v))
	}
	return s
}

func (s *stmt) text(v string) *stmt {
	s.n++
	if s.Stmt != nil {
		s.c.fail(s.BindText(s.n, v))
	}
	return s
}

func (s *stmt) blob(v []byte) *stmt {
	s.n++
	if s.Stmt != nil {
		s.c.fail(s.BindBlob(s.n, v))
	}
	return s
}

func (s *stmt) null() *stmt { return s.bound(func(n int) error { return s.BindNull(n) }) }

func (s *stmt) time(t time.Time) *stmt { return s.int(t.UnixMicro()) }

// maybe binds a time, or NULL for none.
func (s *stmt) maybe(t time.Time) *stmt {
	if t.IsZero() {
		return s.null()
	}
	return s.time(t)
}

// noun binds a noun's body in its stored form.
func (s *stmt) noun(v any) *stmt {
	s.c.body = wire.Append(s.c.body[:0], v)
	return s.blob(s.c.body)
}

// row steps to the next row. After the last one the statement is reset.
func (s *stmt) row() bool {
	if s.Stmt == nil || s.c.err != nil {
		return false
	}
	if s.Step() {
		return true
	}
	s.reset()
	return false
}

// exec runs a statement that gives no rows and says how many it changed.
func (s *stmt) exec() int64 {
	if s.Stmt == nil || s.c.err != nil {
		return 0
	}
	if err := s.Exec(); err != nil {
		s.c.fail(err)
		return 0
	}
	return s.c.db.Changes()
}

func (s *stmt) reset() {
	if s.Stmt != nil {
		s.c.fail(s.Err())
		s.c.fail(s.Reset())
	}
}

func (s *stmt) i(col int) int64         { return s.ColumnInt64(col) }
func (s *stmt) str(col int) string      { return s.ColumnText(col) }
func (s *stmt) at(col int) time.Time    { return time.UnixMicro(s.ColumnInt64(col)).UTC() }
func (s *stmt) isNull(col int) bool     { return s.ColumnType(col) == sqlite3.NULL }
func (s *stmt) bytes(col int) []byte    { return s.ColumnBlob(col, nil) }
func (s *stmt) raw(col int) []byte      { return s.ColumnRawBlob(col) }
func (s *stmt) decode(col int, dst any) { s.c.fail(unmarshal(s.raw(col), dst)) }

func unmarshal(b []byte, dst any) error {
	if err := wire.Unmarshal(b, dst); err != nil {
		return fmt.Errorf("store: a stored %T cannot be read: %w", dst, err)
	}
	return nil
}

// classify gives a driver's error the store's meaning.
func classify(err error) error {
	switch {
	case err == nil, errors.Is(err, store.ErrBusy), errors.Is(err, store.ErrConflict), errors.Is(err, store.ErrNotFound):
		return err
	case errors.Is(err, sqlite3.FULL), errors.Is(err, sqlite3.IOERR_SHMSIZE), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", store.ErrFull, err)
	case errors.Is(err, sqlite3.CORRUPT):
		return fmt.Errorf("%w: %w", store.ErrDamaged, err)
	case errors.Is(err, sqlite3.BUSY), errors.Is(err, sqlite3.LOCKED), errors.Is(err, sqlite3.PROTOCOL):
		return fmt.Errorf("%w: %w", store.ErrBusy, err)
	case errors.Is(err, sqlite3.IOERR), errors.Is(err, sqlite3.READONLY), errors.Is(err, sqlite3.CANTOPEN),
		errors.Is(err, sqlite3.PERM), errors.Is(err, sqlite3.NOLFS), errors.Is(err, syscall.EIO):
		return fmt.Errorf("%w: %w", store.ErrIO, err)
	case errors.Is(err, sqlite3.NOTADB):
		return fmt.Errorf("%w: it is not a SQLite database: %w", store.ErrSchema, err)
	}
	return err
}

func emptyKey(what string) error { return fmt.Errorf("store: an empty %s cannot be kept", what) }
