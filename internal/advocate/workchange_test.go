package advocate_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

// deskBook reacts to everything that becomes of a work item.
const deskBook = `
playbook: desk
rules:
  - name: call
    on: post
    when: post.call_consent == "granted"
    do:
      - work_item: {kind: callback, queue: care, due: 2h}
  - name: person
    on: post
    when: post.wants_person
    do:
      - handover: {why: asked for a person}
  - name: made
    on: workitem.created
    when: event.data.kind == "callback"
    do:
      - notify: {role: desk, text: "'made ' + event.workitemid + ' in ' + event.data.queue"}
      - reply: {text: {en: "We will call you by {time(due)}."}}
  - name: taken
    on: workitem.assigned
    do:
      - notify: {role: desk, text: "'taken by ' + event.data.agent"}
  - name: done
    on: workitem.completed
    do:
      - notify: {role: desk, text: "'done ' + event.data.disposition"}
  - name: dropped
    on: workitem.canceled
    do:
      - notify: {role: desk, text: "'dropped ' + event.data.kind + ', case ' + case.state"}
  - name: all
    on: workitem.*
    do:
      - emit: {type: acme.desk, data: {was: event.type}}
`

func notes(d domain.Decision) []string {
	var out []string
	for _, e := range d.Effects {
		if e.Kind == domain.EffectNotify {
			out = append(out, e.Notify.Text)
		}
	}
	return out
}

func (k *kit) noted(want ...string) {
	k.t.Helper()
	if got := notes(k.last); !slices.Equal(got, want) {
		k.t.Fatalf("noted %q, want %q\n%s", got, want, mustJSON(k.t, k.last.Record))
	}
}

func (k *kit) command(c domain.Command) domain.Decision {
	k.t.Helper()
	if c.By == "" {
		c.By = "ann"
	}
	return k.decide(domain.Input{Kind: domain.InputCommand, Command: &c})
}

func calling() domain.Understanding {
	return domain.Understanding{Intent: domain.IntentServiceComplaint, IntentConfidence: 0.9, NeedsAgent: true, CallConsent: domain.Granted}
}

// TestRulesOnWorkItems: a rule hears of every change of a case's work items,
// whoever made it, with the event that is emitted for it.
func TestRulesOnWorkItems(t *testing.T) {
	t.Parallel()
	k := newKit(t, deskBook).known()
	k.decide(k.post("maria", "please call me", domain.Private, calling()))
	w := k.snap.WorkItems[0].ID
	k.noted("made " + w + " in care")
	k.contains(k.onlyReply().Text, "We will call you by 14:00")
	if !slices.ContainsFunc(k.last.Effects, func(e domain.Effect) bool { return e.Kind == domain.EffectEmit }) {
		t.Error("workitem.* did not fire")
	}

	k.command(domain.Command{Kind: domain.CommandAssign, WorkItem: w})
	k.noted("taken by ann")
	k.command(domain.Command{Kind: domain.CommandComplete, WorkItem: w, Disposition: domain.DispositionNoAnswer})
	k.noted("done no_answer", "made "+k.snap.WorkItems[0].ID+" in care")
	if len(replies(k.last)) != 1 {
		t.Errorf("%d messages to one input", len(replies(k.last)))
	}

	k.command(domain.Command{Kind: domain.CommandCancel, WorkItem: k.snap.WorkItems[0].ID, Note: "wrote instead"})
	k.noted("dropped callback, case waiting")
}

// TestRulesOnTheEnginesWorkItems: what the engine makes and cancels by itself
// counts as well.
func TestRulesOnTheEnginesWorkItems(t *testing.T) {
	t.Parallel()
	k := newKit(t, strings.ReplaceAll(deskBook, `event.data.kind == "callback"`, `event.data.kind != ""`)).known()
	m := calling()
	m.CallConsent, m.WantsPerson = "", true
	k.decide(k.post("maria", "a person please", domain.Private, m))
	k.noted("made " + k.snap.WorkItems[0].ID + " in care") // a review, for the handover
	k.command(domain.Command{Kind: domain.CommandClose, Case: k.oneCase().ID})
	k.noted("dropped review, case resolved")
}

