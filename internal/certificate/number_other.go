//go:build !unix

package certificate

import "io/fs"

// fileNumber is not known here; time and size tell.
func fileNumber(fs.FileInfo) uint64 { return 0 }
