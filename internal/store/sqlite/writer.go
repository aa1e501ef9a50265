package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

var (
	qBegin          = prepared(`BEGIN`)
	qBeginImmediate = prepared(`BEGIN IMMEDIATE`)
	qCommit         = prepared(`COMMIT`)
	qRollback       = prepared(`ROLLBACK`)
	qCounterGet     = prepared(`SELECT event, inbox, journal, catch_up, run, customers, posts, events, subscriptions, inputs, orders, effects, audit FROM counter WHERE id = 1`)
	qCounterPut     = prepared(`UPDATE counter SET event = ?, inbox = ?, journal = ?, catch_up = ?, run = ?, customers = ?, posts = ?, events = ?, subscriptions = ?, inputs = ?, orders = ?, effects = ?, audit = ? WHERE id = 1`)
)

// counters are the last numbers given out, and how many rows there are.
type counters struct {
	event, inbox, journal, catchUp, run                       int64
	customers, posts, events, subscriptions, inputs, ordersOf int64
	effects, audit                                            int64
}

func (c *conn) counters() (v counters) {
	q := c.q(qCounterGet)
	if q.row() {
		v = counters{q.i(0), q.i(1), q.i(2), q.i(3), q.i(4), q.i(5), q.i(6), q.i(7), q.i(8), q.i(9), q.i(10), q.i(11), q.i(12)}
		q.reset()
	}
	return v
}

// writer is the one connection that writes, with what it keeps in memory of
// the database: counters, keys seen lately, anchors of late events. Whatever
// a transaction changed of that is read again when it is rolled back.
type writer struct {
	*conn
	s       *Store
	count   counters
	stored  counters // as the database has them
	seen    seenIndex
	anchors anchorIndex
	broken  error // rolling back failed: nothing can be trusted any more
}

// sealAt is how many records make a run.
func (w *writer) sealAt() int {
	if w.s.opts.sealAt > 0 {
		return w.s.opts.sealAt
	}
	return defaultSealAt
}

// load reads what is kept in memory.
func (w *writer) load() error {
	w.count = w.counters()
	w.stored = w.count
	w.seen.load(w.conn)
	w.anchors.load(w.conn)
	err := w.err
	w.err = nil
	return err
}

// reader reads within one transaction; w is set within an Update.
type reader struct {
	*conn
	w *writer
}

type tx struct {
	reader
	held  map[domain.CustomerID]heldAdvocate // what is known of rows read for writing
	dirty bool                               // memory differs from the database in more than can be taken back

	// orders are the rows that OrderGet found in this transaction, so that
	// writing them does not look for them again. Erasing moves rows and
	// empties it.
	orders map[string]orderPlace
}

func (w *writer) update(ctx context.Context, fn func(store.Tx) error) (err error) {
	if w.broken != nil {
		return w.broken
	}
	w.err = nil
	w.db.SetInterrupt(ctx)
	t := &tx{reader: reader{w.conn, w}}
	done := false
	defer func() {
		w.db.SetInterrupt(context.Background())
		if !done { // an error, or fn panicked
			if e := w.rollback(t); e != nil {
				err = errors.Join(err, e)
			}
		}
	}()
	w.q(qBeginImmediate).exec()
	if w.err == nil {
		if err := fn(t); err != nil {
			return orFailed(ctx, err, w.err)
		}
		w.flush(t)
	}
	if w.err == nil {
		w.fail(ctx.Err())
	}
	if w.err != nil {
		return orContext(ctx, w.err)
	}
	w.db.SetInterrupt(context.Background()) // a commit is not given up half-way
	w.q(qCommit).exec()
	if w.err != nil {
		return w.err
	}
	done = true
	w.stored = w.count
	w.seen.commit()
	w.anchors.commit()
	w.s.checkpointer.committed()
	return nil
}

// orFailed chooses what to tell: the function's own error, unless it is only
// what the database's trouble led to.
func orFailed(ctx context.Context, err, failed error) error {
	if failed == nil || errors.Is(err, failed) {
		return orContext(ctx, err)
	}
	return errors.Join(err, orContext(ctx, failed))
}

// flush writes what a transaction gathered in memory.
func (w *writer) flush(t *tx) {
	w.seen.flush(t)
	w.anchors.flush(t)
	if w.count == w.stored {
		return
	}
	c := w.count
	q := w.q(qCounterPut)
	for _, v := range []int64{c.event, c.inbox, c.journal, c.catchUp, c.run, c.customers, c.posts, c.events, c.subscriptions, c.inputs, c.ordersOf, c.effects, c.audit} {
		q.int(v)
	}
	q.exec()
}

// rollback undoes the transaction in the database and in memory.
func (w *writer) rollback(t *tx) error {
	if !w.finish() {
		w.broken = errors.New("store: a transaction could not be rolled back; the process must be started again")
		return w.broken
	}
	w.count = w.stored
	if !t.dirty {
		w.seen.rollback()
		w.anchors.rollback()
		return nil
	}
	if err := w.load(); err != nil {
		w.broken = fmt.Errorf("store: what is kept in memory could not be read again; the process must be started again: %w", err)
	}
	return w.broken
}
