package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
)

var (
	_ store.Store      = (*Store)(nil)
	_ store.Maintainer = (*Store)(nil)
	_ store.Tx         = (*tx)(nil)
	_ store.Asider     = (*Store)(nil)
)

var errClosed = errors.New("store: closed")

// Options are a store's settings. The zero value is for production.
type Options struct {
	// Relaxed lets a commit return before it is on the disk: for throw-away
	// databases. A crash of the process loses nothing, one of the machine may
	// lose the last seconds.
	Relaxed bool
	// CacheMiB is the writer's page cache (default 48); each of up to four
	// readers has an eighth of it.
	CacheMiB int
	// CheckpointBytes is how much the log grows between background
	// checkpoints (default 8 MiB).
	CheckpointBytes int64
	// MaxLogBytes is how large the log may become before writers wait, for
	// the moment it takes to start it again (default 64 MiB).
	MaxLogBytes int64
	// OnCheckpoint, if set, is told after each background checkpoint: the
	// pages in the log and how many of them are in the database.
	OnCheckpoint func(logged, moved int, err error)

	// KeepSchema refuses a file of an older schema, as store.ErrSchema, where
	// it would be brought up to date.
	KeepSchema bool

	moving bool // see OpenMoving

	// For tests: a short tail, and hashes that meet.
	sealAt     int
	placeOrder func(id string) int64
}

func (o Options) withDefaults() Options {
	if o.CacheMiB <= 0 {
		o.CacheMiB = 48
	}
	if o.CheckpointBytes <= 0 {
		o.CheckpointBytes = 8 << 20
	}
	if o.placeOrder == nil {
		o.placeOrder = hashOrder
	}
	if o.MaxLogBytes <= 0 {
		o.MaxLogBytes = 64 << 20
	}
	return o
}

const maxReaders = 4

// Store is one SQLite database.
type Store struct {
	path string
	opts Options
	lock *os.File

	writing chan struct{} // holds one token; who takes it owns w
	w       *writer
	syncer  *syncer // nil when Relaxed

	slots chan struct{} // one token per reader that may be open
	mu    sync.Mutex
	idle  []*conn

	checkpointer *checkpointer
	closed       chan struct{}
	closeOnce    sync.Once
	closeErr     error
}

