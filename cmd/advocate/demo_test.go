package main

import (
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Whenever somebody tries the demo, a call is promised for the hours of a shop.
func TestDemoQueues(t *testing.T) {
	t.Parallel()
	queues := demoQueues()
	sunday := time.Date(2026, 11, 22, 18, 23, 0, 0, time.UTC)
	for name, want := range map[string]string{"care": "2026-11-23 12:00", "urgent": "2026-11-23 07:23"} {
		q, ok := queues[name]
		if !ok {
			t.Fatalf("the demo has no queue %s", name)
		}
		open := func(x time.Time) bool { return q.OpenAt(x, "UTC") }
		if got := domain.WorkingTime(sunday, 4*time.Hour, open).Format("2006-01-02 15:04"); got != want {
			t.Errorf("%s: four hours from Sunday evening are %s, want %s", name, got, want)
		}
	}
}
