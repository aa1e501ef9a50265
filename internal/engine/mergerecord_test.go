package engine

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// TestAnEventOfTheOthersOrderLeavesNoFacts: a case heard of it only because two
// customers were one. That it heard of something stays with it.
func TestAnEventOfTheOthersOrderLeavesNoFacts(t *testing.T) {
	t.Parallel()
	mine := domain.IdentityKey{Network: "sandbox", Author: "zoe"}
	a := &asunder{
		src: 2, identities: map[domain.IdentityKey]side{mine: goes}, cases: map[string]side{"here": stays, "there": goes},
		orders: map[string]side{"A-1": stays, "A-2": stays | goes}, refs: map[string]side{"C-1": stays}, things: map[string]string{},
	}
	event := func(id, order string) domain.Input {
		return domain.Input{Kind: domain.InputEvent, Order: &domain.Order{ID: order, Carrier: "Carrier of " + order}, Event: &domain.Event{
			ID: id, Type: "order.shipped", OrderID: order, Data: json.RawMessage(`{"to":"Elm Street"}`),
		}}
	}
	rec := domain.Record{
		Inputs: []domain.Input{event("e1", "A-1"), event("e2", "A-2"), {Kind: domain.InputTimer}},
		Entries: []domain.Entry{
			{Kind: domain.EntryEvent, Case: "here", Ref: "e1", Text: "order A-1"}, {Kind: domain.EntryEvent, Case: "there", Ref: "e1", Text: "order A-1"},
			{Kind: domain.EntryEvent, Case: "there", Ref: "e2", Text: "order A-2"},
		},
		Rules: []domain.RuleTrace{{Rule: "r", Case: "there", Values: []domain.Value{{Expr: "order.id", Value: "A-1"}}}, {Rule: "r", Case: "there", Input: 1}},
		At:    time.Unix(0, 0),
	}
	if got := a.ofRecord(&rec); got != stays|goes {
		t.Fatalf("the record is %d", got)
	}
	left, gone := a.cut(&rec, stays), a.cut(&rec, goes)
	b, _ := json.Marshal(gone)
	if s := string(b); strings.Contains(s, "A-1") || !strings.Contains(s, "Carrier of A-2") || !strings.Contains(s, `"e1"`) {
		t.Errorf("what goes: %s", s)
	}
	if len(gone.Inputs) != 3 || len(gone.Entries) != 2 || len(gone.Rules) != 2 || gone.Rules[1].Input != 1 {
		t.Errorf("what goes: %+v", gone)
	}
	b, _ = json.Marshal(left)
	if s := string(b); !strings.Contains(s, "Carrier of A-1") || strings.Contains(s, `"there"`) || len(left.Entries) != 1 || len(left.Rules) != 0 {
		t.Errorf("what stays: %s", s)
	}
}
