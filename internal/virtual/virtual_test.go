package virtual

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
)

// script is an engine whose work is a list of times; a job may ask for another.
type script struct {
	clock *clock.Manual
	jobs  []time.Time
	done  []time.Time
	more  func(at time.Time) []time.Time
	deaf  bool // never does what is due
	fail  error
}

func (s *script) StepReady(context.Context) (int, error) {
	if s.fail != nil {
		return 0, s.fail
	}
	now, n := s.clock.Now(), 0
	if s.deaf {
		return 0, nil
	}
	var left []time.Time
	for _, at := range s.jobs {
		if at.After(now) {
			left = append(left, at)
			continue
		}
		n++
		s.done = append(s.done, now)
		if s.more != nil {
			left = append(left, s.more(at)...)
		}
	}
	s.jobs = left
	return n, nil
}

func (*script) StepDue(context.Context) (int, error)      { return 0, nil }
func (*script) StepFanout(context.Context) (int, error)   { return 0, nil }
func (*script) StepCatchUp(context.Context) (int, error)  { return 0, nil }
func (*script) StepDispatch(context.Context) (int, error) { return 0, nil }

func (s *script) NextWake(context.Context) (time.Time, error) {
	var at time.Time
	for _, j := range s.jobs {
		if at.IsZero() || j.Before(at) {
			at = j
		}
	}
	return at, nil
}

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestAdvanceStopsAtEveryTimeThatIsDue(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(start)
	s := &script{clock: c, jobs: []time.Time{start.Add(3 * time.Hour), start.Add(time.Hour), start.Add(9 * time.Hour)}}
	v := New(s, c)
	if err := v.Advance(t.Context(), start.Add(5*time.Hour)); err != nil {
		t.Fatal(err)
	}
	want := []time.Time{start.Add(time.Hour), start.Add(3 * time.Hour)}
	if len(s.done) != 2 || !s.done[0].Equal(want[0]) || !s.done[1].Equal(want[1]) {
		t.Errorf("done at %v, want %v", s.done, want)
	}
	if !c.Now().Equal(start.Add(5 * time.Hour)) {
		t.Errorf("the clock shows %v", c.Now())
	}
}

func TestRunOutFollowsWhatComesOfIt(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(start)
	s := &script{clock: c, jobs: []time.Time{start}}
	s.more = func(at time.Time) []time.Time {
		if at.Sub(start) < 48*time.Hour {
			return []time.Time{at.Add(24 * time.Hour)}
		}
		return nil
	}
	quiet, err := New(s, c).RunOut(t.Context(), 30*24*time.Hour)
	if err != nil || !quiet {
		t.Fatalf("quiet %v, %v", quiet, err)
	}
	if len(s.done) != 3 || !c.Now().Equal(start.Add(48*time.Hour)) {
		t.Errorf("%d jobs done, the clock shows %v", len(s.done), c.Now())
	}
}

func TestRunOutEndsAtItsLimit(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(start)
	s := &script{clock: c, jobs: []time.Time{start}}
	s.more = func(at time.Time) []time.Time { return []time.Time{at.Add(time.Hour)} }
	quiet, err := New(s, c).RunOut(t.Context(), 10*time.Hour)
	if err != nil || quiet {
		t.Fatalf("quiet %v, %v", quiet, err)
	}
	if len(s.done) != 11 || !c.Now().Equal(start.Add(10*time.Hour)) {
		t.Errorf("%d jobs done, the clock shows %v", len(s.done), c.Now())
	}
}

func TestSettleNamesWhatNeverEnds(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(start)
	s := &script{clock: c, jobs: []time.Time{start}}
	s.more = func(at time.Time) []time.Time { return []time.Time{at} }
	err := New(s, c).Settle(t.Context())
	if !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), "ready inputs") {
		t.Errorf("got %v", err)
	}
}

func TestHopGivesUpOnWhatNobodyTakes(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(start)
	s := &script{clock: c, jobs: []time.Time{start}, deaf: true}
	_, err := New(s, c).RunOut(t.Context(), 1000*time.Hour)
	if !errors.Is(err, ErrBusy) {
		t.Errorf("got %v", err)
	}
}

func TestErrorsAndEndedContexts(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(start)
	broken := errors.New("broken")
	if err := New(&script{clock: c, fail: broken}, c).Settle(t.Context()); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := New(&script{clock: c}, c).Settle(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
