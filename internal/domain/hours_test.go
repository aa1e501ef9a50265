package domain

import (
	"testing"
	"time"
)

func TestWorkingTimeCountsOpenHoursOnly(t *testing.T) {
	t.Parallel()
	q := Queue{TimeZone: "Europe/Berlin"}
	for d := time.Monday; d <= time.Friday; d++ {
		q.Hours = append(q.Hours, Hours{Weekday: d, From: 8 * 60, To: 18 * 60})
	}
	q.Holidays = []string{"2026-04-06"} // Easter Monday
	open := func(x time.Time) bool { return q.OpenAt(x, "UTC") }
	berlin := Zone("Europe/Berlin")
	at := func(s string) time.Time {
		x, err := time.ParseInLocation("2006-01-02 15:04", s, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for _, c := range []struct {
		from, want string
		d          time.Duration
	}{
		{"2026-03-02 12:00", "2026-03-02 14:00", 2 * time.Hour},
		{"2026-03-02 17:00", "2026-03-03 09:00", 2 * time.Hour},
		{"2026-03-06 17:30", "2026-03-09 09:30", 2 * time.Hour}, // over a weekend
		{"2026-04-03 17:00", "2026-04-07 09:00", 2 * time.Hour}, // and a holiday
		{"2026-03-27 17:00", "2026-03-30 09:00", 2 * time.Hour}, // and the change to summer time
		{"2026-03-02 12:02", "2026-03-02 12:09", 7 * time.Minute},
	} {
		if got := WorkingTime(at(c.from), c.d, open); !got.Equal(at(c.want)) {
			t.Errorf("%s + %v = %s, want %s", c.from, c.d, got.In(berlin), c.want)
		}
	}
}

func TestAQueueThatNeverOpensDoesNotHang(t *testing.T) {
	t.Parallel()
	if got, want := WorkingTime(time.Unix(0, 0), time.Hour, func(time.Time) bool { return false }), time.Unix(3600, 0); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestQuietHours(t *testing.T) {
	t.Parallel()
	p := DefaultPolicy()
	z := Zone("America/New_York")
	late := time.Date(2026, 3, 7, 22, 30, 0, 0, z)
	if got, want := p.AfterQuiet(late, z), time.Date(2026, 3, 8, 8, 0, 0, 0, z); !got.Equal(want) {
		t.Errorf("got %v, want %v (the clocks go forward that night)", got, want)
	}
	noon := time.Date(2026, 3, 7, 12, 0, 0, 0, z)
	if got := p.AfterQuiet(noon, z); !got.Equal(noon) {
		t.Errorf("noon became %v", got)
	}
}
