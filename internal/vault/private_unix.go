//go:build unix

package vault

import (
	"fmt"
	"io/fs"
)

// private refuses a key that others on the machine can read.
func private(path string, info fs.FileInfo) error {
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("%s can be read or written by others (mode %04o); want 0600", path, mode)
	}
	return nil
}
