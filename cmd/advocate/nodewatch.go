package main

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/postgres"
)

// observers are told of each commit. They are set before the engine
// starts and must not block.
type observers = atomic.Pointer[[]func(engine.Change)]

func (n *node) watch(f func(engine.Change)) {
	var next []func(engine.Change)
	if now := n.observers.Load(); now != nil {
		next = append(next, *now...)
	}
	next = append(next, f)
	n.observers.Store(&next)
}

func (n *node) observe(c engine.Change) {
	if list := n.observers.Load(); list != nil {
		for _, f := range *list {
			f(c)
		}
	}
}

// wakers are told that another process may have written to the store. They
// must not block.
type wakers = atomic.Pointer[[]func()]

func (n *node) onWake(f func()) {
	var next []func()
	if now := n.wakers.Load(); now != nil {
		next = append(next, *now...)
	}
	next = append(next, f)
	n.wakers.Store(&next)
}

func (n *node) woken() {
	if list := n.wakers.Load(); list != nil {
		for _, f := range *list {
			f()
		}
	}
}

// turns is how many turns of intake a node runs beside each other: half of its
// connections, so that the scheduler, the outbox and readers have theirs. More
// than eight only wait for each other's locks.
func (n *node) turns() int {
	if p, ok := n.store.(*postgres.Store); ok {
		return min(8, max(2, p.Stats().Max/2))
	}
	return 0
}

const (
	measureEvery = 10 * time.Second
	clockApart   = 5 * time.Second // is worth a warning
)

// shareClock lets the node go by the database's clock, where nodes share one:
// whose advocate it is next must not depend on whose clock is right.
func (n *node) shareClock(ctx context.Context) error {
	there, shared := n.store.(store.Clock)
	if !shared {
		return nil
	}
	c := clock.NewSynced()
	if _, err := c.Measure(ctx, there.Now); err != nil {
		return tellServer(&n.settings, err)
	}
	n.settings.clock = c
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	n.free = append(n.free, func() error { stop(); <-done; return nil })
	go func() {
		defer close(done)
		n.followClock(ctx, c, there)
	}()
	return nil
}

func (n *node) followClock(ctx context.Context, c *clock.Synced, there store.Clock) {
	tick := time.NewTicker(measureEvery)
	defer tick.Stop()
	apart := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		ahead, err := c.Measure(ctx, there.Now)
		if err != nil {
			continue // the clock goes on, and what else needs the database says that it is away
		}
		if far := ahead.Abs() > clockApart; far != apart {
			if apart = far; far {
				n.log.Warn("this machine's clock is not the database's; the database's counts", "database_ahead", ahead.Round(time.Millisecond))
			}
		}
	}
}
