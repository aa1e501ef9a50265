package main

import (
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
)

// TestDoctorTellsWhatIsLeft: of quotas, and when credentials end.
func TestDoctorTellsWhatIsLeft(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	quota := func(n int64) []social.Quota { return []social.Quota{{Name: "requests", Left: n, Of: 3000}} }
	for name, c := range map[string]struct {
		health      networkHealth
		state, says string
	}{
		"plenty":        {networkHealth{Mode: "stream", Since: now, Quotas: quota(2999)}, "ok", "bluesky, by stream since 2026-03-01T12:00:00Z; requests: 2999 of 3000 left"},
		"little":        {networkHealth{Mode: "stream", Quotas: quota(299)}, "warning", "bluesky: little is left of requests; requests: 299 of 3000 left"},
		"ends soon":     {networkHealth{Mode: "stream", Expires: now.Add(13 * 24 * time.Hour)}, "warning", "our credentials end 2026-03-14T12:00:00Z"},
		"has ended":     {networkHealth{Mode: "stream", Expires: now}, "bad", "our credentials have ended"},
		"is not there":  {networkHealth{Trouble: "the network cannot be reached"}, "warning", "bluesky: the network cannot be reached"},
		"not here":      {networkHealth{}, "ok", "bluesky"},
		"a while to go": {networkHealth{Mode: "poll", Expires: now.Add(15 * 24 * time.Hour)}, "ok", "bluesky, by poll"},
	} {
		x := &examination{}
		x.network(&networkState{Network: "bluesky", Health: c.health}, now)
		if f := x.found[0]; f.State != c.state || !strings.Contains(f.Says, c.says) || f.State != "ok" && f.Fix == "" {
			t.Errorf("%s: %+v; want %s: %s", name, f, c.state, c.says)
		}
	}
}
