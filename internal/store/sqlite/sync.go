package sqlite

import (
	"errors"
	"fmt"
	"os"
	"sync"
)

// syncer brings commits to the disk after the writer has let go, so that the
// next transaction runs while the disk works. One sync serves all commits
// before it. Update returns when its own commit is on the disk; what a reader
// sees may be a moment ahead of that, and whoever acts on it to the outside
// has to commit something first, as claiming an effect does.
type syncer struct {
	path string // of the log
	sync func(*os.File) error

	mu      sync.Mutex
	changed sync.Cond
	file    *os.File
	written uint64 // commits that are in the log
	synced  uint64 // … and on the disk
	busy    bool
	err     error // after a failed sync nothing is known of what is on the disk
}

func newSyncer(path string) *syncer {
	y := &syncer{path: path, sync: syncFile}
	y.changed.L = &y.mu
	return y
}

// commit numbers a commit that the log has.
func (y *syncer) commit() uint64 {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.written++
	return y.written
}

// seen is the last commit that a transaction may have seen.
func (y *syncer) seen() uint64 {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.written
}

// failed is what no later transaction can mend.
func (y *syncer) failed() error {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.err
}

// wait returns when commit n is on the disk.
func (y *syncer) wait(n uint64) error {
	y.mu.Lock()
	defer y.mu.Unlock()
	for y.synced < n && y.err == nil {
		if y.busy {
			y.changed.Wait()
			continue
		}
		y.busy = true
		upto := y.written
		y.mu.Unlock()
		err := y.run()
		y.mu.Lock()
		if y.busy = false; err == nil {
			y.synced = upto
		} else {
			y.err = fmt.Errorf("store: what was committed could not be brought to the disk; the process must be started again: %w", classify(err))
		}
		y.changed.Broadcast()
	}
	if y.synced >= n {
		return nil
	}
	return y.err
}

// run syncs the log. Only one call is under way at a time.
func (y *syncer) run() (err error) {
	if y.file == nil {
		if y.file, err = os.OpenFile(y.path, os.O_RDWR, 0); err != nil {
			return err
		}
	}
	return y.sync(y.file)
}

// close brings the last commits to the disk: closing the last connection
// moves the log into the database.
func (y *syncer) close() error {
	err := y.wait(y.commit())
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.err == nil {
		y.err = errClosed
	}
	if y.file == nil {
		return err
	}
	return errors.Join(err, y.file.Close())
}
