package engine_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

// heldStore lets no writing transaction begin while it is held.
type heldStore struct {
	store.Store
	held  atomic.Bool
	begun chan struct{} // one for each that had to wait
	let   chan struct{} // closed: they go on
}

func (s *heldStore) Update(ctx context.Context, fn func(store.Tx) error) error {
	if s.held.Load() {
		s.begun <- struct{}{}
		<-s.let
	}
	return s.Store.Update(ctx, fn)
}

// watchedClock tells of alarms that ring at once and of those that will.
type watchedClock struct {
	*clock.Manual
	past  atomic.Int64
	many  chan struct{} // more rang at once than anybody needs
	ahead chan time.Time
}

const manyAlarms = 100

func (c *watchedClock) Alarm(at time.Time) (<-chan struct{}, func()) {
	if at.After(c.Now()) {
		c.ahead <- at
	} else if c.past.Add(1) == manyAlarms {
		close(c.many)
	}
	return c.Manual.Alarm(at)
}

// TestTheDispatcherSleepsWhileAClaimIsUnderWay although a time it was told of
// has come: the claim is what there is to wait for.
func TestTheDispatcherSleepsWhileAClaimIsUnderWay(t *testing.T) {
	t.Parallel()
	held := &heldStore{begun: make(chan struct{}, 10), let: make(chan struct{})}
	k := newKit(t, memory.New(), setup{wrap: func(s store.Store) store.Store { held.Store = s; return held }})
	watched := &watchedClock{Manual: k.clock, many: make(chan struct{}), ahead: make(chan time.Time, manyAlarms)}
	k.options.Clock = watched
	k.open()
	held.held.Store(true)
	loop, stop := context.WithCancel(k.ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		k.engine.RunOutbox(loop)
	}()
	<-held.begun
	hinted := start.Add(time.Second)
	k.engine.HintEffects(hinted)
	for at := range watched.ahead { // it has heard of it
		if at.Equal(hinted) {
			break
		}
	}
	k.clock.Set(hinted)
	select {
	case at := <-watched.ahead:
		if !at.After(hinted) {
			t.Errorf("it sleeps until %v, which is no later than %v", at, hinted)
		}
	case <-watched.many:
		t.Errorf("%d alarms rang at once while it waited for one claim", manyAlarms)
	}
	stop()
	held.held.Store(false)
	close(held.let)
	<-ended
}
