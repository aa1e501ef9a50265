package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/storetest"
	"github.com/contact-advocate/advocate/internal/wire"
)

// TestMigrateFirst brings a file of the first schema up to date, with what is
// held in it.
func TestMigrateFirst(t *testing.T) {
	t.Parallel()
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "data.db")
	first, err := migrations.ReadFile("migrations/00001_init.sql")
	if err != nil {
		t.Fatal(err)
	}
	c, err := sqlite3.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	items := storetest.HeldItems()
	err = errors.Join(c.Exec(string(first)), c.Exec(`CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')));
		INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1); UPDATE counter SET event = 7, effects = `+strconv.Itoa(len(storetest.OldEffects()))))
	for _, w := range items {
		s, _, e := c.Prepare(`INSERT INTO work_item (id, customer, state, queue, created, updated, not_before, body) VALUES (?, 1, ?, 'care', ?, 0, 0, ?)`)
		err = errors.Join(err, e, s.BindText(1, w.ID), s.BindText(2, string(w.State)), s.BindInt64(3, w.CreatedAt.UnixMicro()), s.BindBlob(4, wire.Append(nil, &w)), s.Exec(), s.Close())
	}
	effects := storetest.OldEffects()
	for i := range effects {
		body := effects[i].Effect()
		s, _, e := c.Prepare(`INSERT INTO effect (id, customer, moved, state, destination, conversation, ordinal, first, not_before, attempt, lease, last_error, created, updated, body)
			VALUES (?, 1, 0, 'held', 'network:x', '', 0, 1, 0, 1, 0, ?, 0, 0, ?)`)
		err = errors.Join(err, e, s.BindText(1, effects[i].ID), s.BindText(2, effects[i].LastError), s.BindBlob(3, wire.Append(nil, &body)), s.Exec(), s.Close())
	}
	if err := errors.Join(err, c.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenMoving(ctx, filepath.Dir(path)); err == nil {
		t.Error("a file of an older schema was opened to be moved")
	}
	s, err := Open(ctx, path, Options{Relaxed: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	storetest.CheckHeld(t, s, items)
	storetest.CheckOldEffects(t, s, effects)
	put(t, s, func(tx store.Tx) error {
		events := []domain.Event{{Source: "s", ID: "1", Type: "x", Time: storetest.T0}}
		if err := tx.EventAppend(events); err != nil || events[0].Seq != 8 {
			t.Errorf("event %d, %v: the counters were not kept", events[0].Seq, err)
		}
		return nil
	})
	if damage, err := s.Check(ctx); err != nil || len(damage) > 0 {
		t.Error(damage, err)
	}
}
