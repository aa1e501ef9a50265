package engine

import (
	"errors"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
)

func TestRunnersAreStartedAgainLaterAndLater(t *testing.T) {
	t.Parallel()
	k := netKey{"far", ""}
	about := func(d, want time.Duration) bool { return d >= want*3/4 && d <= want*5/4 }
	down := errors.New("down")
	for _, x := range []struct {
		failures int
		err      error
		want     time.Duration
	}{
		{1, down, runnerFirst},
		{3, &social.Error{Fault: social.FaultNetwork, Retry: true}, 4 * runnerFirst},
		{1, &social.Error{Fault: social.FaultOperator}, runnerOperator},
		{1000, down, runnerMost},
	} {
		if got := runnerPause(k, x.failures, x.err); !about(got, x.want) {
			t.Errorf("%d × %v: %v, want about %v", x.failures, x.err, got, x.want)
		}
	}
	if a, b := runnerPause(k, 1000, down), runnerPause(netKey{"far", "two"}, 1000, down); a == b {
		t.Errorf("two accounts are started again at once, after %v", a)
	}
	if got := runnerPause(k, 1, &social.Error{Fault: social.FaultNetwork, Retry: true, After: time.Hour}); got != time.Hour {
		t.Errorf("the network says an hour, we wait %v", got)
	}
}
