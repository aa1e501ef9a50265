package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/contact-advocate/advocate/internal/store"
)

var (
	_ store.Store = (*Store)(nil)
	_ store.Tx    = (*tx)(nil)

	_ store.EffectEnder = (*tx)(nil)

	_ store.Waker  = (*Store)(nil)
	_ store.Clock  = (*Store)(nil)
	_ store.Leaser = (*Store)(nil)
)

// Store is one PostgreSQL database. Any number of processes may have it open.
type Store struct {
	opts    Options
	conf    *pgxpool.Config
	pool    *pgxpool.Pool
	reading chan struct{} // one token per View, so that writers find a connection
	horizon horizon
	rival   rival
	floors  floors
	books   playbookCache
	news    notifier

	patience time.Duration // with one statement, on this side

	closed    chan struct{}
	closeOnce sync.Once
}

// Open connects to a database and brings its schema up to date, unless
// Options.Schema says otherwise. url is a postgres:// URL or a
// "host=… dbname=…" string; several hosts are tried until one takes writes.
//
// A schema that is too new, or too old while it may not be brought up to date,
// is store.ErrSchema. A server that cannot be reached is store.ErrBusy.
func Open(ctx context.Context, url string, opts Options) (*Store, error) {
	opts = opts.withDefaults()
	conf, err := configure(url, opts)
	if err != nil {
		return nil, err
	}
	if err := prepareSchema(ctx, conf.ConnConfig, opts.Schema); err != nil {
		return nil, err
	}
	opts.MaxConns = int(conf.MaxConns)
	s := &Store{opts: opts, conf: conf, reading: make(chan struct{}, max(1, opts.MaxConns-writersOnly)), closed: make(chan struct{})}
	s.patience = patience(conf.ConnConfig.RuntimeParams["statement_timeout"], opts)
	s.rival.salt = newSalt()
	s.floors.slow, s.floors.settle = slowLook, floorSettle
	if s.pool, err = pgxpool.NewWithConfig(ctx, conf); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	p, err := s.acquire(ctx)
	if err != nil {
		s.pool.Close()
		return nil, err
	}
	p.Release()
	s.news.start(s)
	return s, nil
}

// Engine implements store.Store.
func (s *Store) Engine() string { return "postgres" }

// Serial implements store.Store: transactions run beside each other.
func (s *Store) Serial() bool { return false }

// Close implements store.Store.
func (s *Store) Close() error {
	s.closeOnce.Do(func() {
		s.news.stop()
		close(s.closed)
		s.news.done.Wait()
		s.pool.Close()
	})
	return nil
}

func (s *Store) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

// acquire lends a connection. Waiting for one is bounded: a store that is
// overloaded, or whose server is away, says so instead of gathering callers.
func (s *Store) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	if s.isClosed() {
		return nil, errClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	wait, cancel := context.WithTimeout(ctx, s.opts.AcquireTimeout)
	defer cancel()
	p, err := s.pool.Acquire(wait)
	switch {
	case err == nil:
		return p, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case s.isClosed():
		return nil, errClosed
	case errors.Is(err, context.DeadlineExceeded) && int(s.pool.Stat().AcquiredConns()) >= s.opts.MaxConns:
		return nil, fmt.Errorf("%w: all %d connections to the database have been in use for %v", store.ErrBusy, s.opts.MaxConns, s.opts.AcquireTimeout)
	}
	return nil, classify(err)
}

// Now is the database's time, which all nodes share.
func (s *Store) Now(ctx context.Context) (at time.Time, err error) {
	err = s.alone(ctx, func(x *session) error {
		if q := x.query(qNow, x.arg()); q.next() {
			at = q.at(0)
			q.close()
		}
		return x.err
	})
	return at, err
}

var qNow = prepared(`SELECT clock_timestamp()`)

// alone runs statements outside of a transaction: each commits by itself.
func (s *Store) alone(ctx context.Context, fn func(*session) error) error {
	p, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer p.Release()
	x := &session{conn: connOf(p.Conn().PgConn(), s.patience)}
	release := x.guard(ctx)
	defer x.relax()
	defer release()
	return orContext(ctx, fn(x))
}

// Stats is how the pool of connections stands.
type Stats struct {
	Max, Open, InUse int
	Waited           int64         // acquisitions that had to wait, in all
	WaitTime         time.Duration // … for so long
}

// Stats returns how the pool of connections stands.
func (s *Store) Stats() Stats {
	p := s.pool.Stat()
	return Stats{
		Max: int(p.MaxConns()), Open: int(p.TotalConns()), InUse: int(p.AcquiredConns()),
		Waited: p.EmptyAcquireCount(), WaitTime: p.EmptyAcquireWaitTime(),
	}
}
