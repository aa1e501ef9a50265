package domain

import (
	"testing"
	"time"
)

func TestTellWait(t *testing.T) {
	t.Parallel()
	min := func(m float64) time.Duration { return time.Duration(m * float64(time.Minute)) }
	for _, c := range []struct {
		median, upper float64
		about         bool
		minutes       int
		ok            bool
	}{
		{0, 0, false, 5, true}, {2, 4.5, false, 5, true}, {4, 9, false, 10, true}, {19, 26, true, 20, true}, {11, 14, false, 15, true}, {30, 38, true, 30, true}, {42, 52, true, 40, true},
		{20, 45, false, 60, true}, {12, 28, false, 30, true}, {60, 75, true, 60, true}, {60, 88, false, 90, true}, {40, 88, false, 90, true}, {30, 200, false, 0, false}, {100, 120, false, 0, false}, {-1, 5, false, 0, false}, {9, 8, false, 0, false},
	} {
		got, ok := TellWait(min(c.median), min(c.upper))
		if ok != c.ok || got.About != c.about || got.Minutes != c.minutes {
			t.Errorf("%v to %v minutes: %+v, %v", c.median, c.upper, got, ok)
		}
		if ok && (got.High < min(c.upper) || got.Low > min(c.median)) {
			t.Errorf("%v to %v minutes is told as %v to %v", c.median, c.upper, got.Low, got.High)
		}
	}
}
