package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"

	"github.com/contact-advocate/advocate/internal/store"
)

// TestClassify: each trouble has the sentinel that says what it is, and all
// that refuse work are ErrBusy to those who only want to know that much.
func TestClassify(t *testing.T) {
	t.Parallel()
	narrow := []error{store.ErrDamaged, store.ErrFull, store.ErrIO}
	for _, c := range []struct {
		err  error
		want error
	}{
		{sqlite3.BUSY, store.ErrBusy},
		{sqlite3.BUSY_SNAPSHOT, store.ErrBusy},
		{sqlite3.LOCKED, store.ErrBusy},
		{sqlite3.FULL, store.ErrFull},
		{sqlite3.IOERR_SHMSIZE, store.ErrFull},
		{fmt.Errorf("sync: %w", syscall.ENOSPC), store.ErrFull},
		{fmt.Errorf("write: %w", syscall.EDQUOT), store.ErrFull},
		{sqlite3.IOERR, store.ErrIO},
		{sqlite3.IOERR_WRITE, store.ErrIO},
		{sqlite3.IOERR_FSYNC, store.ErrIO},
		{sqlite3.IOERR_READ, store.ErrIO},
		{sqlite3.READONLY, store.ErrIO},
		{sqlite3.CANTOPEN, store.ErrIO},
		{sqlite3.CORRUPT, store.ErrDamaged},
	} {
		got := classify(fmt.Errorf("insert: %w", c.err))
		if !errors.Is(got, store.ErrBusy) || !errors.Is(got, c.want) || !errors.Is(got, c.err) {
			t.Errorf("%v is %v, want %v", c.err, got, c.want)
		}
		for _, n := range narrow {
			if errors.Is(got, n) && !errors.Is(c.want, n) {
				t.Errorf("%v is %v as well", c.err, n)
			}
		}
		if again := classify(got); again.Error() != got.Error() {
			t.Errorf("classified twice: %v", again)
		}
	}
	if err := errors.New("other"); classify(err) != err || classify(nil) != nil {
		t.Error("what is none of these must stay as it is")
	}
}

// brokenVFS has a disk that fails to write once broken is set.
type brokenVFS struct {
	vfs.VFS
	broken *atomic.Bool
}

type brokenFile struct {
	vfs.File
	broken *atomic.Bool
}

func (v brokenVFS) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, out, err := v.VFS.(vfs.VFSFilename).OpenFilename(name, flags)
	if err == nil && flags&vfs.OPEN_WAL != 0 {
		f = brokenFile{f, v.broken}
	}
	return f, out, err
}

func (f brokenFile) Unwrap() vfs.File { return f.File }

func (f brokenFile) WriteAt(b []byte, at int64) (int, error) {
	if f.broken.Load() {
		return 0, &os.PathError{Op: "write", Path: "log", Err: syscall.EIO}
	}
	return f.File.WriteAt(b, at)
}

// TestBrokenDisk: trouble with the device is neither load nor a full disk, and
// passes when the device works again.
func TestBrokenDisk(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	vfs.Register("test-broken", gatherVFS{brokenVFS{vfs.Find("os"), &broken}})
	db, err := sqlite3.Open("file:" + filepath.Join(t.TempDir(), "x.db") + "?vfs=test-broken")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Exec("PRAGMA journal_mode=wal; PRAGMA synchronous=full; CREATE TABLE x (n)"); err != nil {
		t.Fatal(err)
	}
	broken.Store(true)
	if err := classify(db.Exec("INSERT INTO x VALUES (1)")); !errors.Is(err, store.ErrIO) || errors.Is(err, store.ErrFull) {
		t.Errorf("a broken disk is %v", err)
	}
	broken.Store(false)
	if err := db.Exec("INSERT INTO x VALUES (1)"); err != nil {
		t.Errorf("once it works: %v", err)
	}
}
