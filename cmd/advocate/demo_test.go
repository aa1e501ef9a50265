package main

import (
	"testing"
	"time"
)

// Whenever somebody tries the demo, a call can be taken.
func TestDemoQueues(t *testing.T) {
	t.Parallel()
	queues := demoQueues()
	for name := range map[string]bool{"care": true, "urgent": true} {
		q, ok := queues[name]
		for hour := range 7 * 24 {
			at := time.Date(2026, 11, 22, hour, 30, 0, 0, time.UTC)
			if !ok || !q.OpenAt(at, "UTC") {
				t.Fatalf("the demo's queue %s is closed at %s", name, at)
			}
		}
	}
}
