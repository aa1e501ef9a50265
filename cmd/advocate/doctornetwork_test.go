package main

import (
	"context"
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

// TestDoctorTellsOfPermissionsAndTheEnd: neither hides the other, and what the
// server knows of the end is not said again.
func TestDoctorTellsOfPermissionsAndTheEnd(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	soon := now.Add(13 * 24 * time.Hour)
	const lacks, ends = "the token lacks permissions: feed", "our credentials end 2026-03-14T12:00:00Z"
	for name, c := range map[string]struct {
		s    networkState
		says []string
	}{
		"both":            {networkState{Check: &social.Check{Expires: soon, Warnings: []string{lacks}}}, []string{lacks, ends}},
		"only the end":    {networkState{Check: &social.Check{Expires: soon}}, []string{ends}},
		"a permission":    {networkState{Check: &social.Check{Warnings: []string{lacks}}}, []string{lacks}},
		"does not answer": {networkState{Refused: "it cannot be reached"}, []string{"it cannot be reached", ends}},
	} {
		c.s.Network, c.s.Health.Expires = "facebook", soon
		x := &examination{}
		x.network(&c.s, now)
		if len(x.found) != len(c.says) {
			t.Errorf("%s: %+v; want %q", name, x.found, c.says)
			continue
		}
		for i, f := range x.found {
			if f.State != "warning" || !strings.Contains(f.Says, c.says[i]) {
				t.Errorf("%s: %+v; want %q", name, f, c.says[i])
			}
		}
	}
}

// states answers with how it goes with networks.
type states []networkState

func (s states) call(_ context.Context, _ string, _, result any) error {
	result.(*networksResult).Networks = s
	return nil
}

func (states) close() error { return nil }
func (states) remote() bool { return true }

// TestDoctorTellsOfATwinOnce: by what helps. Which of the two does not answer
// is the server's choice; while none runs it is not known.
func TestDoctorTellsOfATwinOnce(t *testing.T) {
	t.Parallel()
	const refused = "it is the same account as bluesky, which would answer everybody twice"
	one := networkState{Network: "bluesky", ID: "did:plc:a"}
	two := networkState{Network: "bluesky", Account: "help", ID: "did:plc:a"}
	no := func(s networkState) networkState {
		s.Error, s.Fault = refused, social.FaultOperator
		return s
	}
	for name, c := range map[string]struct {
		all  states
		says string
	}{
		"the second": {states{one, no(two)}, "bluesky/help is the same account as bluesky:"},
		"the first":  {states{no(one), two}, "bluesky is the same account as bluesky/help:"},
		"not known":  {states{one, two}, "bluesky/help is the same account as bluesky:"},
	} {
		x := &examination{}
		x.networks(&globals{ctx: t.Context()}, c.all, false)
		var bad []finding
		for _, f := range x.found {
			if f.State != "ok" {
				bad = append(bad, f)
			}
		}
		if len(x.found) != 2 || len(bad) != 1 || !strings.HasPrefix(bad[0].Says, c.says) || !strings.HasPrefix(bad[0].Fix, "take one of the two out") {
			t.Errorf("%s: %+v", name, x.found)
		}
	}
}
