package engine

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
)

// A lease outlives the node that held it by leaseTime at most, and others try
// every leaseAgain: so what a killed node did alone goes on elsewhere within
// the sum of both.
const (
	leaseTime   = 6 * time.Second
	leaseAgain  = 2 * time.Second
	leaseMargin = time.Second // work ends so long before its lease may
)

// Alone calls work whenever this node holds a lease of that name, on one node at
// a time in the whole cluster, until ctx ends. The context of work ends when the
// lease is lost, and work must end with it. Where no other node can be, work is
// simply called. It returns when work has.
//
// The times here are the machine's: a lease ends in the database's time, and no
// earlier than leaseTime after it was asked for.
func (e *Engine) Alone(ctx context.Context, name string, work func(context.Context)) {
	leaser, shared := e.store.(store.Leaser)
	if !shared {
		work(ctx)
		return
	}
	holder := rand.Text()
	failing := false
	for ctx.Err() == nil {
		asked := time.Now()
		l, ok, err := leaser.LeaseTake(ctx, name, holder, leaseTime)
		if err != nil && ctx.Err() == nil && !failing {
			e.log.WarnContext(ctx, "a lease cannot be asked for", "lease", name, "error", err)
		}
		failing = err != nil
		if ok {
			e.log.InfoContext(ctx, "a lease was taken", "lease", name, "fence", l.Fence)
			e.hold(ctx, leaser, &held{Lease: l, lasts: leaseTime, ends: asked.Add(leaseTime)}, work)
		}
		pause(ctx, leaseAgain)
	}
}

// held is a lease that is prolonged as long as what it is for goes on.
type held struct {
	store.Lease
	lasts time.Duration
	ends  time.Time // by the machine's time; the database's end is no earlier
}

// hold calls work and prolongs its lease. It returns when work has ended.
func (e *Engine) hold(ctx context.Context, leaser store.Leaser, l *held, work func(context.Context)) {
	under, lose := context.WithCancel(ctx)
	defer lose()
	done := make(chan struct{})
	go func() {
		defer close(done)
		work(under)
	}()
	renew := time.NewTicker(l.lasts / 3)
	defer renew.Stop()
	// An answer that does not come must not keep this from ending in time.
	expire := time.AfterFunc(time.Until(l.ends)-leaseMargin, lose)
	defer expire.Stop()
	for {
		select {
		case <-done:
			// Another node need not wait for the lease to end by itself.
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseAgain)
			defer cancel()
			if err := leaser.LeaseDrop(end, l.Lease); err != nil {
				e.log.WarnContext(ctx, "a lease could not be given up; it ends by itself", "lease", l.Name, "error", err)
			}
			return
		case <-renew.C:
		case <-time.After(time.Until(l.ends) - leaseMargin):
		}
		if ctx.Err() != nil {
			<-done
			continue
		}
		asked := time.Now()
		ask, cancel := context.WithDeadline(ctx, l.ends.Add(-leaseMargin))
		now, ok, err := leaser.LeaseTake(ask, l.Name, l.Holder, l.lasts)
		cancel()
		switch {
		case err == nil && ok && now.Fence == l.Fence && expire.Stop():
			l.ends = asked.Add(l.lasts)
			expire.Reset(time.Until(l.ends) - leaseMargin)
		case err == nil, under.Err() != nil, time.Until(l.ends) <= leaseMargin:
			e.log.WarnContext(ctx, "a lease was lost; what it was for ends here", "lease", l.Name, "fence", l.Fence, "error", err)
			lose()
			<-done
			return
		}
	}
}

// pause waits for a while of the machine's time, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
