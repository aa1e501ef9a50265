package engine_test

import (
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/store"
)

// TestApproveHoldsWhatWasMadeBefore: what waits in the outbox when a switch is
// set to approve waits for a person, too.
func TestApproveHoldsWhatWasMadeBefore(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		set := func(mode string) {
			t.Helper()
			if err := k.engine.SwitchSet(k.ctx, store.Switch{Scope: "all", Mode: mode, By: "kim"}); err != nil {
				t.Fatal(err)
			}
		}
		set(engine.ModeStopped)
		k.take(k.post("ann", "hello"))
		k.settle()
		set(engine.ModeApprove)
		k.advance(2 * time.Minute)
		held := k.effects(domain.EffectHeld)
		if len(k.net.Sent()) != 0 || len(held) != 1 {
			t.Fatalf("%d messages left unapproved, %d are held", len(k.net.Sent()), len(held))
		}
		if err := k.engine.EffectRelease(k.ctx, held[0].ID, "kim"); err != nil {
			t.Fatal(err)
		}
		wantCode(t, k.engine.EffectRelease(k.ctx, held[0].ID, "kim"), domain.CodeConflict)
		k.settle()
		if sent := k.net.Sent(); len(sent) != 1 || sent[0].Key != held[0].ID {
			t.Fatalf("after its release %+v was sent", sent)
		}
	})
}

// TestInheritTakesASwitchAway: a rule that is set back follows the wider switch
// again, where one that is set to live does not.
func TestInheritTakesASwitchAway(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		set := func(scope, mode string) {
			t.Helper()
			if err := k.engine.SwitchSet(k.ctx, store.Switch{Scope: scope, Mode: mode, By: "kim"}); err != nil {
				t.Fatal(err)
			}
		}
		set("all", engine.ModeShadow)
		set("rule:hello", engine.ModeLive)
		k.take(k.post("ann", "hello"))
		k.settle()
		if n := len(k.net.Sent()); n != 1 {
			t.Fatalf("%d messages of a live rule left", n)
		}
		set("rule:hello", engine.ModeInherit)
		k.take(k.post("ben", "hello"))
		k.settle()
		if n := len(k.net.Sent()); n != 1 {
			t.Errorf("%d messages left, though all is in shadow", n)
		}
		wantCode(t, k.engine.SwitchSet(k.ctx, store.Switch{Scope: "rule:hello", Mode: "off"}), domain.CodeInvalid)
		set("rule:hello", engine.ModeInherit) // once more changes nothing
		s, err := k.engine.Status(k.ctx)
		if err != nil || len(s.Switches) != 1 {
			t.Errorf("switches %+v, %v", s.Switches, err)
		}
	})
}
