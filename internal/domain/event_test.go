package domain

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// eventWith is a valid event whose attribute has a value.
func eventWith(t *testing.T, attr, value string) *Event {
	t.Helper()
	src, err := json.Marshal(map[string]any{"source": "/shop", "id": "1", "type": "note.made", attr: value})
	if err != nil {
		t.Fatal(err)
	}
	e := &Event{}
	if err := json.Unmarshal(src, e); err != nil {
		t.Fatal(err)
	}
	e.Normalize(time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC))
	return e
}

// TestEveryAnchorIsBounded: what an event can be found by is neither longer
// than a subscription's anchor can be, nor free to differ between repeats.
func TestEveryAnchorIsBounded(t *testing.T) {
	t.Parallel()
	for _, attr := range AnchorAttributes {
		long := eventWith(t, attr, strings.Repeat("x", MaxEventField+1))
		if err := long.Validate(); err == nil || !strings.Contains(err.Error(), "at most 512") {
			t.Errorf("%s of %d bytes: %v", attr, MaxEventField+1, err)
		}
		most := eventWith(t, attr, strings.Repeat("x", MaxEventField))
		if err := most.Validate(); err != nil || len(most.Anchors()) != 1 || most.Anchors()[0].Attr != attr {
			t.Errorf("%s of %d bytes: %v, anchors %v", attr, MaxEventField, err, most.Anchors())
		}
		if a, b := eventWith(t, attr, "a1"), eventWith(t, attr, "a2"); a.BodyHash() == b.BodyHash() {
			t.Errorf("events that differ in %s count as the same", attr)
		}
	}
	if a, b := eventWith(t, AnchorCase, "x1"), eventWith(t, AnchorWorkItem, "x1"); a.BodyHash() == b.BodyHash() {
		t.Error("an event about a case and one about a work item count as the same")
	}
}

// TestKeysOfEventsAreNotRepaired: repaired, two of them would be one, and what
// is told of one order would be told to who follows another.
func TestKeysOfEventsAreNotRepaired(t *testing.T) {
	t.Parallel()
	for _, attr := range append([]string{"source", "id", "type"}, AnchorAttributes...) {
		for _, lost := range []string{"A\uFFFD-1", "A\x00-1"} {
			err := eventWith(t, attr, lost).Validate()
			if e, _ := err.(*Error); e == nil || e.Field != attr {
				t.Errorf("%s %q: %v", attr, lost, err)
			}
		}
	}
	e := Event{Source: "/shop", ID: "1", Type: "note.made", Data: []byte(`{"orderid":"A\u0000-1"}`)}
	e.Normalize(time.Unix(0, 0))
	if err := e.Validate(); err == nil {
		t.Errorf("the order of an event's data came as %q", e.OrderID)
	}
	if e := eventWith(t, "subject", "sch\uFFFDn\x00"); e.Validate() != nil || e.Subject != "sch\uFFFDn" {
		t.Errorf("a subject came as %q: %v", e.Subject, e.Validate())
	}
}

// TestWhatIsLostMakesNoOtherKey: a letter that cannot be kept leaves a mark.
func TestWhatIsLostMakesNoOtherKey(t *testing.T) {
	t.Parallel()
	p, o := Profile{Ref: "K-1\x00"}, Order{ID: "A-1\x00", CustomerRef: "K\x00-1"}
	p.Normalize()
	o.Normalize()
	if a, _ := NormalizeAnchor(Anchor{AnchorSKU, "x\x00"}); a.Value == "x" || p.Ref == "K-1" || o.ID == "A-1" || o.CustomerRef == "K-1" {
		t.Errorf("%q, %q, %q, %q", a.Value, p.Ref, o.ID, o.CustomerRef)
	}
}