// Open opens or creates the database file and brings its schema up to date.
// It takes the file path+".lock" for this process: another process that has
// it is store.ErrLocked. A schema that this program does not know is
// store.ErrSchema.
func Open(ctx context.Context, path string, opts Options) (*Store, error) {
	if path == "" || strings.HasPrefix(path, ":") || strings.HasPrefix(path, "file:") {
		return nil, fmt.Errorf("store: %q: want the path of a file", path)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	lock, err := Lock(path)
	if err != nil {
		return nil, err
	}
	s := &Store{
		path: path, opts: opts.withDefaults(), lock: lock,
		writing: make(chan struct{}, 1), slots: make(chan struct{}, maxReaders), closed: make(chan struct{}),
	}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return s, nil
}

// Lock takes the database at path for this process as Open does, whether it is
// there or not. Closing the file lets go; who removes it does so before.
func Lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if err := hold(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// hold locks a file that is open.
func hold(f *os.File) error {
	ok, err := tryLock(f)
	// A process that has just let go may still hold the file for a moment in a
	// child between its fork and its exec.
	for again := 0; err == nil && !ok && again < 50; again++ {
		time.Sleep(10 * time.Millisecond)
		ok, err = tryLock(f)
	}
	if err == nil && ok {
		// Who had it may have removed it: others lock another file by now.
		ok, err = stillNamed(f)
	}
	if err == nil && !ok {
		err = fmt.Errorf("%w: %s is held", store.ErrLocked, f.Name())
	}
	return err
}

func stillNamed(f *os.File) (bool, error) {
	held, err := f.Stat()
	if err != nil {
		return false, err
	}
	named, err := os.Stat(f.Name())
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(held, named), err
}

func (s *Store) start(ctx context.Context) error {
	if _, err := migrate(ctx, s.path, &s.opts); err != nil {
		return err
	}
	sync, file := "full", "file:"+uriPath(s.path)+"?vfs="+logVFS
	if s.opts.Relaxed {
		sync, file = "normal", s.path
	}
	c, err := openConn(ctx, file, "journal_mode=wal", "synchronous="+sync, "wal_autocheckpoint=0",
		fmt.Sprintf("cache_size=-%d", s.opts.CacheMiB<<10), "temp_store=memory",
		fmt.Sprintf("journal_size_limit=%d", s.opts.MaxLogBytes))
	if err != nil {
		return err
	}
	c.place = s.opts.placeOrder
	s.w = &writer{conn: c, s: s}
	if !s.opts.Relaxed {
		s.syncer = newSyncer(s.path + "-wal")
	}
	if err := errors.Join(s.w.load(), s.w.freeLeases()); err != nil {
		return errors.Join(err, c.close())
	}
	if s.checkpointer, err = startCheckpointer(ctx, s); err != nil {
		return errors.Join(err, c.close())
	}
	s.writing <- struct{}{}
	for range maxReaders {
		s.slots <- struct{}{}
	}
	return nil
}

// Engine implements store.Store.
func (s *Store) Engine() string { return "sqlite" }

// Serial implements store.Store.
func (s *Store) Serial() bool { return true }

// Path is the database file.
func (s *Store) Path() string { return s.path }

// acquire takes a token, unless the store is closed or the context ends.
func (s *Store) acquire(ctx context.Context, tokens chan struct{}) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-s.closed:
		return errClosed
	default:
	}
	select {
	case <-tokens:
		return nil
	case <-s.closed:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Update implements store.Store.
func (s *Store) Update(ctx context.Context, fn func(store.Tx) error) error {
	n, err := s.commit(ctx, fn)
	if err != nil || s.syncer == nil {
		return err
	}
	return s.syncer.wait(n)
}

// commit runs one transaction while it has the writer, and numbers it.
func (s *Store) commit(ctx context.Context, fn func(store.Tx) error) (n uint64, err error) {
	if err := s.acquire(ctx, s.writing); err != nil {
		return 0, err
	}
	defer func() { s.writing <- struct{}{} }()
	if s.syncer == nil {
		return 0, s.w.update(ctx, fn)
	}
	if err := s.syncer.failed(); err != nil {
		return 0, err
	}
	logged := s.checkpointer.commits.Load()
	if err := s.w.update(ctx, fn); err != nil {
		return 0, err
	}
	if s.checkpointer.commits.Load() == logged {
		// Nothing was written, but what was seen must be durable before it is
		// answered: a repeat may be ahead of the sync of what it repeats.
		return s.syncer.seen(), nil
	}
	return s.syncer.commit(), nil
}

// View implements store.Store.
func (s *Store) View(ctx context.Context, fn func(store.Reader) error) error {
	c, release, err := s.reader(ctx)
	if err != nil {
		return err
	}
	defer release()
	return c.view(ctx, fn)
}

// view runs fn in a transaction that the connection's release ends.
func (c *conn) view(ctx context.Context, fn func(store.Reader) error) error {
	c.db.SetInterrupt(ctx)
	c.q(qBegin).exec()
	if c.err != nil {
		return orContext(ctx, c.err)
	}
	if err := fn(&reader{conn: c}); err != nil {
		return err
	}
	return orContext(ctx, c.err)
}

// Aside implements store.Asider: while one connection writes, nobody else
// commits, so what another reads is what the writer began with.
func (s *Store) Aside(ctx context.Context, fn func(store.Reader) error) (bool, error) {
	select {
	case <-s.slots:
	default:
		return false, nil
	}
	c, release, err := s.lend(ctx)
	if err != nil {
		return true, err
	}
	defer release()
	return true, c.view(ctx, fn)
}

// orContext gives the context's error for what its end caused.
func orContext(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// reader lends a connection for reading; release ends its transaction.
func (s *Store) reader(ctx context.Context) (*conn, func(), error) {
	if err := s.acquire(ctx, s.slots); err != nil {
		return nil, nil, err
	}
	return s.lend(ctx)
}

// lend gives a connection to whoever has taken a slot.
func (s *Store) lend(ctx context.Context) (*conn, func(), error) {
	s.mu.Lock()
	var c *conn
	if n := len(s.idle); n > 0 {
		c, s.idle = s.idle[n-1], s.idle[:n-1]
	}
	s.mu.Unlock()
	if c == nil {
		var err error
		if c, err = openConn(ctx, s.path, "query_only=1", fmt.Sprintf("cache_size=-%d", s.opts.CacheMiB<<7)); err != nil {
			s.slots <- struct{}{}
			return nil, nil, err
		}
		c.place = s.opts.placeOrder
	}
	return c, func() {
		healthy := c.finish()
		s.mu.Lock()
		if healthy {
			s.idle = append(s.idle, c)
		}
		s.mu.Unlock()
		if !healthy {
			c.close()
		}
		s.slots <- struct{}{}
	}, nil
}

// finish ends a reader's transaction and says whether the connection can
// serve another one.
func (c *conn) finish() bool {
	c.db.SetInterrupt(context.Background())
	for _, s := range c.stmts {
		if s != nil && s.Busy() {
			s.Reset() // a function that panicked left it
		}
	}
	c.err = nil
	if !c.db.GetAutocommit() {
		c.q(qRollback).exec()
	}
	return c.err == nil
}

// Close waits for running transactions and lets go of the files. What is in
// the log is moved into the database first.
func (s *Store) Close() error {
	s.closeOnce.Do(func() {
		close(s.closed)
		<-s.writing
		for range maxReaders {
			<-s.slots
		}
		errs := []error{s.checkpointer.stop()}
		for _, c := range s.idle {
			errs = append(errs, c.close())
		}
		if s.syncer != nil {
			errs = append(errs, s.syncer.close())
		}
		errs = append(errs, s.w.close(), s.lock.Close())
		s.closeErr = errors.Join(errs...)
	})
	return s.closeErr
}
