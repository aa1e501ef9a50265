package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"

	"github.com/ncruces/go-sqlite3"
)

// pageBytes is a page with its header in the log.
const pageBytes = 4096 + 24

// Limits of beginning the log anew.
const (
	littlePages = 256 // are moved in a few milliseconds
	maxCatchUp  = 4   // checkpoints before the writer has to wait for more than that
)

// checkpointer moves the log's pages into the database on a connection of its
// own, while the writer goes on. A passive checkpoint never empties the log
// under load: when it has become too long, the writer waits while the little
// that is left is moved, and then starts the log again.
type checkpointer struct {
	s       *Store
	c       *conn
	file    *os.File     // the database
	pages   atomic.Int64 // in the log
	commits atomic.Int64 // that wrote something
	moved   int64        // of the log's pages, as of the last checkpoint
	wake    chan struct{}
	quit    chan struct{}
	done    chan struct{}
}

func startCheckpointer(ctx context.Context, s *Store) (*checkpointer, error) {
	c, err := openConn(ctx, s.path, "wal_autocheckpoint=0", "cache_size=-64")
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(s.path, os.O_RDWR, 0)
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	k := &checkpointer{s: s, c: c, file: file, wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{})}
	s.w.db.WALHook(func(_ *sqlite3.Conn, _ string, pages int) error {
		k.pages.Store(int64(pages))
		k.commits.Add(1)
		return nil
	})
	go k.run()
	return k, nil
}

// committed is called by the writer after each commit.
func (k *checkpointer) committed() {
	if k.pages.Load()*pageBytes >= k.s.opts.CheckpointBytes {
		select {
		case k.wake <- struct{}{}:
		default:
		}
	}
}

func (k *checkpointer) run() {
	defer close(k.done)
	for {
		select {
		case <-k.quit:
			return
		case <-k.wake:
		}
		pages := k.pages.Load()
		if pages < k.moved {
			k.moved = 0 // the log was started again
		}
		if (pages-k.moved)*pageBytes < k.s.opts.CheckpointBytes {
			continue
		}
		logged, moved, err := k.passive()
		if err == nil && int64(logged)*pageBytes >= k.s.opts.MaxLogBytes {
			logged, moved, err = k.catchUp()
		}
		if k.s.opts.OnCheckpoint != nil {
			k.s.opts.OnCheckpoint(logged, moved, err)
		}
	}
}

// passive moves what no reader needs to stay in the log.
func (k *checkpointer) passive() (logged, moved int, err error) {
	logged, moved, err = k.c.db.WALCheckpoint("main", sqlite3.CHECKPOINT_PASSIVE)
	if err != nil {
		return logged, moved, fmt.Errorf("store: checkpoint: %w", classify(err))
	}
	k.moved = int64(moved)
	return logged, moved, nil
}

// catchUp moves the last pages while nobody writes, so that the next
// transaction begins the log from its start. As long as much is left to move,
// it lets the writer go on meanwhile and tries again, but not for ever.
//
// A checkpoint that moves the last page syncs the database: what those before
// it have written is brought to the disk first, while the writer goes on.
func (k *checkpointer) catchUp() (logged, moved int, err error) {
	for try := 0; ; try++ {
		if err := syncFile(k.file); err != nil {
			return 0, 0, fmt.Errorf("store: checkpoint: %w", classify(err))
		}
		select {
		case <-k.s.writing:
		case <-k.quit:
			return 0, 0, nil
		}
		if k.pages.Load()-k.moved <= littlePages || try == maxCatchUp {
			defer func() { k.s.writing <- struct{}{} }()
			return k.passive()
		}
		k.s.writing <- struct{}{}
		if logged, moved, err = k.passive(); err != nil {
			return logged, moved, err
		}
	}
}

func (k *checkpointer) stop() error {
	close(k.quit)
	<-k.done
	return errors.Join(k.c.close(), k.file.Close())
}
