package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/store"
)

// What the simulator found, each in its smallest form.

func TestRepliesStayInOrderAcrossAMerge(t *testing.T) {
	t.Parallel()
	to := domain.Snapshot{Customer: domain.Customer{ID: 77}, Numbers: domain.Numbers{Effect: 2}}
	from := domain.Snapshot{Customer: domain.Customer{ID: 78}, Numbers: domain.Numbers{Effect: 9}}
	merged := engine.MergeSnapshots(to, from)
	if merged.Numbers.Effect < 9 {
		t.Errorf("the next effect is number %d, and one of number 9 may be waiting", merged.Numbers.Effect+1)
	}
	merged.Numbers.Effect = 30
	if _, back := engine.SplitSnapshot(merged, &engine.Manifest{From: from, To: to}); back.Numbers.Effect < 30 {
		t.Errorf("after undoing, the next effect is number %d, and one of number 30 may have come along", back.Numbers.Effect+1)
	}
}

func TestRemindersOfTwoCustomersDoNotReplaceEachOther(t *testing.T) {
	t.Parallel()
	snap := func(id domain.CustomerID) domain.Snapshot {
		c := domain.ObjectID(id, domain.KindCase, 1)
		return domain.Snapshot{
			Customer: domain.Customer{ID: id}, Cases: []domain.Case{{ID: c, State: domain.CaseOpen}},
			Timers: []domain.Timer{{Name: "reminder:k1:check", Kind: domain.TimerReminder, Due: start.Add(time.Hour), Case: c, Ref: "check"}},
		}
	}
	to, from := snap(77), snap(78)
	merged := engine.MergeSnapshots(to, from)
	if len(merged.Timers) != 2 || merged.Timers[0].Name == merged.Timers[1].Name {
		t.Errorf("timers %+v", merged.Timers)
	}
	_, back := engine.SplitSnapshot(merged, &engine.Manifest{From: from, To: to})
	if len(back.Timers) != 1 || back.Timers[0].Name != "reminder:k1:check" {
		t.Errorf("after undoing: %+v", back.Timers)
	}
}

// TestWithoutPrivateMessagesAPersonTakesIt: nothing private is even tried, so that
// nothing is dead; one public line says who goes on, and the history says the
// same when it is decided again.
func TestWithoutPrivateMessagesAPersonTakesIt(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		square := socialtest.NewScripted(socialtest.ScriptedOptions{Name: "square", Capabilities: &social.Capabilities{PublicReply: true, Settles: true}})
		k := newKit(t, open(t), setup{networks: []social.Network{square}})
		p := k.post("u1", "where is my order A-1001?")
		p.Network, p.Visibility = "square", domain.Public
		id := k.take(p)
		k.settle()
		k.advance(10 * time.Minute)
		if sent := square.Sent(); len(sent) != 1 || sent[0].Visibility != domain.Public || strings.Contains(sent[0].Text, "send us a private message") {
			t.Errorf("sent %+v; want one public line that invites to nothing", sent)
		}
		if dead := k.effects(domain.EffectDead); len(dead) > 0 {
			t.Errorf("dead letters %+v", dead)
		}
		snap := k.snapshot(id)
		if c := snap.Cases[0]; !c.HandedOver || c.OpenWorkItem(domain.Review) == nil {
			t.Fatalf("nobody has it: %+v", c)
		}
		told := false
		for _, r := range k.records(id) {
			for _, in := range r.Inputs {
				told = told || len(in.NoWays) > 0
			}
		}
		if !told {
			t.Error("the history does not say what the network could not do")
		}
		reply := domain.Command{Kind: domain.CommandReply, By: "dana", Case: snap.Cases[0].ID, Take: true, Text: "hello"}
		if err := k.engine.Command(t.Context(), 0, reply); domain.ErrorCode(err) != domain.CodeConflict {
			t.Errorf("a person's private message: %v; want it refused at once", err)
		}
		reply.Visibility = domain.Public
		if err := k.engine.Command(t.Context(), 0, reply); err != nil {
			t.Errorf("a person's public reply: %v", err)
		}
	})
}
