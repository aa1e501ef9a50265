package sqlite

import (
	"errors"
	"syscall"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// SQLite writes the log in two small pieces a page. logVFS gathers them and
// writes them at once when SQLite asks for a sync, which it does before it
// tells other connections about a commit. It is for a writer with
// synchronous=full only: with less, there would be commits without a sync,
// and readers would look for pages that are not in the file yet.
//
// The sync itself is left to the store's syncer, but for that of the log's
// header: where the log begins anew, what follows must not reach the disk
// before its header has, or a crash would find old pages good. Before pages
// move into the database, the checkpointer's connection syncs the log itself.
const logVFS = "advocate-log"

// maxGathered bounds what waits in memory.
const maxGathered = 4 << 20

func init() { vfs.Register(logVFS, gatherVFS{vfs.Find("os")}) }

type gatherVFS struct{ vfs.VFS }

func (v gatherVFS) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, out, err := v.VFS.(vfs.VFSFilename).OpenFilename(name, flags)
	if err == nil && flags&vfs.OPEN_WAL != 0 {
		f = &gatherFile{File: f}
	}
	return f, out, err
}

// gatherFile holds back writes that follow each other. Whatever looks at the
// file sees them first.
type gatherFile struct {
	vfs.File
	buf    []byte
	at     int64 // where buf goes
	header bool  // the header was written and is not synced yet
}

var _ vfs.FileUnwrap = (*gatherFile)(nil)

func (f *gatherFile) Unwrap() vfs.File { return f.File }

func (f *gatherFile) flush() error {
	if len(f.buf) == 0 {
		return nil
	}
	_, err := f.File.WriteAt(f.buf, f.at)
	f.buf = f.buf[:0] // on an error SQLite gives up the commit and writes anew
	if errors.Is(err, syscall.ENOSPC) {
		// Most of these writes happen inside a sync, whose failures SQLite takes
		// for trouble with the device unless it is told.
		return vfs.SystemError(err, sqlite3.FULL)
	}
	return err
}

func (f *gatherFile) WriteAt(b []byte, at int64) (int, error) {
	f.header = f.header || at == 0
	if at != f.at+int64(len(f.buf)) || len(f.buf)+len(b) > maxGathered {
		if err := f.flush(); err != nil {
			return 0, err
		}
	}
	if len(f.buf) == 0 {
		f.at = at
	}
	f.buf = append(f.buf, b...)
	return len(b), nil
}

func (f *gatherFile) ReadAt(b []byte, at int64) (int, error) {
	if err := f.flush(); err != nil {
		return 0, err
	}
	return f.File.ReadAt(b, at)
}

func (f *gatherFile) Truncate(size int64) error {
	if err := f.flush(); err != nil {
		return err
	}
	return f.File.Truncate(size)
}

func (f *gatherFile) Sync(flags vfs.SyncFlag) error {
	if err := f.flush(); err != nil {
		return err
	}
	if !f.header {
		return nil
	}
	err := f.File.Sync(flags)
	f.header = err != nil
	return err
}

func (f *gatherFile) Size() (int64, error) {
	if err := f.flush(); err != nil {
		return 0, err
	}
	return f.File.Size()
}

func (f *gatherFile) Close() error {
	err := f.flush()
	if e := f.File.Close(); err == nil {
		err = e
	}
	return err
}
