package social_test

import (
	"errors"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
)

// TestPausesGrowAndAreSpread: within a quarter of what they grow to, to an end,
// and from the beginning after it went well.
func TestPausesGrowAndAreSpread(t *testing.T) {
	t.Parallel()
	about := func(d, want time.Duration) bool { return d >= want*3/4 && d <= want*5/4+1 }
	var b social.Backoff
	seen := map[time.Duration]bool{}
	for range 2 {
		for i := range 40 {
			d := b.Next(errors.New("down"))
			seen[d] = true
			if want := min(time.Second<<min(i, 10), time.Minute); !about(d, want) || b.Tries() != i+1 {
				t.Errorf("after %d errors %v, want about %v", i+1, d, want)
			}
		}
		b.Reset()
	}
	if len(seen) < 60 {
		t.Errorf("%d pauses of 80 differ; all would come back at once", len(seen))
	}
	b = social.Backoff{Grow: social.Doubling(time.Second, time.Hour)}
	for range 100 {
		if d := b.Next(nil); d <= 0 || d > 75*time.Minute {
			t.Fatalf("%v", d)
		}
	}
}

// TestPausesThatSomebodyElseSets: a network that says how long is waited for so
// long, and what an operator must mend is not asked for every second.
func TestPausesThatSomebodyElseSets(t *testing.T) {
	t.Parallel()
	var b social.Backoff
	if d := b.Next(&social.Error{Retry: true, After: time.Hour}); d < time.Hour || d > time.Hour+time.Second {
		t.Errorf("asked to wait an hour, it waits %v", d)
	}
	b.Reset()
	if d := b.Next(&social.Error{Fault: social.FaultOperator}); d < 30*time.Second {
		t.Errorf("what somebody has to mend is tried again after %v", d)
	}
}

// TestASecretIsLookedForSoon: after however many tries, and however seldom the
// network is asked; another error does not have it asked more often.
func TestASecretIsLookedForSoon(t *testing.T) {
	t.Parallel()
	if e := social.Unreadable("the token", errors.New("slow")); !e.Retry {
		t.Error("a reply is given up at the first failure to read a secret")
	}
	b := social.Backoff{Grow: social.Doubling(time.Second, 5*time.Minute)}
	for range 20 {
		if d := b.Over(time.Hour, social.Unreadable("the token", errors.New("not there"))); d < 30*time.Second || d > time.Minute {
			t.Errorf("a secret is looked for again after %v", d)
		}
		if d := b.Over(time.Hour, &social.Error{Fault: social.FaultOperator}); d < time.Hour {
			t.Errorf("the network is asked again after %v", d)
		}
	}
}
