package engine_test

import (
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// TestShortcut: an effect that there is room for is leased by the turn that
// makes it, sent once, and found again by the next process if this one ends
// before.
func TestShortcut(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		if !k.store.Serial() {
			return // it takes a footing, and so an engine that runs: the cluster's tests have them
		}
		k.engine.StepShortcut(1)
		k.take(k.post("ann", "hello"))
		k.take(k.post("ben", "hello"))
		sending, pending := k.effects(domain.EffectSending), k.effects(domain.EffectPending)
		if len(sending) != 1 || len(pending) != 1 || sending[0].Attempt != 1 || !sending[0].Lease.After(k.clock.Now()) {
			t.Fatalf("room for one: %+v are being sent, %+v wait", sending, pending)
		}
		k.settle()
		if sent := k.net.Sent(); len(sent) != 2 || sent[0].Key != sending[0].ID {
			t.Fatalf("sent %+v", sent)
		}
		if left := k.effects(""); len(left) != 0 {
			t.Fatalf("left %+v", left)
		}

		k.take(k.post("cat", "hello"))
		lost := k.effects(domain.EffectSending)
		if len(lost) != 1 {
			t.Fatalf("nothing was handed over: %+v", k.effects(""))
		}
		k.open() // and so is forgotten
		k.settle()
		if n := len(k.net.Sent()); n != 2 {
			t.Fatalf("sent %d before the lease ended", n)
		}
		k.advance(lost[0].Lease.Sub(k.clock.Now()) + time.Second)
		if sent := k.net.Sent(); len(sent) != 3 || sent[2].Key != lost[0].ID {
			t.Fatalf("sent %+v", sent)
		}
	})
}

// TestShortcutLooksAgain: what happened between the turn and the send counts.
func TestShortcutLooksAgain(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		if !k.store.Serial() {
			return
		}
		k.engine.StepShortcut(1)
		k.take(k.post("ann", "hello"))
		if err := k.engine.SwitchSet(k.ctx, store.Switch{Scope: "all", Mode: "stopped", By: "kim"}); err != nil {
			t.Fatal(err)
		}
		k.settle()
		if sent := k.net.Sent(); len(sent) != 0 || len(k.effects(domain.EffectPending)) != 1 {
			t.Fatalf("sent %+v although everything is stopped; in the outbox %+v", sent, k.effects(""))
		}
		k.take(k.post("ben", "hello"))
		if sending := k.effects(domain.EffectSending); len(sending) != 0 {
			t.Fatalf("%+v are being sent although everything is stopped", sending)
		}
	})
}
