package clock_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
)

func TestSyncedFollowsAndNeverGoesBack(t *testing.T) {
	t.Parallel()
	s := clock.NewSynced()
	tell := func(off time.Duration) time.Duration {
		ahead, err := s.Measure(t.Context(), func(context.Context) (time.Time, error) { return time.Now().Add(off), nil })
		if err != nil {
			t.Fatal(err)
		}
		return ahead
	}
	near := func(off time.Duration) bool {
		d := s.Now().Sub(time.Now().Add(off))
		return d.Abs() < 5*time.Second
	}
	if !near(0) {
		t.Fatal("before it is measured it shows the machine's time")
	}
	if ahead := tell(time.Hour); !near(time.Hour) || (ahead-time.Hour).Abs() > 5*time.Second {
		t.Fatalf("an hour ahead: %v, and it was told %v", s.Now(), ahead)
	}
	before := s.Now()
	tell(0)
	if now := s.Now(); now.Before(before) || now.After(before.Add(time.Minute)) {
		t.Fatalf("after a step back from %v it shows %v", before, now)
	}
	if _, err := s.Measure(t.Context(), func(context.Context) (time.Time, error) { return time.Time{}, errors.New("away") }); err == nil {
		t.Fatal("an error was taken for an answer")
	}
	ring, stop := s.Alarm(s.Now().Add(30 * time.Minute))
	defer stop()
	if rang(ring) {
		t.Fatal("it rang half an hour early")
	}
	tell(2 * time.Hour)
	select {
	case <-ring:
	case <-time.After(10 * time.Second):
		t.Fatal("the alarm did not notice the step forward")
	}
	late, stop := s.Alarm(s.Now().Add(time.Hour))
	stop()
	stop()
	if rang(late) {
		t.Fatal("an alarm that was given up rang")
	}
}
