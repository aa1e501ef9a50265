package postgres

import (
	"testing"
	"time"
)

// TestLowWhileLooking: what is made ready while a look is under way stays above
// the floor that the look finds.
func TestLowWhileLooking(t *testing.T) {
	var f floors
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if !f.everything(time.Second) {
		t.Fatal("a second is not slow")
	}
	f.know([]string{"n", "m"})
	k := f.begin()
	f.low(lows{"n": at.Add(-time.Minute), "new": at})
	k.saw = map[string]*floor{"n": {at: at}, "m": {at: at}}
	f.end(k, true)
	k = f.begin()
	for d, want := range map[string]time.Time{"n": at.Add(-time.Minute - time.Microsecond), "m": at, "new": beginning} {
		if got, known := k.floors[d]; !known || !got.at.Equal(want) {
			t.Errorf("the floor of %s is %v, want %v", d, got.at, want)
		}
	}
	k.saw = map[string]*floor{"m": {at: at.Add(time.Hour)}}
	f.end(k, false) // it was rolled back

	// One that has not settled holds nothing back, and comes down as well.
	f.settle = time.Hour
	k = f.begin()
	k.saw = map[string]*floor{"m": {at: at.Add(time.Hour)}}
	f.end(k, true)
	f.low(lows{"m": at.Add(time.Minute)})
	if g := f.begin().floors["m"]; !g.at.Equal(at) {
		t.Errorf("the floor is %v before it has settled", g.at)
	}
	f.settle = 0
	if g := f.begin().floors["m"]; !g.at.Equal(at.Add(time.Minute - time.Microsecond)) {
		t.Errorf("the floor is %v", g.at)
	}

	f.forget()
	if f.begin() != nil {
		t.Error("it does not look at everything")
	}
	if f.slow = time.Second; f.everything(time.Millisecond) || f.of != nil {
		t.Error("it remembers although a look takes no time")
	}
}
