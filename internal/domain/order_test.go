package domain

import (
	"math"
	"strconv"
	"testing"
	"time"
)

// TestOrderFactsOfAVersionAndOfEvents: an order that was imported with a
// version goes on by events that have none, and each copy of it does.
func TestOrderFactsOfAVersionAndOfEvents(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	imported := Order{ID: "A-1", Status: OrderShipped, Version: 1, UpdatedAt: noon}
	late, ok := OrderFromEvent(&Event{Type: "order.delayed", OrderID: "A-1", Time: noon.Add(time.Hour), Data: []byte(`{"reason":"storm"}`)})
	if !ok {
		t.Fatal("no order")
	}
	stored := imported.Merge(late)
	if stored.Status != OrderDelayed || stored.Reason != "storm" || stored.Version != 1 {
		t.Fatalf("stored: %+v", stored)
	}
	if known := imported.Merge(stored); known.Status != OrderDelayed || known.Reason != "storm" {
		t.Errorf("the advocate's copy stays at %+v", known)
	}
	for name, o := range map[string]Order{
		"the import again":        imported,
		"the import without time": {ID: "A-1", Status: OrderShipped, Version: 1},
		"an older version":        {ID: "A-1", Status: OrderCreated, Version: -1, UpdatedAt: noon.Add(2 * time.Hour)},
		"an older event":          {ID: "A-1", Status: OrderPaid, UpdatedAt: noon.Add(-time.Hour)},
	} {
		if got := stored.Merge(o); got.Status != OrderDelayed || got.Reason != "storm" {
			t.Errorf("%s overwrote what is newer: %+v", name, got)
		}
	}
	if got := stored.Merge(Order{ID: "A-1", Status: OrderDelivered, Version: 2, UpdatedAt: noon}); got.Status != OrderDelivered {
		t.Errorf("a higher version did not count: %+v", got)
	}
}

// TestOrderOfAnImpossibleVersion: whatever version or time an event names, the
// order goes on by the events after it, and an older fact stays older.
func TestOrderOfAnImpossibleVersion(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	event := func(kind string, minute int, data string) Order {
		e := Event{Source: "shop", ID: kind, Type: "order." + kind, OrderID: "A-1", Time: noon.Add(time.Duration(minute) * time.Minute), Data: []byte(data)}
		e.Normalize(noon.Add(2 * time.Hour))
		o, ok := OrderFromEvent(&e)
		if !ok {
			t.Fatalf("%s %s is no order", kind, data)
		}
		return o
	}
	version := func(v int64) string { return `{"version":` + strconv.FormatInt(v, 10) + `}` }
	for name, mad := range map[string]string{
		"the highest version":       version(math.MaxInt64),
		"a million":                 version(1_000_000),
		"a time in milliseconds":    version(noon.AddDate(70, 0, 0).UnixMilli()),
		"a time of the next year":   version(noon.AddDate(1, 0, 0).UnixNano()),
		"a time of the next hours":  version(noon.Add(12 * time.Hour).Unix()),
		"a source of the year 9999": `{"updated_at":"9999-12-31T23:59:59Z"}`,
		"both":                      `{"version":9000000000000000000,"updated_at":"2300-01-01T00:00:00Z"}`,
	} {
		first := event("created", 0, version(2))
		for _, base := range []Order{first, {}} { // known before, and first heard of by it
			o := event("paid", 1, mad)
			if base.ID != "" {
				o = base.Merge(o)
			}
			if o.Status != OrderPaid {
				t.Errorf("%s: its facts are refused", name)
			}
			if old := o.Merge(event("created", 0, version(2))); base.ID != "" && old.Status != OrderPaid {
				t.Errorf("%s: an older event overwrote it", name)
			}
			next := o.Merge(event("shipped", 10, version(3)))
			if next.Status != OrderShipped {
				t.Errorf("%s: the order is frozen at version %d of %v", name, o.Version, o.UpdatedAt)
			}
			// An advocate's copy that was there from the start sees the same.
			if copied := o.Merge(next); copied.Status != OrderShipped {
				t.Errorf("%s: a copy is frozen", name)
			}
			if last := next.Merge(event("delivered", 20, version(4))); last.Status != OrderDelivered {
				t.Errorf("%s: the order is frozen later on", name)
			}
		}
	}
}