// TestWorkItemRulesEnd: rules that set each other off are stopped, and an
// alarm says so. Each input begins anew.
func TestWorkItemRulesEnd(t *testing.T) {
	t.Parallel()
	for name, rules := range map[string]string{
		"create and cancel": `
  - name: again
    on: workitem.canceled
    do: [{work_item: {kind: callback}}]
  - name: drop
    on: workitem.created
    do: [{resolve: {outcome: never}}]`,
		"hand over and cancel": `
  - name: again
    on: workitem.canceled
    do: [{handover: {why: again}}]
  - name: drop
    on: workitem.created
    do: [{resolve: {outcome: never}}]`,
		"more and more": `
  - name: breed
    on: workitem.created
    do: [{work_item: {kind: callback}}, {work_item: {kind: review}}, {work_item: {kind: expert}}]`,
		"a message that cannot leave": `
  - name: talk
    on: workitem.*
    do: [{reply: {text: {en: "{order.id}"}}}, {resolve: {outcome: never}}, {handover: {why: again}}]`,
	} {
		k := newKit(t, `
playbook: loop
rules:
  - name: call
    on: post
    do: [{work_item: {kind: callback, due: 2h}}]`+rules+"\n").known()
		alarmed := false
		for range 3 {
			k.decide(k.post("maria", "please call me", domain.Private, calling()))
			alarmed = alarmed || len(k.last.Alarms) > 0
			made := 0
			for _, e := range k.last.Emitted {
				if e.Type == "advocate.workitem.created" {
					made++
				}
			}
			if made > 12 || len(replies(k.last)) > 1 {
				t.Errorf("%s: %d work items and %d messages from one post", name, made, len(replies(k.last)))
			}
		}
		open := 0
		for _, w := range k.snap.WorkItems {
			if !w.State.Final() {
				open++
			}
		}
		if open > 3 || name != "more and more" && !alarmed {
			t.Errorf("%s: %d open work items, alarmed %v", name, open, alarmed)
		}
	}
}

// TestWorkItemsGoOneWay: every state that a work item may go to is told by the
// same path, also those that nothing leads to yet.
func TestWorkItemsGoOneWay(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"created", "pending", "reserved", "assigned", "wrapping", "completed", "canceled"} {
		newKit(t, fmt.Sprintf("playbook: p\nrules:\n  - name: r\n    on: workitem.%s\n    do: [{notify: {role: desk, text: it}}]\n", what))
	}
	k := newKit(t, deskBook).known()
	k.decide(k.post("maria", "please call me", domain.Private, calling()))
	w := k.snap.WorkItems[0].ID
	k.command(domain.Command{Kind: domain.CommandAssign, WorkItem: w})
	k.command(domain.Command{Kind: domain.CommandAssign, WorkItem: w, By: "bob"}) // is taken already
	k.noted()
	if len(k.last.Emitted) != 0 || k.snap.WorkItems[0].Agent != "ann" {
		t.Errorf("a change that may not be was told: %s", mustJSON(t, k.last.Emitted))
	}
}

// TestChangesTellTheVersion: who hears of a change and reads the item as well
// knows which of the two is newer.
func TestChangesTellTheVersion(t *testing.T) {
	t.Parallel()
	k := newKit(t, deskBook).known()
	heard := 0
	hear := func(d domain.Decision) {
		t.Helper()
		for _, e := range d.Emitted {
			if e.WorkItemID == "" {
				continue
			}
			var data struct {
				Version int64 `json:"version"`
			}
			if err := json.Unmarshal(e.Data, &data); err != nil {
				t.Fatal(err)
			}
			if w := k.snap.WorkItem(e.WorkItemID); data.Version == 0 || data.Version != w.Version {
				t.Errorf("%s tells version %d, the item has %d", e.Type, data.Version, w.Version)
			}
			heard++
		}
	}
	hear(k.decide(k.post("maria", "please call me", domain.Private, calling())))
	w := k.snap.WorkItems[0].ID
	for _, kind := range []domain.CommandKind{domain.CommandAssign, domain.CommandWrap} {
		hear(k.command(domain.Command{Kind: kind, WorkItem: w}))
	}
	if heard < 3 {
		t.Errorf("heard of %d changes, want those of the item", heard)
	}
}

// TestNoRuleAfterAPanic: what is handed over because deciding failed is left to
// people; the rule that failed would fail again.
func TestNoRuleAfterAPanic(t *testing.T) {
	t.Parallel()
	k := newKit(t, `
playbook: desk
rules:
  - name: answer
    on: post
    do: [{reply: {text: {en: "Hello."}}}]
  - name: made
    on: workitem.created
    do: [{notify: {role: desk, text: made}}]
`).known()
	k.decide(k.post("maria", "hello", domain.Private, domain.Understanding{}))
	k.command(domain.Command{Kind: domain.CommandPanic, By: "engine"})
	if len(k.last.WorkItems) != 1 {
		t.Fatalf("%d work items, want 1 for a person", len(k.last.WorkItems))
	}
	k.noted()
	if len(k.last.Record.Rules) != 0 {
		t.Errorf("rules were tried: %s", mustJSON(t, k.last.Record.Rules))
	}
}
