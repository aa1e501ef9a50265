package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/contact-advocate/advocate/internal/store"
)

var (
	qBegin     = prepared(`BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE`)
	qBeginRead = prepared(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`)
	qCommit    = prepared(`COMMIT`)
	qRollback  = prepared(`ROLLBACK`)
)

// Limits of running a transaction again.
const (
	maxRuns     = 8
	maxRunTime  = 20 * time.Second
	maxLost     = 3                    // … of them after a lost connection
	firstPause  = 2 * time.Millisecond // doubled each time and spread
	cancelWait  = 2 * time.Second      // for a cancel request to be delivered
	beginWait   = 5 * time.Second
	cutOffWait  = 5 * time.Second  // then the connection is cut
	commitLimit = 30 * time.Second // a standby that must confirm may take its time
)

// reader answers reads within one transaction.
type reader struct {
	*session
	s *Store

	// own is set in an Update, where the transaction's own rows are seen.
	own *tx

	known ripe // in a View: as of its beginning
}

// Update implements store.Store. The function is run again when PostgreSQL
// asks for it, and when the transaction built on something that another one
// changed meanwhile (see the package's doc).
func (s *Store) Update(ctx context.Context, fn func(store.Tx) error) error {
	began, pause := time.Now(), firstPause
	for run := 1; ; run++ {
		again, err := s.update(ctx, run, fn)
		if !again || ctx.Err() != nil {
			return orContext(ctx, err)
		}
		if run == maxRuns || time.Since(began) > maxRunTime {
			return busy(fmt.Sprintf("a transaction was given up after %d runs", run), err)
		}
		if err := sleep(ctx, pause/2+rand.N(pause)); err != nil {
			return err
		}
		pause *= 2
	}
}

// busy is what becomes of an error that time may heal.
func busy(what string, err error) error {
	if errors.Is(err, store.ErrBusy) {
		return fmt.Errorf("store: %s: %w", what, err)
	}
	return fmt.Errorf("%w: %s: %w", store.ErrBusy, what, err)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Store) update(ctx context.Context, run int, fn func(store.Tx) error) (again bool, err error) {
	p, err := s.acquire(ctx)
	if err != nil {
		return false, err
	}
	defer p.Release()
	x := &session{conn: connOf(p.Conn().PgConn(), s.patience)}
	t := &tx{reader: reader{session: x, s: s}, run: run}
	t.own = t
	release := x.guard(ctx)
	committed := false
	defer func() { // also when fn panics
		release()
		if !committed {
			x.rollback()
		}
		x.relax()
		if t.moved {
			s.horizon.move()
		}
		for _, k := range t.looks {
			s.floors.end(k, committed)
		}
		s.floors.low(t.lows)
	}()
	stop := x.deadline(beginWait) // it waits for no lock: a connection that does not answer is none
	x.exec(qBegin, x.arg())
	stop()
	if x.err != nil {
		return x.pg.IsClosed(), x.err
	}
	err = fn(t)
	if x.err != nil {
		// Nothing of it was committed, so a connection that was lost costs
		// another run.
		return mayRunAgain(x.err) || x.pg.IsClosed() && run < maxLost, orFailed(err, x.err)
	}
	if err != nil {
		return false, err
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	release() // a commit is not given up half-way
	if err := t.commit(); err != nil {
		return mayRunAgain(err), err
	}
	committed = true
	if t.wake {
		s.news.tell()
	}
	if t.caught {
		s.news.askedToCatchUp()
	}
	return false, nil
}

// orFailed chooses what to tell: the function's own error, unless it is only
// what the database's trouble led to.
func orFailed(err, failed error) error {
	if err == nil || errors.Is(err, failed) {
		return failed
	}
	return errors.Join(err, failed)
}

// orContext gives the context's error for what its end caused.
func orContext(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// commit ends the transaction. When the connection is lost while it waits,
// nobody here knows whether it took place; that is store.ErrBusy too, and the
// caller's repetition meets its own keys and versions if it did.
func (t *tx) commit() error {
	stop := t.deadline(commitLimit)
	defer stop()
	if t.delta == (tally{}) {
		t.exec(qCommit, t.arg())
	} else {
		b := t.batch()
		t.flushTally(b)
		b.add(qCommit, b.arg())
		b.send()
		b.next().close()
		b.next().close()
		b.close()
	}
	if t.err != nil && t.pg.IsClosed() {
		return busy("the connection was lost during a commit, and it is not known whether it took place", t.err)
	}
	return t.err
}

// rollback undoes what is open. If it cannot, the connection is closed, and
// the server does it.
func (x *session) rollback() {
	if x.pg.IsClosed() || x.pg.TxStatus() == 'I' && !x.pg.IsBusy() {
		return
	}
	stop := x.deadline(cutOffWait)
	defer stop()
	readOnly := false
	var pg *pgconn.PgError
	if errors.As(x.err, &pg) {
		readOnly = pg.Code == codeReadOnly // a primary no longer
	}
	y := &session{conn: x.conn}
	if y.exec(qRollback, y.arg()); y.err != nil || readOnly {
		x.close()
	}
}

func (x *session) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	x.pg.Close(ctx)
}

// deadline cuts the connection off when it takes longer.
func (x *session) deadline(d time.Duration) (stop func()) {
	c := x.pg.Conn()
	x.limited = true
	c.SetDeadline(time.Now().Add(d))
	return func() {
		x.limited = false
		c.SetDeadline(time.Time{})
	}
}

// guard cancels what the connection does when the context ends, and cuts it
// off if that does not help. release ends the guard; a connection that a
// cancel request was sent for is closed then, since the request might reach
// its next statement.
func (x *session) guard(ctx context.Context) (release func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	released, stopped := make(chan struct{}), make(chan struct{})
	asked := false
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		x.ended.Store(true)
		if !x.busy.Load() {
			return // and nothing more begins
		}
		asked = true
		limit, cancel := context.WithTimeout(context.Background(), cancelWait)
		defer cancel()
		if err := x.pg.CancelRequest(limit); err == nil {
			select {
			case <-released:
				return
			case <-time.After(cutOffWait):
			}
		}
		x.pg.Conn().SetDeadline(time.Unix(1, 0))
	})
	done := false
	return func() {
		if done {
			return
		}
		done = true
		close(released)
		if stop() {
			return
		}
		<-stopped
		if asked {
			x.close()
		}
	}
}

// View implements store.Store.
func (s *Store) View(ctx context.Context, fn func(store.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	wait := time.NewTimer(s.opts.AcquireTimeout)
	defer wait.Stop()
	select {
	case s.reading <- struct{}{}:
		defer func() { <-s.reading }()
	case <-s.closed:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	case <-wait.C:
		return fmt.Errorf("%w: %d readers have been at work for %v", store.ErrBusy, cap(s.reading), s.opts.AcquireTimeout)
	}
	again, err := s.view(ctx, fn)
	if again {
		_, err = s.view(ctx, fn)
	}
	return err
}

// view reports whether it failed before fn was run.
func (s *Store) view(ctx context.Context, fn func(store.Reader) error) (again bool, err error) {
	p, err := s.acquire(ctx)
	if err != nil {
		return false, err
	}
	defer p.Release()
	x := &session{conn: connOf(p.Conn().PgConn(), s.patience)}
	release := x.guard(ctx)
	defer func() {
		release()
		x.rollback()
		x.relax()
	}()
	r := &reader{session: x, s: s, known: s.horizon.ripe()}
	stop := x.deadline(beginWait) // as in an Update
	if s.horizon.asked.Swap(false) {
		r.marks()
	}
	x.exec(qBeginRead, x.arg())
	stop()
	if x.err != nil {
		return x.pg.IsClosed(), orContext(ctx, x.err)
	}
	x.untouched = true
	if err = fn(r); err == nil {
		err = x.err
	}
	return false, orContext(ctx, err)
}
