package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

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
