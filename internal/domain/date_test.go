package domain

import (
	"testing"
	"time"
)

// TestADateIsThatDateEverywhere: a date that a system gives is the same day to
// customers in every zone, and lasts until that day has ended there; a time is
// on the day that it is there.
func TestADateIsThatDateEverywhere(t *testing.T) {
	t.Parallel()
	date := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	for name, ends := range map[string]string{
		"UTC": "2026-11-26T23:59:59Z", "America/Los_Angeles": "2026-11-27T07:59:59Z", "Pacific/Kiritimati": "2026-11-26T09:59:59Z",
	} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		at := TimeOrDate(date, zone)
		if !IsDate(at) || DateIn(date, zone) != "2026-11-26" || at.UTC().Format(time.RFC3339) != ends {
			t.Errorf("in %s the date is %s", name, at)
		}
		evening := TimeOrDate(date.Add(-time.Minute), zone)
		if IsDate(evening) || !evening.Equal(date.Add(-time.Minute)) || evening.Location() != zone {
			t.Errorf("in %s a time is %s", name, evening)
		}
	}
	if nuuk, err := time.LoadLocation("America/Nuuk"); err != nil {
		t.Fatal(err)
	} else if got := DateIn(time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC), nuuk); got != "2026-03-28" {
		t.Errorf("a date whose last hour is left out is %s", got)
	}
	if BareDate(time.Time{}) {
		t.Error("no time is a date")
	}
}

// TestTheSameDateIsNoOtherPromise: who imports the same dates again, which were
// noons in UTC to earlier versions, has not promised another day.
func TestTheSameDateIsNoOtherPromise(t *testing.T) {
	t.Parallel()
	date := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	o := Order{ID: "A-1", Status: OrderShipped, ETA: date.Add(12 * time.Hour)}
	if got := o.Merge(Order{ID: "A-1", ETA: date}); !got.Promised.IsZero() || !got.ETA.Equal(date) {
		t.Errorf("the same date: %+v", got)
	}
	if got := o.Merge(Order{ID: "A-1", ETA: date.AddDate(0, 0, 1)}); !got.Promised.Equal(o.ETA) {
		t.Errorf("another date: %+v", got)
	}
	if got := o.Merge(Order{ID: "A-1", ETA: o.ETA.Add(time.Hour)}); !got.Promised.Equal(o.ETA) {
		t.Errorf("another hour: %+v", got)
	}
}

// TestAnEventsDate: an event may give a date alone where an order has a time.
func TestAnEventsDate(t *testing.T) {
	t.Parallel()
	e := Event{Type: "order.delayed", OrderID: "A-1", Time: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), Data: []byte(`{"eta":"2026-11-26","promised":"2026-11-31","reason":"snow"}`)}
	o, ok := OrderFromEvent(&e)
	if !ok || !o.ETA.Equal(time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)) || !o.Promised.IsZero() || o.Reason != "snow" {
		t.Errorf("the order is %+v", o)
	}
	if passed := PassedOver(&e); len(passed) != 1 || passed[0].Field != "data.promised" {
		t.Errorf("passed over is %v", passed)
	}
}
