//go:build !linux

package postgres

import (
	"syscall"
	"time"
)

// userTimeout has no meaning here: keep-alives alone notice a peer that is
// gone.
func userTimeout(time.Duration) func(network, address string, c syscall.RawConn) error { return nil }
