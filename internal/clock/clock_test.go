package clock_test

import (
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
)

func TestManualRingsWhatFellDue(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	m := clock.NewManual(start)
	soon, _ := m.Alarm(start.Add(time.Minute))
	late, stop := m.Alarm(start.Add(time.Hour))
	past, _ := m.Alarm(start)
	if !rang(past) || rang(soon) || rang(late) {
		t.Fatal("only the alarm that is due at once may ring before the clock moves")
	}
	m.Advance(time.Minute)
	if !rang(soon) || rang(late) {
		t.Fatal("after a minute the first alarm rings and the second does not")
	}
	stop()
	stop()
	m.Advance(2 * time.Hour)
	if rang(late) {
		t.Fatal("an alarm that was given up rang")
	}
	m.Set(start)
	if got := m.Now(); !got.Equal(start.Add(2*time.Hour + time.Minute)) {
		t.Fatalf("the clock went back to %v", got)
	}
}

func TestRealRings(t *testing.T) {
	t.Parallel()
	c := clock.Real()
	ch, stop := c.Alarm(c.Now().Add(time.Millisecond))
	defer stop()
	select {
	case <-ch:
	case <-time.After(10 * time.Second):
		t.Fatal("the alarm did not ring")
	}
}

func rang(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}
