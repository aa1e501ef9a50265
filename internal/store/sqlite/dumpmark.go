package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
)

// movedID takes the place of applicationID in a file whose rows are being
// moved, or were: every program refuses it then, also one that is older than
// moving.
const movedID = 1128353869 // "CADM"

var _ store.MoveSource = (*Store)(nil)

// markError says who has the rows.
func markError(m *store.MoveMark, path string) error {
	if m.Ended.IsZero() {
		return fmt.Errorf("%w: %s is being moved to %s, since %s; \"advocate migrate\" with the same --from and --to goes on with it, and with --cancel gives it up",
			store.ErrMoved, path, m.Target, m.Began.Format(time.DateTime+" MST"))
	}
	return fmt.Errorf("%w: %s was moved to %s at %s, and what has happened since is there; serve with --store and that address",
		store.ErrMoved, path, m.Target, m.Ended.Format(time.DateTime+" MST"))
}

const markTable = `CREATE TABLE IF NOT EXISTS moved (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL, target TEXT NOT NULL, began INTEGER NOT NULL, ended INTEGER)`

// The table is there only in a file with a mark, so these are prepared when
// they are needed.
var (
	qMarkGet   = prepared(`SELECT id, target, began, ended FROM moved WHERE one = 1`)
	qMarkPut   = prepared(`INSERT INTO moved (one, id, target, began) VALUES (1, ?, ?, ?)`)
	qMarkEnd   = prepared(`UPDATE moved SET ended = ? WHERE one = 1 AND id = ?`)
	qMarkTable = prepared(`SELECT count(*) FROM sqlite_schema WHERE name = 'moved'`)
)

func (c *conn) moveMark() (m store.MoveMark) {
	if c.one(qMarkTable) == 0 {
		return m
	}
	if q := c.q(qMarkGet); q.row() {
		m = store.MoveMark{ID: q.str(0), Target: q.str(1), Began: q.at(2)}
		if !q.isNull(3) {
			m.Ended = q.at(3)
		}
		q.reset()
	}
	return m
}

func (c *conn) one(id query) (n int64) {
	if q := c.q(id); q.row() {
		n = q.i(0)
		q.reset()
	}
	return n
}

// OpenMoving opens a file in order to move its rows: one that exists, at this
// program's schema, with a mark or without. Whoever else has it open is
// store.ErrLocked, another schema store.ErrSchema.
func OpenMoving(ctx context.Context, path string) (*Store, error) {
	st, err := os.Stat(path)
	if err == nil && st.IsDir() {
		path = filepath.Join(path, "advocate.db")
		st, err = os.Stat(path)
	}
	if err != nil {
		return nil, fmt.Errorf("store: there is nothing to move: %w", err)
	}
	if !st.Mode().IsRegular() || st.Size() == 0 {
		return nil, fmt.Errorf("store: %s is no database that could be moved", path)
	}
	return Open(ctx, path, Options{moving: true})
}

// Mark reads what the file says about a move.
func (s *Store) Mark(ctx context.Context) (m store.MoveMark, err error) {
	c, release, err := s.reader(ctx)
	if err != nil {
		return m, err
	}
	defer release()
	m = c.moveMark()
	return m, orContext(ctx, c.err)
}

// MarkBegin marks the file: from now on nothing but a move opens it. A mark
// that is there is store.ErrConflict.
func (s *Store) MarkBegin(ctx context.Context, id, target string, at time.Time) error {
	return s.setMark(ctx, func(t *tx) error {
		if m := t.moveMark(); m.ID != "" || t.err != nil {
			return errors.Join(t.err, fmt.Errorf("%w: %s has a mark", store.ErrConflict, s.path))
		}
		t.fail(t.db.Exec(markTable))
		t.q(qMarkPut).text(id).text(target).time(at).exec()
		t.fail(t.db.Exec(fmt.Sprintf("PRAGMA application_id = %d", movedID)))
		return t.err
	})
}

// MarkEnd says that the move has ended well.
func (s *Store) MarkEnd(ctx context.Context, id string, at time.Time) error {
	return s.setMark(ctx, func(t *tx) error {
		if t.q(qMarkEnd).time(at).text(id).exec() == 0 && t.err == nil {
			return fmt.Errorf("%w: %s has no mark of that move", store.ErrConflict, s.path)
		}
		return t.err
	})
}

// MarkRemove makes an ordinary file of it again.
func (s *Store) MarkRemove(ctx context.Context) error {
	return s.setMark(ctx, func(t *tx) error {
		t.fail(t.db.Exec("DROP TABLE IF EXISTS moved"))
		t.fail(t.db.Exec(fmt.Sprintf("PRAGMA application_id = %d", applicationID)))
		return t.err
	})
}

func (s *Store) setMark(ctx context.Context, fn func(*tx) error) error {
	return s.Update(ctx, func(st store.Tx) error { return fn(st.(*tx)) })
}
