//go:build !linux

package postgres

import "time"

func serverCPU(int) (time.Duration, bool) { return 0, false }
