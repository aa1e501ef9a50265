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
