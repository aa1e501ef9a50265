package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

// TestExplainTimers sees that the story of a time that came says what fell due,
// and that a condition on an empty text shows the text.
func TestExplainTimers(t *testing.T) {
	t.Parallel()
	tell := func(r *domain.Record) string {
		var b strings.Builder
		s := story{t: newTerminal(&b)}
		s.tell(r)
		return b.String()
	}
	timer := []domain.Input{{Kind: domain.InputTimer}}
	out := tell(&domain.Record{Inputs: timer, Due: []domain.TimerKind{domain.TimerClose, domain.TimerSubscription}})
	if !strings.Contains(out, "nobody wrote about the matter any more; a subscription ended") {
		t.Error(out)
	}
	if out := tell(&domain.Record{Inputs: timer}); !strings.Contains(out, "something fell due") {
		t.Errorf("an older record: %s", out)
	}
	rule := domain.RuleTrace{Rule: "safety", Outcome: domain.RuleFired, Values: []domain.Value{{Expr: `customer.consent_calls != "refused"`}}}
	if out := tell(&domain.Record{Inputs: timer, Rules: []domain.RuleTrace{rule}}); !strings.Contains(out, `"refused" = ""`) {
		t.Error(out)
	}
}

// TestExplainAnswers sees that the story of an answer says which article was
// found and how well it fits, and when an order was found and not proven.
func TestExplainAnswers(t *testing.T) {
	t.Parallel()
	answer := func(component, id string, found bool, data string) domain.Input {
		a := &domain.ComponentAnswer{Found: found}
		a.Component, a.ID, a.Effect = component, id, "e1"
		if data != "" {
			a.Data = json.RawMessage(data)
		}
		return domain.Input{Kind: domain.InputAnswer, Answer: a}
	}
	told := func(component, text string) []domain.Entry {
		return []domain.Entry{{Kind: domain.EntryAnswer, What: component, Text: text, Ref: "e1"}}
	}
	for _, c := range []struct {
		in      domain.Input
		entries []domain.Entry
		want    string
		not     string
	}{
		{answer("knowledge", "", true, `{"title":"Opening hours","score":0.85}`), told("knowledge", "answered"), "found “Opening hours” (score 0.85)", "proven"},
		{answer("knowledge", "", false, ""), told("knowledge", "nothing found"), "nothing found", "proven"},
		{answer("stock", "", true, `{"title":7}`), told("stock", "answered"), "found", "“"},
		{answer("orders", "A-1001", true, ""), told("orders", "nothing found"), "found, but not proven", "“"},
		{answer("orders", "A-1001", true, ""), told("orders", "answered"), "A-1001: found", "proven"},
	} {
		var b strings.Builder
		s := story{t: newTerminal(&b)}
		s.tell(&domain.Record{Inputs: []domain.Input{c.in}, Entries: c.entries})
		if out := b.String(); !strings.Contains(out, c.want) || strings.Contains(out, c.not) {
			t.Errorf("want %q and not %q in:\n%s", c.want, c.not, out)
		}
	}
}
