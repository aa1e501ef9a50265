package playbook

import (
	"testing"
	"time"
)

// TestMidnightBelongsToTheDayItEnds: "12:00 am tomorrow" is read as noon, or as
// the end of tomorrow. A midnight ahead is told by the day that it ends; one
// that has passed, by its clock.
func TestMidnightBelongsToTheDayItEnds(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 24, 15, 0, 0, 0, zone) // a Tuesday
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, zone) }
	for _, c := range []struct {
		at         time.Time
		lang, want string
	}{
		{at(25, 0), "en", "midnight tonight"},
		{at(25, 0), "en-GB", "midnight tonight"},
		{at(25, 0), "es", "hoy a medianoche"},
		{at(25, 0), "de", "heute 24:00"},
		{at(26, 0), "en", "midnight tomorrow"},
		{at(26, 0), "es", "mañana a medianoche"},
		{at(27, 0), "en", "midnight on Thursday"},
		{at(27, 0), "es", "jueves a medianoche"},
		{at(24, 0), "en", "12:00 am today"},
		{at(25, 12), "en", "12:00 pm tomorrow"},
		{at(25, 0), "ja", "2026-11-25 00:00"},
	} {
		if got := formatMoment(c.at, now, c.lang); got != c.want {
			t.Errorf("%v in %s is %q, want %q", c.at, c.lang, got, c.want)
		}
	}
}
