package playbook

import (
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// "Days late" are days that have passed: from the promised day to today, or to
// the delivery, and never to a day that is only expected.
func TestDaysLate(t *testing.T) {
	t.Parallel()
	day := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	la, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	now := day("2026-11-24T10:00:00Z")
	for name, c := range map[string]struct {
		order domain.Order
		zone  *time.Location
		want  int
	}{
		"expected years from now":       {domain.Order{Status: "delayed", Promised: day("2026-11-22T00:00:00Z"), ETA: day("2030-01-01T00:00:00Z")}, berlin, 2},
		"due yesterday":                 {domain.Order{Status: "shipped", Promised: day("2026-11-23T00:00:00Z"), ETA: day("2026-11-30T00:00:00Z")}, berlin, 1},
		"due today":                     {domain.Order{Status: "shipped", Promised: day("2026-11-24T00:00:00Z")}, berlin, 0},
		"a date is that date in the US": {domain.Order{Status: "shipped", Promised: day("2026-11-23T00:00:00Z")}, la, 1},
		"only the estimate":             {domain.Order{Status: "shipped", ETA: day("2026-11-20T12:00:00Z")}, berlin, 4},
		"delayed, not yet late":         {domain.Order{Status: "delayed", Promised: day("2026-11-25T00:00:00Z"), ETA: day("2026-12-25T00:00:00Z")}, berlin, 0},
		"delivered late":                {domain.Order{Status: "delivered", Promised: day("2026-11-10T00:00:00Z"), DeliveredAt: day("2026-11-13T15:00:00Z")}, berlin, 3},
		"canceled":                      {domain.Order{Status: "canceled", Promised: day("2026-11-10T00:00:00Z")}, berlin, 0},
		"never promised":                {domain.Order{Status: "delayed"}, berlin, 0},
	} {
		if got := c.order.DaysLate(now.In(c.zone)); got != c.want {
			t.Errorf("%s: %d days late, want %d", name, got, c.want)
		}
	}
}

// An order is in time until the promised day has ended where the customer is.
func TestLateFromTheDayAfter(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	la, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	at := day.Add(15 * time.Hour)
	for _, c := range []struct {
		name  string
		order domain.Order
		now   time.Time
		zone  *time.Location
		want  bool
	}{
		{"the promised day", domain.Order{Status: "shipped", Promised: day}, day.Add(10 * time.Hour), berlin, false},
		{"its last minute", domain.Order{Status: "shipped", Promised: day}, day.Add(22*time.Hour + 59*time.Minute), berlin, false},
		{"after midnight in Berlin", domain.Order{Status: "shipped", Promised: day}, day.Add(23 * time.Hour), berlin, true},
		{"the evening in Los Angeles", domain.Order{Status: "shipped", Promised: day}, day.Add(30 * time.Hour), la, false},
		{"an hour late on the day", domain.Order{Status: "shipped", Promised: at}, at.Add(time.Hour), berlin, false},
		{"expected another day", domain.Order{Status: "shipped", Promised: day, ETA: day.AddDate(0, 0, 2)}, day, berlin, true},
		{"expected the same day", domain.Order{Status: "shipped", Promised: day, ETA: at}, day, berlin, false},
		{"said to be delayed", domain.Order{Status: "delayed"}, day, berlin, true},
	} {
		if got := c.order.Late(c.now.In(c.zone)); got != c.want {
			t.Errorf("%s: late %v, want %v", c.name, got, c.want)
		}
	}
}

func TestClockOfTheReader(t *testing.T) {
	t.Parallel()
	ny, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 24, 19, 41, 0, 0, time.UTC)
	for _, c := range []struct {
		at         time.Time
		lang, want string
	}{
		{at.In(ny), "en", "2:41 pm"}, {at, "en-US", "7:41 pm"}, {at, "en", "19:41"}, {at.In(ny), "es", "14:41"}, {at, "en-GB", "19:41"},
	} {
		if got := formatClock(c.at, at, c.lang); got != c.want {
			t.Errorf("formatClock in %s, %s = %q, want %q", c.at.Location(), c.lang, got, c.want)
		}
	}
}
