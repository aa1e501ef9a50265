//go:build !linux

package sqlite

import "os"

// syncFile brings a file to the disk.
func syncFile(f *os.File) error { return f.Sync() }
