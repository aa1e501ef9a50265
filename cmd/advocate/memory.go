package main

import (
	"os"
	"runtime/debug"
)

// Collecting less often costs memory and saves time. The limit keeps a burst
// from taking more than a small machine has; GOGC and GOMEMLIMIT win.
const (
	gcPercent   = 400
	memoryLimit = 168 << 20 // bytes; the program itself comes on top
)

func tuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
