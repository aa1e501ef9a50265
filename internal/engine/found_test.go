package engine_test

import (
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

func TestWithoutPrivateMessagesTheCustomerIsInvited(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		square := socialtest.NewScripted(socialtest.ScriptedOptions{Name: "square", Capabilities: &social.Capabilities{PublicReply: true, Idempotent: true}})
		k := newKit(t, open(t), setup{networks: []social.Network{square}})
		p := k.post("u1", "where is my order A-1001?")
		p.Network, p.Visibility = "square", domain.Public
		k.take(p)
		k.settle()
		k.advance(time.Hour)
		for _, m := range square.Sent() {
			if m.Visibility == domain.Public {
				return
			}
		}
		t.Errorf("nobody was invited: %+v", square.Sent())
	})
}
