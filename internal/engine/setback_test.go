package engine_test

import (
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// setBack is a clock that may have been set back.
type setBack struct {
	clock.Clock
	by time.Duration
}

func (c *setBack) Now() time.Time { return c.Clock.Now().Add(-c.by) }

// A machine's clock that is set back an hour makes nobody wait for that hour:
// decisions go on at their last time, and what they send leaves now.
func TestClockSetBack(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		back := &setBack{Clock: k.clock}
		k.options.Clock = back
		k.open()
		if _, err := k.engine.OrdersImport(k.ctx, []domain.Order{{ID: "A-77777", Status: domain.OrderShipped, UpdatedAt: start}}); err != nil {
			t.Fatal(err)
		}
		id := k.take(k.post("maria", "hello there"))
		k.settle()
		back.by = time.Hour
		k.take(k.post("maria", "hello again, are you there"))
		k.settle()
		if got := len(k.net.Sent()); got != 2 {
			t.Fatalf("%d messages were sent; want one before the clock was set back and one after; waiting: %+v", got, k.effects(domain.EffectPending))
		}
		k.take(k.post("maria", "where is A-77777"))
		k.settle()
		if got := k.count(id, "answer orders"); got != 1 {
			t.Errorf("%d answers of the orders came; want 1: %v", got, k.inputs(id))
		}
		last := time.Time{}
		for _, r := range k.records(id) {
			if r.At.Before(last) {
				t.Errorf("a decision at %v follows one at %v", r.At, last)
			}
			last = r.At
		}
	})
}
