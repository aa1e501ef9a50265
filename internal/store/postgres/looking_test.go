package postgres

import (
	"slices"
	"testing"
	"time"
)

// TestLowWhileLooking: what is made ready while a look is under way stays above
// the floor that the look finds.
func TestLowWhileLooking(t *testing.T) {
	var f floors
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if !f.everything(time.Second, false) {
		t.Fatal("a second is not slow")
	}
	f.know([]string{"n", "m"}, nil, time.Second)
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

	// Nor does one hold that comes below what another node has written since.
	f.settle = time.Hour
	for _, at := range []time.Time{at.Add(time.Hour), at.Add(2 * time.Minute), at.Add(3 * time.Minute)} {
		k = f.begin()
		early, late := waiting{"waits", at.Add(-time.Hour)}, waiting{at.Format(time.TimeOnly), at}
		k.saw = map[string]*floor{"m": {at: at, left: []waiting{early, {"came " + late.id, late.ready.Add(-30 * time.Minute)}, late}}}
		f.end(k, true)
	}
	f.settle = 0
	var left []string
	for _, w := range f.of["m"].next.left {
		left = append(left, w.id)
	}
	if want := []string{"waits", "came 00:02:00", "00:02:00", "came 00:03:00"}; !slices.Equal(slices.Sorted(slices.Values(left)), slices.Sorted(slices.Values(want))) {
		t.Errorf("%v is left below it, want %v", left, want)
	}
	if g := f.begin().floors["m"]; !g.at.Equal(at.Add(2 * time.Minute)) {
		t.Errorf("the floor is %v above what a look has seen", g.at)
	}
}

// TestLookAtEverything is due at first, from time to time, and where one took
// no time; after one that failed claims go by the floors.
func TestLookAtEverything(t *testing.T) {
	var f floors
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if f.everything(time.Second, true) || f.begin() != nil {
		t.Error("one that failed tells of floors")
	}
	f.everything(time.Second, false)
	f.know([]string{"n"}, nil, time.Second)
	f.of["n"].at = at
	f.forget()
	if f.begin() != nil {
		t.Error("it does not look at everything")
	}
	if f.everything(time.Second, true) {
		t.Error("one that failed is taken for one that told what is there")
	}
	if k := f.begin(); k == nil || !k.floors["n"].at.Equal(at) {
		t.Errorf("after one that failed: %+v", k)
	}
	f.know([]string{"n"}, lows{"n": at.Add(-time.Hour)}, time.Second)
	if k := f.begin(); !k.floors["n"].at.Equal(at.Add(-time.Hour - time.Microsecond)) {
		t.Errorf("the floor is %v above what is there", k.floors["n"].at)
	}
	if f.slow = time.Second; f.everything(time.Millisecond, false) || f.of != nil {
		t.Error("it remembers although a look takes no time")
	}
}