// TestOrderVersionsOfOneNumbering: versions that belong together decide, in
// whatever unit they count and whatever the times say.
func TestOrderVersionsOfOneNumbering(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	for name, v := range map[string][2]int64{
		"small numbers":       {3, 4},
		"with many missing":   {1, 900},
		"below zero":          {-2, -1},
		"numbers of the shop": {70_000, 90_000},
		"seconds":             {noon.Unix(), noon.Unix() + 60},
		"milliseconds":        {noon.AddDate(-3, 0, 0).UnixMilli(), noon.UnixMilli()},
		"nanoseconds":         {noon.Add(-time.Second).UnixNano(), noon.UnixNano()},
		"bytes in a log":      {97_000_000_000, 98_000_000_000},
	} {
		older := Order{ID: "A-1", Status: OrderCreated, Version: v[0], UpdatedAt: noon.Add(time.Minute)}
		newer := Order{ID: "A-1", Status: OrderShipped, Version: v[1], UpdatedAt: noon}
		for _, o := range []*Order{&older, &newer} {
			if o.NotAhead(noon); o.Version == 0 {
				t.Errorf("%s: a version was forgotten", name)
			}
		}
		if got := older.Merge(newer); got.Status != OrderShipped || got.Version != v[1] {
			t.Errorf("%s: the higher version does not count: %+v", name, got)
		}
		if got := newer.Merge(older); got.Status != OrderShipped || got.Version != v[1] {
			t.Errorf("%s: the lower version counts: %+v", name, got)
		}
	}
}

// TestOrderFactsBesideAWrongOne: one field of a wrong type does not cost the
// others.
func TestOrderFactsBesideAWrongOne(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	for _, data := range []string{
		`{"version":"seven","total":12.5,"carrier":"DHL","eta":"2026-06-20T10:00:00Z"}`,
		`{"order":{"version":"seven","total":12.5,"carrier":"DHL","eta":"2026-06-20T10:00:00Z"}}`,
	} {
		o, ok := OrderFromEvent(&Event{Type: "order.shipped", OrderID: "A-1", Time: noon, Data: []byte(data)})
		if !ok || o.Carrier != "DHL" || o.ETA.IsZero() || o.Version != 0 || o.Status != OrderShipped {
			t.Errorf("%s: %+v", data, o)
		}
	}
}

// TestOrderSaidTwice: the same facts again are the same order; the first date
// is kept once there is another.
func TestOrderSaidTwice(t *testing.T) {
	t.Parallel()
	eta := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	o := Order{ID: "P-1", CustomerRef: "K-2", Status: OrderShipped, ETA: eta}
	if again := o.Merge(o); !again.Promised.IsZero() || !again.ETA.Equal(eta) {
		t.Errorf("said again it is %+v", again)
	}
	if moved := o.Merge(Order{ID: "P-1", ETA: eta.AddDate(0, 0, 3)}); !moved.Promised.Equal(eta) {
		t.Errorf("the first date is lost: %+v", moved)
	}
}

// TestOrderFieldPassedOver: a field that means nothing costs no other, and is
// named.
func TestOrderFieldPassedOver(t *testing.T) {
	t.Parallel()
	for data, field := range map[string]string{
		`{"eta":"tomorrow","reason":"snow","carrier":"DHL"}`:                   "data.eta",
		`{"order":{"version":"three","reason":"snow","carrier":"DHL"}}`:        "data.order.version",
		`{"items":"a lamp","reason":"snow","carrier":"DHL"}`:                   "data.items",
		`{"customer_ref":"C-\ud800","reason":"snow","carrier":"DHL"}`:          "data.customer_ref",
		`{"order":{"customer_ref":"z\u0000","reason":"snow","carrier":"DHL"}}`: "data.order.customer_ref",
	} {
		e := Event{Type: "order.delayed", OrderID: "A-1", Time: time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC), Data: []byte(data)}
		if o, ok := OrderFromEvent(&e); !ok || o.Reason != "snow" || o.Carrier != "DHL" || o.Status != OrderDelayed || o.CustomerRef != "" {
			t.Errorf("%s: %+v", data, o)
		}
		if passed := PassedOver(&e); len(passed) != 1 || passed[0].Field != field {
			t.Errorf("%s: %v", data, passed)
		}
	}
	if passed := PassedOver(&Event{Type: "order.paid", OrderID: "A-1", Data: []byte(`{"eta":"2026-06-15T12:00:00Z","mood":3}`)}); len(passed) != 0 {
		t.Errorf("%v", passed)
	}
}
