//go:build unix

package certificate

import (
	"io/fs"
	"syscall"
)

// fileNumber tells files apart that are put in each other's place.
func fileNumber(st fs.FileInfo) uint64 {
	if s, ok := st.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Ino)
	}
	return 0
}
