//go:build unix && !linux

package pgtest

import "time"

// CPU is unknown here.
func (c *Cluster) CPU() time.Duration { return 0 }
